"""Which papers are like which: words, a latent space over them, and a mix of both.

Pure: texts and arrays in, arrays out; no store, no files. `words` and `plain` need the standard
library only; everything else needs numpy, which the extra `papertrack-cli[recommend]` brings, and
is imported where it is used.

Each paper is a row of TF-IDF weights over words and pairs of words, and a point in the space of the
256 directions in which the rows differ most (`terms`, `basis`, `model`). What somebody likes is
compared in two ways (`taste`): by words, less what everybody has in common, which finds the methods
and names of a person; and by the centre of the likes in the latent space, which finds a topic. The
more the likes are alike, the more the second counts.
"""


def has_numpy() -> bool:
    """Whether the extra is installed."""
    from importlib.util import find_spec

    return find_spec("numpy") is not None
