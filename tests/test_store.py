"""The store remembers what sources said: once, in order, whole or not at all."""

import json
import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import builders
import pytest
from builders import NOW, SOURCE, paper, seen
from hypothesis import given
from hypothesis import strategies as st

import papertrack.store.migrations  # noqa: F401  (loaded while we may still read files)
from papertrack.errors import (
    PaperNotFoundError,
    SourceBusyError,
    SourceUnavailableError,
    StoreError,
)
from papertrack.models import (
    COMMENTS,
    GITHUB_STARS,
    UPVOTES,
    Entry,
    Listing,
    Observation,
    Paper,
    Window,
)
from papertrack.reports import Batch, Counts, SourceReport
from papertrack.store import MEMORY, Store, rows
from papertrack.store.connection import APPLICATION_ID, VERSION, explained

TODAY = NOW.date()
NUMBER = "2604.07413"


def listing(
    number: str = NUMBER, day: date = TODAY, who: str = "akhaliq", hour: int = 2
) -> Listing:
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return Listing(
        paper_id=f"arxiv:{number}", source=SOURCE, list_date=day, submitted_at=at, submitted_by=who
    )


def batch(votes: float = 43, at: datetime = NOW, **more: Any) -> Batch:
    """One paper on today's list with its votes and comments."""
    given: dict[str, Any] = {
        "papers": (paper(abstract="What it says.", published_at=NOW - timedelta(days=5)),),
        "listings": (listing(),),
        "observations": (seen(UPVOTES, votes, at), seen(COMMENTS, 2, at)),
        "lists": (TODAY,),
    }
    return Batch(**given | more)


def known(store: Store, until: datetime = NOW, number: str = NUMBER) -> Entry:
    return store.entries([store.find([f"arxiv:{number}"])[f"arxiv:{number}"]], until)[0]


def dump(store: Store) -> list[str]:
    """Everything that is in the file, but for when lists were read."""
    with closing(sqlite3.connect(store.path)) as connection:
        return [line for line in builders.dump(connection) if 'INTO "lists"' not in line]


