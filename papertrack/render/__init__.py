"""Faces: models in, text out. No store, no network; remote text passes `papertrack.text` here."""

#: What -f takes, in the order in which help lists it.
FORMATS = ("table", "tsv", "json", "jsonl", "csv", "ids")
