"""The text that a browser copies from a Daily Papers page or its search results.

Nothing marks what is what, so lines are told apart by what the pages look like (July 2024 to June
2026). A search result is a title and its abstract, each on one line. The list of a day is
"Submitted by", a name, a count of votes, the title, and "N authors" or an organization, with no
abstract. Of 86,252 real papers 3 titles look like an abstract here (they are long and end in a full
stop), and 227 abstracts do not (they are shorter than 100 characters, or than 250 without one).
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from papertrack import identifiers
from papertrack.importing.imported import MAX_TITLE, Gathering, Imported, OtherFormatError
from papertrack.models import Paper
from papertrack.sources import values

FORMAT = "text copied from a page"
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATE = (
    rf"(?:{_MONTH}(?:[ ]\d{{1,2}})?(?:,?[ ]\d{{4}})?|\d{{1,2}}[ ]{_MONTH}(?:[ ]\d{{4}})?"
    r"|\d{4}-\d\d-\d\d)"
)
_AUTHORS = r"\d{1,4}[ ]authors?"
#: The furniture of the pages; a line that is all of it is neither title nor abstract.
_FURNITURE = re.compile(
    rf"""(?: (?:published\ on\ |submitted\ on\ )?{_DATE} | {_AUTHORS}
    | [\d.,]+[km]?(?:\ (?:upvotes?|votes?|comments?|likes?|stars?|papers?))? | \+\ ?\d+
    | today | yesterday | \d{{1,3}}\ (?:minute|hour|day|week|month|year)s?\ ago
    | new | daily | weekly | monthly | trending | previous | next | back | by | ak | upvotes?
    | (?:daily|trending|search)\ papers(?:\ -\ hugging\ face)? | hugging\ ?face | buckets?(?:\ new)?
    | get\ trending\ papers\ in\ your\ email\ inbox.* | subscribe | and\ the\ research\ community
    | by\ ?ak(?:\ and\ the\ research\ community)? | search\ by\ arxiv\ id.* | submit(?:\ a\ paper)?
    | models | datasets | spaces | posts | docs | solutions | enterprise | pricing | log\ ?in
    | sign\ ?up | community | company | .{{0,2}}hugging\ face | tos | privacy | about | jobs
    | careers | website | system\ theme | github | arxiv(?:\ page)? | view\ (?:arxiv\ page|pdf)
    | project\ page | add\ to\ collection | paper | pdf | abstract | read\ more | \W+
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_PARTS = re.compile(r"\s*[·•|]\s*")
_SUBMITTED = re.compile(r"submitted by(?: (?P<name>\S.{0,80}))?", re.I)
_COUNTED = re.compile(rf"[·•\s]*{_AUTHORS}\b.{{0,60}}", re.I)
_ENDS = re.compile(r"\.[\"')\]]*$")
_NO_TITLE = re.compile(r"[#<>{|`@\[]|.*(?:[,;:]|://\S+)$")
_NAME = re.compile(r"[^\W\d_a-z][\w.'’-]*|d[aeiu]l?|v[ao]n|der?")
_WRAPPED = 40  # a line of a wrapped paragraph, but its last, is at least this long
_UNWRAPPED = 130  # a text with a longer line is not wrapped
_LONGEST, _MOST_LINES = 10_000_000, 300_000  # characters, lines; some 7,000 papers
_PATIENCE = 2_000  # lines of furniture before the first paper


@dataclass
class _Reading:
    """What has been read since the last paper was complete."""

    gathered: Gathering
    candidates: list[str] = field(default_factory=list)
    sure: str = ""  # a title beyond doubt: the page's own marks stand around it
    expects: str = ""  # "name" after "Submitted by", then "title"
    pairs: int = 0
    orphans: int = 0
    marked: bool = False

    def take(self, line: str) -> None:
        if found := _SUBMITTED.fullmatch(line):
            self.close()
            self.expects, self.marked = "title" if found["name"] else "name", True
        elif self.expects == "name":
            self.expects = "title"
        elif _COUNTED.fullmatch(line):
            self.counted()
        elif _is_abstract(line):
            self.abstract(line)
        elif not _is_furniture(line):
            self.short(line)

    def counted(self) -> None:
        """`12 authors`: what stands before it is a title, or an abstract that is done."""
        self.marked = True
        if self.candidates and not self.sure:
            self.sure = self.candidates[-1]

    def short(self, line: str) -> None:
        if self.expects == "title":
            self.sure, self.expects = line, ""
        if not _NO_TITLE.match(line) and not _is_id(line):
            self.candidates = [*self.candidates[-9:], line]

    def abstract(self, line: str) -> None:
        title = self.sure or _best(self.candidates)
        if title:
            self.pairs += 1
            self.add(title, line)
        else:
            self.orphans += 1
            self.gathered.skip(f"a paragraph has no title before it: {line[:60]!r}")
        self.candidates, self.sure, self.expects = [], "", ""

    def close(self) -> None:
        """A title that came without an abstract, before the next card or the end."""
        if self.sure:
            self.add(self.sure, "")
        self.candidates, self.sure = [], ""

    def add(self, title: str, abstract: str) -> None:
        title = values.line(title)[:MAX_TITLE]
        paper = Paper(id=identifiers.title_id(title), title=title, abstract=values.line(abstract))
        self.gathered.add(paper, repr(title[:60]))


def read(text: str, observed_at: datetime) -> Imported:
    """Titles, with abstracts where the text has them; ids follow from the titles until looked up.

    A text without the page's own marks is taken for one only if nearly each paragraph has a title
    of its own. `observed_at` is not used: the votes of a copied list name no day.
    """
    if len(text) > _LONGEST:
        raise OtherFormatError(f"{FORMAT} (it is longer than {_LONGEST // 1_000_000} MB)")
    if text.count("\n") > _MOST_LINES:
        raise OtherFormatError(f"{FORMAT} (it has more than {_MOST_LINES:,} lines)")
    if text.lstrip()[:1] in ("<", "{", "["):
        raise OtherFormatError(f"{FORMAT} (it begins like HTML or JSON)")
    gathered = Gathering()
    reading = _Reading(gathered)
    for number, line in enumerate(_lines(text)):
        if gathered.is_full() or (number == _PATIENCE and not gathered.papers):
            break
        reading.take(line)
    reading.close()
    if not reading.marked and reading.orphans * 10 > reading.pairs:
        raise OtherFormatError(f"{FORMAT} (paragraphs without a title of their own)")
    return gathered.imported(FORMAT, 'no title with an abstract, no "Submitted by"')


def _lines(text: str) -> list[str]:
    """The lines that hold something; where paragraphs are wrapped, one line each."""
    lines = [line.strip() for line in text.replace("\f", "\n").split("\n")]
    if any(len(line) > _UNWRAPPED or _SUBMITTED.fullmatch(line) for line in lines):
        return [line for line in lines if line]
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    wrapped = [len(block) > 1 and min(map(len, block[:-1])) >= _WRAPPED for block in blocks]
    if not any(
        is_wrapped and len(block) > 2 for is_wrapped, block in zip(wrapped, blocks, strict=True)
    ):
        return [line for block in blocks for line in block]
    joined = (
        [" ".join(block)] if yes else block for yes, block in zip(wrapped, blocks, strict=True)
    )
    return [line for block in joined for line in block]


def _is_abstract(line: str) -> bool:
    return len(line) >= 250 or (len(line) >= 100 and bool(_ENDS.search(line)))


def _is_furniture(line: str) -> bool:
    if len(line) > 120:
        return False
    return all(_FURNITURE.fullmatch(part) for part in _PARTS.split(line) if part)


def _is_id(line: str) -> bool:
    return len(line) < 200 and bool(
        identifiers.split_arxiv(line)
        or identifiers.arxiv_in_url(line)
        or identifiers.normalise_doi(line)
    )


def _best(candidates: list[str]) -> str:
    """The line nearest to the abstract that is not a list of people."""
    named = [line for line in candidates if not _is_people(line)]
    return (named or candidates or [""])[-1]


def _is_people(line: str) -> bool:
    """`Ada Lovelace, Alan Turing`: two and more names of two to five words each."""
    parts = [part.strip() for part in re.split(r",| and ", line) if part.strip()]
    return len(parts) > 1 and all(
        2 <= len(part.split()) <= 5 and all(map(_NAME.fullmatch, part.split())) for part in parts
    )
