"""A digest as a mail: what a reader sees, what a mail program needs, and nothing a stranger wrote
as anything but text."""

import email
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest
from builders import NOW, entry, paper, ranked
from hypothesis import given, settings
from hypothesis import strategies as st
from test_hostile import ACTIVE, NASTY

from papertrack.mailing import CHANGES, TRENDING, UNSEEN, Digest, Envelope, Item, Section
from papertrack.render.issue import headline, shortened, subject
from papertrack.render.issue_html import LARGEST, as_html
from papertrack.render.issue_text import WIDTH, as_text
from papertrack.render.message import build

ENVELOPE = Envelope(
    sender="me@example.org",
    recipient="you@example.net",
    message_id="<morning.2026-04-15.1f3a@example.org>",
    date=NOW,
    list_id="morning.papertrack.example.org",
    unsubscribe="a-rather-long-address-for-unsubscribing@a-rather-long-name-of-a-host.example.org",
)


def item(number: int = 1, **fields: object) -> Item:
    of = paper(f"2604.{number:05}", **fields)
    return Item(ranked=ranked(entry(of), rank=number), reason="94 upvotes, 3.1 times what is usual")


def digest(*items: Item, **fields: object) -> Digest:
    section = Section(
        kind=TRENDING, title="Trending", items=items, more=7, command="papertrack trending"
    )
    given = {"sections": (section,), "name": "morning", "period": "2026-04-15", "now": NOW}
    return Digest(**given | fields)  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def parts(raw: bytes) -> tuple[str, ...]:
    plain, page = read(raw).iter_parts()
    assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    return tuple(one.get_content().replace("\r\n", "\n") for one in (plain, page))


# -- the mail -------------------------------------------------------------------------------------


def test_the_text_comes_first_and_is_complete_alone() -> None:
    one = item(title="A paper", abstract="What it says.", code_url="https://github.com/a/b")
    plain, page = parts(build(digest(one), ENVELOPE))
    for said in ("A paper", "Ada Lovelace", "94 upvotes", "arxiv.org/abs/2604.00001", "7 more"):
        assert said in plain
        assert said in page
    assert "https://github.com/a/b" in plain
    assert "What it says." in plain


def test_the_headers_say_what_mail_programs_ask_for() -> None:
    message = read(build(digest(item()), ENVELOPE))
    assert message["From"] == "papertrack <me@example.org>"
    assert message["To"] == "you@example.net"
    assert message["Message-ID"] == ENVELOPE.message_id
    assert message["Date"].datetime == NOW
    assert message["List-Id"] == "<morning.papertrack.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "morning: 1 new paper, Wed 15 Apr 2026"
    assert "List-Unsubscribe-Post" not in message


def test_a_long_unsubscribe_address_is_neither_folded_nor_encoded() -> None:
    raw = build(digest(item()), ENVELOPE)
    line = next(one for one in raw.split(b"\r\n") if one.startswith(b"List-Unsubscribe:"))
    address = ENVELOPE.unsubscribe.encode()
    assert line == b"List-Unsubscribe: <mailto:" + address + b"?subject=unsubscribe%20morning>"


def test_the_same_issue_gives_the_same_bytes() -> None:
    assert build(digest(item()), ENVELOPE) == build(digest(item()), ENVELOPE)


@pytest.mark.parametrize("text", NASTY, ids=lambda text: repr(text[:20]))
def test_a_mail_is_seven_bit_in_short_lines_whatever_a_paper_is_called(text: str) -> None:
    hostile = item(title=text, abstract=text, authors=(text,), organization=text, code_url=text)
    raw = build(digest(hostile, failures=(text,)), ENVELOPE)
    assert raw.isascii()
    assert b"\0" not in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 78
    assert len(read(raw).keys()) == len(read(build(digest(item()), ENVELOPE)).keys())
    plain, page = parts(raw)
    assert not ACTIVE.search(plain.replace("\n", ""))
    assert not ACTIVE.search(page.replace("\n", ""))


@settings(max_examples=40, deadline=None)
@given(st.text(), st.text(), st.text())
def test_any_text_becomes_a_mail(title: str, abstract: str, name: str) -> None:
    one = item(title=title, abstract=abstract, authors=(name,), url=abstract, ai_summary=title)
    parts(build(digest(one), ENVELOPE))


@pytest.mark.parametrize("name", ["m", "m" * 40])
def test_a_subject_has_at_most_sixty_characters_and_no_title(name: str) -> None:
    many = Section(kind=CHANGES, title="Changes", items=(item(2),), more=12_000)
    one = digest(*(item(n, title="Secret") for n in range(50)), name=name)
    said = subject(replace(one, sections=(*one.sections, many)))
    assert len(said) <= 60
    assert "50 new papers, 12,001 changes" in said
    assert "Secret" not in said


