"""What lists cost to draw, to write and to read: tables, TSV, JSON (L1, L2), arXiv's Atom (L3).

Beside them stand Rich's table as it comes, `json.dumps` and feedparser, on the same papers.
"""

import gc
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import feedparser
from common import Verdicts, rounds_of
from rich.console import Console
from rich.table import Table

from papertrack.models import (
    COMMENTS,
    GITHUB_STARS,
    UPVOTES,
    Entry,
    Listing,
    Observation,
    Paper,
    Ranked,
)
from papertrack.render import LINE_FIELDS, records
from papertrack.render.fields import FIELDS, chosen
from papertrack.render.table import Terminal, table
from papertrack.sources import arxiv_xml

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
WORDS = ("sparse", "attention", "for", "language", "models", "that", "plan", "with", "tools")
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns="http://www.w3.org/2005/Atom">
<id>http://rss.arxiv.org/atom/cs.AI</id><title>cs.AI updates on arXiv.org</title>
<updated>2026-04-14T04:00:19+00:00</updated><opensearch:totalResults>{count}</opensearch:totalResults>
{entries}</feed>"""
ANNOUNCED = """<entry><id>oai:arXiv.org:{id}v1</id><title>{title}</title>
<updated>2026-04-14T04:00:19+00:00</updated>
<link href="https://arxiv.org/abs/{id}" rel="alternate" type="text/html"/>
<summary>arXiv:{id}v1 Announce Type: new
Abstract: {abstract}</summary><category term="cs.LG"/><category term="cs.AI"/>
<published>2026-04-14T00:00:00-04:00</published><arxiv:announce_type>new</arxiv:announce_type>
<dc:creator>Ada Example, Bela Example, Cleo Example and Dora Example</dc:creator></entry>
"""
ANSWERED = """<entry><id>http://arxiv.org/abs/{id}v1</id><title>{title}</title>
<updated>2026-04-12T08:00:00Z</updated><published>2026-04-12T08:00:00Z</published>
<link href="https://arxiv.org/abs/{id}v1" rel="alternate" type="text/html"/>
<summary>{abstract}</summary><category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>
<arxiv:primary_category term="cs.LG"/><author><name>Ada Example</name></author>
<author><name>Bela Example</name></author><author><name>Cleo Example</name></author></entry>
"""


def words(number: int, count: int) -> str:
    """A sentence of so many words, a different one for each number."""
    return " ".join(WORDS[(number * 7 + place * place) % len(WORDS)] for place in range(count))


def papers(count: int) -> list[Ranked]:
    found = []
    for number in range(count):
        key = f"2604.{number:05}"
        one = Paper(
            id=f"arxiv:{key}",
            arxiv_id=key,
            title=words(number, 11).capitalize(),
            abstract=words(number, 180),
            authors=("Ada Example", "Bela Example", "Cleo Example", "Dora Example"),
            categories=("cs.LG", "cs.AI"),
            published_at=NOW,
        )
        at = NOW - timedelta(hours=number % 160)
        counts = {UPVOTES: number % 97, COMMENTS: number % 7, GITHUB_STARS: number * 13 % 2_000}
        seen = (
            Observation(paper_id=one.id, source="huggingface", kind=k, value=v, observed_at=NOW)
            for k, v in counts.items()
        )
        listing = Listing(
            paper_id=one.id, source="huggingface", list_date=at.date(), submitted_at=at
        )
        entry = Entry(
            paper=one, listings=(listing,), observations=tuple(seen), latest=counts,
            sources=("huggingface",), first_seen_at=NOW, last_seen_at=NOW,
        )  # fmt: skip
        found.append(Ranked(entry=entry, rank=number + 1))
    return found


def by_rich(shown: list[Ranked]) -> str:
    """The papers in a table as Rich makes it, which wraps what does not fit."""
    grid = Table("#", "id", "title", "authors", "votes", "listed")
    for one in shown:
        entry, paper = one.entry, one.entry.paper
        votes, listed = entry.latest[UPVOTES], entry.listings[0].list_date
        cells = (one.rank, paper.arxiv_id, paper.title, ", ".join(paper.authors), votes, listed)
        grid.add_row(*map(str, cells))
    into = io.StringIO()
    Console(file=into, width=120).print(grid)
    return into.getvalue()


def drawing(verdicts: Verdicts) -> None:
    few, many = papers(50), papers(1000)
    line = chosen(None, LINE_FIELDS)
    plain = [records.record(one) for one in many]
    work: dict[str, Callable[[], object]] = {
        "50 in Rich's table": lambda: by_rich(few),
        "50 in ours": lambda: table(few, Terminal(width=120)),
        "1000 in Rich's table": lambda: by_rich(many),
        "1000 as TSV": lambda: "".join(records.as_tsv(many, line)),
        "1000 by json.dumps": lambda: json.dumps(plain),
        "1000 records, a key a line": lambda: "".join(records.as_array(plain)),
        "1000 as JSON": lambda: "".join(records.as_json(many, FIELDS)),
        "1000 as JSON Lines": lambda: "".join(records.as_jsonl(many, FIELDS)),
    }
    for call in work.values():
        call()
    times = rounds_of(work, 7)
    for name, taken in times.items():
        print(f"{name:24} {taken.ms('cpu'):7.1f} ms")

    def goal(label: str, name: str, other: str, limit: float, form: str = "{:.2f}") -> None:
        figure = times[name].over(times[other])
        verdicts.at_most(f"{label}: {name} / {other}", figure, limit, form)

    assert [json.loads(text) for text in records.as_jsonl(many, FIELDS)] == plain
    goal("L1", "50 in ours", "50 in Rich's table", 0.6)
    goal("L1", "1000 as TSV", "1000 in Rich's table", 0.02, "{:.3f}")
    goal("L2", "1000 records, a key a line", "1000 by json.dumps", 2.0)
    goal("L2", "1000 as JSON", "1000 by json.dumps", 2.0)
    goal("L2", "1000 as JSON Lines", "1000 by json.dumps", 2.0)


def reading(verdicts: Verdicts) -> None:
    for name, form, parse in (
        ("daily feed", ANNOUNCED, arxiv_xml.parse_feed),
        ("query", ANSWERED, arxiv_xml.parse_query),
    ):
        entries = "".join(
            form.format(id=f"2604.{n:05}", title=words(n, 11), abstract=words(n, 180))
            for n in range(1000)
        )
        body = FEED.format(count=1000, entries=entries).encode()
        ours, theirs = parse(body, observed_at=NOW).papers, feedparser.parse(body).entries
        assert [one.title for one in ours] == [one.title for one in theirs]
        assert len(ours) == 1000
        work: dict[str, Callable[[], object]] = {
            "feedparser": lambda body=body: feedparser.parse(body),
            "ours": lambda body=body, parse=parse: parse(body, observed_at=NOW),
        }
        times = rounds_of(work, 5)
        print(f"1000 of the {name:12} {times['ours'].ms('cpu'):7.1f} ms, by feedparser "
              f"{times['feedparser'].ms('cpu'):.0f} ms")  # fmt: skip
        ratio = times["ours"].over(times["feedparser"])
        verdicts.at_most(f"L3: 1000 of arXiv's {name} / feedparser", ratio, 0.12, "{:.3f}")


def main() -> None:
    gc.set_threshold(100_000)  # as in __main__
    verdicts = Verdicts()
    drawing(verdicts)
    reading(verdicts)
    print()
    verdicts.show()


if __name__ == "__main__":
    main()
