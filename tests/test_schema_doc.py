"""docs/schema.md is a promise to people with sqlite3: it names what is there, and nothing else."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from papertrack import demo
from papertrack.models import KINDS, SOURCES
from papertrack.store import MEMORY, Store
from papertrack.store.connection import APPLICATION_ID, connect

DOC = (Path(__file__).parent.parent / "docs" / "schema.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", DOC, re.MULTILINE | re.DOTALL))
QUERIES = re.findall(r"```sql\n(.*?)```", DOC, re.DOTALL)


@pytest.fixture(scope="module")
def live() -> Iterator[sqlite3.Connection]:
    connection = connect(MEMORY)
    yield connection
    connection.close()


def _names(connection: sqlite3.Connection) -> set[str]:
    """The tables and views that are papertrack's own."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    names = {name for (name,) in found if not name.startswith(("sqlite_", "_"))}
    return {name for name in names if not re.search(r"_fts_[a-z]+$", name)}  # FTS5's own


def _columns(connection: sqlite3.Connection, name: str) -> list[str]:
    found = connection.execute("SELECT name FROM pragma_table_info(?)", (name,))
    return [column for (column,) in found]


def test_every_table_and_view_has_its_section_and_no_other_has(live: sqlite3.Connection) -> None:
    assert set(SECTIONS) == _names(live)


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_names_the_columns_in_their_order(live: sqlite3.Connection, name: str) -> None:
    documented = re.findall(r"^\| `(\w+)` \|", SECTIONS[name], re.MULTILINE)

    assert documented == _columns(live, name)


def test_every_column_has_a_meaning() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", "".join(SECTIONS.values()), re.MULTILINE)

    assert rows
    assert all(len(meaning.strip()) > 2 for _, meaning in rows)


def test_the_contents_lead_to_every_section() -> None:
    linked = re.findall(r"\[`(\w+)`\]\(#(\w+)\)", DOC.partition("## Examples")[0])

    assert sorted(linked) == sorted((name, name) for name in SECTIONS)


@pytest.mark.parametrize(("name", "words"), [("sources", SOURCES), ("kinds", KINDS)])
def test_the_numbers_of_sources_and_kinds_are_told(name: str, words: tuple[str, ...]) -> None:
    listed = SECTIONS[name].partition("In order, from 0:")[2]

    assert tuple(re.findall(r"`(\w+)`", listed)) == words


def test_the_application_id_is_told() -> None:
    assert f"`PRAGMA application_id` is {APPLICATION_ID} " in DOC


@pytest.mark.parametrize("query", QUERIES)
def test_every_example_answers_on_the_sample(query: str, tmp_path: Path) -> None:
    path = tmp_path / "sample.db"
    moment, batch = demo.load()
    store = Store(str(path))
    store.add(demo.SOURCE, batch, moment)
    store.close()
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    rows = connection.execute(query).fetchall()
    connection.close()

    assert rows
    assert all(value is not None for row in rows[:1] for value in row)
