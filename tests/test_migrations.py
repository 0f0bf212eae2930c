"""A new file, an old one and a half-made one all end at the same schema, with their rows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from builders import NOW, SOURCE, paper
from sqlite_utils import Database

from papertrack.models import KINDS, SOURCES
from papertrack.reports import Batch
from papertrack.store import Store
from papertrack.store.connection import APPLICATION_ID, VERSION, connect, transaction
from papertrack.store.migrations import migrate, migrations
from papertrack.store.repair import repair


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


ALIASES = [
    ("arxiv:2604.00002", 1),
    ("doi:10.1101/x", 1),
    ("title:0000000000000000", 1),
    ("title:0123456789abcdef", 2),
    ("title:7fffffffffffffff", 2),
    ("title:8000000000000000", 2),
    ("title:fedcba9876543210", 2),
    ("title:ffffffffffffffff", 1),
    ("title:of-another-kind", 2),
]


def fifth(path: Path) -> None:
    """A store of version 5, in which `aliases` was a table."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.apply(Database(connection), stop_before="m006_title_hashes")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("PRAGMA user_version=5")
        papers = "INSERT INTO papers (id, key, title, first_seen_at) VALUES (?, ?, 'A title', '')"
        connection.executemany(papers, [(1, "arxiv:2604.00001"), (2, "arxiv:2604.00003")])
        connection.executemany("INSERT INTO aliases VALUES (?, ?)", ALIASES)


def test_every_other_id_of_an_older_store_still_names_its_paper(tmp_path: Path) -> None:
    fifth(path := tmp_path / "old.db")
    with closing(Store(str(path))) as store:
        assert store.find([alias for alias, _ in ALIASES]) == dict(ALIASES)
    with closing(sqlite3.connect(path)) as connection:
        told = "SELECT alias, paper_id FROM aliases ORDER BY alias"
        assert connection.execute(told).fetchall() == ALIASES


def test_they_are_saved_also_where_the_older_store_is_damaged(tmp_path: Path) -> None:
    fifth(path := tmp_path / "old.db")
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'listings_by_date'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
    repair(str(path), NOW)
    with closing(Store(str(path))) as store:
        assert store.find([alias for alias, _ in ALIASES]) == dict(ALIASES)


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
