"""One paper, one row: what other ids a paper goes by, and how two rows become one.

An arXiv id or a DOI is proof, but that a DOI proves nothing of two papers with different arXiv ids:
a book's DOI stands on all its chapters. A title with its first author is strong evidence, taken
only where neither id contradicts it: two papers with different arXiv ids stay two, whatever they
are called.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from papertrack.identifiers import from_doi, normalise_title, title_id_of
from papertrack.models import PAPER_FIELDS, SOURCES, Paper
from papertrack.store import aliases, indexing, rows
from papertrack.store.reading import accounts_of, resolve

#: A shorter title ("0", "Editorial") names too many papers to identify one.
SHORTEST_TITLE = 16
#: What belongs to a paper and moves with it. Where both rows have it, the kept row's stays.
_BELONGINGS = ("listings", "observations", "tags", "ledger", "issue_papers", "watched")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


def proofs(paper: Paper) -> list[str]:
    """The ids that prove which paper this is, best first."""
    found = [paper.id] if not paper.id.startswith("title:") else []
    found += [f"arxiv:{paper.arxiv_id}"] if paper.arxiv_id else []
    found += [from_doi(paper.doi)] if paper.doi else []
    found.sort(key=lambda key: not key.startswith("arxiv:"))
    return list(dict.fromkeys(found))


def evidence(paper: Paper) -> list[str]:
    """The ids by the title, where that is long enough to mean something.

    With the first author, because a title may be that of several papers, and alone, because a list
    that was copied from a page names nobody. Both are looked up, but of what is told only the last
    is noted where it names no other paper: to note a hash writes a page of a large table.
    """
    title = normalise_title(paper.title)
    if len(title) < SHORTEST_TITLE:
        return []
    alone = title_id_of(title)
    if not paper.authors:
        return [alone]
    return [title_id_of(title, normalise_title(_first_name(paper))), alone]


def by_title(title: str) -> list[str]:
    """The last of these, from a title."""
    plain = normalise_title(title)
    return [title_id_of(plain)] if len(plain) >= SHORTEST_TITLE else []


def best_key(papers: Iterable[Paper]) -> str:
    """The id that a paper goes by, of all that are told: arXiv's, else a DOI, else the title's."""
    return min((next(iter((*proofs(one), one.id))) for one in papers), key=_order)


def together(papers: Sequence[Paper]) -> Paper:
    """What one source says of a paper in several places: the first word, and what it leaves out."""
    first, *others = papers
    for other in others:
        blank = (name for name in PAPER_FIELDS if getattr(first, name) in ("", (), None, False))
        first = replace(first, **{name: getattr(other, name) for name in blank})
    return first


@dataclass
class Rows:
    """The rows of the papers of a batch. New papers have negative numbers until they have rows.

    `joined` are rows whose accounts or ids changed by that, and so want to be merged anew.
    """

    connection: sqlite3.Connection
    words: dict[str, set[str]] = field(default_factory=dict)  # what is to be noted of each paper
    told: dict[int, list[Paper]] = field(default_factory=lambda: defaultdict(list))
    joined: set[int] = field(default_factory=set)
    _known: dict[str, int] = field(default_factory=dict)  # id -> row
    _moved: dict[int, int] = field(default_factory=dict)  # joined rows -> those that took them in
    _stored: dict[int, list[Paper]] = field(default_factory=dict)
    _free: Iterator[int] = field(default_factory=lambda: count(-1, -1))

    def of(self, papers: Mapping[str, Paper]) -> dict[str, int]:
        """The row of each paper by the id that the batch gives it; rows that are one are joined."""
        words = {key: ((key, *proofs(one)), evidence(one)) for key, one in papers.items()}
        self._look_up(words.values())
        known = frozenset(self._known)
        placed = {key: self._place(one, *words[key]) for key, one in papers.items()}
        placed = {key: self._now(number) for key, number in placed.items()}
        self.words = {key: self._noted(placed[key], *words[key]) - known for key in papers}
        return placed

    def _look_up(self, words: Iterable[tuple[Sequence[str], Sequence[str]]]) -> None:
        """Find the rows of ids. Where nobody has a title, nobody has it with an author either."""
        asked, shared = list(words), set[str]()
        first = {word for proven, likely in asked for word in (*proven, *likely[-1:])}
        self._known = resolve(self.connection, first)
        for _, likely in asked:
            if likely and likely[-1] in self._known:
                shared |= {*likely[:-1]}
        self._known |= resolve(self.connection, shared - first)

    def _noted(self, number: int, proven: Iterable[str], likely: Sequence[str]) -> set[str]:
        """The ids to note of a paper; its title with the author only where the title is not its.

        Of two papers by one author the title is the first one's, and so is that.
        """
        owner = self._now(self._known[likely[-1]]) if likely else number
        if owner == number or any(likely[0] in evidence(one) for one in self._facts(owner)):
            return {*proven, *likely[-1:]}
        return {*proven, *likely}

    def _place(self, paper: Paper, proven: Sequence[str], likely: Sequence[str]) -> int:
        found: list[int] = []
        for word in sorted(proven, key=_worth):
            # Nothing contradicts an arXiv id, unless it is another one that was there first.
            self._take(found, paper, word, is_another if found or _worth(word) else None)
        for word in likely:
            self._take(found, paper, word, contradicts)
        number = self._join(found) if found else next(self._free)
        self.told[number].append(paper)
        for word in (*proven, *likely):
            self._known.setdefault(word, number)
        best = best_key(self.told[number])
        if number > 0 and _take_better_key(self.connection, number, best):
            self.joined.add(number)
        return number

    def _take(
        self,
        found: list[int],
        paper: Paper,
        word: str,
        differ: Callable[[Paper, Paper], bool] | None,
    ) -> None:
        """Add the row of a word, unless the paper or the rows taken so far are another paper."""
        number = self._now(self._known.get(word, 0))
        if not number or number in found:
            return
        mine = [paper, *(one for row in found for one in self._facts(row))]
        if differ and any(differ(one, other) for one in mine for other in self._facts(number)):
            return
        found.append(number)

    def _now(self, number: int) -> int:
        while number in self._moved:
            number = self._moved[number]
        return number

    def _facts(self, number: int) -> list[Paper]:
        """All that is known of a row: as it is stored, and what this batch has told so far."""
        if number > 0 and number not in self._stored:
            self._stored[number] = [accounts_of(self.connection, [number])[number][0]]
        return [*self._stored.get(number, ()), *self.told.get(number, ())]

    def _join(self, found: Sequence[int]) -> int:
        """Of several rows that are one paper, the one with the best id; of equals the oldest."""
        if len(found) == 1:
            return found[0]
        stored = {number: self._facts(number)[0].id for number in found if number > 0}
        kept = min(stored, key=lambda number: (_order(stored[number]), number), default=found[0])
        for gone in found:
            if gone == kept:
                continue
            facts = [*self._facts(kept), *self._facts(gone)]
            if gone > 0:
                join(self.connection, kept, gone)
                self.joined.add(kept)
            self.told[kept] += self.told.pop(gone, [])
            self._stored[kept] = facts
            self._moved[gone] = kept
        return kept


def _worth(key: str) -> int:
    return ("arxiv", "doi", "title").index(key.partition(":")[0])


def _order(key: str) -> tuple[int, str]:
    """Best first. Of two title ids none is better, but always the same one is taken."""
    return _worth(key), key if key.startswith("title:") else ""


def _take_better_key(connection: sqlite3.Connection, number: int, key: str) -> bool:
    """A paper that was known by its title or DOI goes by a better id from now on."""
    old = connection.execute("SELECT key FROM papers WHERE id = ?", (number,)).fetchone()[0]
    if _order(key) >= _order(old):
        return False
    aliases.drop(connection, key)
    connection.execute("UPDATE papers SET key = ? WHERE id = ?", (key, number))
    aliases.move(connection, old, number)
    return True


def is_another(one: Paper, other: Paper) -> bool:
    """Whether two papers are proven to be different ones, whatever else they share."""
    return bool(one.arxiv_id and other.arxiv_id) and one.arxiv_id != other.arxiv_id


def contradicts(one: Paper, other: Paper) -> bool:
    """Whether two papers of the same title are proven to be different ones."""
    if one.authors and other.authors and _first_name(one) != _first_name(other):
        return True
    if one.arxiv_id and other.arxiv_id:
        return one.arxiv_id != other.arxiv_id
    if one.arxiv_id or other.arxiv_id:
        return False  # a preprint and its published version
    return bool(one.doi and other.doi and one.doi.lower() != other.doi.lower())


def _first_name(paper: Paper) -> str:
    """The first author's last name, as far as spellings of it agree."""
    name = paper.authors[0]
    end = name.rpartition(" ")[2].lower()
    if name.isascii() and end.isalpha() and end not in _SUFFIXES and "," not in name:
        return end  # the same, in a fifth of the time
    words = name.replace(",", " , ").split()
    words = [word for word in words if normalise_title(word) not in _SUFFIXES] or words
    last = words[words.index(",") - 1] if "," in words[1:] else words[-1] if words else ""
    return normalise_title(last)


