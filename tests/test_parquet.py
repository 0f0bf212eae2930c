"""The Parquet files hold the store without its reader, and SQL over them makes the same list."""

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, SOURCE, paper, seen
from program import Home

from papertrack import demo
from papertrack.lake import Table, write, writing
from papertrack.models import Listing, ReaderState
from papertrack.reports import Batch
from papertrack.store import Store

pq = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")
DOC = (Path(__file__).parents[1] / "docs" / "scale.md").read_text(encoding="utf-8")
SQL = dict(re.findall(r"```sql( trending)?\n(.*?)```", DOC, re.DOTALL))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The sample, and papers that only some signals know, at ages from an hour to a week."""
    moment, batch = demo.load()
    with closing(Store(str(tmp_path / "papertrack.db"))) as store:
        store.add(demo.SOURCE, replace(batch, lists=()), moment)
        for n in range(12):
            add(store, f"2605.{n:05}", n)
        add(store, "2605.00099", 3, source="arxiv")
        mine = ReaderState(saved_at=NOW, note="secret", tags=("secret",))
        store.set_states({"arxiv:2605.00001": mine})
    return Home(tmp_path, "2026-04-18T09:30:00Z")


def add(store: Store, number: str, n: int, source: str = SOURCE) -> None:
    listed = NOW + timedelta(hours=61 - 13 * n)
    one = paper(number, published_at=listed, code_url="https://x.example/c" if n % 3 else "")
    where = Listing(
        paper_id=one.id,
        source=source,
        list_date=listed.date(),
        submitted_at=listed if n % 4 else None,
    )
    counts = [
        seen(kind, (k * 7 + n) * times, listed + timedelta(hours=4 * k), number)._replace(
            source=who
        )
        for kind, who, times in (
            ("upvotes", SOURCE, 2),
            ("github_stars", "github", 31),
            ("stars_gained", "paperswithcode", 3),
            ("comments", SOURCE, 1),
            ("hn_points", "hackernews", 5),
            ("citations", "openalex", 1),
        )
        for k in range(n % 7)
        if n % 5 or kind != "comments"
    ]
    batch = Batch(papers=(one,), listings=(where,), observations=tuple(counts))
    store.add(source, batch, NOW + timedelta(hours=70))


def export(home: Home) -> Path:
    done = run(home, "export", "--parquet", "lake")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return home.path / "lake"


def run(home: Home, *args: str) -> Any:
    return home.run(*args, PAPERTRACK_DB=str(home.path / "papertrack.db"))


def read(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder).to_pylist()
    return rows


def test_the_files_hold_what_the_store_holds_by_month(home: Home) -> None:
    lake = export(home)
    with closing(Store(str(home.path / "papertrack.db"))) as store:
        stats = store.stats()

    assert len(read(lake / "papers")) == stats.papers
    assert len(read(lake / "listings")) == stats.listings
    assert len(read(lake / "observations")) == stats.observations
    assert {one.name for one in (lake / "listings").iterdir()} == {"month=2026-04"}
    (one,) = (row for row in read(lake / "papers") if row["paper"] == "arxiv:2605.00001")
    assert (one["authors"], one["categories"], one["month"]) == (["Ada Lovelace"], [], "2026-04")
    assert one["published_at"].isoformat() == "2026-04-17T12:00:00"
    assert not any(b"secret" in file.read_bytes() for file in lake.rglob("*.parquet"))


def test_again_it_replaces_its_own_folder_and_no_other(home: Home) -> None:
    lake = export(home)
    (lake / "papers" / "left.txt").touch()
    export(home)
    assert not (lake / "papers" / "left.txt").exists()
    assert sorted(one.name for one in home.path.glob("*lake*")) == ["lake"]
    assert not list(home.path.glob(".lake*"))

    other = home.path / "other"
    other.mkdir()
    (other / "thesis.tex").touch()
    done = run(home, "export", "--parquet", "other")
    assert (done.returncode, "holds something else" in done.stderr) == (2, True)
    assert [one.name for one in other.iterdir()] == ["thesis.tex"]


def test_what_fails_on_the_way_leaves_the_old_folder_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "lake"

    def fails() -> Any:
        yield ("2026-04", 1)
        raise KeyboardInterrupt

    with writing(folder, NOW) as place:
        write(place, Table("t", {"n": "number"}, [("2026-04", 1), ("2026-05", 2)], 2))
    with pytest.raises(KeyboardInterrupt), writing(folder, NOW) as place:
        write(place, Table("t", {"n": "number"}, fails(), 1))

    assert [one.name for one in tmp_path.iterdir()] == ["lake"]
    assert [row["n"] for row in read(folder / "t")] == [1, 2]


def test_an_empty_store_is_readable_too(tmp_path: Path) -> None:
    with closing(Store(str(tmp_path / "papertrack.db"))):
        lake = export(Home(tmp_path))
    assert read(lake / "papers") == []


@pytest.mark.parametrize("until", ["2026-04-18T09:30:00Z", "2026-04-16T00:00:00Z"])
def test_duckdb_gives_the_list_that_papertrack_gives(home: Home, until: str) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    home = Home(home.path, until)
    lake = export(home)
    shown = run(home, "trending", "--json", "--offline", "-l", "100")
    wanted = json.loads(shown.stdout)

    sql = SQL[" trending"].replace("'lake/", f"'{lake}/").replace("LIMIT 20", "")
    sql = sql.replace("2026-04-17 23:59:59", until[:19].replace("T", " "))
    found = duckdb.connect().execute(sql).fetchall()

    assert len(wanted) > 10
    assert [row[1] for row in found] == [one["id"] for one in wanted]
    assert [row[2] for row in found] == pytest.approx([one["score"] for one in wanted], abs=0.0101)
    assert [row[0] for row in found] == [one["rank"] for one in wanted]


def test_the_other_queries_of_the_page_answer(home: Home) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    lake = export(home)
    assert duckdb.connect().execute(SQL[""].replace("'lake/", f"'{lake}/")).fetchall()
