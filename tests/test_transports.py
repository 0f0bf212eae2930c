"""Ways of sending: what each failure says of the message, and that nothing goes in the clear."""

import socket
import ssl
import stat
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import mailserver
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from mailserver import mail_server

from papertrack.config import MailConfig
from papertrack.errors import (
    ConfigError,
    DeferredError,
    MailError,
    RefusedError,
    UnconfirmedError,
    UnreachableError,
)
from papertrack.outbox import is_loopback, make_transport
from papertrack.outbox.credentials import NO_LOGIN, Login, login
from papertrack.outbox.maildir import MaildirTransport
from papertrack.outbox.sendmail import SendmailTransport
from papertrack.outbox.smtp import SmtpTransport, dotted

ME, YOU = "me@example.org", "you@example.org"
MESSAGE = b"Subject: papers\r\n\r\nfirst\r\n.second\r\n"
CANARY = "canary-7d21-never-shown"


def plain(port: int, **more: Any) -> Any:
    given = {"host": "127.0.0.1", "port": port, "tls": "none", "timeout": 2.0, "patience": 0.3}
    return closing(SmtpTransport(**given | more))


# -- SMTP, step by step -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (mailserver.BUSY, UnreachableError),
        (mailserver.GREYLISTED, DeferredError),
        (mailserver.GONE_EARLY, DeferredError),
        (mailserver.NOT_NOW, DeferredError),
        (mailserver.NEVER, RefusedError),
        (mailserver.ACK_LOST, UnconfirmedError),
        (mailserver.SLOW, UnconfirmedError),
    ],
)
def test_a_failure_before_the_dot_is_told_apart_from_one_after_it(
    fault: str, said: type[MailError]
) -> None:
    with (
        mail_server(fault) as server,
        plain(server.port) as transport,
        pytest.raises(said) as raised,
    ):
        transport.deliver(ME, YOU, MESSAGE)

    assert type(raised.value) is said


def test_what_breaks_off_inside_the_message_is_never_taken_for_a_refusal() -> None:
    with mail_server(mailserver.GONE_MIDWAY) as server, plain(server.port) as transport:
        with pytest.raises((DeferredError, UnconfirmedError)):
            transport.deliver(ME, YOU, MESSAGE)
        assert server.taken == []


def test_a_message_arrives_as_it_is_and_one_connection_serves_several() -> None:
    with mail_server() as server, plain(server.port) as transport:
        replies = [transport.deliver(ME, to, MESSAGE) for to in (YOU, ME)]

    assert server.taken == [(YOU, MESSAGE), (ME, MESSAGE)]
    assert replies == ["250 2.0.0 queued as 7"] * 2
    assert server.connections == 1


def test_one_unknown_recipient_does_not_fail_another() -> None:
    with mail_server(unknown=frozenset([YOU])) as server, plain(server.port) as transport:
        with pytest.raises(RefusedError, match=r"550 5\.1\.1 no such user"):
            transport.deliver(ME, YOU, MESSAGE)
        transport.deliver(ME, ME, MESSAGE)

    assert server.taken == [(ME, MESSAGE)]
    assert server.connections == 1


def test_a_lost_quit_is_no_failure() -> None:
    with mail_server(mailserver.QUIT_LOST) as server, plain(server.port) as transport:
        transport.deliver(ME, YOU, MESSAGE)

    assert len(server.taken) == 1


def test_nobody_listening_is_said_with_the_address() -> None:
    with (
        plain(9) as transport,
        pytest.raises(
            UnreachableError, match=r"127\.0\.0\.1:9 .*Connection refused.*check mail\.host"
        ),
    ):
        transport.deliver(ME, YOU, MESSAGE)


def test_what_a_server_says_cannot_move_the_cursor() -> None:
    with (
        mail_server(mailserver.HOSTILE) as server,
        plain(server.port) as transport,
        pytest.raises(RefusedError) as raised,
    ):
        transport.deliver(ME, YOU, MESSAGE)

    assert str(raised.value).isprintable()


def test_an_address_cannot_carry_a_second_command() -> None:
    with (
        mail_server() as server,
        plain(server.port) as transport,
        pytest.raises(RefusedError, match="is not an address"),
    ):
        transport.deliver(ME, f"{YOU}>\r\nRCPT TO:<all@example.org", MESSAGE)

    assert server.taken == []


def test_no_bare_line_end_and_no_lone_dot_leaves_the_house() -> None:
    assert dotted(b"a\rb\nc\r\n.\r\n..d") == b"a\r\nb\r\nc\r\n..\r\n...d\r\n"


# -- TLS and login ------------------------------------------------------------------------------