def query(store: Store, sql: str) -> list[tuple[Any, ...]]:
    """What somebody with plain sqlite3 sees."""
    with closing(sqlite3.connect(f"file:{store.path}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


# -- what is written ------------------------------------------------------------------------


def test_a_batch_comes_back_as_it_went_in(store: Store) -> None:
    counts = store.add(SOURCE, batch(), NOW)

    entry = known(store)
    assert counts == Counts(papers=1, new=1, listings=1, observations=2, lists=1)
    assert entry.paper == batch().papers[0]
    assert entry.listings == batch().listings
    assert entry.observations == batch().observations
    assert entry.sources == (SOURCE,)
    assert entry.first_seen_at == entry.last_seen_at == NOW


def test_the_same_batch_again_changes_nothing(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)
    before = dump(store)

    counts = store.add(SOURCE, batch(), NOW + timedelta(minutes=1))

    assert counts == Counts(papers=1, lists=1)
    assert dump(store) == before


def test_a_count_that_stands_still_is_noted_again_after_six_hours(store: Store) -> None:
    for hours in (0, 5, 6, 11, 12):
        at = NOW + timedelta(hours=hours)
        store.add(SOURCE, batch(at=at), at)

    votes = query(store, "SELECT observed_at FROM observation_list WHERE kind = 'upvotes'")
    assert [at[11:13] for (at,) in votes] == ["12", "18", "00"]


@pytest.mark.parametrize("votes", [44, 42])
def test_a_count_that_moves_is_noted_at_once_up_or_down(store: Store, votes: float) -> None:
    store.add(SOURCE, batch(), NOW)

    later = NOW + timedelta(minutes=1)
    counts = store.add(SOURCE, batch(votes, later), later)

    assert counts.observations == 1
    assert known(store, later).latest[UPVOTES] == votes


def test_a_list_that_is_not_modified_repeats_its_counts_after_six_hours(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)
    unmoved = Batch(unchanged=(TODAY,))

    assert store.add(SOURCE, unmoved, NOW + timedelta(hours=5)).observations == 0
    assert store.add(SOURCE, unmoved, NOW + timedelta(hours=6)) == Counts(
        observations=2, unchanged=1
    )
    assert known(store, NOW + timedelta(hours=6)).last_seen_at == NOW + timedelta(hours=6)
    assert store.lists_read(SOURCE) == {TODAY: NOW + timedelta(hours=6)}


def test_an_old_list_does_not_speak_for_a_paper_that_moved_to_a_later_one(store: Store) -> None:
    yesterday = TODAY - timedelta(days=1)
    store.add(SOURCE, batch(listings=(listing(day=yesterday),), lists=(yesterday,)), NOW)
    later = NOW + timedelta(hours=7)

    store.add(SOURCE, batch(lists=(), observations=()), later)

    assert store.add(SOURCE, Batch(unchanged=(yesterday,)), later).observations == 0
    assert store.add(SOURCE, Batch(unchanged=(TODAY,)), later).observations == 2


def test_a_paper_that_is_listed_again_is_on_both_days(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)
    tomorrow = TODAY + timedelta(days=1)
    store.add(SOURCE, batch(listings=(listing(day=tomorrow, who="grace"),)), NOW)

    found = known(store, NOW + timedelta(days=2)).listings
    assert [(one.list_date, one.submitted_by) for one in found] == [
        (TODAY, "akhaliq"),
        (tomorrow, "grace"),
    ]


def test_a_description_that_moves_is_counted_as_changed(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)

    counts = store.add(SOURCE, batch(papers=(paper(title="Better"),)), NOW)

    assert (counts.new, counts.changed) == (0, 1)
    assert known(store).paper.title == "Better"


def test_fractions_of_a_second_are_no_change(store: Store) -> None:
    fine = paper(published_at=NOW.replace(microsecond=123_456))

    assert store.add(SOURCE, batch(papers=(fine,)), NOW).changed == 0
    assert store.add(SOURCE, batch(papers=(fine,)), NOW).changed == 0


def test_a_count_of_a_known_paper_needs_no_description_of_it(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)

    stars = Observation(
        paper_id=f"arxiv:{NUMBER}", source="github", kind=GITHUB_STARS, value=7, observed_at=NOW
    )
    assert store.add("github", Batch(observations=(stars,)), NOW).observations == 1
    assert known(store).latest[GITHUB_STARS] == 7


def test_what_is_said_of_an_unknown_paper_is_left_out(store: Store) -> None:
    assert store.add(SOURCE, batch(papers=()), NOW) == Counts(lists=1)


def test_a_batch_that_cannot_be_stored_leaves_nothing_behind(store: Store) -> None:
    """Papers are written before observations; the second kind is none that the store knows."""
    with pytest.raises(KeyError):
        store.add(SOURCE, batch(observations=(seen("nonsense", 1),)), NOW)

    assert store.is_empty()
    assert store.add(SOURCE, batch(), NOW).new == 1


def test_a_commit_that_fails_does_not_lock_the_store(store: Store) -> None:

    def tag_no_paper() -> None:
        with store._writing() as connection:
            connection.execute("PRAGMA defer_foreign_keys=ON")
            connection.execute("INSERT INTO tags VALUES (99, 'of no paper')")

    with pytest.raises(sqlite3.IntegrityError):
        tag_no_paper()

    assert store.add(SOURCE, batch(), NOW).new == 1


def test_a_broken_rule_of_the_schema_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError), explained("x.db"):
        raise sqlite3.IntegrityError("UNIQUE constraint failed")


def test_state_comes_back_to_its_source_only(store: Store) -> None:
    store.add(SOURCE, Batch(state={"/list": "etag-1", "/other": "x"}), NOW)
    store.add(SOURCE, Batch(state={"/list": "etag-2"}), NOW)

    assert store.state(SOURCE) == {"/list": "etag-2", "/other": "x"}
    assert store.state("arxiv") == {}


def test_a_list_holds_each_paper_once_also_when_two_pages_overlap(store: Store) -> None:
    store.add(SOURCE, batch(listings=(listing(), listing())), NOW)

    assert query(store, "SELECT list_date, papers FROM lists") == [(TODAY.isoformat(), 1)]


def test_reading_connections_cannot_write(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store._connection.execute("DELETE FROM papers")


# -- row ids --------------------------------------------------------------------------------


def test_row_ids_sort_by_date_whatever_came_first(store: Store) -> None:
    days = [datetime(2026, 4, day, tzinfo=UTC) for day in (9, 3, 12, 1)]
    papers = tuple(paper(f"2604.0000{n}", published_at=at) for n, at in enumerate(days))
    store.add(SOURCE, Batch(papers=papers), NOW)

    by_row = query(store, "SELECT substr(published_at, 9, 2) FROM papers ORDER BY id")
    assert by_row == [("01",), ("03",), ("09",), ("12",)]


def test_a_day_that_is_full_borrows_from_the_next(store: Store) -> None:
    """16,384 papers fit a day; the next two of it come after them, and nothing collides."""
    day = datetime(2026, 4, 9, tzinfo=UTC)
    store.add(SOURCE, Batch(papers=(paper("2604.00001", published_at=day),)), NOW)
    first = store.find(["arxiv:2604.00001"])["arxiv:2604.00001"]
    with store._writing() as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 16383)"
            " INSERT INTO papers (id, key, title, first_seen_at)"
            " SELECT ? + i, 'doi:10.1/' || i, 't', '2026-04-15T12:00:00Z' FROM n",
            [first],
        )

    late = [paper(f"2604.0000{n}", published_at=day) for n in (2, 3)]
    store.add(SOURCE, Batch(papers=tuple(late)), NOW)

    found = store.find([one.id for one in late])
    assert sorted(found.values()) == [first + 16384, first + 16385]


