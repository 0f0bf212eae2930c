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
from functools import lru_cache

_LOWER = bytes(range(128)).lower()
#: Signs to blanks, letters to small ones; what is not ASCII is letters by then.
_WORDS_ALONE = bytes(b if chr(b).isalnum() else ord(" ") for b in _LOWER) + bytes(range(128, 256))
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Index:
    """A full-text table: what a word weighs in each of its columns, and how it cuts words."""

    name: str
    weights: Mapping[str, float]
    tokenize: str


#: By word, and by paper: how often it is said there, weighed by where. Papers that do not, are not.
Said = dict[str, dict[int, float]]


def said(
    connection: sqlite3.Connection,
    numbers: Iterable[int],
    words: Iterable[str],
    indexes: Sequence[Index],
) -> list[Said]:
    """How often some papers say some words as each index would count it.

    Of the indexes the first cuts most off a word.
    """
    asked = list(dict.fromkeys(words))
    columns = _alike(indexes)
    terms = list(_terms(indexes, asked))
    groups = list(columns.values())
    hits = list(_hits(connection, groups, numbers, _beginnings(terms[0])))
    forms = list({form for _, _, form in hits})
    told: list[Said] = []
    for place, terms_of_forms in enumerate(_terms(indexes, forms)):
        weights = [weight[place] for weight in columns]
        often = _counted(hits, weights, dict(zip(forms, terms_of_forms, strict=True)))
        of_words = zip(asked, terms[place], strict=True)
        told.append({word: _sum(often[term] for term in some) for word, some in of_words})
    return told


def _counted(
    hits: Iterable[tuple[int, int, str]],
    weights: Sequence[float],
    terms: Mapping[str, Sequence[str]],
) -> Mapping[str, Mapping[int, float]]:
    """By term, and by paper, the weights of the places where a form of it stands."""
    often: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for number, group, form in hits:
        if weights[group]:
            for term in terms[form]:
                often[term][number] += weights[group]
    return often


def _alike(indexes: Sequence[Index]) -> dict[tuple[float, ...], list[str]]:
    """The columns that weigh something, together where they weigh the same in each index."""
    found: dict[tuple[float, ...], list[str]] = defaultdict(list)
    for name in dict.fromkeys(name for index in indexes for name in index.weights):
        weights = tuple(index.weights.get(name, 0.0) for index in indexes)
        if any(weights):
            found[weights].append(name)
    return found


def _sum(parts: Iterable[Mapping[int, float]]) -> dict[int, float]:
    """Most words have one term; what Python and FTS5 cut differently may have more, or none."""
    whole: dict[int, float] = defaultdict(float)
    for part in parts:
        for number, often in part.items():
            whole[number] += often
    return whole


def _beginnings(stems: Iterable[Iterable[str]]) -> list[bytes]:
    """What the forms of these stems begin with; no one of them begins like another.

    A form may have another letter where its stem ends ("flies", "fli"; "policy", "polici"), and
    two where it ends in "bility" ("feasibl").
    """
    cut = {
        stem[: max(1, len(stem) - (2 if stem.endswith("bl") else 1))]
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
    groups: Sequence[Sequence[str]],
    numbers: Iterable[int],
    beginnings: Sequence[bytes],
) -> Iterator[tuple[int, int, str]]:
    """(paper, group of columns, word) wherever a word begins like that."""
    columns = ", ".join("' '" + "".join(f" || {name} || ' '" for name in one) for one in groups)
    rows = connection.execute(
        f"SELECT p.id, {columns} FROM json_each(?) CROSS JOIN papers p ON p.id = value",
        (json.dumps(sorted(numbers)),),
    )
    marks = [(b" " + one, one) for one in beginnings]
    for number, *texts in rows:
        for group, text in enumerate(texts):
            line = spaced(text)
            for mark, beginning in marks:
                for rest in line.split(mark)[1:]:
                    yield number, group, (beginning + rest.partition(b" ")[0]).decode()


def spaced(text: str) -> bytes:
    """A text with nothing but blanks between its words, as `unicode61` cuts and folds it."""
    if not text.isascii():
        text = _FOREIGN.sub(lambda found: _folded(found[0]), text)
    return text.encode().translate(_WORDS_ALONE)


@lru_cache(maxsize=10_000)
def _folded(letters: str) -> str:
    """Small and without accents; an accent that stands alone belongs to the letter before."""
    apart = unicodedata.normalize("NFD", letters.lower())
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", _SIGNS.sub(" ", bare))


def _terms(indexes: Sequence[Index], words: Sequence[str]) -> Iterator[list[list[str]]]:
    """For each index what each word is in it: mostly one term. FTS5 says, in a table in memory."""
    with closing(sqlite3.connect(":memory:")) as memory:
        for index in indexes:
            memory.execute(f"""CREATE VIRTUAL TABLE {index.name}
                USING fts5(word, content="", tokenize="{index.tokenize}")""")
            memory.execute(f"""CREATE VIRTUAL TABLE in_{index.name}
                USING fts5vocab({index.name}, instance)""")
            memory.executemany(
                f"INSERT INTO {index.name} (rowid, word) VALUES (?, ?)", enumerate(words)
            )
            found: list[list[str]] = [[] for _ in words]
            for term, place in memory.execute(f"SELECT term, doc FROM in_{index.name}"):
                found[place].append(term)
            yield found
