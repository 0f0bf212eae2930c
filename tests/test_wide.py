"""Ranking where too many papers match: which are looked at, and that they are scored as by FTS5."""

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from papertrack import querying
from papertrack.models import Paper
from papertrack.reports import Batch
from papertrack.store import Store, bm25, few, impacts, searching, titles, wide

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVERYWHERE, OFTEN, SELDOM = "learning", "graphs", "entropy"


def written(number: int) -> Paper:
    """A paper with words of the language of a few; the first are in ever fewer of them."""
    drawn = random.Random(number)
    title = [word for word, share in ((EVERYWHERE, 0.4), (OFTEN, 0.2)) if drawn.random() < share]
    title += [SELDOM] if number % 20 == 0 else []
    rest = ["a", "proof", "of", "words", "that", "say", "little"]
    words = drawn.choices([EVERYWHERE, OFTEN, *rest], [2, 1, *[10] * 7], k=220)
    return Paper(
        id=f"arxiv:2604.{number:05}",
        arxiv_id=f"2604.{number:05}",
        title=" ".join([*title, f"number{number}"]),
        abstract=" ".join(words[: drawn.randint(80, 220)]),
        authors=("Ada One",),
        published_at=NOW - timedelta(days=number % 100),
    )


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with closing(Store(":memory:")) as made:
        made.add("arxiv", Batch(papers=tuple(map(written, range(3_000)))), NOW)
        yield made


def ranked(store: Store, typed: str, *, limit: int = 20) -> list[searching.Hit]:
    return searching.search(store._connection, querying.parse(typed), limit)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the store were a thousand times as large."""
    for name, value in {"WIDE": 500, "STRONGEST": 150, "TOGETHER": 100, "NEWEST": 50}.items():
        monkeypatch.setattr(wide, name, value)
    monkeypatch.setattr(wide, "SCORED", 1_500)


@pytest.mark.parametrize(
    "typed", [OFTEN, f"{EVERYWHERE} {OFTEN}", f"{OFTEN} {SELDOM} {EVERYWHERE}"]
)
def test_a_part_holds_nearly_all_of_the_best_and_scores_them_alike(
    store: Store, typed: str, narrow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(titles, "SHARE", 0.0)
    part = ranked(store, typed)
    monkeypatch.setattr(wide, "WIDE", 50_000)
    whole = ranked(store, typed)

    assert not any(hit.exact for hit in part)
    assert all(hit.exact for hit in whole)
    kept = {hit.number for hit in part} & {hit.number for hit in whole}
    assert len(kept) >= 14
    scores = {hit.number: hit.score for hit in whole}
    assert [hit.score for hit in part if hit.number in scores] == pytest.approx(
        [scores[hit.number] for hit in part if hit.number in scores], abs=0.15
    )  # how many papers hold a common word is an estimate


def test_a_few_matches_are_ranked_whole(store: Store) -> None:
    assert all(hit.exact for hit in ranked(store, SELDOM))


@pytest.mark.usefixtures("narrow")
def test_a_few_of_many_are_ranked_whole_too(store: Store) -> None:
    hits = ranked(store, f"{EVERYWHERE} {OFTEN} title:{SELDOM}", limit=200)
    assert all(hit.exact for hit in hits)
    titled = [one for one in store.numbers() if SELDOM in store.entries([one], NOW)[0].paper.title]
    said = f"{EVERYWHERE} OR {OFTEN}"
    assert {hit.number for hit in hits} == few.matching(store._connection, titled, said)


@pytest.mark.usefixtures("narrow")
def test_what_is_asked_for_beside_the_words_holds(store: Store) -> None:
    for hit in ranked(store, f"{EVERYWHERE} -{OFTEN}"):
        entry = store.entries([hit.number], NOW)[0]
        assert OFTEN not in f"{entry.paper.title} {entry.paper.abstract}"


@pytest.mark.usefixtures("narrow")
def test_as_many_are_found_as_are_asked_for(store: Store) -> None:
    assert len(ranked(store, EVERYWHERE, limit=700)) == 700
    assert len(ranked(store, "learn* one", limit=20)) == 20


def test_scores_are_those_of_fts5(store: Store) -> None:
    connection = store._connection
    asked = bm25.question(connection, [SELDOM, "little"])
    true = dict(
        connection.execute(
            f"SELECT rowid, -bm25(papers_fts, {', '.join(map(str, bm25.WEIGHTS.values()))})"
            " FROM papers_fts WHERE papers_fts MATCH ?",
            (f"{SELDOM} OR little",),
        ).fetchall()
    )
    mine = bm25.scores(connection, true, [asked])
    assert asked.of.papers == 3_000
    assert mine == pytest.approx(true, rel=1e-6)


def test_a_common_word_is_estimated_well(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = store._connection
    exact = bm25.count(connection, EVERYWHERE, 10_000)
    monkeypatch.setattr(bm25, "RARE", 100)
    (word,) = bm25.question(connection, [EVERYWHERE]).words
    assert word.papers == pytest.approx(exact, rel=0.1)


def test_the_strongest_come_first(store: Store) -> None:
    found = store._connection.execute(
        "SELECT rowid >> 33 FROM impacts_fts WHERE impacts_fts MATCH ? ORDER BY rowid", (OFTEN,)
    ).fetchall()
    levels = [level for (level,) in found]
    assert len(set(levels)) > 3
    assert levels == sorted(levels)
    assert impacts.worth(0) < 2.2
    assert all(one > other for one, other in pairwise(map(impacts.worth, range(16))))


def test_an_index_that_is_built_anew_finds_the_same(store: Store) -> None:
    query = "SELECT rowid FROM impacts_fts WHERE impacts_fts MATCH ? ORDER BY rowid"
    before = store._connection.execute(query, (OFTEN,)).fetchall()
    with store._writing() as connection:
        impacts.rebuild(connection)
    assert store._connection.execute(query, (OFTEN,)).fetchall() == before


def test_a_paper_that_is_gone_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide, "WIDE", 3)
    with closing(Store(":memory:")) as made:
        made.add("arxiv", Batch(papers=tuple(map(written, range(50)))), NOW)
        first = ranked(made, EVERYWHERE)[0].number
        with made._writing() as connection:
            connection.execute("DELETE FROM papers WHERE id = ?", (first,))
        found = ranked(made, EVERYWHERE)
        assert found
        assert first not in {hit.number for hit in found}
