"""How often some papers say a word in any of its forms, without asking the index who else does.

FTS5 tells how often a paper says a word only on its way through every paper that says it. So the
texts are read instead. Of their words those count that begin like the stem and that FTS5's own
tokenizer, in a table in memory, brings to that stem.
"""

import json
import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

_LOWER = bytes(range(128)).lower() + bytes(128)
_WORDS_ALONE = bytes(byte if chr(byte).isalnum() else ord(" ") for byte in _LOWER)
_BETWEEN = re.compile(r"[\W_]+")
#: No form differs from its stem in more than its last two letters ("feasibility", "feasibl"), and
#: from a stem as short as this in more than the last.
_SHORT_STEM = 4


@dataclass(frozen=True)
class Index:
    """A full-text table: what a word weighs in each of its columns, and how it cuts words."""

    name: str
    weights: Mapping[str, float]
    tokenize: str


def said(
    connection: sqlite3.Connection, index: Index, numbers: Iterable[int], words: Iterable[str]
) -> dict[str, dict[int, float]]:
    """How often the papers that say a word say it, weighed by where; of these papers, by word."""
    asked = list(dict.fromkeys(words))
    with closing(_Tokenizer(index.tokenize)) as tokenizer:
        stems = dict(zip(asked, tokenizer.terms(asked), strict=True))
        hits = list(_hits(connection, index, numbers, _beginnings(stems.values())))
        forms = list({form for _, _, form in hits})
        stems_of = dict(zip(forms, tokenizer.terms(forms), strict=True))
    by_stem: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for number, weight, form in hits:
        for stem in stems_of[form]:
            by_stem[stem][number] += weight
    return {word: _sum(by_stem[stem] for stem in some) for word, some in stems.items()}


def _sum(parts: Iterable[Mapping[int, float]]) -> dict[int, float]:
    """Most words have one stem; what Python and FTS5 cut differently may have more, or none."""
    whole: dict[int, float] = defaultdict(float)
    for part in parts:
        for number, often in part.items():
            whole[number] += often
    return whole


def _beginnings(stems: Iterable[Iterable[str]]) -> list[bytes]:
    """What the forms of these stems begin with; no one of them begins like another."""
    cut = {
        stem[: max(1, len(stem) - (1 if len(stem) <= _SHORT_STEM else 2))]
        for some in stems
        for stem in some
    }
    shortest: list[str] = []
    for one in sorted(cut):
        if not shortest or not one.startswith(shortest[-1]):
            shortest.append(one)
    return [one.encode() for one in shortest]


def _hits(
    connection: sqlite3.Connection,
    index: Index,
    numbers: Iterable[int],
    beginnings: Sequence[bytes],
) -> Iterator[tuple[int, float, str]]:
    """(paper, weight of the place, word) wherever a word begins like that."""
    columns = [(name, weight) for name, weight in index.weights.items() if weight]
    rows = connection.execute(
        f"SELECT p.id, {', '.join(name for name, _ in columns)}"
        " FROM json_each(?) CROSS JOIN papers p ON p.id = value",
        (json.dumps(sorted(numbers)),),
    )
    marks = [(b" " + one, one) for one in beginnings]
    for number, *texts in rows:
        for (_, weight), text in zip(columns, texts, strict=True):
            line = spaced(text)
            for mark, beginning in marks:
                for rest in line.split(mark)[1:]:
                    yield number, weight, (beginning + rest.partition(b" ")[0]).decode()


def spaced(text: str) -> bytes:
    """The words of a text as `unicode61` sees them, each with a blank before it."""
    if text.isascii():
        return b" " + text.encode().translate(_WORDS_ALONE)
    apart = unicodedata.normalize("NFD", text.lower())
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return b" " + _BETWEEN.sub(" ", unicodedata.normalize("NFC", bare)).encode()


class _Tokenizer:
    """FTS5's own, asked through a table in memory."""

    def __init__(self, tokenize: str) -> None:
        self._memory = sqlite3.connect(":memory:")
        self._memory.execute(f'CREATE VIRTUAL TABLE some USING fts5(word, tokenize="{tokenize}")')
        self._memory.execute("CREATE VIRTUAL TABLE places USING fts5vocab(some, instance)")

    def terms(self, words: Sequence[str]) -> list[list[str]]:
        """What each word is in the index: mostly one term."""
        self._memory.execute("DELETE FROM some")
        self._memory.executemany("INSERT INTO some (rowid, word) VALUES (?, ?)", enumerate(words))
        found: list[list[str]] = [[] for _ in words]
        for term, place in self._memory.execute("SELECT term, doc FROM places"):
            found[place].append(term)
        return found

    def close(self) -> None:
        self._memory.close()
