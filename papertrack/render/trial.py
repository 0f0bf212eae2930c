"""The message of `digest test`: a mail like a digest's, that says that mail works."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP


def trial(sender: str, recipient: str, message_id: str, date: datetime) -> bytes:
    """The mail with CRLF line ends, 7-bit."""
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = f"papertrack <{sender}>"
    message["To"] = recipient
    message["Subject"] = "papertrack can send mail"
    message["Date"] = date
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(
        "This is the message of `papertrack digest test`. Digests come the same way.\n\n"
        "If you found it among the spam, tell your mail program that it is none.\n"
    )
    return message.as_bytes()
