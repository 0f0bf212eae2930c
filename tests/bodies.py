"""Every place where bytes of strangers become papers, by name, with answers of the right shape.

The tests and the fuzzer go by this list; whoever adds a `parse` gives it a line here.
"""

import gzip
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from builders import NOW

from papertrack.errors import PapertrackError, SourceError, UsageError
from papertrack.importing import archived, read, series, snapshot
from papertrack.models import Listing, Observation, Paper
from papertrack.reports import Batch
from papertrack.sources import (
    arxiv_xml,
    biorxiv,
    feeds,
    github,
    hackernews,
    huggingface,
    openalex,
    paperswithcode,
    semanticscholar,
)

DATA = Path(__file__).parent / "data"
ASKED = [
    github.Repository(owner="a", name="b", papers=("arxiv:2604.00001",)),
    github.Repository(owner="c", name="d", papers=("arxiv:2604.00002",)),
]
EXPORT = (
    b'{"papertrack": "export", "version": 1, "exported_at": "2026-04-15T12:00:00Z", "papers": 1}\n'
    b'{"id": "arxiv:2604.00001", "title": "T", "accounts": {"arxiv": {"title": "T"}}, "listings": '
    b'[{"source": "huggingface", "list_date": "2026-04-14"}], "observations": [{"source": "arxiv",'
    b' "kind": "upvotes", "value": 3, "observed_at": "2026-04-14T12:00:00Z"}], "tags": ["a"]}\n'
)
SNAPSHOT = (
    b'{"id": "0704.0001", "title": "T", "abstract": "A", "categories": "hep-ph", "versions": '
    b'[{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}], "authors_parsed": '
    b'[["Balazs", "C.", ""]], "doi": "10.1103/x", "journal-ref": "J", "comments": "C"}\n'
)
SERIES = (
    b'{"paper_id": "2604.00001", "observed_at": "2026-04-14T12:00:00Z", "upvotes": 3, "list_date": '
    b'"2026-04-14"}\n2604.00002\t2026-04-14T12:00:00Z\n'
)


@dataclass(frozen=True)
class Reader:
    """One way in: what it may raise, and bytes that it reads."""

    read: Callable[[bytes], Batch]
    refuses: type[PapertrackError]
    seeds: tuple[bytes, ...]


def _data(*names: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for name in names for path in sorted(DATA.glob(name)))


def _arxiv_oai(body: bytes) -> Batch:
    return arxiv_xml.parse_oai(body, observed_at=NOW)[0]


def _imported(body: bytes) -> Batch:
    return read(body, name="a file", observed_at=NOW).batch


def _series(body: bytes) -> Batch:
    """The first of the batches, as the program stores one after the other; each is looked at."""
    first = Batch()
    for batch in series.read_series(body, name="a file"):
        check(batch)
        first = first if first.papers else batch
    return first


def _archive(body: bytes) -> Batch:
    file = io.BytesIO(body)
    archived.opening_of(file.readline(1_000_000))
    kept = [one for one in archived.papers(file) if not isinstance(one, str)]
    return Batch(
        papers=tuple(one.paper for one in kept),
        listings=tuple(listing for one in kept for listing in one.listings),
        observations=tuple(seen for one in kept for seen in one.observations),
    )


def _snapshot(body: bytes) -> Batch:
    """The papers of the first part; each part is looked at."""
    first = Batch()
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        found = snapshot.find(Path(file.name))
        for part in found.parts() if found else ():
            batch = Batch(papers=part.papers)
            check(batch)
            first = first if first.papers else batch
    return first


def _source(parse: Callable[..., Batch], *names: str, **more: object) -> Reader:
    return Reader(lambda body: parse(body, observed_at=NOW, **more), SourceError, _data(*names))


READERS: Mapping[str, Reader] = {
    "huggingface": _source(huggingface.parse, "huggingface/*.json", day=NOW.date()),
    "huggingface paper": Reader(
        lambda body: huggingface.parse_paper(body, observed_at=NOW),
        SourceError,
        tuple(
            json.dumps(json.loads(body)[0]["paper"]).encode()
            for body in _data("huggingface/20*.json")
        ),
    ),
    "paperswithcode": _source(paperswithcode.parse, "paperswithcode/*"),
    "arxiv feed": _source(arxiv_xml.parse_feed, "arxiv/feed*"),
    "arxiv query": _source(arxiv_xml.parse_query, "arxiv/query*"),
    "arxiv oai": Reader(_arxiv_oai, SourceError, _data("arxiv/oai*")),
    "hackernews": _source(hackernews.parse, "hackernews/*"),
    "github": _source(github.parse, "github/repository.json", papers=["arxiv:2604.00001"]),
    "github graphql": _source(github.parse_graphql, "github/graphql.json", asked=ASKED),
    "semanticscholar": _source(semanticscholar.parse, "semanticscholar/*"),
    "openalex": _source(openalex.parse, "openalex/*"),
    "biorxiv": _source(biorxiv.parse, "biorxiv/*"),
    "feeds": _source(feeds.parse, "feeds/*", url="https://example.org/feed"),
    "import": Reader(_imported, UsageError, _data("importing/*")),
    "series": Reader(_series, PapertrackError, (SERIES, gzip.compress(SERIES))),
    "export": Reader(_archive, UsageError, (EXPORT,)),
    "snapshot": Reader(_snapshot, PapertrackError, (SNAPSHOT, gzip.compress(SNAPSHOT))),
}


def tried(reader: Reader, body: bytes) -> Batch | None:
    """What a body holds; None where it was refused as it may be. All else is a mistake of ours."""
    try:
        found = reader.read(body)
    except reader.refuses as error:
        return _refused(error)
    check(found)
    return found


def _refused(error: PapertrackError) -> None:
    """A sentence, not half of the body."""
    assert 10 < len(str(error)) < 2_000


def check(batch: Batch) -> None:
    """What a store can take without looking: texts that can be written, numbers that are some."""
    for paper in batch.papers:
        _check_paper(paper)
    for listing in batch.listings:
        _check_listing(listing)
    for seen in batch.observations:
        _check_observation(seen)


def _check_paper(paper: Paper) -> None:
    assert paper.id
    assert len(paper.id) < 3_000
    for value in vars(paper).values() if hasattr(paper, "__dict__") else _values(paper):
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str):
                assert "\0" not in text
                text.encode()
                assert len(text) <= 200_000
    for at in (paper.published_at, paper.updated_at):
        assert at is None or (at.tzinfo is not None and 1800 <= at.year <= 9999)


def _values(paper: Paper) -> Iterator[object]:
    return (getattr(paper, name) for name in Paper.__dataclass_fields__)


def _check_listing(listing: Listing) -> None:
    listing.paper_id.encode()
    assert 1800 <= listing.list_date.year <= 9999


def _check_observation(seen: Observation) -> None:
    seen.paper_id.encode()
    assert abs(seen.value) < 2**53
    assert seen.observed_at.tzinfo is not None
