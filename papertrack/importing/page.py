"""A Daily Papers page as a browser or curl saved it, and the JSON of the same list.

The page carries its list as JSON in an attribute, `data-target="DailyPapers" data-props="{...}"`,
the same in 2024 and 2026 (looked at: 2024-08-01, 2026-03-18 to 2026-05-12). Day pages name their
day: `dateString` since 2025, a time in `date` before. Lists of a week, a month, a search or
"trending" are not a day's list; their papers keep the day on which they were submitted.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from papertrack.importing.imported import MAX_PAPERS, Imported, OtherFormatError, bounded
from papertrack.reports import Batch
from papertrack.sources import huggingface, values

FORMAT = "saved Daily Papers page"
_LONGEST = 8_000_000  # characters of the list; one of 50 papers has 490,000 (12 May 2026)
_TARGET = r"""data-target=(?:"DailyPapers"|'DailyPapers')"""
_PROPS = r"""data-props=(?:"(?P<{0}2>[^"]*)"|'(?P<{0}1>[^']*)')"""
_OTHER = r"""(?:\s+[\w:-]+(?:=(?:"[^"]*"|'[^']*'))?){0,10}?"""
#: Saved pages keep the order of 2024 and 2026; a tool that rewrote the page may have turned it.
_LIST = re.compile(
    rf"{_TARGET}{_OTHER}\s+{_PROPS.format('a')}|{_PROPS.format('b')}{_OTHER}\s+{_TARGET}"
)


def read(text: str, observed_at: datetime) -> Imported:
    """The list of a saved page, as Hugging Face's account. An empty list is one, too."""
    found = _LIST.search(text)
    if not found:
        raise OtherFormatError(f'{FORMAT} (no data-target="DailyPapers" with its data-props)')
    start, end = found.span(found.lastindex or 0)
    try:
        props = values.mapping(
            values.loaded(html.unescape(text[start : min(end, start + _LONGEST)]))
        )
    except ValueError:
        raise OtherFormatError(f"{FORMAT} (its data-props are damaged or cut)") from None
    entries = props.get("dailyPapers")
    if not isinstance(entries, list):
        raise OtherFormatError(f"{FORMAT} (its data-props hold no dailyPapers)")
    day = _day(props)
    batch = _parse(entries, observed_at, day)
    if entries and not batch.papers:
        raise OtherFormatError(f"{FORMAT} ({batch.skipped[0]})")
    lists = (day,) if day and batch.papers else ()
    return Imported(format=FORMAT, batch=replace(batch, lists=lists), source=huggingface.NAME)


def read_answer(records: list[object], observed_at: datetime) -> Imported:
    """What `curl https://huggingface.co/api/daily_papers` gives."""
    if not any("paper" in values.mapping(record) for record in records):
        raise OtherFormatError('no "paper" as in Hugging Face\'s lists')
    batch = _parse(records, observed_at, None)
    if not batch.papers:
        raise OtherFormatError(f"a list of Hugging Face, but {batch.skipped[0]}")
    return Imported(format="Hugging Face JSON", batch=batch, source=huggingface.NAME)


def _parse(entries: list[object], observed_at: datetime, day: date | None) -> Batch:
    batch = huggingface.read_entries(entries[:MAX_PAPERS], observed_at=observed_at, day=day)
    return replace(batch, papers=tuple(map(bounded, batch.papers)))


def _day(props: Mapping[str, object]) -> date | None:
    """The day whose list this is, if it is a day's list."""
    if props.get("periodType", "day") != "day" or props.get("isTrending") or props.get("query"):
        return None
    written = values.line(props.get("dateString")) or values.line(props.get("date"))
    if not re.match(r"\d{4}-\d\d-\d\d(?!\d)", written):
        return None
    try:
        return values.list_day(written[:10])
    except ValueError:
        return None
