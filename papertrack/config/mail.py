"""The keys of the digests and of the way they are mailed."""

import re
from dataclasses import dataclass, field, fields
from datetime import time, timedelta
from typing import Any

from papertrack.config.keys import doc, one_of, up_to

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_WINDOW = timedelta(days=90)
_OTHER_WORDS = {"daily": "day", "weekly": "week", "weekday": "weekdays"}
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"


def mail_address(text: str) -> str:
    """An address as a mail server takes it; a domain in another script becomes its ASCII form.

    Only letters, digits and the usual signs before the @: what else RFC 5321 allows needs quotes
    or SMTPUTF8, which few servers take. Raises ValueError.
    """
    local, at, domain = text.rpartition("@")
    if not at or not re.fullmatch(rf"{_ATOM}(?:\.{_ATOM})*", local, re.ASCII) or len(local) > 64:
        raise ValueError(f"{text[:60]!r} is not a mail address such as me@example.org")
    if local.startswith("-"):
        raise ValueError("a mail address cannot begin with - here")
    return f"{local}@{host_name(domain)}"


def host_name(text: str) -> str:
    """A host in the form name servers know, or an address of the net. Raises ValueError."""
    try:
        plain = text if text.isascii() else text.encode("idna").decode()
    except UnicodeError:
        plain = ""
    found = re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*|[0-9a-fA-F:]*:[0-9a-fA-F:.]+", plain, re.ASCII)
    if not found or len(plain) > 253:
        raise ValueError(f"{text[:60]!r} is not the name of a host")
    return plain.lower()


def _or_empty(check: Any) -> Any:
    return lambda text: check(text) if text else text


def _addresses(given: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(mail_address(one) for one in given))
    if not found:
        raise ValueError("somebody must get it; name at least one address")
    return found


def _name(text: str) -> str:
    # It is part of a header and of a command line.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", text, re.ASCII):
        raise ValueError("a name is up to 40 letters, digits, - and _, such as morning")
    return text


def _rhythm(text: str) -> str:
    word = text.lower()
    word = _OTHER_WORDS.get(word, word)
    for day, whole in zip(WEEKDAYS, _WHOLE_DAYS, strict=True):
        word = day if word == whole else word
    if word not in ("day", "weekdays", "week", *WEEKDAYS):
        raise ValueError(
            f"{text[:40]!r} is not a rhythm; write day, weekdays, week or a day such as mon"
        )
    return word


_WHOLE_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _zone(text: str) -> str:
    if text:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(text)
        except (OSError, LookupError, ValueError):
            raise ValueError(
                f"{text[:40]!r} is not a time zone; write it like Europe/Berlin or UTC"
            ) from None
    return text


def _ranking(text: str) -> str:
    from papertrack.rankings import RANKINGS

    if text not in RANKINGS:
        raise ValueError(f"{text[:40]!r} is not a ranking; there is {', '.join(RANKINGS)}")
    return text


def _window(length: timedelta) -> timedelta:
    if not timedelta() < length <= LONGEST_WINDOW:
        raise ValueError(f"a window is longer than nothing and at most {LONGEST_WINDOW.days}d")
    return length


def _patience(length: timedelta) -> timedelta:
    if not timedelta(seconds=1) <= length <= timedelta(minutes=30):
        raise ValueError("a server is given from 1s to 30m")
    return length


def _limit(number: int) -> int:
    if not 1 <= number <= 50:
        raise ValueError("a section holds from 1 to 50 papers")
    return number


