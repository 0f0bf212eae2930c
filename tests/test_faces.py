"""Every face at once: whatever stands in any field, nothing acts, a record stays one record, and
what is meant for programs comes back.

The single faces have more in test_hostile.py, test_formats.py and test_message.py; whoever makes a
new face gives it a line here.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from datetime import date

import pytest
from builders import NOW, ranked
from hypothesis import given, settings
from hypothesis import strategies as st
from test_hostile import ACTIVE, NASTY, OWN, full_of, texts
from test_message import ENVELOPE, digest, parts

from papertrack.archive import Kept, Opening
from papertrack.doctor import BAD, Finding
from papertrack.errors import Exit
from papertrack.housekeeping import Goer, Problem, Pruning, Repaired
from papertrack.letters import Issue, Letter, Standing, State
from papertrack.mailing import Item
from papertrack.models import Contribution, Ranked, Topic
from papertrack.outcomes import Outcome
from papertrack.render import (
    archive,
    bibtex,
    csl,
    feed,
    health,
    letters,
    markdown,
    records,
    ris,
    topics,
)
from papertrack.render.fields import FIELDS, chosen
from papertrack.render.message import build
from papertrack.render.page import page
from papertrack.render.table import Terminal, fields_table, table
from papertrack.reports import SourceHealth, Stats

ALL = ",".join(field.name for field in FIELDS)
STATS = Stats(
    path="x",
    bytes=1,
    papers=1,
    observations=1,
    listings=1,
    lists=1,
    first_list=None,
    last_list=None,
)
OPENING = Opening(exported_at=NOW, papers=1, lists=())
WIDE = Terminal(width=200, color=True, links=True)
#: Default_Ignorable_Code_Point, which shows nothing; joiners shape Persian, Hindi and emoji.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u206f\u3164"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def saying(text: str) -> Ranked:
    """A paper that says this wherever a stranger, a file or an answer of a service can."""
    one = full_of(text)
    told = Contribution(signal="attention", value=0.5, weight=9.0, reason=f"like {text}")
    return one._replace(contributions=(told,), snippet=f"… {text} …", matched=(text, "a"))


def two(text: str) -> list[Ranked]:
    return [saying(text), ranked()]


def issue_of(text: str) -> tuple[Issue, tuple[Letter, ...]]:
    issue = Issue(
        id=1, digest="morning", period="2026-04-15", opened_at=NOW, closed_at=None, host=text
    )
    fates = [State.SENT, State.FAILED, State.UNCERTAIN, State.PENDING]
    told = [
        Letter(
            id=n,
            issue=1,
            recipient="me@example.org",
            message_id="<1@x>",
            state=state,
            last_reply=text,
            sent_at=NOW if state is State.SENT else None,
        )
        for n, state in enumerate(fates)
    ]
    return issue, tuple(told)


def standing(text: str) -> Standing:
    return Standing(
        digest="morning",
        rhythm="daily at 07:30 (UTC)",
        recipients=("me@example.org",),
        editions=(issue_of(text),),
        next_due=NOW,
    )


def failing(text: str) -> SourceHealth:
    return SourceHealth(
        source="arxiv", last_error_at=NOW, last_error=text, failures_in_a_row=2, retry_at=None
    )


def matched(text: str) -> list[tuple[Topic, list[tuple[Ranked, list[str]]], int]]:
    return [(Topic(name=text, any=(text,)), [(saying(text), [text])], 1)]


def outcome(text: str) -> Outcome:
    return Outcome(digest="morning", letters=issue_of(text)[1], note=text)


def pruning(text: str) -> Pruning:
    goer = Goer(id=f"doi:10.1/{text}", title=text, day=date(2026, 1, 1), votes=1.0)
    return Pruning(
        before=date(2026, 1, 1), papers=1, observations=1, listings=1, kept={}, examples=(goer,)
    )


def kept(text: str) -> Kept:
    entry = saying(text).entry
    return Kept(
        paper=entry.paper,
        accounts={"arxiv": (entry.paper, NOW)},
        aliases=(text,),
        listings=entry.listings,
        observations=(),
        places=(),
        state=entry.state,
        first_seen_at=NOW,
    )


def mail(text: str) -> str:
    one = Item(ranked=saying(text), reason=text)
    return "\n".join(parts(build(digest(one, failures=(text,)), ENVELOPE)))


def one_line_finding(text: str) -> str:
    from papertrack.cli.doctor import _line

    return _line(Finding("arxiv", BAD, text))


Face = Callable[[str], str | Iterable[str]]
#: What a person reads, a record on as many lines whatever it says.
LINES: dict[str, Face] = {
    "tsv": lambda text: records.as_tsv(two(text), chosen(ALL, ())),
    "csv": lambda text: records.as_csv(two(text), chosen(ALL, ())),
    "ids": lambda text: records.as_ids(two(text)),
    "markdown": lambda text: markdown.as_markdown(two(text), explain=True),
    "topics": lambda text: topics.lines(matched(text)),
    "status": lambda text: health.lines([failing(text)], STATS, NOW),
    "digest status": lambda text: letters.standing_lines(standing(text), NOW),
    "db check": lambda text: health.problem_lines([Problem("rows", text)]),
    "db repair": lambda text: health.repaired_lines(Repaired(kept=f"x{text}")),
    "db prune": lambda text: health.pruning_lines(pruning(text)),
    "doctor": one_line_finding,
}
#: What a person reads, on as many lines as it takes.
TEXTS: dict[str, Face] = {
    "table": lambda text: table(two(text), Terminal(), explain=True, abstract=True),
    "snippets": lambda text: table(two(text), Terminal(width=40)),
    "columns": lambda text: fields_table(two(text), chosen("id,title,note", ()), Terminal()),
    "page": lambda text: page(saying(text), (), "1 of 2", Terminal()),
    "markdown with abstracts": lambda text: markdown.as_markdown(two(text), abstract=True),
    "bibtex": lambda text: bibtex.as_bibtex(two(text)),
    "ris": lambda text: ris.as_ris(two(text)),
    "atom": lambda text: feed.as_atom(two(text), title=text, now=NOW),
    "mail": mail,
}
COLOURED: dict[str, Face] = {
    "table": lambda text: table(two(text), WIDE, explain=True),
    "page": lambda text: page(saying(text), (), "1 of 2", WIDE),
}
#: What a program reads.
JSON: dict[str, Face] = {
    "json": lambda text: records.as_json(two(text)),
    "csl": lambda text: csl.as_csl(two(text)),
    "topics": lambda text: topics.as_json(matched(text)),
    "status": lambda text: health.as_json([failing(text)], STATS),
    "digest status": lambda text: records.dumps(letters.standing_record(standing(text))),
    "digest send": lambda text: letters.outcomes_json([outcome(text)], Exit.DONE),
    "export": lambda text: list(archive.lines(OPENING, [kept(text)]))[1:],
    "db check": lambda text: health.problems_json("x", [Problem("rows", text)]),
    "db repair": lambda text: health.repaired_json(Repaired(kept=text)),
}


def faces(table: dict[str, Face]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("face", table.values(), ids=table)


def shown(face: Face, text: str) -> str:
    return "".join(face(text))


def quiet(told: str) -> bool:
    bare = told.replace("\r\n", "\n").replace("\t", " ")
    return not ACTIVE.search(bare) and not INVISIBLE.search(bare)


some = settings(max_examples=20, deadline=None)


@faces(LINES | TEXTS)
def test_of_the_listed_ones_nothing_acts_and_nothing_is_invisible(face: Face) -> None:
    for text in NASTY:
        assert quiet(shown(face, text)), repr(text)


@faces(LINES | TEXTS)
@some
@given(text=texts)
def test_nothing_acts_and_nothing_is_invisible(face: Face, text: str) -> None:
    assert quiet(shown(face, text))


@faces(COLOURED)
@some
@given(text=texts)
def test_with_colour_nothing_else_acts(face: Face, text: str) -> None:
    assert quiet(OWN.sub("", shown(face, text)))


@faces(LINES)
@some
@given(text=texts)
def test_a_record_has_as_many_lines_whatever_it_says(face: Face, text: str) -> None:
    told = shown(face, text)
    assert len(told.splitlines()) == told.count("\n") == shown(face, "Plain").count("\n")


@faces(JSON)
@some
@given(text=texts)
def test_json_is_ascii_and_comes_back(face: Face, text: str) -> None:
    told = shown(face, text)
    assert told.isascii()
    assert quiet(told)
    back = json.loads(told)
    assert json.dumps(back)
    assert type(back) is type(json.loads(shown(face, "Plain")))


@some
@given(text=texts)
def test_every_field_comes_back_from_tsv_and_csv(text: str) -> None:
    [header, first, second] = csv.reader(io.StringIO(shown(LINES["csv"], text)))
    assert header == ALL.split(",")
    assert len(first) == len(second) == len(header)
    for line in shown(LINES["tsv"], text).splitlines():
        assert len(line.split("\t")) == len(header)


@some
@given(text=texts)
def test_atom_is_well_formed_and_has_one_entry_a_paper(text: str) -> None:
    root = ET.fromstring(shown(TEXTS["atom"], text))
    assert len(root.findall(f"{{{feed.ATOM}}}entry")) == 2


@pytest.mark.nightly
@faces(LINES | TEXTS | JSON)
@settings(max_examples=2_000, deadline=None)
@given(text=st.text(st.characters(), max_size=40))
def test_of_any_unicode_nothing_acts(face: Face, text: str) -> None:
    assert quiet(shown(face, text))
