"""Series of counts that others kept: JSON Lines of observations, and tables of submission times.

A line of a series has `paper_id` (an arXiv id), `observed_at` and any of `upvotes`, `comments` and
`github_stars`; `list_date` where it is known. A line of a table is an id, a tab and a time. Both
may be compressed with gzip. Papers of which no more is known carry their id as title until a source
tells it.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from datetime import date, datetime

from papertrack.errors import PapertrackError, UsageError
from papertrack.identifiers import split_arxiv
from papertrack.importing.imported import no_records
from papertrack.models import COMMENTS, GITHUB_STARS, UPVOTES, Listing, Observation, Paper
from papertrack.reports import Batch
from papertrack.sources.values import count, mapping, moment

#: Whose counts these are.
SOURCE = "huggingface"
BATCH_SIZE = 2_000
MAX_LINES, MAX_LINE = 5_000_000, 10_000
_KINDS = (UPVOTES, COMMENTS, GITHUB_STARS)


def read_series(body: bytes, *, name: str) -> Iterator[Batch]:
    """The observations of a file, some thousand lines a batch.

    Raises UsageError, naming the file and what was expected, where no line is a record of either
    kind; PapertrackError where it is damaged.
    """
    listings: list[Listing] = []
    observations: list[Observation] = []
    skipped = first = good = 0
    for number, line in enumerate(_lines(body, name), 1):
        found = _listing(line) if "\t" in line else _counts(line)
        if not found:
            skipped += 1
            first = first or number
            continue
        good += 1
        listings += [one for one in found if isinstance(one, Listing)]
        observations += [one for one in found if isinstance(one, Observation)]
        if len(listings) + len(observations) >= BATCH_SIZE:
            yield _batch(listings, observations)
            listings, observations = [], []
    if not good:
        raise UsageError(
            f"{name} holds no observations; a line is JSON with paper_id, observed_at and upvotes, "
            "or an arXiv id, a tab and the time of its submission."
        )
    more = (no_records(skipped, f"line {first}"),) if skipped else ()
    yield _batch(listings, observations, more)


def _lines(body: bytes, name: str) -> Iterator[str]:
    """The lines of a file one by one, because a little gzip can unpack to a lot."""
    file = io.BytesIO(body)
    stream = gzip.GzipFile(fileobj=file) if body[:2] == b"\x1f\x8b" else file
    try:
        for _ in range(MAX_LINES):
            line = stream.readline(MAX_LINE)
            if not line:
                break
            yield line.decode("utf-8", "replace").rstrip("\r\n")
    except (OSError, EOFError, zlib.error):
        raise PapertrackError(
            f"{name} is damaged: its compressed part cannot be read; get it again."
        ) from None


def _listing(line: str) -> list[Listing | Observation]:
    number, _, when = line.partition("\t")
    split, at = split_arxiv(number), moment(when.strip())
    if not split or not at:
        return []
    return [_listed(f"arxiv:{split[0]}", at.date(), at)]


def _counts(line: str) -> list[Listing | Observation]:
    try:
        record = mapping(json.loads(line))
    except (ValueError, RecursionError):
        return []
    split, at = split_arxiv(str(record.get("paper_id", ""))), moment(record.get("observed_at"))
    if not split or not at:
        return []
    key = f"arxiv:{split[0]}"
    found: list[Listing | Observation] = [
        Observation(paper_id=key, source=SOURCE, kind=kind, value=value, observed_at=at)
        for kind in _KINDS
        if (value := count(record.get(kind))) is not None
    ]
    day = moment(record.get("list_date"))
    return [_listed(key, day.date(), None), *found] if day and found else found


def _listed(key: str, day: date, at: datetime | None) -> Listing:
    """A table that says midnight knows the day only."""
    exact = at if at and (at.hour or at.minute or at.second) else None
    return Listing(paper_id=key, source=SOURCE, list_date=day, submitted_at=exact)


def _batch(
    listings: list[Listing], observations: list[Observation], skipped: tuple[str, ...] = ()
) -> Batch:
    keys = dict.fromkeys([one.paper_id for one in listings])
    keys |= dict.fromkeys([one.paper_id for one in observations])
    papers = (Paper(id=key, arxiv_id=key[6:], title=f"arXiv:{key[6:]}") for key in keys)
    return Batch(
        papers=tuple(papers),
        listings=tuple(listings),
        observations=tuple(observations),
        skipped=skipped,
    )
