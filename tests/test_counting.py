"""How many rows there are, where to count them all would take too long."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from papertrack.models import Paper
from papertrack.render import health as shown
from papertrack.reports import Batch, SourceReport
from papertrack.store import Store, counting

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """Six years of papers, two a day, of which every fourth has a DOI."""
    papers = tuple(
        Paper(
            id=f"arxiv:2604.{number:05}",
            arxiv_id=f"2604.{number:05}",
            doi=f"10.1000/{number}" if number % 4 == 0 else "",
            title=f"On the Number {number} in a Store of Papers",
            published_at=NOW - timedelta(days=number // 2),
        )
        for number in range(4_000)
    )
    with closing(Store(":memory:")) as made:
        made.add("arxiv", Batch(papers=papers), NOW)
        made.add("huggingface", Batch(papers=papers[:50]), NOW)
        for name in ("arxiv", "huggingface"):
            made.record_run(SourceReport(source=name, started_at=NOW, finished_at=NOW), NOW)
        yield made


def test_a_large_store_is_judged_and_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = {one.name: one.rows for one in store.tables()}
    monkeypatch.setattr(counting, "MANY", 1_000)

    judged = {one.name: one for one in store.tables()}

    assert {name for name, one in judged.items() if one.about} == {
        *("accounts", "title_hashes", "other_ids")
    }
    assert judged["papers"].rows == store.stats().papers == 4_000
    assert judged["accounts"].rows == pytest.approx(exact["accounts"], rel=0.02)
    for name in ("title_hashes", "other_ids"):
        assert judged[name].rows == pytest.approx(exact[name], rel=0.02)
    assert {one.name: one.rows for one in store.tables(exact=True)} == exact
    lines = "".join(shown.stats_lines(store.stats(), store.tables()))
    assert "about 4," in lines
    assert "db stats --exact" in lines


def test_what_a_source_said_lately_is_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [(one.papers, one.about) for one in store.health()] == [(50, False), (4_000, False)]
    monkeypatch.setattr(counting, "MANY", 1_000)

    assert [(one.papers, one.about) for one in store.health()] == [(50, True), (4_000, True)]
