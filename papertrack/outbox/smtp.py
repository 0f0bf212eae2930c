"""SMTP, step by step: what fails before the final dot is told apart from what fails after it.

`smtplib.sendmail` raises the same error for both, so MAIL, RCPT and DATA are driven here. The gap
between the final dot and its answer cannot be closed by a client (RFC 1047); what falls into it is
an UnconfirmedError. RFC 5321, section 4.5.3.2.6, asks to wait ten minutes for that answer.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from papertrack.errors import DeferredError, MailError, RefusedError, UnconfirmedError
from papertrack.errors import UnreachableError as Unreachable
from papertrack.outbox.base import reply_text
from papertrack.outbox.credentials import NO_LOGIN, Login

#: An address literal: a laptop's own name is nobody's business, and often no name at all.
HELLO = "[127.0.0.1]"


@dataclass(kw_only=True)
class SmtpTransport:
    """One server; the connection is made when first needed and kept for the next message.

    `login` is asked for when a connection is made. Times are in seconds: `timeout` for each
    answer, `patience` for the one after the final dot.
    """

    host: str
    port: int
    tls: str = "starttls"  # starttls, tls or none; there is no fall-back from one to another
    login: Callable[[], Login] = field(default=lambda: NO_LOGIN, repr=False)
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context
    timeout: float = 60.0
    patience: float = 600.0
    _session: smtplib.SMTP | None = field(default=None, init=False, repr=False)
    _login: Login = field(default=NO_LOGIN, init=False, repr=False)

    def deliver(self, sender: str, recipient: str, message: bytes) -> str:
        if not all(re.fullmatch(r"[!-=?-~]+", address) for address in (sender, recipient)):
            raise RefusedError(f"{reply_text(recipient)} is not an address that SMTP can carry.")
        try:
            session = self._begin(sender)
            self._step(session, f"RCPT TO:<{recipient}>", 2)
            self._step(session, "DATA", 3)
        except MailError:
            self._reset()
            raise
        return self._send(session, message)

    def check(self) -> str:
        session = self._connected()
        secure = {"starttls": "encrypted (STARTTLS)", "tls": "encrypted (TLS)"}
        user = self._login.user
        self._step(session, "NOOP", 2)
        return (
            f"{self.host}:{self.port} answers, {secure.get(self.tls, 'not encrypted')}"
            f"{f', and lets {user} in' if user else ''}."
        )

    def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with suppress(OSError, smtplib.SMTPException):
                session.quit()
            session.close()

    # -- before the dot ---------------------------------------------------------------------

    def _begin(self, sender: str) -> smtplib.SMTP:
        """MAIL FROM, on a new connection where the one that was kept has been ended meanwhile."""
        kept = self._session is not None
        try:
            session = self._connected()
            self._step(session, f"MAIL FROM:<{sender}>", 2)
        except DeferredError:
            if not kept:
                raise
            self._drop()
            session = self._connected()
            self._step(session, f"MAIL FROM:<{sender}>", 2)
        return session

    def _step(self, session: smtplib.SMTP, command: str, wanted: int) -> None:
        """One command and its reply; every failure here is one before the dot."""
        try:
            code, said = session.docmd(command)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise DeferredError(self._broken(error)) from None
        if code // 100 != wanted:
            self._turned_away(code, said)

    def _connected(self) -> smtplib.SMTP:
        if self._session is None:
            self._login = self.login()
            try:
                self._session = self._connect()
            except smtplib.SMTPResponseException as error:
                raise Unreachable(self._said(error.smtp_code, error.smtp_error)) from None
            except (OSError, smtplib.SMTPException) as error:
                raise Unreachable(self._broken(error)) from None
        return self._session

    def _connect(self) -> smtplib.SMTP:
        if self.tls == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host,
                self.port,
                local_hostname=HELLO,
                timeout=self.timeout,
                context=self.context(),
            )
        else:
            session = smtplib.SMTP(self.host, self.port, HELLO, self.timeout)
        try:
            if self.tls == "starttls":
                self._encrypt(session)
            session.ehlo_or_helo_if_needed()
            if self._login.secret:
                self._log_in(session, self._login)
        except BaseException:
            session.close()
            raise
        return session

    def _encrypt(self, session: smtplib.SMTP) -> None:
        session.ehlo_or_helo_if_needed()
        if not session.has_extn("starttls"):
            raise Unreachable(
                f"{self.host}:{self.port} offers no STARTTLS, and nothing is sent in the clear; "
                "set mail.tls to tls, with its port (usually 465)."
            )
        session.starttls(context=self.context())

    def _log_in(self, session: smtplib.SMTP, login: Login) -> None:
        try:
            if login.is_token:
                bearer = f"user={login.user}\x01auth=Bearer {login.secret}\x01\x01"
                session.auth("XOAUTH2", lambda challenge=None: "" if challenge else bearer)
            else:
                session.login(login.user, login.secret)
        except smtplib.SMTPAuthenticationError as error:
            raise Unreachable(
                f"{self.host} did not let {login.user} in: "
                f"{self._reply(error.smtp_code, error.smtp_error)}. Many providers want an app "
                "password or a token here; see docs/digest.md."
            ) from None
        except UnicodeEncodeError:
            raise Unreachable(
                "User or password has letters that a login by mail cannot carry; use ASCII."
            ) from None
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException:
            raise Unreachable(
                f"{self.host}:{self.port} offers no login that papertrack knows; leave mail.user "
                "out, or use the port for sending (587, or 465 with mail.tls: tls)."
            ) from None

    # -- from the first byte of the message to the answer after the dot -------------------------

    def _send(self, session: smtplib.SMTP, message: bytes) -> str:
        try:
            session.send(dotted(message))
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise DeferredError(self._broken(error)) from None
        try:
            if session.sock is not None:
                session.sock.settimeout(self.patience)
            session.send(b".\r\n")
            code, said = session.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise UnconfirmedError(
                f"{self._broken(error)} This was after the whole message had been handed over, "
                "so it may have arrived."
            ) from None
        if session.sock is not None:
            session.sock.settimeout(self.timeout)
        if code // 100 == 2:
            return self._reply(code, said)
        if code // 100 in (4, 5):
            self._reset()
            self._turned_away(code, said)
        self._drop()
        raise UnconfirmedError(f"{self.host} answered something that is no reply: {code}.")

    # -- what is said of it ---------------------------------------------------------------------

    def _turned_away(self, code: int, said: bytes) -> NoReturn:
        sentence = self._said(code, said)
        if code == 421:
            self._drop()
        if code // 100 == 5:
            raise RefusedError(sentence)
        raise DeferredError(sentence)

    def _said(self, code: int, said: str | bytes) -> str:
        return f"{self.host} said {self._reply(code, said)}."

    def _reply(self, code: int, said: str | bytes) -> str:
        return f"{code} {reply_text(said, self._login.secret)}".rstrip(".")

    def _broken(self, error: Exception) -> str:
        where = f"{self.host}:{self.port}"
        if isinstance(error, ssl.SSLCertVerificationError):
            why = reply_text(error.verify_message)
            return f"The certificate of {where} is not valid ({why}); check mail.host."
        if isinstance(error, ssl.SSLError):
            return f"{where} does not speak TLS here; mail.tls may have to be starttls or tls."
        if isinstance(error, TimeoutError):
            return f"{where} did not answer in time."
        reason = getattr(error, "strerror", None) or reply_text(str(error), self._login.secret)
        return (
            f"{where} broke off or could not be reached ({reason.rstrip('.')}); if it stays "
            "so, check mail.host and mail.port."
        )

    def _reset(self) -> None:
        """Forget the message that was begun; a server that cannot is left."""
        if self._session is not None:
            try:
                if self._session.docmd("RSET")[0] // 100 != 2:
                    self._drop()
            except (OSError, smtplib.SMTPException):
                self._drop()

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def dotted(message: bytes) -> bytes:
    """The message as it goes over the wire, without the final dot: CRLF, and leading dots doubled.

    A bare CR or LF becomes a whole line break, so that no two servers disagree on where it ends
    (CVE-2023-51764 and its kin).
    """
    lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(b"\n")
    return b"".join((b"." + line if line[:1] == b"." else line) + b"\r\n" for line in lines)
