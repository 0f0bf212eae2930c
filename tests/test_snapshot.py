"""arXiv's metadata snapshot: read as a stream, taken in fast, gone on with where it stopped."""

import gzip
import json
import lzma
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from papertrack import intake
from papertrack.errors import PapertrackError
from papertrack.importing import snapshot
from papertrack.models import Paper
from papertrack.reports import Batch, Counts
from papertrack.sources.arxiv_papers import is_withdrawn
from papertrack.store import Store, bulk, rows

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SNAPSHOT = Path(__file__).parent / "data/importing/snapshot.json"


def record(number: int, **given: Any) -> dict[str, Any]:
    """One line, as the snapshot spells it."""
    return {
        "id": f"2604.{number:05}",
        "submitter": "Ada One",
        "authors": "Ada One and Ben Two",
        "title": f"On the Number {number} in\n  a Store of Papers",
        "comments": None,
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": "cs.DL cs.DB",
        "license": None,
        "abstract": f"  We count to {number} and\nstop.\n",
        "versions": [{"version": "v1", "created": "Wed, 1 Apr 2026 19:18:42 GMT"}],
        "update_date": "2026-04-01",
        "authors_parsed": [["One", "Ada", ""], ["Two", "Ben", "Jr."]],
    } | given


def written(path: Path, *records: Mapping[str, Any]) -> snapshot.Snapshot:
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    found = snapshot.find(path)
    assert found
    return found


def take_in(store: Store, whole: snapshot.Snapshot) -> Counts:
    return intake.take_in_snapshot(store, whole, lambda: NOW)


