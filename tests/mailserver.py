"""A mail server that fails where it is told to, on a plain socket of this machine.

aiosmtpd answers correctly, which is what it is for; what happens inside DATA and after the final
dot has to be played by hand.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

#: What may go wrong, and where. Each is used up by one connection.
FINE = "fine"
BUSY = "421 instead of a greeting"
GREYLISTED = "451 to RCPT"
NOT_NOW = "451 after the dot"
NEVER = "554 after the dot"
TOO_LARGE = "552 after the dot"
GONE_EARLY = "dropped before DATA"
GONE_MIDWAY = "dropped inside DATA"
ACK_LOST = "dropped after the dot"
SLOW = "answers after the dot when the client has given up"
QUIT_LOST = "dropped at QUIT"
HOSTILE = "an answer with escape sequences"
_REFUSALS = {
    NOT_NOW: b"451 4.3.0 not now\r\n",
    NEVER: b"554 no\r\n",
    TOO_LARGE: b"552 5.3.4 too large\r\n",
}


@dataclass
class MailServer:
    """Takes what comes; `faults` are played one a connection, and after them all is fine."""

    faults: list[str] = field(default_factory=list)
    heard: Callable[[], None] = lambda: None  # called at every command, before it is answered
    unknown: frozenset[str] = frozenset()  # recipients that it answers with 550
    forever: str = FINE  # what is played when the faults are used up
    taken: list[tuple[str, bytes]] = field(default_factory=list)  # recipient, message
    connections: int = 0
    port: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def bodies(self, recipient: str) -> list[bytes]:
        return [message for to, message in self.taken if to == recipient]

    def talk(self, connection: socket.socket) -> None:
        fault = self.faults.pop(0) if self.faults else self.forever
        self.connections += 1
        with connection, connection.makefile("rb") as lines:
            if fault == BUSY:
                connection.sendall(b"421 4.3.2 come back later\r\n")
                return
            connection.sendall(b"220 test ESMTP\r\n")
            recipients: list[str] = []
            for line in lines:
                self.heard()
                word = line.strip().upper()[:4]
                if word == b"DATA" and fault != GONE_EARLY:
                    if not self._data(connection, lines, recipients, fault):
                        return
                    continue
                recipient = line.decode("utf-8", "replace").partition("<")[2].partition(">")[0]
                answer = self._answer(word, recipient, fault)
                if not answer:
                    return
                if word == b"MAIL":
                    recipients = []
                elif word == b"RCPT" and answer.startswith(b"250"):
                    recipients.append(recipient)
                connection.sendall(answer)
                if word == b"QUIT":
                    return

    def _answer(self, word: bytes, recipient: str, fault: str) -> bytes:
        if word == b"DATA" or (word == b"QUIT" and fault == QUIT_LOST):
            return b""
        if word == b"RCPT" and fault == GREYLISTED:
            return b"451 4.7.1 greylisted, try again\r\n"
        if word == b"RCPT" and fault == HOSTILE:
            return b"550 \x1b]0;owned\x07 [link=x]no\x9b2J\r\n"
        if word == b"RCPT" and recipient in self.unknown:
            return b"550 5.1.1 no such user\r\n"
        return b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n"

    def _data(
        self,
        connection: socket.socket,
        lines: "Iterator[bytes]",
        recipients: list[str],
        fault: str,
    ) -> bool:
        connection.sendall(b"354 go on\r\n")
        body = []
        for line in lines:
            if fault == GONE_MIDWAY:
                return False
            if line == b".\r\n":
                break
            body.append(line[1:] if line[:1] == b"." else line)
        else:
            return False
        if fault in _REFUSALS:
            connection.sendall(_REFUSALS[fault])
            return True
        self.taken += [(recipient, b"".join(body)) for recipient in recipients]
        if fault == ACK_LOST:
            return False
        if fault == SLOW:
            self.stopped.wait(20)
            return False
        connection.sendall(b"250 2.0.0 queued as 7\r\n")
        return True


@contextmanager
def mail_server(*faults: str, **more: object) -> Iterator[MailServer]:
    """The server on a free port of this machine."""
    server = MailServer(list(faults), **more)  # type: ignore[arg-type]
    listening = socket.create_server(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_talk, args=(server, connection), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _talk(server: MailServer, connection: socket.socket) -> None:
    with suppress(OSError):  # whoever called has left
        server.talk(connection)
