"""The index says what the papers say, whoever wrote them and however often they changed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from builders import NOW, SOURCE, paper

from papertrack.querying import parse
from papertrack.reports import Batch
from papertrack.store import Store
from papertrack.store.indexing import INDEXES


def found(store: Store, text: str) -> list[str]:
    entries = store.entries([hit.number for hit in store.search(parse(text), 10)], NOW)
    return [entry.paper.arxiv_id for entry in entries]


def is_sound(path: str) -> bool:
    """Whether each index holds what the rows say; FTS5 compares them word by word."""
    with closing(sqlite3.connect(path)) as connection:
        for index in INDEXES:
            connection.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
        return connection.execute("SELECT count(*) FROM index_guard").fetchone() == (0,)


def test_a_paper_is_found_by_what_it_says_now(store: Store) -> None:
    for title in ("Zebras at dawn", "Lions at dusk"):
        store.add(SOURCE, Batch(papers=(paper(title=title),)), NOW)

    assert found(store, "lion") == ["2604.07413"]
    assert found(store, "zebra") == []
    assert is_sound(store.path)


def test_two_rows_that_are_one_paper_are_found_once(store: Store) -> None:
    by_doi = paper(title="Zebras and the stripes they wear").__class__(
        id="doi:10.1/x", doi="10.1/x", title="Zebras and the stripes they wear"
    )
    store.add("openalex", Batch(papers=(by_doi,)), NOW)
    store.add(SOURCE, Batch(papers=(paper(title="Stripes of zebras"),)), NOW)
    store.join("arxiv:2604.07413", "doi:10.1/x")

    assert found(store, "zebra stripes") == ["2604.07413"]
    assert is_sound(store.path)


@pytest.mark.parametrize(
    ("statement", "finds"),
    [
        ("INSERT INTO papers (id, key, title, first_seen_at) VALUES (7, 'x', 'Zebras', '')", 1),
        ("UPDATE papers SET title = 'Zebras'", 1),
        ("UPDATE papers SET code_url = 'x', organization = 'Zebras'", 0),
        ("DELETE FROM papers", 0),
    ],
)
def test_what_another_program_writes_is_indexed_too(
    store: Store, statement: str, finds: int
) -> None:
    store.add(SOURCE, Batch(papers=(paper(),)), NOW)
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute(statement)

    assert len(store.search(parse("zebra"), 10)) == finds
    assert is_sound(store.path)


def test_a_store_from_before_the_index_gets_one(tmp_path: Path) -> None:
    path = str(tmp_path / "old.db")
    with closing(Store(path)) as store:
        store.add(SOURCE, Batch(papers=(paper(title="Zebras"),)), NOW)
    with closing(sqlite3.connect(path)) as connection, connection:
        for trigger in ("indexed", "unindexed", "reindexed"):
            connection.execute(f"DROP TRIGGER papers_{trigger}")
        for table in (*INDEXES, "index_guard"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX papers_misdated")
        connection.execute("ALTER TABLE papers DROP COLUMN facets")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm003_search'")
        connection.execute("PRAGMA user_version=2")

    with closing(Store(path)) as store:
        assert found(store, "zebra") == ["2604.07413"]
    assert is_sound(path)
