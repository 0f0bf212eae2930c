"""The store is copied while others write, checked, mended, made smaller, cleared of old papers."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW, SOURCE, TODAY, paper, seen
from program import Home

from papertrack.errors import BusyError, StoreError
from papertrack.models import UPVOTES, Listing, ReaderState
from papertrack.render.health import repaired_lines
from papertrack.reports import Batch
from papertrack.store import Store, checking
from papertrack.store.repair import repair
from papertrack.store.upkeep import backup, indexes, optimize

OLD = date(2023, 5, 4)


def fill(store: Store, papers: int = 200, day: date = TODAY, month: str = "2604") -> None:
    """So many papers on the list of a day, each with two counts."""
    numbers = [f"{month}.{n:05}" for n in range(papers)]
    at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    told = tuple(paper(n, abstract=f"About {n}. " * 40, published_at=at) for n in numbers)
    lists = tuple(
        Listing(paper_id=one.id, source=SOURCE, list_date=day, submitted_at=at) for one in told
    )
    counts = tuple(
        seen(UPVOTES, n + hours, at + timedelta(hours=hours), number)
        for n, number in enumerate(numbers)
        for hours in (1, 25)
    )
    store.add(SOURCE, Batch(papers=told, listings=lists, observations=counts, lists=(day,)), NOW)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(str(tmp_path / "full.db"))) as store:
        fill(store)
        yield store


def ask(path: Path | str, question: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchone()[0]


def spoil(path: str | Path, question: str, values: tuple[object, ...] = ()) -> None:
    """Change a store behind its back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(question, values)


def overwrite(path: str | Path, pages: range) -> None:
    """Noise in these pages, as a bad disk leaves it."""
    body = bytearray(Path(path).read_bytes())
    for page in pages:
        body[page * 8192 : (page + 1) * 8192] = b"\xa5" * 8192
    Path(path).write_bytes(body)


# -- a copy ---------------------------------------------------------------------------------------


def test_a_copy_is_a_store_of_ones_own_with_everything_in_it(full: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    size = backup(full.path, target)

    assert (size, stat.S_IMODE(target.stat().st_mode)) == (target.stat().st_size, 0o600)
    with closing(Store(str(target))) as copy:
        assert copy.stats().papers == 200
        assert copy.problems(full=True) == []
    for pragma in ("application_id", "user_version", "journal_mode", "page_size"):
        assert ask(target, f"PRAGMA {pragma}") == ask(full.path, f"PRAGMA {pragma}")
    assert {one.name for one in tmp_path.iterdir()} >= {"copy.db"}
    assert not list(tmp_path.glob("*.tmp*"))


WRITER = """
import sys
from builders import NOW, SOURCE, paper
from papertrack.reports import Batch
from papertrack.store import Store
store = Store(sys.argv[1])
for n in range(100_000):
    store.add(SOURCE, Batch(papers=tuple(paper(f"2605.{20 * n + k:05}") for k in range(20))), NOW)
    print(n, flush=True)
"""


def test_a_copy_that_is_made_while_another_writes_holds_whole_batches(
    full: Store, tmp_path: Path
) -> None:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, full.path], env=env, stdout=subprocess.PIPE, text=True
    )
    with writer:
        assert writer.stdout
        for n in range(5):
            writer.stdout.readline()
            backup(full.path, tmp_path / f"{n}.db")
        writer.kill()

    sizes = [ask(tmp_path / f"{n}.db", "SELECT count(*) FROM papers") for n in range(5)]
    assert sizes == sorted(sizes)  # type: ignore[type-var]
    assert all(isinstance(one, int) and one > 200 and one % 20 == 0 for one in sizes)
    assert ask(tmp_path / "4.db", "PRAGMA integrity_check") == "ok"