class Inbox:
    """What an aiosmtpd server was given; with a token it says why one is refused, as Gmail does."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        if b64decode(args[1]) == f"user=me\x01auth=Bearer {CANARY}\x01\x01".encode():
            return AuthResult(success=True, auth_data="me")
        await server.challenge_auth('{"status":"400"}')
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 OK"


def authenticate(server: Any, session: Any, envelope: Any, kind: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and data.password == CANARY.encode()
    return AuthResult(success=known, handled=False)


AUTHORITY = trustme.CA()


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("localhost").configure_cert(context)
    return context


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def free_port() -> int:
    with socket.create_server(("localhost", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def submission() -> Iterator[Controller]:
    """A provider's server: STARTTLS first, then a login, then mail."""
    controller = Controller(
        Inbox(),
        hostname="localhost",
        port=free_port(),
        tls_context=server_context(),
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )
    controller.start()
    yield controller
    controller.stop()


def sending(to: Controller, secret: str = CANARY, **more: Any) -> Any:
    given = {"host": "localhost", "port": to.port, "login": lambda: Login("me", secret)}
    return closing(SmtpTransport(**given | more))


def test_mail_goes_through_starttls_and_a_login(submission: Controller) -> None:
    with sending(submission, context=trusting) as transport:
        assert transport.check().endswith("encrypted (STARTTLS), and lets me in.")
        assert transport.deliver(ME, YOU, MESSAGE).startswith("250")

    assert submission.handler.taken == [MESSAGE]


def test_a_certificate_that_nobody_vouches_for_ends_it(submission: Controller) -> None:
    with (
        sending(submission) as transport,
        pytest.raises(UnreachableError, match="certificate of localhost"),
    ):
        transport.deliver(ME, YOU, MESSAGE)

    assert submission.handler.taken == []


def test_a_wrong_password_is_said_and_not_shown(submission: Controller) -> None:
    with (
        sending(submission, f"wrong-{CANARY}", context=trusting) as transport,
        pytest.raises(UnreachableError, match="did not let me in: 535") as raised,
    ):
        transport.check()

    assert CANARY not in f"{raised.value} {transport!r}"


@pytest.mark.parametrize(("token", "lets_in"), [(CANARY, True), ("stale", False)])
def test_a_token_logs_in_by_xoauth2(submission: Controller, token: str, lets_in: bool) -> None:
    entry = Login("me", token, is_token=True)
    with sending(submission, context=trusting, login=lambda: entry) as transport:
        if lets_in:
            assert transport.deliver(ME, YOU, MESSAGE).startswith("250")
        else:
            with pytest.raises(UnreachableError, match="did not let me in: 535"):
                transport.check()


def test_tls_from_the_first_byte_is_verified_too() -> None:
    controller = Controller(
        Inbox(), hostname="localhost", port=free_port(), ssl_context=server_context()
    )
    plainly = {"tls": "tls", "login": lambda: NO_LOGIN}
    controller.start()
    try:
        with sending(controller, **plainly, context=trusting) as told:
            assert told.deliver(ME, YOU, MESSAGE).startswith("250")
        with (
            sending(controller, **plainly) as strict,
            pytest.raises(UnreachableError, match="certificate of localhost"),
        ):
            strict.deliver(ME, YOU, MESSAGE)
    finally:
        controller.stop()


def test_a_server_without_starttls_gets_nothing_in_the_clear() -> None:
    with mail_server() as server, plain(server.port, tls="starttls") as transport:
        with pytest.raises(UnreachableError, match="offers no STARTTLS"):
            transport.deliver(ME, YOU, MESSAGE)
        assert server.taken == []


def test_a_server_that_speaks_no_tls_gets_nothing_in_the_clear() -> None:
    with mail_server() as server, plain(server.port, tls="tls", timeout=0.5) as transport:
        with pytest.raises(UnreachableError):
            transport.deliver(ME, YOU, MESSAGE)
        assert server.taken == []


# -- the sendmail program -----------------------------------------------------------------------


def program(folder: Path, body: str) -> SendmailTransport:
    path = folder / "sendmail"
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    path.chmod(0o700)
    return SendmailTransport(path=str(path), timeout=10)


def test_the_program_gets_the_recipient_after_two_dashes_and_the_message_as_it_is(
    tmp_path: Path,
) -> None:
    body = f"open({str(tmp_path / 'out')!r}, 'wb').write(repr(sys.argv[1:]).encode() + b'|'"
    transport = program(tmp_path, body + " + sys.stdin.buffer.read())")

    assert transport.deliver(ME, YOU, MESSAGE) == f"queued by {transport.path}"
    argv, _, message = (tmp_path / "out").read_bytes().partition(b"|")
    assert argv == f"['-i', '-f', '{ME}', '--', '{YOU}']".encode()
    assert message == MESSAGE.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("code", "said"),
    [(75, DeferredError), (67, RefusedError), (76, UnconfirmedError), (78, DeferredError)],
)
def test_the_program_s_exit_code_says_what_became_of_it(
    tmp_path: Path, code: int, said: type[MailError]
) -> None:
    transport = program(tmp_path, f"sys.exit({code})")
    with pytest.raises(said) as raised:
        transport.deliver(ME, YOU, MESSAGE)

    assert type(raised.value) is said


