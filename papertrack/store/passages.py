"""Where papers say what a question asks for: the words as they spell them, and a piece of text."""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from papertrack.querying import TEXT_FIELDS, Query
from papertrack.store import few, remarks
from papertrack.store.plans import any_of

#: So many words of the abstract are shown.
LENGTH = 24
_START, _END = "\x02", "\x03"
_MARKED = re.compile(f"{_START}([^{_START}{_END}]*){_END}")


@dataclass(frozen=True)
class Passage:
    """What of a paper was found: words of its title, abstract, authors, note; and tags it has."""

    title: tuple[str, ...] = ()  # in lower case, as those of abstract, authors and note
    abstract: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    note: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    snippet: str = ""  # of the abstract, where it holds any


def passages(
    connection: sqlite3.Connection, query: Query, numbers: Sequence[int]
) -> dict[int, Passage]:
    """The passage of each of these papers; there is none where nothing was found in its text."""
    found = _in_texts(connection, query, numbers)
    for number, (note, tags) in remarks.matched(connection, query, numbers).items():
        found[number] = replace(found.get(number, Passage()), note=note, tags=tags)
    return found


def _in_texts(
    connection: sqlite3.Connection, query: Query, numbers: Sequence[int]
) -> dict[int, Passage]:
    said = (term for term in query.required if term.field in ("", *TEXT_FIELDS))
    expression = any_of((*query.words, *query.also, *said))
    if not expression:
        return {}
    with few.indexed(connection, numbers) as memory:
        found = memory.execute(
            "SELECT rowid, highlight(some, 0, ?1, ?2), highlight(some, 1, ?1, ?2),"
            " highlight(some, 2, ?1, ?2),"
            " snippet(some, 1, ?1, ?2, '…', ?3) FROM some WHERE some MATCH ?4",
            (_START, _END, LENGTH, expression),
        )
        return {number: _passage(*said) for number, *said in found}


def _passage(title: str, abstract: str, authors: str, snippet: str) -> Passage:
    said = _MARKED.search(snippet)
    plain = snippet.replace(_START, "").replace(_END, "")
    return Passage(_words(title), _words(abstract), _words(authors), snippet=plain if said else "")


def _words(marked: str) -> tuple[str, ...]:
    """The words between the marks; neighbours that match stand between one pair of them."""
    return tuple(dict.fromkeys(word.lower() for word in _MARKED.findall(marked)))
