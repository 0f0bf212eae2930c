"""papertrack's own JSON and JSON Lines, so that what one machine prints another can read.

Times of counts: `last_seen_at`, or when the file was saved. Ranks and scores are not read: they
follow from the rest.
"""

from collections.abc import Mapping
from datetime import datetime

from papertrack import identifiers, text
from papertrack.errors import UsageError
from papertrack.importing.imported import NAME, Gathering, Imported, OtherFormatError
from papertrack.models import KINDS, Listing, Observation, Paper, ReaderState
from papertrack.reports import Batch
from papertrack.sources import huggingface, values

FORMAT = "papertrack JSON"
_SCHEMES = ("arxiv:", "doi:", "title:")


def read(records: list[object], observed_at: datetime) -> Imported:
    """Records as `--json` and `-f jsonl` print them; any of `--fields` may be missing but the id.

    One that has no title gives an id to look up. An empty list is what papertrack prints for one.
    """
    if not records:
        return Imported(format=FORMAT, batch=Batch())
    if not any(_is_ours(record) for record in records):
        raise OtherFormatError('no record with an "id" such as "arxiv:2604.07413"')
    gathered = Gathering()
    for number, record in enumerate(records, 1):
        if gathered.is_full():
            break
        if _is_ours(record):
            _read(gathered, values.mapping(record), f"record {number}", observed_at)
        else:
            gathered.skip(f"record {number} has no id that papertrack writes")
    return gathered.imported(FORMAT, "no usable record")


def _is_ours(record: object) -> bool:
    known = values.mapping(record)
    paper_id = known.get("id")
    ours = isinstance(paper_id, str) and paper_id.startswith(_SCHEMES)
    return ours and not known.keys() & {"type", "author", "issued", "DOI"}  # these are CSL's


def _read(
    gathered: Gathering, record: Mapping[str, object], where: str, observed_at: datetime
) -> None:
    try:
        paper_id = identifiers.parse(values.line(record["id"]))
    except UsageError as error:
        gathered.skip(f"{where}: {error}")
        return
    paper = paper_of(paper_id, record)
    if not paper.title:
        gathered.ids[paper_id] = None
    elif gathered.add(paper, where):
        seen = values.moment(record.get("last_seen_at")) or observed_at
        gathered.listings += _listings(paper_id, record)
        gathered.observations += _observations(paper_id, record, min(seen, observed_at))
    if state := _state(record, observed_at):
        gathered.states[paper_id] = state


def paper_of(paper_id: str, record: Mapping[str, object]) -> Paper:
    def line(name: str) -> str:
        return values.line(record.get(name))

    scheme, _, number = paper_id.partition(":")
    split = identifiers.split_arxiv(number if scheme == "arxiv" else line("arxiv_id"))
    arxiv_id = split[0] if split else ""
    doi = identifiers.normalise_doi(number if scheme == "doi" else line("doi")) or ""
    url = text.safe_url(line("url"))
    follows = bool(arxiv_id) or url == f"https://doi.org/{doi}"
    return Paper(
        id=paper_id,
        title=line("title"),
        arxiv_id=arxiv_id,
        doi=doi,
        abstract=line("abstract"),
        authors=values.lines(record.get("authors")),
        categories=values.lines(record.get("categories")),
        published_at=values.moment(record.get("published_at")),
        updated_at=values.moment(record.get("updated_at")),
        version=values.count(record.get("version")),
        organization=line("organization"),
        url="" if follows else url,
        code_url=text.safe_url(line("code_url")),
        project_url=text.safe_url(line("project_url")),
        ai_summary=line("ai_summary"),
        keywords=values.lines(record.get("keywords")),
        comment=line("comment"),
        journal=line("journal"),
        withdrawn=record.get("withdrawn") is True,
    )


def _listings(paper_id: str, record: Mapping[str, object]) -> list[Listing]:
    """`listed_on` are Daily Papers lists, whoever tells of them."""
    submitter = values.line(record.get("submitted_by"))
    found = []
    for day in values.lines(record.get("listed_on"))[:100]:
        try:
            list_date = values.list_day(day)
        except ValueError:
            continue
        found.append(
            Listing(
                paper_id=paper_id,
                source=huggingface.NAME,
                list_date=list_date,
                submitted_by=submitter,
            )
        )
    return found


def _observations(
    paper_id: str, record: Mapping[str, object], observed_at: datetime
) -> list[Observation]:
    counts = ((kind, values.count(record.get(kind))) for kind in KINDS)
    return [
        Observation(paper_id=paper_id, source=NAME, kind=kind, value=value, observed_at=observed_at)
        for kind, value in counts
        if value is not None
    ]


def _state(record: Mapping[str, object], observed_at: datetime) -> ReaderState | None:
    """What the reader did; records say that, not when, so it is taken as done when saved."""

    def when(name: str) -> datetime | None:
        return observed_at if record.get(name) is True else None

    state = ReaderState(
        saved_at=when("saved"),
        read_at=when("read"),
        hidden_at=when("hidden"),
        tags=tuple(tag[:100] for tag in values.lines(record.get("tags"))[:100]),
        note=note_of(record.get("note")),
    )
    return state if state != ReaderState() else None


def note_of(value: object) -> str:
    """A note keeps its lines: it is the reader's own."""
    return text.repair(value)[:50_000].strip() if isinstance(value, str) else ""
