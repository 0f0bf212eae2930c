"""The bundled sample behind `--demo`: forty papers of one real week, 13 to 17 April 2026.

The facts (titles, authors, dates, submitters, links, and the counts with the moments at which they
were seen) come from the public Hugging Face Daily Papers lists of that week. The one-sentence
summaries that stand for the abstracts, and the keywords, are ours. Each day is a choice, not the
whole list, and a long list of authors ends after thirty names.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from papertrack.clock import instant, weekdays
from papertrack.models import Listing, Observation, Paper
from papertrack.reports import Batch

SOURCE = "huggingface"


def load() -> tuple[datetime, Batch]:
    """The moment at which the sample is to be read, and the sample."""
    sample = json.loads(Path(__file__).with_name("sample.json").read_text(encoding="utf-8"))
    now, rows = instant(sample["now"]), sample["papers"]
    return now, Batch(
        papers=tuple(_paper(row) for row in rows),
        listings=tuple(found for row in rows for found in _listings(row)),
        observations=tuple(seen for row in rows for seen in _observations(row)),
        lists=tuple(weekdays(now.date() - timedelta(days=4), now.date())),
    )


def _paper(row: dict[str, Any]) -> Paper:
    plain = ("arxiv_id", "title", "abstract", "organization", "code_url", "project_url")
    return Paper(
        id=f"arxiv:{row['arxiv_id']}",
        authors=tuple(row["authors"]),
        published_at=instant(row["published_at"]),
        keywords=tuple(row["keywords"]),
        **{name: row[name] for name in plain if name in row},
    )


def _listings(row: dict[str, Any]) -> Iterator[Listing]:
    paper = f"arxiv:{row['arxiv_id']}"
    for entry in row["listings"]:
        day, moment = date.fromisoformat(entry["list_date"]), instant(entry["submitted_at"])
        who = entry["submitted_by"]
        yield Listing(
            paper_id=paper, source=SOURCE, list_date=day, submitted_at=moment, submitted_by=who
        )


def _observations(row: dict[str, Any]) -> Iterator[Observation]:
    paper = f"arxiv:{row['arxiv_id']}"
    for kind, points in row["observations"].items():
        for at, value in ((instant(moment), value) for moment, value in points):
            yield Observation(paper_id=paper, source=SOURCE, kind=kind, value=value, observed_at=at)
