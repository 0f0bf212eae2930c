"""What every way of sending mail has in common, whatever it is made of."""

from typing import Protocol

from papertrack import text

#: Longer replies are cut; a sentence is enough to know what to do.
LONGEST_REPLY = 200


class Transport(Protocol):
    """Hands over finished messages, one recipient at a time, so that no recipient fails another.

    `deliver` returns the reply that took the message over: from then on the other side answers for
    it. Otherwise it raises one of the errors under `MailError`, by what is known of the message:
    DeferredError and RefusedError say that it was not taken, UnconfirmedError that nobody knows.
    """

    def deliver(self, sender: str, recipient: str, message: bytes) -> str: ...

    def check(self) -> str:
        """Do everything but send: connect, log in. Returns what was found, raises as `deliver`."""
        ...

    def close(self) -> None:
        """End it politely; whatever happens here, what was delivered stays delivered."""
        ...


def reply_text(words: str | bytes, *secrets: str) -> str:
    """What a server said, as one short line that is safe to show and holds none of the secrets."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    for secret in filter(None, secrets):
        said = said.replace(secret, "…")
    clean = text.one_line(said, "no reason given")
    return clean if len(clean) <= LONGEST_REPLY else clean[: LONGEST_REPLY - 1] + "…"
