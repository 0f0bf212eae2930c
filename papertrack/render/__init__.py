"""Faces: models in, text out. No store, no network; remote text passes `papertrack.text` here."""

#: What -f takes, in the order in which help lists it.
FORMATS = ("table", "tsv", "json", "jsonl", "csv", "ids")
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
