"""Anyone can post a preprint: no text of a stranger breaks a row, raises, or acts on a terminal."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from builders import entry, paper, ranked, seen
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.models import UPVOTES, Ranked, ReaderState
from papertrack.render import records
from papertrack.render.fields import FIELDS, chosen
from papertrack.render.page import page
from papertrack.render.table import Terminal, fields_table, table

MARKUP = [
    *("[/INST]", "[red]", ":fire:", "[/]", "[MASK]", "[bold]x[/bold]", "{x}", "%s", "\\[red]"),
    "[link=file:///etc/passwd]x[/link]",
]
NASTY = [
    *MARKUP,
    "A\x1b[2JB",
    "A\x1b]52;c;ZXZpbA==\x07B",
    "A\x1b]8;;file:///etc/passwd\x1b\\B",
    "A\x9b2JB",
    "A\x9d52;c;ZXZpbA==\x9cB",
    "Safe \u202egnp.exe",
    "\u2066A\u2069\u200f\u061c",
    "A\ud800B",
    "Good\nEvil",
    "Good\r\nEvil\rWorse",
    "A\u2028B\u2029C\x85D\x0bE\x0cF\x1cG",
    "A\tB",
    "  \t\n \u3000 ",
    "",
    "\u200b",
    "\0",
    "a" * 10_000,
    "long " * 2_000,
    "基于大语言模型的智能体研究" * 9,
    "👩\u200d👩\u200d👧 and 🔥",
    "e" + "\u0301" * 50,
    "=cmd|' /C calc'!A0",
    '"quoted", with, commas; and "more"',
    "<script>alert(1)</script>",
    "&#27;[2J",
    "\U000e0041\ufeff\ufffe",
]
#: Everything that acts on a terminal or turns its reading direction.
ACTIVE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
#: The sequences of a table of our own: colours, and links to the web.
OWN = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;(?:id=\d+;https?://[!-~]+|;)\x1b\\")
texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters()),
    st.lists(st.sampled_from(NASTY[:26]), max_size=4).map("".join),
)
LINE = "rank,id,title,abstract,authors,organization,submitted_by,keywords,note,code_url,tags"


def full_of(text: str) -> Ranked:
    """A paper that says this in every field that a stranger can fill."""
    one = entry(
        paper(
            title=text,
            abstract=text,
            authors=(text, "Ada", text),
            categories=(text,),
            organization=text,
            keywords=(text,),
            code_url=text,
            project_url=f"https://example.org/{text}",
            ai_summary=text,
            comment=text,
            journal=text,
        ),
        state=ReaderState(note=text, tags=(text,)),
    )
    listing = one.listings[0]._replace(submitted_by=text)
    return ranked(replace(one, listings=(listing,)))


def in_table(text: str, terminal: Terminal) -> str:
    return table([full_of(text), ranked()], terminal, explain=True, abstract=True)


def in_columns(text: str, terminal: Terminal) -> str:
    return fields_table([full_of(text), ranked()], chosen("id,title,authors,note", ()), terminal)


def on_page(text: str, terminal: Terminal) -> str:
    return page(full_of(text), (seen(UPVOTES, 1),), "1 of 2", terminal)


def in_tsv(text: str, terminal: Terminal) -> str:
    return "".join(records.as_tsv([full_of(text), ranked()], chosen(LINE, ())))


FACES = pytest.mark.parametrize("face", [in_table, in_columns, on_page, in_tsv])
Face = Callable[[str, Terminal], str]


@FACES
@pytest.mark.parametrize("width", [40, 200])
@pytest.mark.parametrize("text", NASTY)
def test_the_listed_ones_do_nothing(text: str, width: int, face: Face) -> None:
    assert not ACTIVE.search(face(text, Terminal(width=width)).replace("\t", " "))


@FACES
@settings(max_examples=50)
@given(text=texts)
def test_no_text_does_anything(face: Face, text: str) -> None:
    assert not ACTIVE.search(face(text, Terminal()).replace("\t", " "))


@pytest.mark.parametrize("face", [in_table, in_columns, on_page])
@settings(max_examples=50)
@given(text=texts)
def test_with_colour_the_only_sequences_are_our_own(face: Face, text: str) -> None:
    shown = face(text, Terminal(width=200, color=True, links=True))
    assert not ACTIVE.search(OWN.sub("", shown))


@FACES
@pytest.mark.parametrize("text", MARKUP)
def test_what_looks_like_markup_is_shown_as_it_is(text: str, face: Face) -> None:
    assert text in face(f"{text} is all", Terminal(width=200))


@given(text=texts)
def test_one_record_is_one_line_of_tsv(text: str) -> None:
    first, second, *rest = in_tsv(text, Terminal()).split("\n")
    assert rest == [""]
    assert len(first.split("\t")) == len(second.split("\t")) == LINE.count(",") + 1


@given(text=texts)
def test_one_record_is_one_line_of_csv_and_comes_back(text: str) -> None:
    shown = "".join(records.as_csv([full_of(text), ranked()], chosen(LINE, ())))
    assert len(shown.splitlines()) == 3
    assert not ACTIVE.search(shown.replace("\r\n", "\n"))
    header, first, second = csv.reader(io.StringIO(shown))
    assert len(header) == len(first) == len(second)
    assert not any(cell.startswith(tuple("=+-@\t\r")) for cell in first)


@given(text=texts)
def test_json_is_ascii_and_keeps_the_title(text: str) -> None:
    for shown in (
        "".join(records.as_json([full_of(text)])),
        "".join(records.as_jsonl([full_of(text)])),
    ):
        assert shown.isascii()
        assert not ACTIVE.search(shown)
        told = json.loads(shown)
        told = told[0] if isinstance(told, list) else told
        assert told["title"] == re.sub("[\ud800-\udfff]", "\ufffd", text).replace("\0", "")
        assert list(told) == [field.name for field in FIELDS]


@given(text=texts)
def test_an_id_is_one_line_whatever_a_publisher_puts_into_it(text: str) -> None:
    [line] = records.as_ids([ranked(replace(paper(), id=f"doi:10.1101/{text}"))])
    assert line.count("\n") == 1
    assert not ACTIVE.search(line)


@pytest.mark.parametrize("text", ["", "  \t\n ", "\u200b"])
def test_a_title_of_nothing_has_a_name(text: str) -> None:
    assert "(untitled)" in in_table(text, Terminal())
    assert "(untitled)" in on_page(text, Terminal())
    assert "(untitled)" in in_tsv(text, Terminal())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_ten_thousand_letters_push_nothing_out_of_its_column(width: int) -> None:
    shown = in_table("a" * 10_000, Terminal(width=width)).splitlines()
    assert max(map(len, shown)) <= width
    assert sum(line.count("a") for line in shown) >= 20_000
