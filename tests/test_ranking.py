"""A rank is the sum of what its signals say, the same for the same facts, and says why."""

import random
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import NOW, entry, paper, seen
from hypothesis import given
from hypothesis import strategies as st

from papertrack.config import Config
from papertrack.models import COMMENTS, GITHUB_STARS, UPVOTES, Entry, Listing, Observation, Ranked
from papertrack.ranking import ordered, rank
from papertrack.ranking.expected import GROWTH, Course, Norm, learn
from papertrack.rankings import ORDERS, RANKINGS

WEEK = timedelta(days=7)
TRENDING = asdict(Config().ranking.weights)
NAMES = [name for name in RANKINGS if RANKINGS[name]] + ["trending"]


def ranked(pool: list[Entry], name: str = "trending") -> list[Ranked]:
    return rank(pool, weights=RANKINGS[name] or TRENDING, now=NOW, half_life=WEEK)


def made(
    number: int, votes: list[float], stars: float | None, comments: float | None, age: float
) -> Entry:
    """A paper of so many hours; of several counts each came thirteen hours after the one before."""
    one = paper(f"2604.{number:05}")
    at = NOW - timedelta(hours=age)
    counts: list[Observation] = [
        seen(UPVOTES, value, NOW - timedelta(hours=13 * (len(votes) - 1 - place)))
        for place, value in enumerate(votes)
    ]
    counts += [seen(GITHUB_STARS, stars)] if stars is not None else []
    counts += [seen(COMMENTS, comments)] if comments is not None else []
    return Entry(
        paper=one,
        listings=(
            Listing(paper_id=one.id, source="huggingface", list_date=at.date(), submitted_at=at),
        ),
        observations=tuple(count._replace(paper_id=one.id) for count in counts),
        latest={count.kind: count.value for count in counts},
    )


COUNTS = st.integers(0, 2000)
ENTRIES = st.builds(
    made,
    st.integers(1, 99_999),
    st.lists(COUNTS, max_size=2),
    st.none() | COUNTS,
    st.none() | st.integers(0, 50),
    st.floats(0, 700),
)
POOLS = st.lists(ENTRIES, max_size=6, unique_by=lambda one: one.paper.id)


@given(POOLS, st.sampled_from(NAMES))
def test_the_score_is_the_sum_of_the_points_shown(pool: list[Entry], name: str) -> None:
    for one in ranked(pool, name):
        assert one.score == pytest.approx(sum(part.points for part in one.contributions), abs=1e-9)
        for part in one.contributions:
            assert part.points == pytest.approx(part.value * part.weight, abs=0.0051)
        assert all(0 <= part.value <= 1 for part in one.contributions)
        assert all(part.reason for part in one.contributions)


