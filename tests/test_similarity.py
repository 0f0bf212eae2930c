"""Likeness as numbers: what is counted, what is learned, and what a taste finds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from builders import paper

from papertrack.models import Paper
from papertrack.similarity import plain, terms
from papertrack.similarity.basis import basis, product, transposed
from papertrack.similarity.compare import Comparison
from papertrack.similarity.model import Model, from_arrays, learn, to_arrays
from papertrack.similarity.taste import ONE_TOPIC, alike, taste
from papertrack.similarity.words import spelt, stem, telling
from papertrack.similarity.words import terms as terms_of

WORLDS = {
    "agent": "an agent uses tools and plans its steps with memory of earlier tasks",
    "protein": "protein folding predicts structure of molecules in the cell",
    "video": "video diffusion generates frames of motion with a camera path",
    "law": "legal judges read contracts and courts decide appeals on statutes",
}


def many(each: int = 12) -> list[Paper]:
    """Papers of four worlds in turn, each with words of its own and one that is nobody else's."""
    found = []
    for number in range(each):
        for name, text in WORLDS.items():
            words = text.split()
            turned = words[number % len(words) :] + words[: number % len(words)]
            abstract = " ".join([*turned, f"{name}{number}x", "we show results"])
            found.append(paper(f"2604.{len(found):05}", title=f"On {name}", abstract=abstract))
    return found


def model(papers: list[Paper] | None = None) -> Model:
    return learn(enumerate(papers or many()))


def world(place: int) -> str:
    return list(WORLDS)[place % len(WORLDS)]


# -- words ------------------------------------------------------------------------------------


def test_singular_and_plural_are_one_and_common_words_say_nothing() -> None:
    assert stem("policies") == stem("policy")
    assert telling("The Agents of an agent: Über-café") == ["agent", "agent", "uber", "cafe"]
    assert terms_of("large language models") == [
        *("large", "language", "model"),
        *("large language", "language model"),
    ]


def test_a_reason_spells_its_words_as_the_paper_does_and_none_twice() -> None:
    text = "Policies for language models"
    assert spelt(["language model", "policy", "model"], text, 4) == ["language models", "policies"]


# -- rows and directions ----------------------------------------------------------------------


def test_a_row_weighs_rare_words_more_titles_twice_and_has_length_one() -> None:
    papers = [
        paper(title="alpha", abstract="beta gamma"),
        paper(title="beta", abstract="alpha gamma"),
        paper(title="delta", abstract="gamma"),
        paper(title="delta", abstract="gamma"),
    ]
    known: dict[str, int] = {}
    read = terms.tokens(papers, known, grow=True)
    kept = terms.vocabulary(read, known)
    rows = terms.rows(terms.renumbered(read, known, kept), kept)
    weight = {kept.term(c): w for c, w in zip(rows.columns[:3], rows.weights[:3], strict=True)}
    assert weight["alpha"] > weight["beta"] > weight["gamma"]
    lengths = np.bincount(rows.owners(), rows.weights**2)
    assert lengths == pytest.approx(np.ones(4), abs=1e-6)


def test_pairs_do_not_reach_from_the_title_into_the_abstract() -> None:
    papers = [paper(title="alpha", abstract="beta gamma")] * 2
    kept = model(papers).space.vocabulary
    assert [kept.term(column) for column in range(len(kept))] == [
        *("alpha", "beta", "gamma"),
        "beta gamma",
    ]


def test_at_most_so_many_terms_are_kept_the_most_frequent() -> None:
    known: dict[str, int] = {}
    read = terms.tokens(many(), known, grow=True)
    assert len(terms.vocabulary(read, known, most=5)) <= 5


def test_the_directions_are_those_of_a_singular_value_decomposition() -> None:
    rows, wide = model().papers.rows, len(model().space.vocabulary)
    dense = product(rows, np.eye(wide, dtype=np.float32))
    assert product(transposed(rows, wide), np.eye(len(rows), dtype=np.float32)) == pytest.approx(
        dense.T
    )
    found = basis(rows, wide, 6)
    strengths = np.linalg.svd(dense, compute_uv=False)[:6]
    assert found.variances == pytest.approx(strengths**2 / len(rows), rel=1e-3)
    assert found.directions.T @ found.directions == pytest.approx(np.eye(6), abs=1e-3)


# -- a model ----------------------------------------------------------------------------------


def test_the_same_papers_give_the_same_model() -> None:
    first, second = to_arrays(model()), to_arrays(model())
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_model_survives_being_written_as_arrays() -> None:
    one = model()
    again = from_arrays(to_arrays(one))
    assert again.space.vocabulary.words == one.space.vocabulary.words
    best, before = Comparison.of(again, [0]).best(None), Comparison.of(one, [0]).best(None)
    assert {number for number, _ in best[:12]} == {number for number, _ in before[:12]}


