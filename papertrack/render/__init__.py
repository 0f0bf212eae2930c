"""Faces: models in, text out. No store, no network; remote text passes `papertrack.text` here."""

#: What -f takes, in the order in which help lists it.
FORMATS = (
    "table",
    "tsv",
    "json",
    "jsonl",
    "csv",
    "markdown",
    "bibtex",
    "ris",
    "csl",
    "atom",
    "ids",
)
#: Those that say of a paper what they say, whatever fields are asked for.
WHOLE_FORMATS = frozenset({"markdown", "bibtex", "ris", "csl", "atom", "ids"})
#: The columns of TSV and CSV where none are asked for.
LINE_FIELDS = (
    "rank",
    "id",
    "upvotes",
    "velocity",
    "comments",
    "github_stars",
    "listed_on",
    "title",
)


def counted(number: int, thing: str) -> str:
    """`1 paper`, `2 papers`, `1,200 papers`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
