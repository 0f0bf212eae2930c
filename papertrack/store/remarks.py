"""The reader's own words: notes and tags are few, and are read through for every question."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace

from papertrack.matching import fold
from papertrack.querying import Query, Term, words_of

_EACH = """
WITH asked AS MATERIALIZED (SELECT value AS id FROM json_each(?))
SELECT paper_id, 0, note FROM reading WHERE note <> '' AND paper_id IN (SELECT id FROM asked)
UNION ALL SELECT paper_id, 1, tag FROM tags WHERE paper_id IN (SELECT id FROM asked) ORDER BY 1, 3
"""


def found(connection: sqlite3.Connection, query: Query) -> Mapping[int, float]:
    """Papers whose note or tags hold words of the question, and what share of them."""
    wanted = [*query.words, *(term for term in query.required if not term.field)]
    shares = {}
    for number, remarked in _remarks(connection).items() if wanted else ():
        if had := sum(_has(remarked, term) for term in wanted):
            shares[number] = had / len(wanted)
    return shares


def matched(
    connection: sqlite3.Connection, query: Query, numbers: Iterable[int]
) -> dict[int, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Of those of these papers whose note or tags have it: words of the note, and the tags."""
    wanted = [*query.words, *(term for term in query.required if not term.field)]
    named = {term.words[0] for term in query.required if term.field == "tag"}
    found: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for number, is_tag, said in connection.execute(_EACH, (json.dumps(list(numbers)),)):
        spaced = _spaced(said)
        had = tuple(" ".join(term.words).lower() for term in wanted if _has(spaced, term))
        note, tags = found.get(number, ((), ()))
        if is_tag and (had or said.lower() in named):
            found[number] = (note, (*tags, said))
        elif had and not is_tag:
            found[number] = (had, tags)
    return found


def without_what_is_remarked(connection: sqlite3.Connection, query: Query, number: int) -> Query:
    """The question without those required words that the paper's note or tags hold."""
    remarked = _remarks(connection)[number]
    rest = (one for one in query.required if one.field or not _has(remarked, one))
    return replace(query, required=tuple(rest))


def _remarks(connection: sqlite3.Connection) -> dict[int, str]:
    """Note and tags of each paper that has any, as words with a blank on either side."""
    rows = connection.execute(
        "SELECT paper_id, group_concat(said, ' / ') FROM ("
        " SELECT paper_id, note AS said FROM reading WHERE note <> ''"
        " UNION ALL SELECT paper_id, tag FROM tags) GROUP BY paper_id"
    )
    return {number: _spaced(said) for number, said in rows}


def _spaced(said: str) -> str:
    return f" {' '.join(words_of(fold(said)))} "


def _has(remarked: str, term: Term) -> bool:
    words = " ".join(words_of(fold(" ".join(term.words))))
    return f" {words}{'' if term.prefix else ' '}" in remarked
