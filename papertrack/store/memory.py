"""What papertrack has concluded, beside what it was told: what is normal, and what it promised."""

import sqlite3
from collections.abc import Iterable
from datetime import date, datetime

from papertrack.clock import instant, iso


def keep_learned(connection: sqlite3.Connection, name: str, value: str, at: datetime) -> None:
    """Keep a conclusion as text; the caller holds the write transaction."""
    connection.execute(
        "INSERT INTO learned VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " value = excluded.value, learned_at = excluded.learned_at",
        (name, value, iso(at)),
    )


def learned(connection: sqlite3.Connection, name: str) -> str:
    """A conclusion of before; empty where there is none."""
    row = connection.execute("SELECT value FROM learned WHERE name = ?", (name,)).fetchone()
    return row[0] if row else ""


def learned_at(connection: sqlite3.Connection, name: str) -> datetime | None:
    """When something was concluded; None where it never was."""
    row = connection.execute("SELECT learned_at FROM learned WHERE name = ?", (name,)).fetchone()
    return instant(row[0]) if row else None


def keep_promise(
    connection: sqlite3.Connection,
    day: date,
    ranking: str,
    papers: Iterable[tuple[int, float, float]],
    at: datetime,
) -> None:
    """Note a day's list, (row id, score, votes) from the top; the first of a day stands."""
    before = connection.execute(
        "SELECT 1 FROM ledger WHERE day = ? AND ranking = ? LIMIT 1", (day.isoformat(), ranking)
    ).fetchone()
    if before is None:
        connection.executemany(
            "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (day.isoformat(), ranking, place, number, score, votes, iso(at))
                for place, (number, score, votes) in enumerate(papers, 1)
            ],
        )


def promises(
    connection: sqlite3.Connection, ranking: str
) -> list[tuple[date, str, int, str, float]]:
    """(day, when it was noted, place, paper, votes then), oldest first."""
    found = connection.execute(
        "SELECT day, noted_at, place, key, votes FROM ledger JOIN papers ON papers.id = paper_id"
        " WHERE ranking = ? ORDER BY day, place",
        (ranking,),
    )
    return [(date.fromisoformat(row[0]), *row[1:]) for row in found]