# -- several sources ------------------------------------------------------------------------


def test_each_source_keeps_its_words_and_the_better_one_is_shown(store: Store) -> None:
    store.add(SOURCE, batch(papers=(paper(title="From HF", code_url="https://g/a"),)), NOW)
    store.add("arxiv", Batch(papers=(paper(title="From arXiv", code_url="https://g/b"),)), NOW)

    entry = known(store)
    assert (entry.paper.title, entry.paper.code_url) == ("From arXiv", "https://g/a")
    assert entry.sources == (SOURCE, "arxiv")
    said = dict(query(store, "SELECT name, said FROM accounts JOIN sources ON id = source"))
    assert json.loads(said[SOURCE])["title"] == "From HF"
    assert json.loads(said["arxiv"])["title"] is None  # as in papers


def test_words_of_a_source_survive_what_others_say_later(store: Store) -> None:
    """Null means "as in papers"; when that moves, what was meant by it must not."""
    store.add(SOURCE, batch(papers=(paper(title="From HF"),)), NOW)
    store.add("arxiv", Batch(papers=(paper(title="From arXiv"),)), NOW)
    store.add("arxiv", Batch(papers=(paper(title=""),)), NOW)

    assert known(store).paper.title == "From HF"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
MOMENTS = st.none() | st.datetimes(
    datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
).map(lambda at: at.replace(microsecond=0))
PAPERS = st.builds(
    Paper,
    id=st.just("arxiv:2604.07413"),
    title=TEXT,
    abstract=TEXT,
    authors=st.lists(TEXT, max_size=2).map(tuple),
    keywords=st.lists(TEXT, max_size=2).map(tuple),
    published_at=MOMENTS,
    updated_at=MOMENTS,
    version=st.none() | st.integers(1, 9),
    withdrawn=st.booleans(),
)


@given(account=PAPERS, merged=PAPERS)
def test_an_account_round_trips_beside_any_merged_paper(account: Paper, merged: Paper) -> None:
    said = rows.account_to_said(account, merged)

    assert rows.account_from_said(said, merged) == account


@given(one=PAPERS)
def test_a_paper_round_trips_through_its_row(one: Paper) -> None:
    assert rows.paper_from_row(rows.paper_to_row(one)) == one


