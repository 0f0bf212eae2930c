"""`papertrack download`: whole PDFs or none, gone on with after a cut, and never over another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from fakes import FakeService, FrozenClock, Said, TickingClock, on_loopback, redirect, wire
from program import Home

from papertrack.errors import (
    PaperNotFoundError,
    PapertrackError,
    SourceFormatError,
    SourceUnavailableError,
    UsageError,
)
from papertrack.sources.client import Client
from papertrack.sources.pdf import PdfSource, file_name

NUMBER, PATH = "2604.07413", "/pdf/2604.07413"
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF\n"
DATES = {"Last-Modified": "Fri, 10 Apr 2026 00:00:00 GMT"}
WHOLE = Said(PDF, headers={"Content-Type": "application/pdf", **DATES})
HALF = len(PDF) // 2
CUT = replace(WHOLE, body=PDF[:HALF], missing=len(PDF) - HALF)
REST = Said(
    PDF[HALF:],
    status=206,
    headers={"Content-Range": f"bytes {HALF}-{len(PDF) - 1}/{len(PDF)}", **DATES},
)


@contextmanager
def arxiv(*answers: Said, time: Any = None, **more: Any) -> Iterator[tuple[PdfSource, FakeService]]:
    """A server that gives these answers to a request for the paper, one after another."""
    service, time = FakeService({PATH: list(answers)}), time or TickingClock()
    with on_loopback(service) as url:
        client = Client(
            clock=FrozenClock(NOW), transport=wire(), sleep=time.sleep, monotonic=time.monotonic
        )
        yield PdfSource(client, url, **more), service
        client.close()


def get(source: PdfSource, folder: Path, *, force: bool = False) -> Path:
    place = folder / file_name(NUMBER)
    source.download(NUMBER, place, lambda what, done, total: None, force=force)
    return place


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_pdf_arrives_whole_under_its_id(tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    with arxiv(WHOLE) as (source, service):
        source.download(NUMBER, tmp_path / "x.pdf", lambda *one: told.append(one), force=False)
    assert (tmp_path / "x.pdf").read_bytes() == PDF
    assert names(tmp_path) == ["x.pdf"]
    assert told[-1][1:] == (10, 10)
    assert service.asked[0].headers["accept-encoding"] == "identity"


def test_after_a_cut_only_the_rest_is_asked_for(tmp_path: Path) -> None:
    with arxiv(CUT, REST) as (source, service):
        assert get(source, tmp_path).read_bytes() == PDF
    first, second = (one.headers for one in service.asked)
    assert "range" not in first
    assert (second["range"], second["if-range"]) == (f"bytes={HALF}-", DATES["Last-Modified"])


def test_another_run_goes_on_where_one_was_cut(tmp_path: Path) -> None:
    with arxiv(CUT, Said(b"", status=404)) as (source, _), pytest.raises(PaperNotFoundError):
        get(source, tmp_path)
    assert names(tmp_path) == [f"{NUMBER}.pdf.part"]
    with arxiv(REST) as (source, service):
        assert get(source, tmp_path).read_bytes() == PDF
    assert service.asked[0].headers["range"] == f"bytes={HALF}-"


@pytest.mark.parametrize("answer", [WHOLE, Said(b"", status=416)], ids=["200", "416"])
def test_what_has_changed_meanwhile_is_taken_as_a_whole(tmp_path: Path, answer: Said) -> None:
    (tmp_path / f"{NUMBER}.pdf.part").write_bytes(b"%PDF-1.4 of another version, and longer" * 999)
    with arxiv(answer, WHOLE) as (source, _):
        assert get(source, tmp_path).read_bytes() == PDF


def test_another_part_than_was_asked_for_is_refused(tmp_path: Path) -> None:
    (tmp_path / f"{NUMBER}.pdf.part").write_bytes(PDF[:100])
    with arxiv(REST) as (source, _), pytest.raises(SourceFormatError, match="another part"):
        get(source, tmp_path)


def test_a_cut_that_nobody_can_see_is_seen_by_the_end_of_the_file(tmp_path: Path) -> None:
    part = replace(REST, headers={"Content-Range": f"bytes {HALF}-{len(PDF) - 9}/*", **DATES})
    short = replace(part, body=PDF[HALF:-8])
    with arxiv(CUT, short, short) as (source, _), pytest.raises(SourceUnavailableError):
        get(source, tmp_path)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Said(b"<html>maintenance</html>"), "a web page instead of a PDF"),
        (Said(b"%PD"), "something else instead of a PDF"),
        (Said(b""), "something else instead of a PDF"),
        (redirect("https://evil.example/x.pdf"), "redirects to another place"),
        (Said(PDF * 2, headers=DATES), "longer than"),
    ],
)
def test_what_is_no_pdf_leaves_nothing_behind(tmp_path: Path, answer: Said, said: str) -> None:
    with arxiv(answer, limit=len(PDF)) as (source, _), pytest.raises(SourceFormatError, match=said):
        get(source, tmp_path)
    assert names(tmp_path) == []


def test_a_body_that_drips_has_a_deadline(tmp_path: Path) -> None:
    drip, time = replace(WHOLE, drips=True), TickingClock(step=10.0)
    with arxiv(drip, time=time) as (source, service), pytest.raises(SourceUnavailableError):
        get(replace(source, seconds=5.0), tmp_path)
    assert len(service.asked) == 1


def test_what_is_there_stays_unless_it_is_forced(tmp_path: Path) -> None:
    place, other = tmp_path / f"{NUMBER}.pdf", tmp_path / "other"
    other.write_text("mine")
    place.symlink_to(other)
    with arxiv(WHOLE) as (source, _):
        with pytest.raises(PapertrackError, match="--force"):
            get(source, tmp_path)
        assert get(source, tmp_path, force=True).read_bytes() == PDF
    assert (other.read_text(), place.is_symlink()) == ("mine", False)


def test_a_part_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    part = tmp_path / f"{NUMBER}.pdf.part"
    with arxiv(WHOLE) as (source, _):
        part.symlink_to(mine)
        with pytest.raises(PapertrackError):
            get(source, tmp_path)
        part.unlink()
        os.link(mine, part)
        with pytest.raises(PapertrackError, match="no plain file"):
            get(source, tmp_path)
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("number", ["../../etc/passwd", "-rf", "a b", "", "x" * 90, "a\nb"])
def test_a_name_is_made_of_the_letters_of_an_id(number: str) -> None:
    with pytest.raises(UsageError):
        file_name(number)
    assert file_name("hep-th/9901001") == "hep-th_9901001.pdf"


# -- the command ------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    old = "/pdf/hep-th/9901001"
    with on_loopback(FakeService({PATH: WHOLE, old: WHOLE})) as url:
        made = Home(tmp_path)
        made.configure(f"sources: {{arxiv: {{base_url: '{url}'}}}}\n")
        yield made


def test_names_are_printed_and_a_second_run_asks_nobody(home: Home) -> None:
    done = home.run("download", "https://arxiv.org/abs/2604.07413v2", "-d", "papers")
    assert (done.returncode, done.stdout, done.stderr) == (0, "papers/2604.07413.pdf\n", "")
    again = home.run("download", NUMBER, "-d", "papers")
    assert (again.returncode, again.stdout) == (0, "papers/2604.07413.pdf\n")
    assert again.stderr == ("papers/2604.07413.pdf is there already; --force downloads it again.\n")


def test_the_others_come_when_one_does_not(home: Home) -> None:
    done = home.run("download", "2604.99999", "hep-th/9901001")
    assert (done.returncode, done.stdout) == (5, "hep-th_9901001.pdf\n")
    assert "has no PDF of 2604.99999; `papertrack open 2604.99999` shows why." in done.stderr


def test_what_cannot_be_is_said_in_a_sentence(home: Home) -> None:
    assert home.run("--demo", "download", NUMBER).returncode == 2
    assert home.run("--offline", "download", NUMBER).returncode == 2
    (home.path / "taken").write_text("")
    taken = home.run("download", NUMBER, "-d", "taken/deeper")
    assert (taken.returncode, "choose another --directory" in taken.stderr) == (2, True)
    assert "is not stored" in home.run("download", "10.1101/2026.01.01.1").stderr
