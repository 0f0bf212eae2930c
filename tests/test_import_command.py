"""`papertrack import`: files in, papers stored, ids found; the formats have tests of their own."""

import gzip
import json
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from builders import dump
from desk import Desk
from fakes import FakeService, on_loopback, said
from program import NOWHERE, Home, HuggingFace, item, serving, week
from test_snapshot import record

from papertrack.identifiers import title_id

DATA = Path(__file__).parents[2] / "shared" / "data"
TITLE = "Orders that do not commute: a study"
REFS = """@article{a, title={Orders that do not commute: a study}, author={Lovelace, Ada},
  eprint={2604.00001}, year={2026}}
@article{b, title={A second paper of some length}, doi={10.1101/2026.04.01.123456}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path).asks(NOWHERE)


def write(home: Home, name: str, text: str | bytes) -> str:
    (home.path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def stored(home: Home) -> list[str]:
    with closing(sqlite3.connect(home.path / ".local/share/papertrack/papertrack.db")) as store:
        return dump(store)


def test_a_bibliography_is_stored_and_a_second_time_changes_nothing(home: Home) -> None:
    write(home, "refs.bib", REFS)
    done = home.run("import", "refs.bib", "-v")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "refs.bib: BibTeX; 2 papers, 2 new.\n"
    before = stored(home)

    again = home.later(hours=1).run("import", "refs.bib", "--json")
    assert json.loads(again.stdout) == {
        "status": "ok",
        "files": [
            {
                "file": "refs.bib", "format": "BibTeX", "papers": 2, "new": 0, "skipped": [],
                "found": 0, "missing": [], "errors": [],
            }
        ],
    }  # fmt: skip
    assert stored(home) == before
    assert home.run("show", "2604.00001", "--offline", "--fields", "title").returncode == 0


def test_stdin_is_a_file(home: Home) -> None:
    assert home.run("import", "-").stderr.startswith("papertrack: stdin is empty; ")
    done = home.run("import", "-", "-v", stdin=REFS)
    assert (done.returncode, done.stderr) == (0, "-: BibTeX; 2 papers, 2 new.\n")


def test_a_file_that_is_none_is_2_in_one_sentence(home: Home) -> None:
    write(home, "letter.txt", "Dear reader,\nwe thank you for your letter.\n")
    done = home.run("import", "letter.txt")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "papertrack: letter.txt holds no papers that papertrack can read. Tried: "
    )
    assert done.stderr.count("\n") == 1
    for name, words in (("none.bib", "No such file"), (".", "Is a directory")):
        done = home.run("import", name, "--json")
        assert (done.returncode, json.loads(done.stdout)["status"]) == (2, "error")
        assert words in done.stderr


def test_what_failed_and_is_no_wrong_usage_is_1(home: Home) -> None:
    lines = [json.dumps(record(number)) for number in range(1, 200)]
    write(home, "cut.json.gz", gzip.compress("\n".join(lines).encode())[:-600])
    done = home.run("import", "cut.json.gz", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (1, "error")
    assert "cut.json.gz ends in the middle or is damaged" in done.stderr

    write(home, "refs.bib", REFS)
    write(home, "letter.txt", "Dear reader,\nwe thank you for your letter.\n")
    done = home.run("import", "refs.bib", "letter.txt", "--db", ".")
    assert (done.returncode, "is a folder; name a file" in done.stderr) == (1, True)


def test_what_is_told_of_a_snapshot_stands_below_the_bar(desk: Desk) -> None:
    target = desk.home / "s.json"
    lines = [json.dumps(record(number)) for number in range(1, 1201)]
    target.write_text("\n".join([*lines, '{"id": "x"}', "{}"]))
    done = desk("import", str(target), watched=True, env={"COLUMNS": "200"})
    *_, told, next_step, odd = done.err.splitlines()
    assert told.endswith("s.json: arXiv metadata snapshot; 1,200 papers, 1,200 new.")
    assert next_step == "`papertrack fetch arxiv --oai` reads what has changed since it was made."
    assert odd == f'{target}: left out: 2 lines are no records, the first of them: {{"id": "x"}}'
    assert done.code == 5


def test_of_several_files_the_good_ones_are_stored(home: Home) -> None:
    write(home, "refs.bib", REFS)
    write(home, "paper.pdf", b"%PDF-1.7\n")
    done = home.run("import", "paper.pdf", "refs.bib", "--json")
    assert done.returncode == 5
    told = json.loads(done.stdout)
    assert told["status"] == "partial"
    assert [one["new"] for one in told["files"]] == [0, 2]
    assert done.stderr.startswith("papertrack: paper.pdf is a PDF; save the page as HTML, or ")


def test_a_line_that_is_no_id_is_told_and_the_rest_is_taken(home: Home) -> None:
    write(home, "ids.txt", "2604.15001\nnot an id\n2604.15002\n")
    with serving(HuggingFace(days=week())) as world:
        done = home.asks(world.url).run("import", "ids.txt", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (5, "partial")
    assert done.stderr == "ids.txt: left out: line 2: 'not an id' does not begin with a paper id\n"


def test_ids_are_looked_up_and_offline_they_are_not(home: Home) -> None:
    write(home, "ids.txt", "2604.15001\n2604.15002\nhttps://arxiv.org/abs/2604.99999\n")
    offline = home.run("import", "ids.txt", "--offline")
    assert offline.returncode == 5
    assert "3 ids not stored, and --offline asks nobody" in offline.stderr
    with serving(HuggingFace(days=week())) as world:
        done = home.asks(world.url).run("import", "ids.txt", "--json")
        assert done.returncode == 5
        (told,) = json.loads(done.stdout)["files"]
        assert (told["found"], told["missing"]) == (2, ["arxiv:2604.99999"])
        assert done.stderr == "ids.txt: not found: 2604.99999\n"
        world.asked.clear()
        assert home.run("import", "ids.txt", "--json").returncode == 5
        assert world.asked == ["/api/papers/2604.99999"]


def test_titles_become_papers_at_the_service_that_knows_them(home: Home) -> None:
    other = "Another title of some length altogether"
    write(home, "page.txt", f"{TITLE}\n{'What it says. ' * 20}\n{other}\n{'More. ' * 60}\n")
    query = urlencode({"q": TITLE, "limit": 5})
    answers = [item("2604.00009", f"{TITLE}, revisited"), item("2604.00001", TITLE.upper())]
    service = FakeService({f"/api/papers/search?{query}": said(answers)})
    with on_loopback(service) as url:
        home.asks(url)
        assert home.run("import", "page.txt").returncode == 0
        done = home.run("import", "page.txt", "--resolve", "--json")

    (told,) = json.loads(done.stdout)["files"]
    assert (done.returncode, told["found"], told["missing"]) == (5, 1, [title_id(other)])
    assert done.stderr == f"page.txt: not found: {other}\n"
    for key in ("2604.00001", title_id(TITLE)):
        shown = json.loads(home.run("show", key, "--offline", "--json").stdout)
        assert (shown["id"], shown["sources"]) == ("arxiv:2604.00001", ["huggingface", "import"])
    assert home.run("show", "2604.00009", "--offline").returncode == 1


def test_the_demo_has_no_store_to_import_into(home: Home) -> None:
    done = home.run("--demo", "import", "-", stdin=REFS)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.skipif(not DATA.exists(), reason="../shared with the recorded pages is not here")
def test_all_recorded_pages_come_in_by_one_command(home: Home) -> None:
    files = [str(DATA / "page" / "daily-papers-search.txt")]
    for path in sorted((DATA / "hf" / "pages").glob("*.html.gz")):
        files.append(write(home, path.stem, gzip.decompress(path.read_bytes())))
        saved = datetime.fromisoformat(path.name.partition(".seen-")[2][:10])
        os.utime(home.path / path.stem, (saved.timestamp(), saved.timestamp()))
    home = home.later(days=60)
    done = home.run("import", *files, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["files"]
    assert (told[0]["papers"], told[0]["new"]) == (82, 82)
    assert all(one["papers"] > 5 and not one["skipped"] for one in told)
    before = stored(home)
    again = home.later(hours=1).run("import", *files, "--json")
    assert {one["new"] for one in json.loads(again.stdout)["files"]} == {0}
    assert stored(home) == before