def test_of_two_sources_that_count_the_same_the_later_word_holds(store: Store) -> None:
    other = Observation(
        paper_id=f"arxiv:{NUMBER}",
        source="paperswithcode",
        kind=UPVOTES,
        value=7,
        observed_at=NOW + timedelta(hours=1),
    )
    store.add(SOURCE, batch(observations=(seen(UPVOTES, 43), other)), NOW)

    assert known(store).latest[UPVOTES] == 43
    assert known(store, NOW + timedelta(hours=1)).latest[UPVOTES] == 7


# -- what is read ---------------------------------------------------------------------------


def test_an_entry_shows_only_what_was_known_by_then(store: Store) -> None:
    for day, votes in enumerate((10, 30, 50)):
        at = NOW + timedelta(days=day)
        again = listing(day=at.date())
        store.add(SOURCE, batch(votes, at, listings=(again,)), at)

    then = known(store, NOW + timedelta(days=1))
    assert then.latest[UPVOTES] == 30
    assert [one.list_date.day for one in then.listings] == [15, 16]
    assert then.last_seen_at == NOW + timedelta(days=1)
    assert known(store, NOW - timedelta(hours=1)).latest == {}


@pytest.mark.parametrize(
    ("hours", "marks"),
    [
        ((0,), [0]),
        ((0, 3), [3]),  # nothing lies far enough back
        ((0, 3, 9), [3, 9]),  # the last one that lies five hours back
        ((0, 3, 15, 24), [3, 15, 24]),  # and the last one that lies twenty
        ((0, 8, 12), [0, 12]),
        ((0, 30, 60), [30, 60]),
    ],
)
def test_a_pace_is_measured_from_a_while_and_from_a_day_before(
    store: Store, hours: tuple[int, ...], marks: list[int]
) -> None:
    course = tuple(seen(UPVOTES, 10 + h, NOW + timedelta(hours=h)) for h in hours)
    store.add(SOURCE, batch(observations=course), NOW)

    observed = known(store, NOW + timedelta(days=9)).course(UPVOTES)
    assert [int((one.observed_at - NOW).total_seconds() // 3600) for one in observed] == marks


def test_a_window_is_open_at_its_start_and_closed_at_its_end(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)
    at = listing().listed_at
    second = timedelta(seconds=1)

    assert store.listed(Window(since=at - second, until=at))
    assert not store.listed(Window(since=at, until=NOW))
    assert not store.listed(Window(since=at - second * 2, until=at - second))


def test_where_only_the_day_of_a_list_is_known_it_counts_from_midnight(store: Store) -> None:
    bare = Listing(paper_id=f"arxiv:{NUMBER}", source=SOURCE, list_date=TODAY)
    store.add(SOURCE, batch(listings=(bare,)), NOW)

    assert store.listed(Window(since=NOW - timedelta(hours=13), until=NOW))
    assert not store.listed(Window(since=NOW - timedelta(hours=12), until=NOW))


def test_lists_of_days_are_found_by_day(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)

    assert store.on_lists(SOURCE, TODAY, TODAY)
    assert not store.on_lists(SOURCE, TODAY + timedelta(days=1), TODAY + timedelta(days=2))


def test_more_papers_than_sqlite_takes_variables_are_read(store: Store) -> None:
    many = [paper(f"2604.{n:05}") for n in range(1, 1202)]
    store.add(SOURCE, Batch(papers=tuple(many)), NOW)

    found = store.find([one.id for one in many])
    assert len(found) == 1201
    assert len(store.entries(list(found.values()), NOW)) == 1201


def test_history_and_first_observation_reach_back_to_the_beginning(store: Store) -> None:
    for hours in range(0, 24, 6):
        at = NOW + timedelta(hours=hours)
        store.add(SOURCE, batch(hours, at), at)
    number = store.find([f"arxiv:{NUMBER}"])[f"arxiv:{NUMBER}"]

    votes = [one.value for one in store.history(number) if one.kind == UPVOTES]
    assert votes == [0, 6, 12, 18]
    assert store.first_observed([number]) == NOW
    assert store.first_observed([]) is None


def test_papers_are_marked_as_seen_under_their_ids(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)

    assert store.mark([f"arxiv:{NUMBER}", f"arxiv:{NUMBER}"], "seen", NOW) == 1
    assert known(store).state.seen_at == NOW
    with pytest.raises(PaperNotFoundError, match=r"papertrack show 2604\.99999"):
        store.mark(["arxiv:2604.99999"], "seen", NOW)


def test_a_store_in_memory_is_a_store() -> None:
    with closing(Store(MEMORY)) as store:
        assert store.is_empty()
        store.add(SOURCE, batch(), NOW)
        assert not store.is_empty()


# -- how it fares ---------------------------------------------------------------------------

DEAD = SourceUnavailableError("huggingface.co could not be read.")


def _reports(store: Store, *reports: SourceReport) -> None:
    for number, report in enumerate(reports):
        store.record_run(report, NOW + timedelta(hours=number))


def test_health_tells_the_last_success_and_the_failures_since(store: Store) -> None:
    ok, failed = SourceReport(source=SOURCE), SourceReport(source=SOURCE, error=DEAD)
    _reports(store, failed, ok, failed, failed)

    (health,) = store.health()
    assert health.last_success_at == NOW + timedelta(hours=1)
    assert health.last_error_at == NOW + timedelta(hours=3)
    assert health.failures_in_a_row == 2
    assert health.last_error == str(DEAD)
    assert store.last_failure(SOURCE) == NOW + timedelta(hours=3)


@pytest.mark.parametrize("got", [Counts(lists=1), Counts(unchanged=1), Counts(papers=1)])
def test_a_run_that_brought_something_did_not_fail(store: Store, got: Counts) -> None:
    """Thirteen lists had not moved and one could not be read: that is a part, not nothing."""
    _reports(store, SourceReport(source=SOURCE, counts=got, error=DEAD))

    assert store.last_failure(SOURCE) is None
    assert store.health()[0].failures_in_a_row == 0


def test_health_tells_when_a_service_may_be_asked_again(store: Store) -> None:
    busy = SourceBusyError("slow down", retry_at=NOW + timedelta(minutes=5))
    _reports(store, SourceReport(source=SOURCE, error=busy))

    assert store.health()[0].retry_at == NOW + timedelta(minutes=5)


def test_stats_are_the_store_in_numbers(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)

    stats = store.stats()
    assert (stats.papers, stats.observations, stats.listings, stats.lists) == (1, 2, 1, 1)
    assert (stats.first_list, stats.last_list) == ("2026-04-15", "2026-04-15")
    assert stats.bytes % 8192 == 0


# -- the file -------------------------------------------------------------------------------


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_are_the_owners_own_and_so_are_the_folders_made_for_them(tmp_path: Path) -> None:
    path = tmp_path / "share" / "papertrack" / "papertrack.db"
    with closing(Store(str(path))) as store:
        store.add(SOURCE, batch(), NOW)
        modes = {one.name: _mode(one) for one in path.parent.iterdir()}

    assert modes == dict.fromkeys(
        ("papertrack.db", "papertrack.db-wal", "papertrack.db-shm"), 0o600
    )
    assert _mode(path.parent) == _mode(path.parent.parent) == 0o700


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE cookies (name)")


def _foreign_but_empty(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id=77")


def _foreign_with_a_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=5")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={VERSION + 1}")


def _text(path: Path) -> None:
    path.write_text("Dear diary, today I was not a database. " * 50)


def _damaged(path: Path) -> None:
    """The header is well; what comes after it is noise."""
    Store(str(path)).close()
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 40_000)


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_foreign, "belongs to another program; name another file with --db"),
        (_foreign_but_empty, "belongs to another program"),
        (_foreign_with_a_version, "belongs to another program"),
        (_newer, "was written by a later papertrack; update papertrack"),
        (_text, "is not a papertrack store .*; name another with --db, or move the file away"),
        (
            _damaged,
            "is damaged so much that nothing can be read from it; put a backup in its place, or",
        ),
        (_folder, "is a folder; name a file with --db"),
    ],
)
def test_what_is_no_store_is_refused_with_a_next_step_and_kept(
    tmp_path: Path, spoil: Any, sentence: str
) -> None:
    path = tmp_path / "x.db"
    spoil(path)
    before = path.read_bytes() if path.is_file() else None

    with pytest.raises(StoreError, match=sentence) as caught:
        Store(str(path)).stats()

    assert str(path) in str(caught.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_file_in_the_place_of_a_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="name another file with --db"):
        Store(str(tmp_path / "file" / "x.db"))


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder that everybody may enter and nobody may write to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(Store(str(folder / "old.db"))) as store:
            store.add(SOURCE, batch(), NOW)
        (folder / "old.db").chmod(0o444)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


