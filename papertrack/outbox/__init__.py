"""How mail leaves: SMTP, the sendmail program or a Maildir, chosen by the configuration.

What is here moves bytes that are finished; who gets what, and what becomes of it, is told in
`papertrack.digesting`.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from papertrack.errors import ConfigError
from papertrack.outbox.base import Transport

if TYPE_CHECKING:
    from papertrack.config import MailConfig

__all__ = ["Transport", "make_transport"]

#: The answer after the final dot may take so much longer than any other: of the usual minute that
#: makes the ten that RFC 5321, section 4.5.3.2.6, asks for.
LAST_ANSWER = 10


def make_transport(mail: "MailConfig", env: Mapping[str, str]) -> Transport:
    """The way that the configuration names. Nothing is connected, run or written yet.

    Raises ConfigError where it lacks something, or would send in the clear over a network.
    """
    if mail.transport == "sendmail":
        from papertrack.outbox.sendmail import SendmailTransport

        return SendmailTransport(path=mail.sendmail)
    if mail.transport == "maildir":
        from papertrack.outbox.maildir import MaildirTransport

        return MaildirTransport(path=_folder(mail.maildir, env))
    return _smtp(mail, env)


def _smtp(mail: "MailConfig", env: Mapping[str, str]) -> Transport:
    from papertrack.outbox.credentials import login
    from papertrack.outbox.smtp import SmtpTransport

    if mail.tls == "none" and not mail.allow_plain and not is_loopback(mail.host):
        raise ConfigError(
            f"mail.tls is none and {mail.host} is not this machine: everybody on the way could "
            "read along. Set mail.tls to starttls or tls, or mail.allow_plain to true as well."
        )
    seconds = mail.timeout.total_seconds()
    return SmtpTransport(
        host=mail.host,
        port=mail.port or {"tls": 465, "starttls": 587}.get(mail.tls, 25),
        tls=mail.tls,
        login=lambda: login(mail, env),
        timeout=seconds,
        patience=seconds * LAST_ANSWER,
    )


def _folder(name: str, env: Mapping[str, str]) -> Path:
    if not name:
        raise ConfigError("mail.maildir is empty; name the folder that the mail goes to.")
    home = env.get("HOME", "")
    return Path(home, name[2:]) if name.startswith("~/") and home else Path(name)


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine itself, without asking anybody."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