def test_a_program_that_is_not_there_is_said_with_its_key(tmp_path: Path) -> None:
    transport = SendmailTransport(path=str(tmp_path / "nothing"))
    for attempt in (transport.check, lambda: transport.deliver(ME, YOU, MESSAGE)):
        with pytest.raises(UnreachableError, match=r"set mail\.sendmail"):
            attempt()


# -- Maildir --------------------------------------------------------------------------------------


def test_a_maildir_holds_a_message_once_however_often_it_is_delivered(tmp_path: Path) -> None:
    transport = MaildirTransport(path=tmp_path / "Mail")
    for _ in range(2):
        transport.deliver(ME, YOU, MESSAGE)
    (only,) = (tmp_path / "Mail" / "new").iterdir()
    only.rename(tmp_path / "Mail" / "cur" / f"{only.name}:2,S")
    transport.deliver(ME, YOU, MESSAGE)

    assert [path.parent.name for path in (tmp_path / "Mail").rglob("*.papertrack*")] == ["cur"]
    assert stat.S_IMODE((tmp_path / "Mail").stat().st_mode) == 0o700


def test_a_maildir_that_cannot_be_made_is_said_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnreachableError, match=r"(?i)set mail\.maildir"):
        MaildirTransport(path=tmp_path / "file" / "Mail").deliver(ME, YOU, MESSAGE)


# -- which one, and with which secret -----------------------------------------------------------


def test_nothing_goes_in_the_clear_over_a_network_unless_it_is_said_twice() -> None:
    with pytest.raises(ConfigError, match=r"mail\.allow_plain"):
        make_transport(MailConfig(host="mail.example.org", tls="none"), {})

    assert make_transport(MailConfig(host="mail.example.org", tls="none", allow_plain=True), {})
    assert make_transport(MailConfig(host="localhost", tls="none"), {})


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.9", True), ("::1", True), ("localhost.example.org", False)],
)
def test_this_machine_is_known_without_asking_anybody(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_usual_port_follows_from_the_way(tls: str, port: int) -> None:
    made = make_transport(MailConfig(host="localhost", tls=tls), {})

    assert isinstance(made, SmtpTransport)
    assert (made.port, made.timeout, made.patience) == (port, 60, 600)


def test_a_password_comes_from_the_environment_a_command_or_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "password"
    kept.write_text(f"{CANARY}\nsecond line\n")
    kept.chmod(0o600)
    command = f"{sys.executable} -c 'print(\"{CANARY}\")'"

    for mail, env in (
        (MailConfig(user="me"), {"PAPERTRACK_MAIL_PASSWORD": CANARY}),
        (MailConfig(user="me", password_command=command), {}),
        (MailConfig(user="me", password_file="~/password"), {"HOME": str(tmp_path)}),
    ):
        assert login(mail, env) == Login("me", CANARY)
    assert login(MailConfig(user="me", token_command=command), {}).is_token
    assert CANARY not in repr(Login("me", CANARY))


def test_of_several_passwords_the_one_that_the_configuration_names_first_counts(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "password"
    kept.write_text("of the file")
    kept.chmod(0o600)
    mail = MailConfig(user="me", password_command="echo of the command", password_file=str(kept))
    counted = [
        login(mail, {"PAPERTRACK_MAIL_PASSWORD": "of the environment"}).secret,
        login(mail, {}).secret,
        login(replace(mail, password_command=""), {}).secret,
    ]

    (told,) = (one for one in fields(MailConfig) if one.name == "password_command")
    assert "$PAPERTRACK_MAIL_PASSWORD, this, password_file, " in told.metadata["doc"]
    assert counted == ["of the environment", "of the command", "of the file"]


def test_a_password_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "password"
    kept.write_text(CANARY)
    kept.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600") as raised:
        login(MailConfig(user="me", password_file=str(kept)), {})

    assert CANARY not in str(raised.value)


def test_a_password_that_is_nowhere_is_asked_for_by_name() -> None:
    with pytest.raises(ConfigError, match=r"mail\.password_command .*PAPERTRACK_MAIL_PASSWORD"):
        login(MailConfig(user="me"), {})


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (f"/nowhere/{CANARY}", "it could not be started (No such file or directory)"),
        (f"pass '{CANARY}", "it cannot be read as a command"),
        (f"sh -c 'kill $$' {CANARY}", "it was ended by signal 15"),
    ],
)
def test_why_a_command_gave_no_password_is_told_without_it(command: str, why: str) -> None:
    with pytest.raises(ConfigError) as raised:
        login(MailConfig(user="me", password_command=command), {})
    assert f"did not give a password: {why}" in str(raised.value)
    assert CANARY not in str(raised.value)


def test_a_command_that_fails_is_named_and_what_it_printed_is_not() -> None:
    command = f"{sys.executable} -c 'print(\"{CANARY}\"); raise SystemExit(1)'"
    why = r"mail\.password_command did not give a password: exit code 1; run it yourself"
    with pytest.raises(ConfigError, match=why) as raised:
        login(MailConfig(user="me", password_command=command), {})

    assert CANARY not in str(raised.value)
