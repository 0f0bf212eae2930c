"""The other ids of papers: where they are kept, how they are found.

An id by the title is a hash, and so its row lies anywhere in its table: what counts is how many
pages there are. Kept as a number it needs half the room (`title_hashes`); all others are text
(`other_ids`). The view `aliases` shows both as they are spelt.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

TABLES = ("title_hashes", "other_ids")
#: Stores of older versions have a table `aliases` with both.
SINCE = 6
_BY_TITLE = re.compile(r"title:[0-9a-f]{16}").fullmatch
_SIGN = 1 << 63


def hash_of(alias: str) -> int | None:
    """The number of an id by the title, in 64 bits with a sign; None for any other id."""
    return signed(alias[6:]) if _BY_TITLE(alias) else None


def signed(digits: str) -> int:
    """Sixteen hexadecimal digits as SQLite's whole number of 64 bits."""
    return (int(digits, 16) ^ _SIGN) - _SIGN


def owners(connection: sqlite3.Connection, words: Iterable[str]) -> dict[str, int]:
    """The row ids of the papers that go by these other ids."""
    numbers = {word: hash_of(word) for word in words}
    titles = {number: word for word, number in numbers.items() if number is not None}
    texts = [word for word, number in numbers.items() if number is None]
    found = connection.execute(
        "SELECT hash, paper_id FROM json_each(?) CROSS JOIN title_hashes ON hash = value",
        (json.dumps(sorted(titles)),),
    )
    known = {titles[number]: paper for number, paper in found}
    known.update(
        connection.execute(
            "SELECT alias, paper_id FROM json_each(?) CROSS JOIN other_ids ON alias = value",
            (json.dumps(texts),),
        ).fetchall()
    )
    return known


def put(connection: sqlite3.Connection, pairs: Iterable[tuple[str, int]]) -> None:
    """Note ids of papers, by row id; one that is another paper's, or a key, stays as it is."""
    _put(connection, pairs, "IGNORE", " WHERE NOT EXISTS (SELECT 1 FROM papers WHERE key = ?3)")


def move(connection: sqlite3.Connection, alias: str, number: int) -> None:
    """From now on this paper goes by the id, whosever it was."""
    _put(connection, [(alias, number)], "REPLACE", " WHERE ?3 <> ''")


def drop(connection: sqlite3.Connection, alias: str) -> None:
    """Nobody goes by the id any more, but for who has it as a key."""
    connection.execute("DELETE FROM other_ids WHERE alias = ?", (alias,))
    connection.execute("DELETE FROM title_hashes WHERE hash = ?", (hash_of(alias),))


def give(connection: sqlite3.Connection, kept: int, gone: int) -> None:
    """All ids of one paper become another's."""
    for table in TABLES:
        connection.execute(f"UPDATE {table} SET paper_id = ? WHERE paper_id = ?", (kept, gone))


def of(connection: sqlite3.Connection, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The ids of papers, as (row id, id), sorted by id."""
    chosen = json.dumps(list(numbers))
    found = connection.execute(
        "SELECT paper_id, alias FROM json_each(?1) CROSS JOIN other_ids ON paper_id = value"
        " UNION ALL SELECT paper_id, printf('title:%016x', hash)"
        " FROM json_each(?1) CROSS JOIN title_hashes ON paper_id = value",
        (chosen,),
    )
    yield from sorted(found, key=lambda row: str(row[1]))


def _put(
    connection: sqlite3.Connection, pairs: Iterable[tuple[str, int]], clash: str, condition: str
) -> None:
    titles: list[tuple[object, ...]] = []
    texts: list[tuple[object, ...]] = []
    for word, number in pairs:
        by_title = hash_of(word)
        if by_title is None:
            texts.append((word, number, word))
        else:
            titles.append((by_title, number, word))
    for table, some in zip(TABLES, (titles, texts), strict=True):
        some.sort()
        connection.executemany(f"INSERT OR {clash} INTO {table} SELECT ?1, ?2{condition}", some)