def test_nothing_is_overwritten_unless_it_is_asked_for(full: Store, tmp_path: Path) -> None:
    target = tmp_path / "precious.txt"
    target.write_text("mine")
    with pytest.raises(StoreError, match="is there already; name another file, or add --force"):
        backup(full.path, target)
    assert target.read_text() == "mine"

    backup(full.path, target, force=True)
    assert ask(target, "SELECT count(*) FROM papers") == 200


def test_a_copy_does_not_go_where_it_would_do_harm(full: Store, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(full.path)
    with closing(Store(str(tmp_path / "other.db"))) as other:
        fill(other, 1)
        for target, said in (
            (tmp_path, "is a folder; name a file in it"),
            (Path(full.path), "is the store itself"),
            (link, "is the store itself"),
            (Path("/dev/null"), "is no ordinary file"),
            (Path(other.path), "is a store that is in use"),
            (tmp_path / "no" / "folder.db", "No such file or directory; name another file"),
        ):
            with pytest.raises(StoreError, match=said):
                backup(full.path, target, force=True)
    assert full.stats().papers == 200


# -- looking for damage ---------------------------------------------------------------------------


def test_a_store_that_is_well_has_no_problem(full: Store) -> None:
    assert full.problems() == full.problems(full=True) == []


def test_rows_that_refer_to_nothing_are_found_and_dropped(full: Store) -> None:
    spoil(full.path, "INSERT INTO observations VALUES (7, 0, 0, 1, 1), (7, 0, 0, 2, 1)")

    (found,) = full.problems()
    assert found.where == "rows"
    assert found.said == (
        "In observations 2 rows refer to none of papers; `papertrack db repair` drops what does."
    )
    done = repair(full.path, NOW)
    assert (done.rows, done.kept, done.left) == ({"observations": 2}, "", ())
    assert full.problems() == []
    assert full.stats().papers == 200


def test_what_should_be_json_and_is_not_is_found_and_mended(full: Store) -> None:
    spoil(full.path, "UPDATE papers SET authors = '[' WHERE key = 'arxiv:2604.00003'")

    assert [one.where for one in full.problems()] == ["rows"]
    assert repair(full.path, NOW).rows == {"papers": 1}
    assert full.entries([*full.find(["arxiv:2604.00003"]).values()], NOW)[0].paper.authors == ()


def test_an_index_that_has_lost_a_row_is_built_anew(full: Store) -> None:
    with closing(sqlite3.connect(full.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = sql || ' WHERE 0' WHERE name = 'listings_by_date'"
        )
    spoil(full.path, "DELETE FROM listings WHERE paper_id = (SELECT max(id) FROM papers)")
    with closing(sqlite3.connect(full.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ' WHERE 0', '')"
            " WHERE name = 'listings_by_date'"
        )

    with closing(Store(full.path)) as store:
        assert {one.where for one in store.problems(full=True)} == {"index"}
        done = repair(full.path, NOW)
        assert (done.kept, done.left) == ("", ())
    with closing(Store(full.path)) as store:
        assert store.problems(full=True) == []


@pytest.mark.parametrize("index", ["papers_fts", "titles_fts"])
def test_a_search_index_that_is_damaged_or_out_of_step_is_built_anew(
    full: Store, index: str
) -> None:
    spoil(full.path, f"INSERT INTO {index} ({index}) VALUES ('delete-all')")
    (lost,) = full.problems()
    assert (lost.where, repair(full.path, NOW).left) == ("search", ())

    spoil(full.path, f"UPDATE {index}_data SET block = zeroblob(length(block)) WHERE id > 1")
    (damaged,) = full.problems()
    assert f"The index {index} is wrong" in damaged.said
    assert "`papertrack db repair` rebuilds it" in damaged.said
    assert repair(full.path, NOW).left == ()
    assert full.problems(full=True) == []


# -- mending --------------------------------------------------------------------------------------


def pages_of(path: str | Path, table: str) -> list[int]:
    """The leaves of a table, counted from 0."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(
            "SELECT pageno - 1 FROM dbstat WHERE name = ? AND pagetype = 'leaf'", (table,)
        )
        return [row[0] for row in found]


@pytest.mark.parametrize("table", ["papers", "accounts", "observations", "listings"])
def test_what_lies_beside_the_damage_is_saved_and_the_damaged_file_kept(
    full: Store, tmp_path: Path, table: str
) -> None:
    spoil(
        full.path,
        "INSERT INTO reading (paper_id, saved_at, note) SELECT id, '2026', 'n' FROM papers",
    )
    full.close()
    leaves = pages_of(full.path, table)
    middle = leaves[len(leaves) // 2]
    overwrite(full.path, range(middle, middle + 1))
    damaged = Path(full.path).read_bytes()

    with closing(Store(full.path)) as store:
        problems = store.problems()
    done = repair(full.path, NOW)

    assert "`papertrack db repair` saves what can be read" in problems[0].said
    assert done.left == ()
    assert Path(done.kept).name == "full.db.damaged-20260415T120000Z"
    assert Path(done.kept).read_bytes()[200:] == damaged[200:]
    with closing(Store(full.path)) as store:
        papers = store.stats().papers
        assert store.problems(full=True) == []
        assert (papers == 200) == (table != "papers")
        assert papers > (100 if len(leaves) > 2 else 0)
        assert ask(full.path, "SELECT count(*) FROM reading") == papers
    assert stat.S_IMODE(Path(full.path).stat().st_mode) == 0o600
    assert {one.name for one in tmp_path.iterdir()} == {"full.db", Path(done.kept).name}


def test_where_nothing_can_be_read_the_file_stays_and_the_way_out_is_told(full: Store) -> None:
    full.close()
    whole = Path(full.path).stat().st_size // 8192
    overwrite(full.path, range(1, whole))
    with pytest.raises(StoreError, match="put a backup in its place, or move it away"):
        repair(full.path, NOW)

    assert Path(full.path).stat().st_size == whole * 8192
    assert [one.name for one in Path(full.path).parent.iterdir()] == ["full.db"]


@pytest.mark.parametrize(
    ("spared", "told"),
    [
        (4096, "of 200 rows saved\nRows were lost"),  # the head of the page counts its rows
        (0, "rows saved; how many there had been cannot be read\nRows were lost"),
    ],
)
def test_a_repair_tells_how_many_of_how_many_rows_were_saved(
    full: Store, spared: int, told: str
) -> None:
    spoil(
        full.path,
        "INSERT INTO reading (paper_id, note) SELECT id, printf('%900c', 'n') FROM papers",
    )
    full.close()
    leaf = pages_of(full.path, "reading")[1]
    with open(full.path, "r+b") as file:
        file.seek(leaf * 8192 + spared)
        file.write(b"\xff" * (8192 - spared))

    said = "".join(repaired_lines(repair(full.path, NOW)))

    there = ask(full.path, "SELECT count(*) FROM reading")
    assert "papers         200 of 200 rows saved\n" in said
    assert f"reading        {there} {told}" in said


def test_no_command_sends_to_a_repair_that_can_save_nothing(home: Home) -> None:
    path = home.path / "papertrack.db"
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 40_000)

    for command in ("repair", "check", "stats"):
        code, out, err = run(home, command)
        assert (code, "db repair" in out + err) == (1, False)
        assert "put a backup in its place, or move it away" in " ".join((out + err).split())


def test_nor_where_the_tables_are_there_and_no_paper_is(full: Store) -> None:
    full.close()
    with closing(sqlite3.connect(full.path)) as connection:
        pages = connection.execute("SELECT pageno - 1 FROM dbstat WHERE name = 'papers'").fetchall()
    for (page,) in pages:
        overwrite(full.path, range(page, page + 1))

    way_out = "put a backup in its place, or move it away"
    with closing(Store(full.path)) as store, pytest.raises(StoreError, match=way_out):
        store.papers(["arxiv:2604.00001"])
    with pytest.raises(StoreError, match=way_out):
        repair(full.path, NOW)


def test_a_damaged_store_that_another_run_has_open_is_not_replaced(full: Store) -> None:
    leaves = pages_of(full.path, "papers")
    spoil(full.path, "PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite(full.path, range(leaves[1], leaves[1] + 1))

    with pytest.raises(BusyError, match="try again when it has ended"):
        repair(full.path, NOW, patience=0.2)
    assert [*Path(full.path).parent.glob("*damaged*")] == []


# -- smaller and quicker --------------------------------------------------------------------------


def test_optimizing_gives_free_space_back_where_there_is_much(full: Store) -> None:
    few = optimize(full.path)
    spoil(full.path, "DELETE FROM papers WHERE id % 20")
    spoil(full.path, "DELETE FROM accounts")
    much = optimize(full.path)

    assert (few.vacuumed, much.vacuumed) == (False, True)
    assert much.after < much.before
    assert full.stats().bytes == much.after


def test_stats_tell_rows_and_bytes_of_every_table(full: Store) -> None:
    tables = {one.name: one for one in full.tables()}

    assert (tables["papers"].rows, tables["observations"].rows) == (200, 400)
    assert not {
        name for name in tables for index in indexes(full._connection) if f"{index}_" in name
    }
    if tables["papers"].bytes is not None:
        assert sum(one.bytes or 0 for one in tables.values()) <= full.stats().bytes


# -- old papers -----------------------------------------------------------------------------------

TAUGHT = (NOW - timedelta(days=365)).date()
CUTOFF = date(2024, 4, 15)


@pytest.fixture
def old(full: Store) -> Store:
    """Two hundred papers of this week, and ten of three years ago."""
    fill(full, 10, OLD, "2305")
    return full


def test_what_would_go_is_told_and_nothing_changed(old: Store) -> None:
    plan = old.plan_pruning(CUTOFF, TAUGHT)

    assert (plan.papers, plan.observations, plan.listings, plan.teaching) == (10, 20, 10, 0)
    assert [(one.id, one.day, one.votes) for one in plan.examples][:1] == [
        ("arxiv:2305.00009", OLD, 34)
    ]
    assert old.stats().papers == 210


@pytest.mark.parametrize(
    ("why", "state"),
    [
        ("saved", ReaderState(saved_at=NOW)),
        ("read", ReaderState(read_at=NOW)),
        ("hidden", ReaderState(hidden_at=NOW)),
        ("noted", ReaderState(note="look again")),
        ("tagged", ReaderState(tags=("one",))),
    ],
)
def test_what_a_reader_has_marked_stays(old: Store, why: str, state: ReaderState) -> None:
    old.set_states({"arxiv:2305.00004": state, "arxiv:2305.00005": ReaderState(seen_at=NOW)})
    plan = old.plan_pruning(CUTOFF, TAUGHT)
    gone = old.prune(plan)

    assert (plan.papers, gone) == (9, 9)
    assert {name: count for name, count in plan.kept.items() if count} == {why: 1}
    assert [*old.find([f"arxiv:2305.0000{n}" for n in range(10)])] == ["arxiv:2305.00004"]
    assert old.problems(full=True) == []


def test_what_came_from_a_file_or_onto_a_list_since_stays(old: Store) -> None:
    old.add("import", Batch(papers=(paper("2305.00001"),)), NOW)
    again = Listing(paper_id="arxiv:2305.00002", source=SOURCE, list_date=TODAY)
    old.add(SOURCE, Batch(listings=(again,)), NOW)
    old.prune(old.plan_pruning(CUTOFF, TAUGHT))

    assert [*old.find([f"arxiv:2305.0000{n}" for n in range(10)])] == [
        "arxiv:2305.00001",
        "arxiv:2305.00002",
    ]


def test_what_was_mailed_stays_so_that_it_is_not_mailed_again(old: Store) -> None:
    number = old.find(["arxiv:2305.00003"])["arxiv:2305.00003"]
    spoil(
        old.path,
        "INSERT INTO issues (digest, period, opened_at, host) VALUES ('d', 'p', '2023', 'h')",
    )
    spoil(old.path, "INSERT INTO issue_papers VALUES (1, ?, 1)", (number,))
    plan = old.plan_pruning(CUTOFF, TAUGHT)

    assert (plan.papers, plan.kept["mailed"]) == (9, 1)
    assert old.prune(plan) == 9
    assert [*old.find(["arxiv:2305.00003"])] == ["arxiv:2305.00003"]


def test_a_list_whose_papers_are_gone_was_never_read(old: Store) -> None:
    state = {f"https://hub/list?date={day}": "etag" for day in (OLD, TODAY)}
    old.add(SOURCE, Batch(state={**state, "cursor": "7"}), NOW)
    old.prune(old.plan_pruning(CUTOFF, TAUGHT))

    assert [*old.lists_read(SOURCE)] == [TODAY]
    assert {*old.state(SOURCE)} == {f"https://hub/list?date={TODAY}", "cursor"}


def test_who_prunes_the_last_year_is_told_what_learns_from_it(old: Store) -> None:
    assert old.plan_pruning(TODAY + timedelta(days=1), TAUGHT).teaching == 200


# -- the commands ---------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    with closing(Store(str(tmp_path / "papertrack.db"))) as store:
        fill(store, 5)
        fill(store, 5, OLD, "2305")
    return made


def run(home: Home, *args: str) -> tuple[int, str, str]:
    done = home.run("db", *args, PAPERTRACK_DB=str(home.path / "papertrack.db"))
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_prune_says_what_goes_and_removes_nothing_unasked(home: Home) -> None:
    code, out, err = run(home, "prune", "--older-than", "2y")
    assert code == 2
    assert "never marked: 5 papers with 10 counts and 5 places on lists" in out
    assert "2023-05-04  arxiv:2305.00004  Paper 2305.00004, 29 upvotes" in out
    assert "add --yes" in err

    assert run(home, "prune", "--older-than", "2y", "--dry-run")[0] == 0
    assert (
        json.loads(run(home, "prune", "--older-than", "2y", "--yes", "--json")[1])["removed"] == 5
    )
    code, out, err = run(home, "prune", "--older-than", "2y", "--yes")
    assert (code, "0 papers" in out, err) == (0, True, "")
    assert run(home, "prune", "--older-than", "0d")[0] == 2


def test_check_is_silent_damage_is_1_and_repair_mends(home: Home) -> None:
    assert run(home, "check")[:2] == (0, "ok   Pages, rows, values and search index are well.\n")
    spoil(home.path / "papertrack.db", "INSERT INTO tags VALUES (7, 'x')")
    code, out, _ = run(home, "check", "--json")
    assert (code, json.loads(out)["problems"][0]["where"]) == (1, "rows")
    assert run(home, "repair")[:2] == (0, "tags           1 rows dropped or mended\n")
    assert run(home, "check")[0] == 0


def test_a_command_of_upkeep_makes_no_store(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for args in ("stats", "check", "repair", "optimize", "backup x.db", "prune --older-than 2y"):
        code, out, err = run(home, *args.split())
        assert (code, out) == (1, "")
        assert "does not exist yet; `papertrack fetch` makes and fills it" in err
    assert home.files == []


def test_stats_optimize_and_backup_speak_to_people_and_scripts(home: Home) -> None:
    told = json.loads(run(home, "stats", "--json")[1])
    assert {one["name"]: one["rows"] for one in told["tables"]}["papers"] == told["papers"] == 10
    assert "papers" in run(home, "stats")[1]
    assert " before, " in run(home, "optimize")[1]
    assert run(home, "backup", "copy.db") == (0, "", "")
    assert run(home, "backup", "copy.db")[0] == 1


def test_no_question_of_a_check_writes(full: Store) -> None:
    full.close()
    before = Path(full.path).read_bytes()
    with closing(Store(full.path)) as store:
        list(checking.problems(store._connection, full=True))
    assert Path(full.path).read_bytes() == before