@contextmanager
def unprivileged() -> Iterator[None]:
    """As somebody whom file modes bind: root is bound by none."""
    was = os.geteuid()
    os.seteuid(was or 65534)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.mark.parametrize("name", ["new.db", "old.db", "folder/new.db"])
def test_a_place_that_cannot_be_written_is_a_sentence_with_a_next_step(
    shelf: Path, name: str
) -> None:
    with (
        unprivileged(),
        pytest.raises(StoreError, match=r"cannot be used: .*; .*name another file with --db"),
        closing(Store(str(shelf / name))) as store,
    ):
        store.add(SOURCE, batch(), NOW)

    assert [one.name for one in shelf.iterdir()] == ["old.db"]


def test_a_store_that_may_only_be_read_is_read_and_nothing_is_left_beside_it(shelf: Path) -> None:
    path = shelf / "old.db"

    with unprivileged(), closing(Store(str(path))) as store:
        assert store.stats().papers == 1
        assert not store.may_be_written()
        assert not list(store.problems())
        with pytest.raises(StoreError, match="readonly database; make it writable"):
            store.mark(["arxiv:2604.07413"], "saved", NOW)

    assert list(shelf.iterdir()) == [path]


def test_what_another_user_is_just_writing_is_seen_by_who_may_only_read(shelf: Path) -> None:
    path = str(shelf / "old.db")

    with closing(Store(path)) as writer:
        writer.add(SOURCE, Batch(papers=(paper("2604.00009"),)), NOW)
        assert Path(f"{path}-wal").stat().st_size
        with unprivileged(), closing(Store(path)) as store:
            assert store.stats().papers == 2


