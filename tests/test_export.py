"""What is exported and taken in again is the same store; what was never exported breaks nothing."""

import json
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, SOURCE, TODAY, paper, seen
from hypothesis import given
from hypothesis import strategies as st
from program import Home

from papertrack import demo
from papertrack.importing import archived
from papertrack.models import CITATIONS, UPVOTES, Listing, Paper, ReaderState
from papertrack.reports import Batch
from papertrack.store import Store

HOSTILE = "A\x1b[2J \u202e=cmd|' <b> $\\alpha$"
TABLES = {
    "papers": "title, abstract, authors, categories, published_at, updated_at, version, doi, "
    "url, code_url, withdrawn, first_seen_at",
    "accounts": "source, said, said_at",
    "listings": "source, list_date, submitted_at, submitted_by",
    "observations": "kind, source, observed_at, value",
    "reading": "saved_at, read_at, hidden_at, seen_at, note",
    "tags": "tag",
    "aliases": "alias",
    "ledger": "day, ranking, place, score, votes, noted_at",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The sample, a paper that three sources tell of, and what a reader did with it."""
    moment, batch = demo.load()
    key = "arxiv:2604.07413"
    with closing(Store(str(tmp_path / "one.db"))) as store:
        store.add(demo.SOURCE, batch, moment)
        store.add(SOURCE, Batch(papers=(paper(title="One", ai_summary="s"),)), NOW)
        other = paper(title="One Two", abstract=HOSTILE, doi="10.1101/a", categories=("cs.LG",))
        store.add("arxiv", Batch(papers=(other,)), NOW + timedelta(hours=1))
        counted = seen(CITATIONS, 7.5)._replace(source="openalex")
        listed = Listing(paper_id=key, source=SOURCE, list_date=TODAY, submitted_by=HOSTILE)
        store.add(
            "openalex",
            Batch(
                papers=(paper(title="One Two", journal="J"),),
                listings=(listed,),
                observations=(counted, *(seen(UPVOTES, n, NOW + timedelta(n)) for n in range(9))),
            ),
            NOW,
        )
        store.add("feeds", Batch(papers=(Paper(id="title:0123456789abcdef", title="x" * 30),)), NOW)
        mine = ReaderState(saved_at=NOW, read_at=NOW, tags=("a b", "c"), note="two\nlines")
        store.set_states({key: mine, "title:0123456789abcdef": ReaderState(hidden_at=NOW)})
        store.keep_promise(TODAY, "trending", [(key, 12.5, 3.0)], NOW)
    return Home(tmp_path)


def run(home: Home, db: str, *args: str, **more: Any) -> Any:
    done = home.run(*args, PAPERTRACK_DB=str(home.path / db), **more)
    assert "Traceback" not in done.stderr
    return done


def rows(path: Path) -> dict[str, list[Any]]:
    """What a store says, whatever numbers its rows have."""
    with closing(sqlite3.connect(path)) as connection:
        found = {}
        for table, columns in TABLES.items():
            of = "" if table == "papers" else " JOIN papers ON papers.id = paper_id"
            names = ["key", *(f"{table}.{name}" for name in columns.split(", "))]
            order = ", ".join(str(place) for place in range(1, len(names) + 1))
            found[table] = connection.execute(
                f"SELECT {', '.join(names)} FROM {table}{of} ORDER BY {order}"
            ).fetchall()
        found["lists"] = connection.execute("SELECT * FROM lists ORDER BY 1, 2").fetchall()
    return found


def test_what_was_exported_makes_the_same_store_again(home: Home) -> None:
    assert run(home, "one.db", "export", "-o", "all.jsonl").returncode == 0
    done = run(home, "two.db", "import", "all.jsonl", "--json")
    assert (done.returncode, json.loads(done.stdout)["files"][0]["papers"]) == (0, 41)

    one, two = rows(home.path / "one.db"), rows(home.path / "two.db")
    for table, found in one.items():
        assert two[table] == found, table
    again = run(home, "two.db", "export").stdout.splitlines()
    assert sorted(again) == sorted((home.path / "all.jsonl").read_text().splitlines())
    shown = ("trending", "--json", "--offline")
    assert run(home, "two.db", *shown).stdout == run(home, "one.db", *shown).stdout
    assert (home.path / "all.jsonl").stat().st_mode & 0o777 == 0o600


def test_every_line_is_ascii_json_and_stdin_will_do(home: Home) -> None:
    said = run(home, "one.db", "export").stdout
    assert said.isascii()
    first, *others = map(json.loads, said.splitlines())
    assert first["papers"] == len(others) == 41
    assert run(home, "two.db", "import", "-", stdin=said).returncode == 0
    assert rows(home.path / "two.db") == rows(home.path / "one.db")


def test_taken_in_twice_or_where_more_is_known_nothing_is_lost(home: Home) -> None:
    run(home, "one.db", "export", "-o", "all.jsonl")
    with closing(Store(str(home.path / "one.db"))) as store:
        later = paper(title="One Two Three", doi="10.1101/a")
        store.add("arxiv", Batch(papers=(later,)), NOW + timedelta(days=9))
        store.set_states({later.id: ReaderState(note="another", seen_at=NOW)})
    before = rows(home.path / "one.db")

    done = run(home, "one.db", "import", "all.jsonl", "--json")
    assert json.loads(done.stdout)["files"][0]["new"] == 0
    assert rows(home.path / "one.db") == before


def test_a_line_that_is_damaged_is_left_out_and_told(home: Home) -> None:
    said = run(home, "one.db", "export").stdout.splitlines()
    said[3], said[5] = said[3][:50], '{"id": "arxiv:1", "title": 7}'
    (home.path / "cut.jsonl").write_text("\n".join(said))
    done = run(home, "two.db", "import", "cut.jsonl", "--json")

    told = json.loads(done.stdout)["files"][0]
    assert (told["papers"], len(told["skipped"])) == (39, 2)
    assert "line 4 holds no paper" in done.stderr


@pytest.mark.parametrize("first", ['"version": 2, "exported_at": "2026-04-15T12:00:00Z"}', "}", ""])
def test_an_export_that_cannot_be_read_is_a_sentence(home: Home, first: str) -> None:
    (home.path / "x.jsonl").write_text(f'{{"papertrack": "export", {first}\n')
    done = run(home, "two.db", "import", "x.jsonl")
    assert done.returncode == 2
    assert "update papertrack" in done.stderr or "export it anew" in done.stderr


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
)
KEYS = ("accounts", "aliases", "listings", "observations", "places", "marks", "authors", "title")


@given(st.dictionaries(st.sampled_from(KEYS), json_values))
def test_no_record_breaks_the_reader(record: dict[str, Any]) -> None:
    found = archived._kept({"id": "arxiv:2604.07413", "title": "t", **record})
    assert found is None or found.paper.id == "arxiv:2604.07413"


def test_an_export_of_a_day_far_off_is_no_error() -> None:
    assert archived._list_read(
        ["arxiv", "2026-04-15", "2026-04-15T00:00:00Z", 3]
    ).list_date == date(2026, 4, 15)


@pytest.mark.parametrize("name", ["all.gz", "all.jsonl.gz", "all.json", "all.csv"])
def test_a_name_of_another_format_is_refused(home: Home, name: str) -> None:
    done = run(home, "one.db", "export", "-o", name)
    assert (done.returncode, (home.path / name).exists()) == (2, False)
    assert f"{Path(name).suffix} is no name for JSON Lines; end --output in .jsonl" in done.stderr
