"""Whatever a service, a file or somebody between sends: papers or a refusal, and nothing else.

Bodies of the right shape are damaged as a hand, a wire and an attacker would. A nightly
run lets a coverage-guided fuzzer look for more (fuzz_bodies.py).
"""

import io
import random
import re
import subprocess
import sys
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from bodies import READERS, SNAPSHOT, Reader, tried
from bombs import BOMBS
from builders import NOW
from hypothesis import given, settings
from hypothesis import strategies as st
from program import Home, run

from papertrack.store import MEMORY, Store

HERE = Path(__file__).parent
EACH = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
some = settings(max_examples=40, deadline=None)
many = settings(max_examples=3_000, deadline=None)
#: What stands where something else should.
ABSURD = [
    *("null", "true", "-1", "0", "1e400", "-1e-400", "NaN", "Infinity", "9" * 400, "9" * 5_000),
    *("9223372036854775808", "1.5", '""', '"\\ud800"', '"\\u0000"', '"\\u001b[2J"', "[]", "{}"),
    *('"0000-00-00"', '"9999-12-31T23:59:59.999999+23:59"', '"0001-01-01T00:00:00Z"'),
    *('"2026-02-30"', '"2026-W15"', '"20260414"', '"-1"', '"1e9"', '"١٢"', '"﹣5"', "[[[[]]]]"),
    *('{"a": {"a": {}}}', '"' + "x" * 30_000 + '"', '[null, 1, "a", {}]', '"https://[bad/"'),
]
WORDS = [
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x1b[2J", b"&#27;", b"&a;", b"]]>"),
    *(b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<![CDATA[", b"<!--", b"</", b"\r", b"\x0b", b"\x85"),
    *(b"[" * 300, b"{" * 300, b'{"a":' * 300, b"<a>" * 300, b'"', b"\\u", b"\\ud83d", b",", b"}"),
    *(b"0000-00-00", b"10000-01-01", b"9" * 40, b"1" * 5_000, b"-", b"1e999", b"\xe2\x80\xae"),
]
ENCODINGS = ["utf-16", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-7", "utf-8-sig", "cp037"]


@st.composite
def damaged(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A good body with up to six slips in it."""
    body = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 60)))
        put = draw(
            st.sampled_from(WORDS)
            | st.binary(max_size=8)
            | st.just(body[start:end] * 2)
            | st.just(b"")
        )
        body = body[:start] + put + body[end:]
    return body


@EACH
@some
@given(data=st.data())
def test_a_damaged_body_is_papers_or_a_refusal(reader: Reader, data: st.DataObject) -> None:
    tried(reader, data.draw(st.binary(max_size=60) | damaged(reader.seeds)))


@pytest.mark.nightly
@EACH
@many
@given(data=st.data())
def test_so_is_any_other(reader: Reader, data: st.DataObject) -> None:
    tried(reader, data.draw(st.binary(max_size=60) | damaged(reader.seeds)))


def _is_json(body: bytes) -> bool:
    return body.lstrip()[:1] in (b"{", b"[")


VALUE = re.compile(rb'(?<=[:\[,])\s*("(?:[^"\\]|\\.)*"|-?[\d.]+|null|true|false)')


def absurdities(body: bytes, chance: random.Random, most: int) -> list[bytes]:
    """The body with one value changed to each absurd one, at most so many, and keys said twice."""
    places = [found.span(1) for found in VALUE.finditer(body)]
    ways = [(place, said) for place in places for said in ABSURD]
    found = []
    for (start, end), said in chance.sample(ways, min(most, len(ways))):
        found.append(body[:start] + said.encode("utf-8", "surrogatepass") + body[end:])
    found.append(re.sub(rb'("\w+"): ?', rb"\1: null, \1: 7, \1: ", body))
    return found


@pytest.mark.parametrize("most", [150, pytest.param(20_000, marks=pytest.mark.nightly)])
@EACH
def test_an_absurd_value_costs_its_field_or_its_record(reader: Reader, most: int) -> None:
    chance = random.Random(1)
    for body in filter(_is_json, reader.seeds):
        for one in absurdities(body, chance, most // len(reader.seeds)):
            tried(reader, one)


@EACH
def test_a_key_that_is_said_twice_is_harmless(reader: Reader) -> None:
    for body in filter(_is_json, reader.seeds):
        twice = re.sub(rb'("\w+"): ?', rb'\1: {"a": [7]}, \1: ', body)
        assert twice != body
        tried(reader, twice)


@pytest.mark.parametrize("encoding", ENCODINGS)
@EACH
def test_a_body_in_another_encoding_is_papers_or_a_refusal(reader: Reader, encoding: str) -> None:
    for body in reader.seeds:
        text = body.decode("utf-8", "replace")
        for said in (text, f'<?xml version="1.0" encoding="{encoding}"?>{text.partition("?>")[2]}'):
            tried(reader, said.encode(encoding, "replace"))


@EACH
def test_what_was_read_can_be_stored(reader: Reader) -> None:
    """Also what is left of a body of which every other value is absurd."""
    chance = random.Random(2)
    with closing(Store(MEMORY)) as store:
        for body in reader.seeds:
            for one in [body, *(absurdities(body, chance, 40) if _is_json(body) else [])]:
                found = tried(reader, one)
                if found:
                    store.add("huggingface", replace(found, state={}), NOW)
        assert store.problems() == []


@pytest.mark.parametrize("day", ["1013-04-10", "9999-12-31", "0001-01-01"])
def test_a_list_of_another_era_is_none(day: str) -> None:
    """What the fuzzer found: such a day was stored, and stood before all others."""
    for name in ("import", "export"):
        for body in READERS[name].seeds:
            changed = re.sub(rb"2026-04-1\d(?!T)", day.encode(), body)
            found = tried(READERS[name], changed)
            assert not found or not [one for one in found.listings if str(one.list_date) == day]


# -- time and memory ------------------------------------------------------------------------------

#: The most that a client or the reader of a file hands over.
LARGEST = 20_000_000
#: Told first and last: a child begins with what its parent has used.
MEASURED = """
import resource, sys, time
sys.path.insert(0, {here!r})
from bodies import READERS, tried
from bombs import BOMBS
resource.setrlimit(resource.RLIMIT_CPU, (300, 300))
body = BOMBS[{bomb!r}]({size})
def peak():
    return int(next(row for row in open("/proc/self/status") if row.startswith("VmHWM")).split()[1])
for name in {names!r}:
    began = time.process_time()
    open("/proc/self/clear_refs", "w").write("5")
    tried(READERS[name], body)
    print(name, peak() // 1000, round(time.process_time() - began, 2), sep="\\t")
"""


def cost(bomb: str, names: list[str]) -> dict[str, tuple[int, float]]:
    """MB at the most, and seconds of work, of each reader."""
    script = MEASURED.format(here=str(HERE), size=LARGEST, bomb=bomb, names=names)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=1_000
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    rows = (line.split("\t") for line in done.stdout.splitlines())
    return {name: (int(megabytes), float(seconds)) for name, megabytes, seconds in rows}


def most(bomb: str, *names: str) -> int:
    found = cost(bomb, list(names or READERS))
    print(found)
    return max(megabytes for megabytes, _ in found.values())


@pytest.mark.parametrize("bomb", ["short lines and an emoji", "keys and an emoji"])
def test_a_file_of_the_worst_kind_takes_less_than_300_mb(bomb: str) -> None:
    assert most(bomb, "import") < 300


@pytest.mark.nightly
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_takes_less_than_300_mb(bomb: str) -> None:
    assert most(bomb) < 300


@pytest.mark.nightly
@pytest.mark.parametrize("bomb", BOMBS)
def test_so_does_the_program_that_imports_it(bomb: str, tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(BOMBS[bomb](LARGEST))
    series = ["--observations"] if bomb in ("counts", "gzip of lines") else []
    done = run(Home(tmp_path), "--offline", "import", *series, "bomb")
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 1_000_000
    print(done.megabytes)
    assert done.megabytes < 300


def test_a_snapshot_in_an_archive_that_is_none_is_refused() -> None:
    reader = READERS["snapshot"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.comment = b"PK\x03\x04"
    empty = b"PK\x03\x04" + packed.getvalue()
    starts = (b"PK\x03\x04", b"\xfd7zXZ\0", b"\x1f\x8b")
    for body in (empty, *(start + SNAPSHOT for start in starts)):
        assert tried(reader, body) == reader.read(b"")


@pytest.mark.nightly
@pytest.mark.parametrize("name", READERS)
def test_a_fuzzer_finds_nothing(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="the extra `fuzz` is not installed")
    script = [sys.executable, str(HERE / "fuzz_bodies.py"), "--reader", name, "--seconds", "30"]
    done = subprocess.run(
        script, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3_000:]
