"""The bundled sample keeps what `--demo` promises: real facts, our summaries, one fixed week."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from papertrack import demo, identifiers
from papertrack.models import GITHUB_STARS, KINDS, UPVOTES
from papertrack.reports import Batch

WEEK = tuple(date(2026, 4, day) for day in range(13, 18))


@pytest.fixture(scope="module")
def sample() -> Batch:
    return demo.load()[1]


def _values(sample: Batch, kind: str) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {paper.id: [] for paper in sample.papers}
    for seen in sample.observations:
        if seen.kind == kind:
            values[seen.paper_id].append(seen.value)
    return values


def test_the_week_has_about_forty_papers_over_five_list_days(sample: Batch) -> None:
    per_day = Counter(listing.list_date for listing in sample.listings)

    assert sample.lists == WEEK
    assert 36 <= len(sample.papers) <= 44
    assert all(per_day[day] >= 6 for day in WEEK)


def test_every_paper_is_on_a_list_of_the_week(sample: Batch) -> None:
    listed = {entry.paper_id for entry in sample.listings if entry.list_date in WEEK}

    assert listed == {paper.id for paper in sample.papers}


def test_listings_carry_the_day_and_the_name_of_the_submission(sample: Batch) -> None:
    for listing in sample.listings:
        assert listing.submitted_at is not None
        assert listing.submitted_at.date() == listing.list_date
        assert listing.submitted_by


def test_ids_are_unique_and_what_users_type(sample: Batch) -> None:
    ids = [paper.id for paper in sample.papers]

    assert len(set(ids)) == len(ids)
    assert all(identifiers.parse(paper.arxiv_id) == paper.id for paper in sample.papers)


def test_every_paper_has_a_title_on_one_line_and_authors(sample: Batch) -> None:
    for paper in sample.papers:
        assert paper.title == " ".join(paper.title.split())
        assert 1 <= len(paper.authors) <= 30
        assert paper.published_at is not None


def test_every_abstract_is_one_short_sentence(sample: Batch) -> None:
    for paper in sample.papers:
        assert 15 <= len(paper.abstract.split()) <= 40
        assert paper.abstract.endswith(".")
        assert ". " not in paper.abstract


def test_every_paper_has_votes_and_most_have_a_course(sample: Batch) -> None:
    votes = _values(sample, UPVOTES)

    assert all(votes.values())
    assert sum(len(seen) >= 2 for seen in votes.values()) > len(votes) / 2


def test_no_series_is_longer_than_six_or_out_of_order(sample: Batch) -> None:
    for paper in sample.papers:
        for kind in KINDS:
            seen = [o for o in sample.observations if (o.paper_id, o.kind) == (paper.id, kind)]
            moments = [o.observed_at for o in seen]
            assert moments == sorted(set(moments))
            assert len(moments) <= 6


def test_nothing_is_known_before_it_happened() -> None:
    now, sample = demo.load()

    assert now == datetime(2026, 4, 17, 20, tzinfo=UTC)
    assert all(seen.observed_at <= now for seen in sample.observations)
    assert all(listing.listed_at <= now for listing in sample.listings)


def test_every_observation_counts_something_the_store_knows(sample: Batch) -> None:
    assert {seen.kind for seen in sample.observations} <= set(KINDS)
    assert all(seen.value >= 0 for seen in sample.observations)


def test_the_choice_is_varied(sample: Batch) -> None:
    last_votes = [seen[-1] for seen in _values(sample, UPVOTES).values()]
    stars = _values(sample, GITHUB_STARS).values()

    assert min(last_votes) <= 3
    assert max(last_votes) >= 100
    assert any(len(set(seen)) > 1 for seen in stars)
    assert 0 < sum(bool(paper.code_url) for paper in sample.papers) < len(sample.papers)
    assert any("^{" in paper.title for paper in sample.papers)


def test_loading_is_deterministic() -> None:
    assert demo.load() == demo.load()
