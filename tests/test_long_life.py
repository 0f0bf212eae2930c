"""Five years of lists, ten thousand papers: a digest of them takes little, and stays readable."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from builders import SOURCE, paper, seen
from mailserver import mail_server
from program import NOWHERE, Home, run

from papertrack.clock import weekdays
from papertrack.models import UPVOTES, Listing
from papertrack.reports import Batch
from papertrack.store import Store

TODAY, PAPERS = date(2026, 4, 15), 10_000
DAYS = weekdays(TODAY - timedelta(days=5 * 365), TODAY)
GMAIL_SHOWS = 90 * 1024
CONFIG = f"""
fetch: {{sources: [{SOURCE}], max_age: 1000d}}
sources: {{{SOURCE}: {{base_url: '{NOWHERE}'}}}}
topics: [{{name: sentences, any: [sentence]}}]
digests:
  - {{name: morning, to: me@example.org, timezone: UTC, topics: [sentences],
     window: 30d, limit: 50}}
mail: {{host: 127.0.0.1, port: {{port}}, tls: none, from: owner@example.org}}
"""


def lists() -> Iterator[Batch]:
    """Some days at a time; each paper with an abstract, authors and three counts."""
    a_day = PAPERS // len(DAYS) + 1
    for start in range(0, len(DAYS), 200):
        papers, listings, counts = [], [], []
        for place, day in enumerate(DAYS[start : start + 200], start):
            at = datetime.fromisoformat(f"{day}T02:00:00+00:00")
            for n in range(a_day):
                number = f"{day:%y%m}.{place * a_day + n:05}"
                title = f"On the {n}th thing of {day}"
                authors = tuple(f"Ada {n} Lovelace" for n in range(8))
                papers.append(
                    paper(number, title=title, abstract="A sentence. " * 90, authors=authors)
                )
                listings.append(
                    Listing(
                        paper_id=f"arxiv:{number}", source=SOURCE, list_date=day, submitted_at=at
                    )
                )
                counts += [
                    seen(UPVOTES, 5 * hour, at + timedelta(hours=hour), number)
                    for hour in (1, 5, 9)
                ]
        yield Batch(
            papers=tuple(papers),
            listings=tuple(listings),
            observations=tuple(counts),
            lists=tuple(DAYS[start : start + 200]),
        )


@pytest.mark.nightly
def test_a_digest_of_a_long_life_takes_little_and_stays_readable(tmp_path: Path) -> None:
    home = Home(tmp_path)
    place = tmp_path / ".local/share/papertrack/papertrack.db"
    now = datetime.fromisoformat(home.now)
    with closing(Store(str(place))) as store:
        for batch in lists():
            store.add(SOURCE, batch, now)
        assert store.stats().papers >= PAPERS
    with mail_server() as server:
        home.configure(CONFIG.replace("{port}", str(server.port)))
        done = run(home, "digest", "send", "--if-due")
        assert (done.code, done.stderr) == (0, "")

    (message,) = map(message_from_bytes, server.bodies("me@example.org"))
    text, html = (part.get_payload(decode=True) for part in message.get_payload())
    assert text.count(b"arxiv.org/abs/") == 100
    assert len(html) < GMAIL_SHOWS
    assert done.megabytes < 200
