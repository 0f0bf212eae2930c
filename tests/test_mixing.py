"""Words and meaning as one score."""

import pytest
from builders import NOW, SOURCE, paper

from papertrack import mixing, searching
from papertrack.errors import ConfigError
from papertrack.querying import parse
from papertrack.reports import Batch
from papertrack.store import Store


def test_what_both_find_is_first_and_each_counts_by_its_weight() -> None:
    found = mixing.mixed({1: 10.0, 2: 8.0}, {2: 0.9, 3: 0.45}, weight=0.4)

    assert found == pytest.approx({1: 0.6, 2: 0.6 * 0.8 + 0.4, 3: 0.2})


def test_a_paper_without_a_vector_counts_by_its_words_alone() -> None:
    assert mixing.mixed({1: 10.0, 2: 5.0}, {}, unknown={1, 2}) == pytest.approx({1: 1.0, 2: 0.5})


def test_of_a_thousand_the_last_is_worth_nothing() -> None:
    many = {number: 10.0 + number for number in range(mixing.DEPTH)}

    assert mixing.mixed(many, {}, weight=0.0)[0] == 0.0


def test_nothing_mixed_with_nothing_is_nothing() -> None:
    assert mixing.mixed({}, {}) == {}


class Cats:
    """Knows that both papers are on cats, the second more than the first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: list[str] = []

    def near(
        self, text: str, numbers: object, most: int
    ) -> tuple[dict[int, float], frozenset[int]]:
        self.asked.append(text)
        numbers = self._store.find(["arxiv:2604.00001", "arxiv:2604.00002"])
        return {numbers["arxiv:2604.00001"]: 0.5, numbers["arxiv:2604.00002"]: 0.9}, frozenset()


@pytest.fixture
def cats(store: Store) -> Cats:
    titles = {
        "2604.00001": "Cats that purr",
        "2604.00002": "Felines of the savanna",
        "2604.00003": "Cats and cats and logic",
    }
    papers = tuple(paper(number, title=title) for number, title in titles.items())
    store.add(SOURCE, Batch(papers=papers), NOW)
    return Cats(store)


def ids(store: Store, typed: str, cats: Cats) -> list[str]:
    _, hits, _ = searching.answer(store, parse(typed), 10, sense=lambda: cats)
    entries = {
        store.find([e.paper.id])[e.paper.id]: e
        for e in store.entries([hit.number for hit in hits], NOW)
    }
    return [entries[hit.number].paper.id[-1] for hit in hits]


def test_a_paper_is_found_by_what_it_means(store: Store, cats: Cats) -> None:
    assert set(ids(store, "cats -logic after:2020", cats)) == {"1", "2"}
    assert cats.asked == ["cats"]


def test_only_what_was_found_by_its_meaning_alone_says_so(store: Store, cats: Cats) -> None:
    found = searching.search(
        store, parse("cats"), searching.Wish(), NOW, lambda pool: [], lambda: cats
    )

    assert {one.entry.paper.title: one.contributions[0].reason for one in found.ranked} == {
        "Cats that purr": "title: cats",
        "Felines of the savanna": "its meaning",
        "Cats and cats and logic": "title: cats",
    }


def test_what_is_required_is_required_of_what_it_means_too(store: Store, cats: Cats) -> None:
    assert "2" not in ids(store, "cats title:cats", cats)
    store.mark(["arxiv:2604.00002"], "hidden", NOW)
    assert "2" not in ids(store, "cats", cats)


def test_who_types_a_title_is_not_asked_what_it_means(store: Store, cats: Cats) -> None:
    assert ids(store, "cats purr", cats)[0] == "1"
    assert cats.asked == []


def test_a_model_that_cannot_be_used_leaves_the_words(store: Store, cats: Cats) -> None:
    def broken(text: str, numbers: object, most: int) -> None:
        raise ConfigError("The model has no weights; name another folder.")

    cats.near = broken  # type: ignore[assignment,method-assign]

    assert set(ids(store, "cats", cats)) == {"1", "3"}
