"""The statements that make the store, read off a new one."""

import re

from papertrack.store import MEMORY
from papertrack.store.connection import connect

_HEAD = """\
# The store in SQL

The statements that make a new store; what each table and column means is told in
[the store](../schema.md). Tables and columns are only ever added. Left out are the tables that FTS5
and the migrations keep for themselves.
"""
_FOOT = "<!-- Made by `python docs/make`; do not edit. -->\n"


def sql() -> str:
    """Every table and view, each with its indexes and triggers."""
    connection = connect(MEMORY)
    rows = connection.execute(
        "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    ).fetchall()
    connection.close()
    made: dict[str, list[str]] = {}
    for table, statement in rows:
        if not re.search(r"^(sqlite)?_|_fts_[a-z]+$", table):
            made.setdefault(table, []).append(f"{statement};")
    parts = ("\n".join([f"## {table}\n\n```sql", *told, "```\n"]) for table, told in made.items())
    return "\n".join([_HEAD, *parts, _FOOT])