def test_papers_that_come_later_get_their_place_and_those_that_are_gone_lose_it() -> None:
    papers = many()
    late = Comparison.of(model(papers[:40]).with_papers([100], [papers[44]], gone=[0]), [4])
    assert late.model.numbers.tolist() == [*range(1, 40), 100]
    numbers = [number for number, _ in late.best(None)]
    assert world(44) == world(4)
    assert 100 in numbers[:10]
    assert 0 not in numbers


def test_nothing_can_be_learned_from_nothing_and_nothing_breaks() -> None:
    empty = learn([])
    assert len(empty.papers) == 0
    assert Comparison.of(empty, [], [paper(title="agents")]).best(None) == []


def test_a_paper_without_words_is_like_no_other() -> None:
    blank = paper(title="", abstract="")
    one = learn(enumerate([*many(), blank]))
    assert 48 not in [number for number, _ in Comparison.of(one, [0]).best(None)]


# -- a taste ----------------------------------------------------------------------------------


def test_the_nearest_papers_are_of_the_same_world() -> None:
    best = Comparison.of(model(), [1]).best(None)
    assert [world(number) for number, _ in best[:12]] == ["protein"] * 12
    values = [value for _, value in best]
    assert values == sorted(values, reverse=True)
    assert 0 < values[-1] < values[0] < 1


def test_two_interests_are_both_served() -> None:
    best = Comparison.of(model(), [0, 4, 1, 5]).best(None)
    assert {world(number) for number, _ in best[:24]} == {"agent", "protein"}


def test_what_is_hidden_counts_against_its_like() -> None:
    values = dict(Comparison.of(model(), [0, 1]).best(None))
    without = dict(Comparison.of(model(), [0, 1], hidden=[5]).best(None))
    assert without.get(9, 0.0) < values[9]


def test_a_paper_that_is_not_in_the_model_can_be_liked() -> None:
    other = paper("1706.03762", title="Courts", abstract="contracts and statutes before judges")
    best = Comparison.of(model(), [], [other]).best(None)
    assert world(best[0][0]) == "law"


def test_the_more_likes_are_alike_the_more_their_place_counts() -> None:
    one = model()
    same, apart = (one.papers.picked(np.array(places)) for places in ([0, 4, 8], [0, 1, 2]))
    assert alike(same) > ONE_TOPIC > alike(apart)
    assert taste(one, same).weight > taste(one, apart).weight


def test_a_reason_names_the_nearest_like_and_what_is_shared() -> None:
    why = Comparison.of(model(), [0, 1]).why([5, 8])
    assert [why[5][0], why[8][0]] == [1, 0]
    assert any("protein" in term for term in why[5][1])


def test_only_the_papers_of_the_pool_are_compared() -> None:
    assert {number for number, _ in Comparison.of(model(), [0]).best([4, 8, 12])} == {4, 8, 12}


# -- without numpy ----------------------------------------------------------------------------


def test_plain_words_find_the_same_world() -> None:
    papers = many(3)
    found = plain.likeness(papers[2:], papers[:2], [papers[2]])
    by_world: dict[str, list[float]] = {}
    for place, one in enumerate(found, 2):
        by_world.setdefault(world(place), []).append(one.value)
    assert min(by_world["agent"] + by_world["protein"]) > max(by_world["video"] + by_world["law"])
    assert found[2].nearest == 0
    assert "agent" in found[2].shared
    assert all(0 <= one.value <= 1 for one in found)


# -- an embedding model beside it ---------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A model that finds the worlds, of all papers or of some."""

    numbers: np.ndarray

    def picked(self, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        there = np.isin(numbers, self.numbers)
        return np.eye(4)[np.asarray(numbers, int) % 4] * there[:, None], there

    def cosines(self, vector: np.ndarray, numbers: Sequence[int]) -> np.ndarray:
        rows, there = self.picked(numbers)
        return np.where(there, rows @ vector, np.nan)


def test_what_an_embedding_model_says_counts_where_it_has_read_nearly_all() -> None:
    learned = model()
    without = Comparison.of(learned, [0]).best(None)
    everything, half = Told(np.arange(48)), Told(np.arange(24))
    assert Comparison.of(learned, [0], read=half).best(None) == without
    told = Comparison.of(learned, [0], read=everything).best(None)
    assert told != without
    assert {world(number) for number, _ in told[:11]} == {"agent"}


def test_likes_that_the_model_has_not_read_are_compared_without_it() -> None:
    learned = model()
    late = Told(np.arange(4, 48))
    assert Comparison.of(learned, [0], read=late).sense is None
    assert Comparison.of(learned, [4], [paper("2604.1"), paper("2604.2")], read=late).sense is None