def join(connection: sqlite3.Connection, kept: int, gone: int) -> None:
    """Give everything of one row to another, and leave its ids behind as aliases.

    Listings, counts, accounts, tags, notes and marks are united. The caller merges the description
    anew, and holds the write transaction and the guard of the index.
    """
    both = {"kept": kept, "gone": gone}
    for table in _BELONGINGS:
        connection.execute(
            f"UPDATE OR IGNORE {table} SET paper_id = :kept WHERE paper_id = :gone", both
        )
    _join_accounts(connection, both)
    _join_reading(connection, both)
    aliases.give(connection, kept, gone)
    key = connection.execute("SELECT key FROM papers WHERE id = :gone", both).fetchone()[0]
    connection.execute(
        "UPDATE papers SET first_seen_at = min(first_seen_at,"
        " (SELECT first_seen_at FROM papers WHERE id = :gone)) WHERE id = :kept",
        both,
    )
    indexing.take_out(connection, [gone])
    connection.execute("DELETE FROM papers WHERE id = :gone", both)
    aliases.move(connection, key, kept)


def _join_accounts(connection: sqlite3.Connection, both: Mapping[str, int]) -> None:
    """Of two accounts of one source the later speaks first, and the earlier where that is silent.

    What is spelt "as in papers" is spelt out before, because the rows differ.
    """
    known = accounts_of(connection, list(both.values()))
    told: dict[int, list[tuple[int, str, Paper]]] = defaultdict(list)
    for number, source, at in connection.execute(
        "DELETE FROM accounts WHERE paper_id IN (:kept, :gone) RETURNING paper_id, source, said_at",
        both,
    ).fetchall():
        said = known[number][1][SOURCES[source]]
        told[source].append((said.version or 0, at, said))
    merged = known[both["kept"]][0]
    for source, words in told.items():
        words.sort(key=lambda word: word[:2], reverse=True)
        said = together([word[2] for word in words])
        row = (both["kept"], source, rows.account_to_said(said, merged), max(w[1] for w in words))
        connection.execute("INSERT INTO accounts VALUES (?, ?, ?, ?)", row)


def _join_reading(connection: sqlite3.Connection, both: Mapping[str, int]) -> None:
    """The earlier of two marks counts; two notes are kept one below the other."""
    connection.execute(
        "INSERT INTO reading (paper_id, saved_at, read_at, hidden_at, seen_at, note)"
        " SELECT :kept, saved_at, read_at, hidden_at, seen_at, note FROM reading"
        " WHERE paper_id = :gone"
        " ON CONFLICT (paper_id) DO UPDATE SET"
        " saved_at = min(coalesce(saved_at, excluded.saved_at),"
        "                coalesce(excluded.saved_at, saved_at)),"
        " read_at = min(coalesce(read_at, excluded.read_at), coalesce(excluded.read_at, read_at)),"
        " hidden_at = min(coalesce(hidden_at, excluded.hidden_at),"
        "                 coalesce(excluded.hidden_at, hidden_at)),"
        " seen_at = min(coalesce(seen_at, excluded.seen_at), coalesce(excluded.seen_at, seen_at)),"
        " note = CASE WHEN note = '' THEN excluded.note WHEN excluded.note IN ('', note) THEN note"
        "        ELSE note || char(10) || excluded.note END",
        both,
    )