@given(POOLS, st.sampled_from(NAMES), st.sampled_from(ORDERS), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_the_input(
    pool: list[Entry], name: str, order: str, dice: random.Random
) -> None:
    shuffled = list(pool)
    dice.shuffle(shuffled)

    assert ordered(ranked(shuffled, name), order) == ordered(ranked(pool, name), order)


@given(POOLS, st.sampled_from(NAMES))
def test_ranks_count_from_one_and_scores_fall(pool: list[Entry], name: str) -> None:
    found = ranked(pool, name)
    scores = [one.score or 0.0 for one in found]

    assert [one.rank for one in found] == list(range(1, len(pool) + 1))
    assert scores == sorted(scores, reverse=True)
    assert {one.entry.paper.id for one in found} == {one.paper.id for one in pool}


@given(ENTRIES, POOLS, st.integers(1, 500), st.sampled_from(NAMES))
def test_more_votes_never_lower_a_score(
    one: Entry, others: list[Entry], more: int, name: str
) -> None:
    """Also not where the paper is the best of its pool, and so the measure of all."""
    course = one.course(UPVOTES)
    if not course:
        return
    last = course[-1]._replace(value=course[-1].value + more)
    kept = tuple(seen for seen in one.observations if seen is not course[-1])
    better = replace(one, observations=(*kept, last), latest={**one.latest, UPVOTES: last.value})
    pool = [other for other in others if other.paper.id != one.paper.id]

    def score(of: Entry) -> float:
        found = ranked([of, *pool], name)
        return next(r.score or 0.0 for r in found if r.entry is of)

    assert score(better) >= score(one)


def test_ties_are_broken_by_votes_then_by_date_then_by_id() -> None:
    pool = [entry(paper(f"2604.0000{n}")) for n in (3, 1, 2)]
    newer = entry(paper("2604.00009"), day=NOW.date())
    older = entry(paper("2604.00008"), day=NOW.date() - timedelta(days=1))
    nothing = dict.fromkeys(TRENDING, 0.0)

    def ids(of: list[Entry]) -> list[str]:
        found = rank(of, weights=nothing, now=NOW, half_life=WEEK)
        return [one.entry.paper.arxiv_id[-1] for one in found]

    assert ids(pool) == ["1", "2", "3"]
    assert ids([older, newer]) == ["9", "8"]
    assert ids([entry(paper("2604.00001"), votes=(1,)), older]) == ["8", "1"]


def test_the_list_is_in_the_order_asked_for_and_what_is_not_known_comes_last() -> None:
    pool = [
        entry(paper("2604.00001"), votes=(10, 11), stars=500),
        entry(paper("2604.00002"), votes=(1, 90), comments=3),
        entry(paper("2604.00003"), votes=(), stars=2, comments=9, day=NOW.date() - WEEK),
    ]

    def ids(order: str) -> list[str]:
        found = ordered(ranked(pool), order)
        assert [one.rank for one in found] == [1, 2, 3]
        return [one.entry.paper.arxiv_id[-1] for one in found]

    assert ids("upvotes") == ids("velocity") == ["2", "1", "3"]
    assert ids("stars") == ["1", "3", "2"]
    assert ids("comments") == ["3", "2", "1"]
    assert ids("new")[-1] == "3"
    assert ids("score") == [one.entry.paper.arxiv_id[-1] for one in ranked(pool)]


def test_a_paper_without_any_fact_is_ranked_last_and_says_what_is_missing() -> None:
    bare = Entry(paper=paper("2604.00001"))
    found = ranked([bare, entry(paper("2604.00002"))])

    assert found[1].entry is bare
    assert found[1].score == 0
    assert {part.signal: part.reason for part in found[1].contributions} == {
        "attention": "no votes known",
        "momentum": "no votes known",
        "recency": "on no list",
        "code": "no code known",
        "discussion": "no comments known",
    }


def test_an_empty_pool_is_an_empty_list() -> None:
    assert ranked([]) == []


def reason(of: Entry, signal: str, name: str = "trending") -> str:
    return next(
        part.reason for part in ranked([of], name)[0].contributions if part.signal == signal
    )


def test_a_single_observation_says_so() -> None:
    assert "no second observation yet" in reason(entry(votes=(43,)), "momentum")


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        ("attention", "43 upvotes, 4.5 times what is usual on day 1"),
        ("momentum", "+3 in a day: 3 upvotes a day"),
        ("recency", "listed 10 hours ago"),
        ("code", "1,200 stars"),
        ("discussion", "1 comment, usually its author's"),
    ],
)
def test_each_signal_says_why_in_plain_words(signal: str, words: str) -> None:
    """Listed on a Wednesday at 02:00, with 43 votes at noon and 40 a day before."""
    assert reason(entry(votes=(40, 43), stars=1200, comments=1), signal) == words


def test_code_without_known_stars_says_so() -> None:
    one = entry(paper(code_url="https://github.com/a/b"))

    assert reason(one, "code") == "code, but its stars are not known"


# -- what is normal -------------------------------------------------------------------------


def test_votes_grow_to_all_of_them_within_a_week() -> None:
    shares = [Norm().share_at(hours) for hours in range(200)]

    assert shares == sorted(shares)
    assert shares[0] == 0.02
    assert Norm().share_at(-5) == 0.02
    assert shares[168] == Norm().share_at(10_000) == 1.0


def test_two_votes_in_ten_minutes_are_not_fifty_in_a_week() -> None:
    assert Norm().final(2, 1 / 6) < 50


def test_a_friday_is_told_apart_in_what_is_usual() -> None:
    tuesday, friday = (datetime(2026, 4, day, tzinfo=UTC) for day in (14, 17))

    assert Norm().usual_at(friday, 48) < Norm().usual_at(tuesday, 48)


def test_without_a_history_the_built_in_norm_holds() -> None:
    assert learn([]) == Norm()
    unsettled = Course(NOW, [(3.0, 5.0), (20.0, 9.0)])
    assert learn([unsettled]) == Norm()


def test_a_long_history_outweighs_what_is_built_in() -> None:
    """A thousand papers that have all their 100 votes at once: the curve rises, so does the typical
    count, and the curve never falls."""
    sudden = [Course(NOW, [(hours, 100.0) for hours, _ in GROWTH]) for _ in range(1000)]
    norm = learn(sudden)

    assert norm.typical_final > 90
    assert norm.share_at(3) > 0.95
    shares = [share for _, share in norm.growth]
    assert shares == sorted(shares)
    assert shares[-1] <= 1.0
