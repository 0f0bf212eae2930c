"""One paper, one row: what other ids a paper goes by, and how two rows become one.

An arXiv id or a DOI is proof. A title with its first author is strong evidence, taken only where
neither id contradicts it: two papers with different arXiv ids stay two, whatever they are called.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from papertrack.identifiers import from_doi, normalise_title, title_id
from papertrack.models import Paper
from papertrack.store.reading import resolve
from papertrack.store.rows import paper_from_row

#: A shorter title ("0", "Editorial") names too many papers to identify one.
SHORTEST_TITLE = 16
#: What belongs to a paper and moves with it. Where both rows have it, the kept row's stays.
_BELONGINGS = ("listings", "observations", "tags")


def proofs(paper: Paper) -> list[str]:
    """The ids that prove which paper this is, best first."""
    found = [paper.id] if not paper.id.startswith("title:") else []
    found += [f"arxiv:{paper.arxiv_id}"] if paper.arxiv_id else []
    found += [from_doi(paper.doi)] if paper.doi else []
    found.sort(key=lambda key: not key.startswith("arxiv:"))
    return list(dict.fromkeys(found))


def evidence(paper: Paper) -> list[str]:
    """The id by the title alone, where that is long enough to mean something.

    Authors are compared, not hashed: a list that was copied from a page names none.
    """
    own = [paper.id] if paper.id.startswith("title:") else []
    if len(normalise_title(paper.title)) >= SHORTEST_TITLE:
        own.append(title_id(paper.title))
    return own


def best_key(paper: Paper) -> str:
    """The id that a paper goes by: arXiv's, else a DOI, else that of its title."""
    return next(iter((*proofs(paper), paper.id)))


def identify(
    connection: sqlite3.Connection, papers: Mapping[str, Paper]
) -> tuple[dict[str, int], set[int]]:
    """The rows of the papers that are known, by the given ids; rows that are one are joined.

    Also the rows whose accounts or ids changed by that, and so want to be merged anew.
    """
    others = {key: (proofs(paper), evidence(paper)) for key, paper in papers.items()}
    wanted = {word for proven, likely in others.values() for word in (*proven, *likely)}
    known = resolve(connection, [*papers, *wanted])
    ids: dict[str, int] = {}
    joined: set[int] = set()
    for key, (proven, likely) in others.items():
        rows = list(dict.fromkeys(known[word] for word in (key, *proven) if word in known))
        for number in (known[word] for word in likely if word in known):
            if number not in rows and not contradicts(papers[key], _paper(connection, number)):
                rows.append(number)
        if not rows:
            continue
        kept = _kept(connection, rows)
        for gone in rows:
            if gone != kept:
                join(connection, kept, gone)
                known = {word: kept if row == gone else row for word, row in known.items()}
                ids = {word: kept if row == gone else row for word, row in ids.items()}
                joined.add(kept)
        if _take_better_key(connection, kept, best_key(papers[key])):
            joined.add(kept)
        ids[key] = kept
    return ids, joined


def _paper(connection: sqlite3.Connection, number: int) -> Paper:
    cursor = connection.execute("SELECT * FROM papers WHERE id = ?", (number,))
    names = [column[0] for column in cursor.description]
    return paper_from_row(dict(zip(names, cursor.fetchone(), strict=True)))


def _kept(connection: sqlite3.Connection, rows: Sequence[int]) -> int:
    """Of several rows that are one paper, the one with the best id; of equals the first."""
    if len(rows) == 1:
        return rows[0]
    return min(rows, key=lambda number: (_worth(_paper(connection, number).id), number))


def _worth(key: str) -> int:
    return ("arxiv", "doi", "title").index(key.partition(":")[0])


def _take_better_key(connection: sqlite3.Connection, number: int, key: str) -> bool:
    """A paper that was known by its title or DOI goes by a better id from now on."""
    old = connection.execute("SELECT key FROM papers WHERE id = ?", (number,)).fetchone()[0]
    if old == key or _worth(key) >= _worth(old):
        return False
    connection.execute("DELETE FROM aliases WHERE alias = ?", (key,))
    connection.execute("UPDATE papers SET key = ? WHERE id = ?", (key, number))
    connection.execute("INSERT OR REPLACE INTO aliases VALUES (?, ?)", (old, number))
    return True


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
    words = paper.authors[0].replace(",", " , ").split()
    last = words[words.index(",") - 1] if "," in words[1:] else words[-1] if words else ""
    return normalise_title(last)


def join(connection: sqlite3.Connection, kept: int, gone: int) -> None:
    """Give everything of one row to another, and leave its ids behind as aliases.

    Listings, counts, tags, notes and marks are united; of two accounts of one source the later
    stays. The caller merges the description anew and holds the write transaction.
    """
    both = {"kept": kept, "gone": gone}
    for table in _BELONGINGS:
        connection.execute(
            f"UPDATE OR IGNORE {table} SET paper_id = :kept WHERE paper_id = :gone", both
        )
    connection.execute(
        "DELETE FROM accounts WHERE paper_id = :kept AND EXISTS (SELECT 1 FROM accounts o"
        " WHERE o.paper_id = :gone AND o.source = accounts.source"
        " AND o.said_at > accounts.said_at)",
        both,
    )
    connection.execute(
        "UPDATE OR IGNORE accounts SET paper_id = :kept WHERE paper_id = :gone", both
    )
    _join_reading(connection, both)
    connection.execute("UPDATE aliases SET paper_id = :kept WHERE paper_id = :gone", both)
    key = connection.execute("SELECT key FROM papers WHERE id = :gone", both).fetchone()[0]
    connection.execute(
        "UPDATE papers SET first_seen_at = min(first_seen_at,"
        " (SELECT first_seen_at FROM papers WHERE id = :gone)) WHERE id = :kept",
        both,
    )
    connection.execute("DELETE FROM papers WHERE id = :gone", both)
    connection.execute("INSERT OR REPLACE INTO aliases VALUES (?, ?)", (key, kept))


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


def remember(
    connection: sqlite3.Connection, papers: Mapping[str, Paper], ids: Mapping[str, int]
) -> None:
    """Note the other ids of papers; an id that belongs to another paper already stays there."""
    connection.executemany(
        "INSERT OR IGNORE INTO aliases (alias, paper_id) SELECT ?1, ?2"
        " WHERE NOT EXISTS (SELECT 1 FROM papers WHERE key = ?1)",
        [
            (word, ids[key])
            for key, paper in papers.items()
            for word in (key, *proofs(paper), *evidence(paper))
        ],
    )
