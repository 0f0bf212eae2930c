"""A new file, an old one and a half-made one all end at the same schema, with their rows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from builders import NOW, SOURCE, paper

from papertrack.models import KINDS, SOURCES
from papertrack.reports import Batch
from papertrack.store import Store
from papertrack.store.connection import APPLICATION_ID, VERSION, connect, transaction
from papertrack.store.migrations import migrate, migrations


def pragmas(path: Path) -> dict[str, object]:
    names = ("application_id", "user_version", "journal_mode", "page_size")
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}


def schema(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


def test_a_new_file_says_whose_it_is_and_how_old(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    Store(str(path)).close()

    assert pragmas(path) == {
        "application_id": APPLICATION_ID,
        "user_version": VERSION,
        "journal_mode": "wal",
        "page_size": 8192,
    }


def test_the_version_is_the_number_of_migrations() -> None:
    assert len(migrations._migrations) == VERSION


def _empty(path: Path) -> None:
    path.touch()


def _died_before_its_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size=8192")
        connection.execute("PRAGMA journal_mode=WAL")


@pytest.mark.parametrize("begin", [_empty, _died_before_its_tables])
def test_a_file_that_was_begun_is_completed(tmp_path: Path, begin: "object") -> None:
    fresh, begun = tmp_path / "fresh.db", tmp_path / "begun.db"
    assert callable(begin)
    begin(begun)
    Store(str(fresh)).close()
    Store(str(begun)).close()

    assert schema(begun) == schema(fresh)
    assert pragmas(begun) == pragmas(fresh)


def test_a_file_of_an_older_version_is_migrated_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(Store(str(path))) as store:
        store.add(SOURCE, Batch(papers=(paper(),)), NOW)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=0")

    with closing(Store(str(path))) as store:
        assert store.stats().papers == 1
    assert pragmas(path)["user_version"] == VERSION


def test_migrating_twice_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    Store(str(path)).close()
    before = schema(path)
    with closing(connect(str(path))) as connection, transaction(connection):
        migrate(connection)

    assert schema(path) == before


def test_a_migration_that_fails_leaves_no_table_behind() -> None:
    def power_cut() -> None:
        with transaction(connection):
            migrate(connection)
            raise KeyboardInterrupt

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with pytest.raises(KeyboardInterrupt):
            power_cut()

        assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []


def test_every_kind_and_source_has_its_number_in_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    Store(str(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        kinds = connection.execute("SELECT name FROM kinds ORDER BY id").fetchall()
        sources = connection.execute("SELECT name FROM sources ORDER BY id").fetchall()

    assert [name for (name,) in kinds] == list(KINDS)
    assert [name for (name,) in sources] == list(SOURCES)


def test_a_word_that_is_new_comes_with_a_migration_that_adds_its_row() -> None:
    """Files of version 1 hold these names. Observations refer to them, so a name that is only in
    the code breaks every older file: append it in a migration step too, and then to this test.
    """
    assert KINDS == (
        "upvotes",
        "comments",
        "github_stars",
        "citations",
        "influential_citations",
        "hn_points",
        "hn_comments",
        "linked_models",
        "linked_datasets",
        "linked_spaces",
        "stars_gained",
    )
    assert SOURCES == (
        "huggingface",
        "paperswithcode",
        "arxiv",
        "hackernews",
        "github",
        "semanticscholar",
        "openalex",
        "biorxiv",
        "feeds",
        "import",
    )