# -- the text -------------------------------------------------------------------------------------


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


@pytest.mark.parametrize("text", NASTY, ids=lambda text: repr(text[:20]))
def test_lines_have_76_columns_but_for_links(text: str) -> None:
    one = item(title=f"{text} {text}", abstract=f"{text} {text}", authors=(text, text))
    for line in as_text(digest(one, failures=(text,))).splitlines():
        assert "http" in line or width(line) <= WIDTH


def test_a_command_is_never_broken() -> None:
    command = f"papertrack trending --topic '{'long name ' * 12}'"
    one = digest(item())
    long = replace(one, sections=(replace(one.sections[0], command=command),))
    assert f"    7 more:\n    {command}\n" in as_text(long)


def test_papers_are_numbered_through() -> None:
    one = digest(item(1), item(2))
    more = replace(one, sections=(*one.sections, replace(one.sections[0], items=(item(3),))))
    assert re.findall(r"^ *(\d+)\. ", as_text(more), re.MULTILINE) == ["1", "2", "3"]


def test_the_footer_says_what_failed_and_when_the_next_one_comes() -> None:
    due = datetime(2026, 4, 16, 7, 30, tzinfo=UTC)
    said = as_text(digest(item(), failures=("arxiv could not be read.",), next_due=due), "x@y.z")
    assert "Not complete: arxiv could not be read." in said
    assert "due on Thursday 16 April 2026 at 07:30 UTC" in said
    assert "To end it, write to x@y.z." in " ".join(said.split())


def test_where_nothing_is_new_that_is_said() -> None:
    nothing = digest(sections=(), note="There is nothing new since Tuesday.")
    assert headline(nothing) == "nothing new"
    assert "There is nothing new since Tuesday." in as_text(nothing)
    assert "There is nothing new since Tuesday." in as_html(nothing)


def test_older_papers_are_not_called_new() -> None:
    older = digest(item(1), item(2))
    older = replace(older, sections=(replace(older.sections[0], kind=UNSEEN),))
    assert headline(older) == "nothing new, 2 older papers"


@pytest.mark.parametrize(
    ("longest", "short"),
    [
        (100, "One thing. Another thing follows."),
        (18, "One thing."),
        (8, "One…"),
        (32, "One thing. Another thing…"),
        (0, ""),
    ],
)
def test_a_summary_ends_with_a_sentence_or_a_word(longest: int, short: str) -> None:
    assert shortened("One thing.\n\nAnother thing follows.", longest) == short


# -- the page -------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(one: Digest) -> Page:
    page = Page()
    page.feed(as_html(one))
    page.close()
    assert not page.open
    return page


PLAIN_TAGS = page_of(digest(item(abstract="x", code_url="https://x.org/"))).tags


@pytest.mark.parametrize("text", NASTY, ids=lambda text: repr(text[:20]))
def test_no_text_adds_a_tag_or_a_link_of_its_own(text: str) -> None:
    wild = f"</td></tr></table>{text}<img src=http://evil.example/x><!--"
    one = item(title=wild, abstract=wild, authors=(wild,), code_url="https://x.org/")
    page = page_of(digest(one))
    assert page.tags == PLAIN_TAGS
    assert not [link for link in page.links if "evil" in link]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", 'https://x.org/"onclick="x', "file:///etc"]
)
def test_links_lead_to_the_web_only(url: str) -> None:
    page = page_of(digest(item(url=url, code_url=url, project_url=url)))
    assert all(re.fullmatch(r"https?://[!-~]+", link) for link in page.links)
    assert not [link for link in page.links if '"' in link]


def test_nothing_is_loaded_from_elsewhere() -> None:
    one = as_html(digest(item(abstract="x")))
    assert not re.search(r"<(img|link|script|iframe|form|svg|object)|url\(|@import|src=", one)


@pytest.mark.parametrize("letter", ["a", "é", "究", "&"])
def test_fifty_papers_stay_below_what_gmail_shows(letter: str) -> None:
    long = letter * 60 + " "
    items = [item(n, title=long * 3, abstract=long * 40, authors=(long,) * 9) for n in range(50)]
    one = digest(*items)
    assert len(as_html(one).encode()) < LARGEST
    assert as_text(one).count("arxiv.org/abs/") == 50


def test_what_does_not_fit_is_counted() -> None:
    items = [item(n, title="a long title " * 20, authors=("b" * 200,) * 3) for n in range(50)]
    one = digest(*items)
    wide = as_html(replace(one, sections=one.sections * 4))
    assert len(wide.encode()) < LARGEST
    shown = wide.count(">PDF<")
    counted = sum(map(int, re.findall(r">(\d+) more", wide)))
    assert 0 < shown < 200
    assert shown + counted == 200 + 4 * 7
