"""Counting a word in the texts themselves: it has to come to what FTS5 counts."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.models import Paper
from papertrack.reports import Batch
from papertrack.store import Store, bm25, saying

INDEXES = [bm25.PAPERS, bm25.TITLES]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LETTERS = "abcxyzABCXYZ019äÉñøßçłΑβγДжя深度学习_-'’.,;:!?()[]{}/\\\"$^ \t\n\u0301\u200b"
TEXTS = {
    "Feasibility, usability & mobility": "Feasible? USABLE; mobile. Usabilities of flies that fly",
    "Schrödinger's bridge": "A schrodinger_bridge: Schro\u0308dinger's, SCHRÖDINGERS' bridging",
    "Nets of networks": "net nets netted networked networking network-wide, the internet",
    "C++ and AND": "use, used, using, uses; us, as, ass; relate, relational, relativity",
}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    papers = tuple(
        Paper(id=f"arxiv:2604.0000{n}", title=title, abstract=text, authors=("Wang Fly", "F. Netz"))
        for n, (title, text) in enumerate(TEXTS.items())
    )
    with closing(Store(":memory:")) as made:
        made.add("arxiv", Batch(papers=papers), NOW)
        with made._writing() as connection:
            for index in (bm25.PAPERS.name, bm25.TITLES.name):
                connection.execute(
                    f"CREATE VIRTUAL TABLE temp.in_{index} USING fts5vocab(main, {index}, instance)"
                )
        yield made


@given(st.text(LETTERS, max_size=60))
def test_a_text_is_cut_into_words_as_fts5_cuts_it(text: str) -> None:
    ((terms,),) = saying._terms([bm25.TITLES], [text])
    assert sorted(saying.spaced(text).decode().split()) == sorted(terms)


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
@pytest.mark.parametrize(
    "word",
    [
        *("usability", "use", "us", "fly", "flies", "feasible", "bridge", "schrödinger"),
        *("net", "network", "netting", "relative", "relation", "and", "mobile", "nothing"),
    ],
)
def test_a_word_is_counted_as_fts5_counts_it(store: Store, word: str, index: saying.Index) -> None:
    (((stem,),),) = saying._terms([index], [word])
    places = store._connection.execute(
        f"SELECT doc, col FROM temp.in_{index.name} WHERE term = ?", (stem,)
    )
    true: dict[int, float] = defaultdict(float)
    for number, column in places:
        true[number] += index.weights[column]
    mine = saying.said(store._connection, store.numbers(), [word], INDEXES)
    assert mine[INDEXES.index(index)] == {word: pytest.approx(true)}


def test_a_stem_that_another_begins_like_is_not_counted_twice() -> None:
    assert saying._beginnings([["network"], ["net"], ["netw"]]) == [b"ne"]
    assert saying._beginnings([["feasibl"], ["feasib"]]) == [b"feasi"]
