"""Other ids of papers that wait in memory, until so many are together that writing them pays.

Ids by the title are hashes: putting few of them at a time into a table of millions writes the whole
table again each time.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from papertrack.models import Paper
from papertrack.store import aliases
from papertrack.store.joining import evidence
from papertrack.store.reading import chunks

_AT_ONCE = 10_000


@dataclass
class Waiting:
    """The ids, some 160 bytes each, with the row ids of their papers."""

    connection: sqlite3.Connection
    _titles: list[tuple[int, int]] = field(default_factory=list)
    _texts: list[tuple[str, int]] = field(default_factory=list)

    def note(self, words: Iterable[str], number: int) -> None:
        """Add ids of one paper, as `joining` makes them."""
        for word in words:
            if word.startswith("title:"):
                self._titles.append((aliases.signed(word[6:]), number))
            else:
                self._texts.append((word, number))

    def write(self) -> None:
        """Into the store, sorted; an id that is another paper's already stays there."""
        self._titles.sort()
        self._texts.sort()
        shared: list[tuple[int, int]] = []
        for part in chunks(self._titles, _AT_ONCE):
            owners = dict(
                self.connection.execute(
                    "SELECT hash, paper_id FROM json_each(?)"
                    " CROSS JOIN title_hashes ON hash = value",
                    (json.dumps([by_title for by_title, _ in part]),),
                ).fetchall()
            )
            shared += [
                (owner, number)
                for by_title, number in part
                if (owner := owners.setdefault(by_title, number)) != number
            ]
            self._insert("title_hashes", part)
        self._insert("other_ids", self._texts)
        self._tell_apart(shared)
        self._titles, self._texts = [], []

    def _insert(self, table: str, pairs: Iterable[tuple[object, int]]) -> None:
        self.connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", pairs)

    def _tell_apart(self, shared: Iterable[tuple[int, int]]) -> None:
        """A paper whose title is another's goes by that with its author, as in `joining`."""
        for owner, number in shared:
            mine, theirs = (self._evidence(one) for one in (number, owner))
            aliases.put(self.connection, [(word, number) for word in mine if word not in theirs])

    def _evidence(self, number: int) -> list[str]:
        found = "SELECT title, authors FROM papers WHERE id = ?"
        title, authors = self.connection.execute(found, (number,)).fetchone()
        return evidence(Paper(id="", title=title, authors=tuple(json.loads(authors))))
