"""Papers, listings and counts in the order of their months, with names in place of numbers."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

#: By table: its columns with their types, and the question; the month comes first.
TABLES: Mapping[str, tuple[Mapping[str, str], str]] = {
    "papers": (
        {
            "paper": "text",
            **dict.fromkeys(("arxiv_id", "doi", "title", "abstract"), "text"),
            **dict.fromkeys(("authors", "categories"), "texts"),
            **dict.fromkeys(("published_at", "updated_at"), "moment"),
            "version": "number",
            **dict.fromkeys(("organization", "url", "code_url", "project_url"), "text"),
            "ai_summary": "text",
            "keywords": "texts",
            **dict.fromkeys(("comment", "journal"), "text"),
            "withdrawn": "flag",
            "first_seen_at": "moment",
        },
        "SELECT strftime('%Y-%m', (id >> 14) * 86400, 'unixepoch'), key, arxiv_id, doi, title,"
        " abstract, authors, categories, published_at, updated_at, version, organization, url,"
        " code_url, project_url, ai_summary, keywords, comment, journal, withdrawn, first_seen_at"
        " FROM papers ORDER BY id",
    ),
    "listings": (
        {
            **dict.fromkeys(("paper", "source"), "text"),
            "source_number": "number",
            "list_date": "day",
            "submitted_at": "moment",
            "submitted_by": "text",
        },
        "SELECT substr(list_date, 1, 7), key, name, source, list_date, submitted_at, submitted_by"
        " FROM listings JOIN papers ON papers.id = paper_id JOIN sources ON sources.id = source"
        " ORDER BY list_date, paper_id",
    ),
    "observations": (
        {
            **dict.fromkeys(("paper", "kind", "source"), "text"),
            "source_number": "number",
            "observed_at": "moment",
            "value": "value",
        },
        "SELECT strftime('%Y-%m', observed_at, 'unixepoch'), key, kinds.name, sources.name,"
        " source, observed_at, value FROM observations JOIN papers ON papers.id = paper_id"
        " JOIN kinds ON kinds.id = kind JOIN sources ON sources.id = source ORDER BY observed_at",
    ),
}


def rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    """The rows of one of TABLES, one at a time; SQLite sorts on the disk what is large."""
    yield from connection.execute(TABLES[table][1])


def count(connection: sqlite3.Connection, table: str) -> int:
    """How many there are."""
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@contextmanager
def one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is read in this block is as of one moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()