@dataclass(frozen=True, kw_only=True)
class DigestConfig:
    """One digest: what it holds, who gets it, and when."""

    name: str = field(metadata=doc("what you call it, as in digest preview NAME", check=_name))
    to: tuple[str, ...] = field(
        metadata=doc("who gets it; each gets a mail of their own", check=_addresses)
    )
    every: str = field(
        default="day",
        metadata=doc("day, weekdays, week (on Mondays), or a day such as fri", check=_rhythm),
    )
    at: time = field(default=time(7, 30), metadata=doc("from when on that day it may go"))
    timezone: str = field(
        default="",
        metadata=doc(
            "whose clock that is, such as Europe/Berlin; empty: this machine's", check=_zone
        ),
    )
    window: timedelta = field(
        default=timedelta(days=7),
        metadata=doc("how far back papers are taken from, at most 90d", check=_window),
    )
    topics: tuple[str, ...] = field(
        default=(), metadata=doc("names of your topics, which get a section each")
    )
    authors: tuple[str, ...] = field(
        default=(), metadata=doc("people whose new papers get a section, whoever noticed them")
    )
    limit: int = field(
        default=15, metadata=doc("how many papers a section holds at most", check=_limit)
    )
    rank: str = field(
        default="trending", metadata=doc("which ranking: trending, hot, expected", check=_ranking)
    )
    send_empty: str = field(
        default="never",
        metadata=doc(
            "what is mailed when there is nothing new: never, note (that it is so), or "
            "best-unseen (the best of 30 days that you were not told of)",
            check=one_of("never", "note", "best-unseen"),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class MailConfig:
    """How mail leaves the house."""

    transport: str = field(
        default="smtp",
        metadata=doc(
            "smtp; sendmail, which hands the mail to this machine's mailer; or maildir, which "
            "puts it into a folder.",
            check=one_of("smtp", "sendmail", "maildir"),
        ),
    )
    host: str = field(
        default="localhost",
        metadata=doc("Your provider's server, such as smtp.fastmail.com.", check=host_name),
    )
    port: int = field(
        default=0,
        metadata=doc("0: 587 for starttls, 465 for tls, 25 for none.", check=up_to(65_535)),
    )
    tls: str = field(
        default="starttls",
        metadata=doc(
            "starttls or tls, and the server must prove who it is; none only on this machine.",
            check=one_of("starttls", "tls", "none"),
        ),
    )
    allow_plain: bool = field(
        default=False,
        metadata=doc("With tls: none, whether everybody on the way may read mail and password."),
    )
    user: str = field(default="", metadata=doc("The name to log in with; empty does not log in."))
    password_command: str = field(
        default="",
        metadata=doc(
            "A command that prints the password, such as: pass show mail. The first there is "
            "counts: $PAPERTRACK_MAIL_PASSWORD, this, password_file, the system's keyring."
        ),
    )
    password_file: str = field(
        default="", metadata=doc("A file with the password, which nobody else may read (0600).")
    )
    token_command: str = field(
        default="",
        metadata=doc("A command that prints an OAuth 2 token, for providers that want XOAUTH2."),
    )
    timeout: timedelta = field(
        default=timedelta(seconds=60),
        metadata=doc("How long the server may take for an answer.", check=_patience),
    )
    from_: str = field(
        default="",
        metadata=doc(
            "The sender, an address of yours; digests need it.", check=_or_empty(mail_address)
        ),
    )
    domain: str = field(
        default="",
        metadata=doc(
            "What stands after the @ in Message-IDs; empty: that of the sender.",
            check=_or_empty(host_name),
        ),
    )
    contact: str = field(
        default="",
        metadata=doc(
            "Whom readers write to who want it no more; empty: the sender.",
            check=_or_empty(mail_address),
        ),
    )
    sendmail: str = field(
        default="/usr/sbin/sendmail", metadata=doc("The program, for transport: sendmail.")
    )
    maildir: str = field(
        default="", metadata=doc("The folder, such as ~/Maildir, for transport: maildir.")
    )


DIGEST_DOCS = {one.name: one.metadata["doc"] for one in fields(DigestConfig)}

EXAMPLE_DIGEST = DigestConfig(
    name="morning",
    to=("me@example.org",),
    every="weekdays",
    timezone="Europe/Berlin",
    topics=("agents",),
    authors=("Yoshua Bengio",),
)