def paper(store: Store, key: str) -> Paper:
    return store.entries([store.find([key])[key]], NOW)[0].paper


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that a snapshot can write, but for the order in which the papers came."""
    connection = store._connection
    join = "JOIN papers ON id = paper_id ORDER BY 1"
    tables = {
        "papers": "SELECT * FROM papers ORDER BY key",
        "accounts": f"SELECT key, source, said FROM accounts {join}",
        "aliases": f"SELECT alias, key FROM aliases {join}",
        "found": "SELECT rowid FROM papers_fts WHERE papers_fts MATCH 'count OR store' ORDER BY 1",
    }
    return {name: connection.execute(query).fetchall() for name, query in tables.items()}


def test_a_record_becomes_a_paper_with_all_that_it_says(tmp_path: Path) -> None:
    with closing(Store(":memory:")) as store:
        take_in(
            store,
            written(
                tmp_path / "s.json",
                record(
                    1,
                    doi="10.1000/ABC",
                    comments="12 pages",
                    **{"journal-ref": "J. 1"},
                    versions=[
                        {"version": "v1", "created": "Wed, 1 Apr 2026 19:18:42 GMT"},
                        {"version": "v2", "created": "Thu, 2 Apr 2026 08:00:00 GMT"},
                    ],
                ),
            ),
        )

        assert paper(store, "arxiv:2604.00001") == Paper(
            id="arxiv:2604.00001",
            arxiv_id="2604.00001",
            title="On the Number 1 in a Store of Papers",
            abstract="We count to 1 and stop.",
            authors=("Ada One", "Ben Two Jr."),
            categories=("cs.DL", "cs.DB"),
            published_at=datetime(2026, 4, 1, 19, 18, 42, tzinfo=UTC),
            updated_at=datetime(2026, 4, 2, 8, tzinfo=UTC),
            version=2,
            doi="10.1000/abc",
            comment="12 pages",
            journal="J. 1",
        )
        assert store.find(["doi:10.1000/abc"])


def test_the_fast_way_writes_what_the_usual_way_writes(tmp_path: Path) -> None:
    records = [
        record(1),
        record(2, title="On the Number 1 in a Store of Papers"),  # the title of another
        record(3, doi="10.1000/book"),
        record(4, doi="10.1000/book", abstract="This paper has been withdrawn by the authors."),
        record(5, title="0", authors_parsed=[["Ünal", "Çağ", ""]], abstract="Čech — naïve $x$"),
        record(6, authors_parsed=[], versions=[]),
    ]
    whole = written(tmp_path / "s.json", *records)
    papers = [one for part in whole.parts() for one in part.papers]
    with closing(Store(":memory:")) as fast, closing(Store(":memory:")) as usual:
        take_in(fast, whole)
        usual.add("arxiv", Batch(papers=tuple(papers)), NOW)

        assert len(papers) == len(records)
        assert everything(fast) == everything(usual)
        for one in papers:
            assert dict(zip(bulk._COLUMNS, bulk._row(one), strict=True)) == rows.paper_to_row(one)


def test_a_paper_that_was_there_keeps_what_others_said_of_it(tmp_path: Path) -> None:
    known = Paper(
        id="arxiv:2604.00001", arxiv_id="2604.00001", title="Its Name", code_url="https://c"
    )
    titled = Paper(id="title:0123456789abcdef", title="On the Number 2 in a Store of Papers")
    with closing(Store(":memory:")) as store:
        store.add("huggingface", Batch(papers=(known, titled)), NOW)

        counts = take_in(store, written(tmp_path / "s.json", record(1), record(2), record(3)))

        first, second = paper(store, "arxiv:2604.00001"), paper(store, titled.id)
        assert (first.code_url, first.title) == (
            "https://c",
            "On the Number 1 in a Store of Papers",
        )
        assert second.id == "arxiv:2604.00002"  # joined by its title, as always
        assert (store.count(), counts.new) == (3, 1)


def test_again_changes_nothing_and_a_newer_snapshot_what_is_new(tmp_path: Path) -> None:
    with closing(Store(":memory:")) as store:
        take_in(store, written(tmp_path / "s.json", record(1), record(2)))
        before = everything(store)
        again = take_in(store, written(tmp_path / "t.json", record(1), record(2)))
        assert (again.new, again.changed, everything(store)) == (0, 0, before)

        newer = {"versions": [*record(2)["versions"], record(2)["versions"][0]]}
        third = take_in(store, written(tmp_path / "u.json", record(1), record(2, **newer)))
        assert (third.new, third.changed) == (0, 1)


def test_an_interrupted_import_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PAPERS_A_FLUSH", 4)
    monkeypatch.setattr(snapshot.Snapshot.parts, "__defaults__", (0, 2))
    path = str(tmp_path / "p.db")
    whole = written(tmp_path / "s.json", *map(record, range(1, 10)))

    def killed(done: int, total: int) -> None:
        seen.append(done)
        if len(seen) == 3:
            raise SystemError("the power is gone")

    seen: list[int] = []
    with closing(Store(path)) as store:
        monkeypatch.setattr(bulk.Loader, "finish", lambda *_: None)
        with pytest.raises(SystemError):
            intake.take_in_snapshot(store, whole, lambda: NOW, killed)
        monkeypatch.undo()
        left = json.loads(next(iter(store.state("import").values())))
        assert store.count() == 6  # all that was committed
        assert 0 < left["offset"] < whole.size  # after the fourth, whose aliases are written

    with closing(Store(path)) as store, closing(Store(":memory:")) as straight:
        counts = take_in(store, whole)
        take_in(straight, whole)
        assert (counts.papers, counts.new) == (5, 3)
        assert everything(store) == everything(straight)
        assert not store.state("import")
        assert not store.check()


def pieces(store: Store, index: str = "papers_fts") -> int:
    """Of how many pieces a full text index is."""
    query = f"SELECT count(DISTINCT segid) FROM {index}_idx"
    return int(store._connection.execute(query).fetchone()[0])


def test_a_long_import_leaves_few_pieces_of_the_index_and_finds_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot.Snapshot.parts, "__defaults__", (0, 2))
    whole = written(tmp_path / "s.json", *map(record, range(1, 81)))
    with closing(Store(":memory:")) as store:
        monkeypatch.setattr(bulk, "_MANY_BATCHES", 100)
        take_in(store, whole)
        before = pieces(store), everything(store)
    monkeypatch.undo()
    monkeypatch.setattr(snapshot.Snapshot.parts, "__defaults__", (0, 2))
    with closing(Store(":memory:")) as store:
        take_in(store, whole)
        assert before[0] >= 40
        assert pieces(store) < 16
        assert everything(store) == before[1]
        assert not store.check()


@pytest.mark.parametrize(
    "pack",
    [
        lambda path, body: path.write_bytes(gzip.compress(body)),
        lambda path, body: path.write_bytes(lzma.compress(body)),
        lambda path, body: zipfile.ZipFile(path, "w").writestr("snapshot.json", body),
    ],
)
def test_a_packed_snapshot_is_one(tmp_path: Path, pack: Callable[[Path, bytes], object]) -> None:
    path = tmp_path / "s"
    pack(path, "".join(json.dumps(record(n)) + "\n" for n in (1, 2)).encode())
    whole = snapshot.find(path)
    assert whole
    (part,) = whole.parts()
    assert len(part.papers) == 2
    (rest,) = whole.parts(offset=len(json.dumps(record(1))) + 1)
    assert [one.arxiv_id for one in rest.papers] == ["2604.00002"]


def test_a_cut_file_keeps_what_was_read_and_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "s.gz"
    body = "".join(json.dumps(record(n, abstract=f"{n * 7919}" * n)) + "\n" for n in range(200))
    path.write_bytes(gzip.compress(body.encode())[:-600])
    whole = snapshot.find(path)
    assert whole
    with closing(Store(":memory:")) as store:
        with pytest.raises(PapertrackError, match="Get the file again") as told:
            take_in(store, whole)
        kept = store.stats().papers
    assert 0 < kept < 200
    assert f"; the {kept} papers before that are kept." in str(told.value)


@pytest.mark.parametrize(
    "line",
    ["", "{}", "[1]", "null", '{"id": "2604.00001"}', '{"id": 1, "versions": [], "abstract": ""}'],
)
def test_another_file_is_no_snapshot(tmp_path: Path, line: str) -> None:
    path = tmp_path / "s.json"
    path.write_text(line)
    assert snapshot.find(path) is None


def test_lines_that_are_no_records_are_counted(tmp_path: Path) -> None:
    odd = {"authors_parsed": [[], "x", [1]], "categories": 7, "versions": [3, {"created": "never"}]}
    whole = written(tmp_path / "s.json", record(1), {"id": "x"}, record(2, **odd))
    with whole.path.open("ab") as file:
        file.write(b'\xff\xfe\n{"id": "2604.00003", "vers')
    with closing(Store(":memory:")) as store:
        counts = take_in(store, whole)
        assert (counts.new, counts.skipped) == (2, 3)


def test_the_short_cuts_change_no_answer() -> None:
    for said in (
        "withdrawn",
        "This paper was WİTHDRAWN by the authors",
        "Withdrawn by arXiv",
        "ok",
    ):
        assert is_withdrawn(said, "") == (said != "ok")