def test_a_journal_that_nobody_can_read_is_never_passed_over(shelf: Path) -> None:
    (shelf / "old.db-wal").write_bytes(b"what was written last")

    with unprivileged(), pytest.raises(StoreError, match="cannot be used"):
        Store(str(shelf / "old.db"))


def test_a_store_that_may_not_even_be_read_is_told_of(shelf: Path) -> None:
    (shelf / "old.db").chmod(0)

    with unprivileged(), pytest.raises(StoreError, match="; have its owner let you read it, or"):
        Store(str(shelf / "old.db"))


# -- for people with sqlite3 ----------------------------------------------------------------


def test_the_views_answer_plain_sqlite3(store: Store) -> None:
    store.add(SOURCE, batch(), NOW)
    store.add(SOURCE, batch(50, NOW + timedelta(days=1)), NOW + timedelta(days=1))

    assert query(
        store, "SELECT list_date, paper, submitted_by, upvotes, comments, url FROM daily_papers"
    ) == [
        (
            "2026-04-15",
            "arxiv:2604.07413",
            "akhaliq",
            50,
            2,
            "https://arxiv.org/abs/2604.07413",
        )
    ]
    assert query(store, "SELECT kind, value FROM latest_counts") == [
        ("upvotes", 50),
        ("comments", 2),
    ]
    assert query(
        store, "SELECT source, value, observed_at FROM observation_list WHERE kind = 'upvotes'"
    ) == [
        (SOURCE, 43, "2026-04-15T12:00:00Z"),
        (SOURCE, 50, "2026-04-16T12:00:00Z"),
    ]


def test_a_listed_paper_without_arxiv_id_links_to_its_own_page(store: Store) -> None:
    other = Paper(id="doi:10.1101/a", doi="10.1101/a", title="t", url="https://bio.example/a")
    on_list = Listing(paper_id=other.id, source=SOURCE, list_date=TODAY)
    store.add(SOURCE, Batch(papers=(other,), listings=(on_list,)), NOW)

    assert query(store, "SELECT url FROM daily_papers") == [("https://bio.example/a",)]
