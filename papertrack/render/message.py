"""An issue of a digest as a mail: a text part that is complete alone, and the same as HTML.

Headers after RFC 5322, 2369 (List-Unsubscribe), 2919 (List-Id) and 3834 (Auto-Submitted). There is
no List-Unsubscribe-Post: RFC 8058 wants an https address for it, which a program run by cron has
not.
"""

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from papertrack.mailing import Digest, Envelope
from papertrack.render.issue import subject
from papertrack.render.issue_html import as_html
from papertrack.render.issue_text import as_text

#: Bodies are quoted-printable in lines of 76.
_BODY = SMTP.clone(cte_type="7bit")
#: Headers are not folded: what is folded in List-Unsubscribe becomes encoded words, which RFC 2047
#: forbids there and Gmail does not read (CPython 3.10 to 3.13). 998 octets is what a line may have.
_HEADERS = SMTP.clone(cte_type="7bit", max_line_length=998)


def build(digest: Digest, envelope: Envelope) -> bytes:
    """The mail with CRLF line ends, 7-bit; the same issue and envelope give the same bytes."""
    message = EmailMessage(policy=_HEADERS)
    message["From"] = f"papertrack <{envelope.sender}>"
    message["To"] = envelope.recipient
    message["Subject"] = subject(digest)
    message["Date"] = envelope.date
    message["Message-ID"] = envelope.message_id
    message["List-Id"] = f"<{envelope.list_id}>"
    ending = quote(f"unsubscribe {digest.name}")
    message["List-Unsubscribe"] = f"<mailto:{envelope.unsubscribe}?subject={ending}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = "multipart/alternative"
    message.set_boundary(_boundary(envelope))
    for content, kind in (
        (as_text(digest, envelope.unsubscribe), "plain"),
        (as_html(digest, envelope.unsubscribe), "html"),
    ):
        message.attach(_part(content, kind))
    return message.as_bytes()


def _part(content: str, kind: str) -> EmailMessage:
    part = EmailMessage(policy=_BODY)
    part.set_content(content, subtype=kind, charset="utf-8", cte="quoted-printable")
    del part["MIME-Version"]  # it is said once, at the top
    return part


def _boundary(envelope: Envelope) -> str:
    """A mark that no text holds, and the same each time."""
    return f"=_{hashlib.sha256(envelope.message_id.encode()).hexdigest()[:32]}"
