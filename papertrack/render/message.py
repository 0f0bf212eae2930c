"""An issue of a digest as a mail: a text part that is complete alone, and the same as HTML."""

from papertrack.mailing import Digest, Envelope


def build(digest: Digest, envelope: Envelope) -> bytes:
    """The mail with CRLF line ends, 7-bit; the same issue and envelope give the same bytes."""
    raise NotImplementedError
