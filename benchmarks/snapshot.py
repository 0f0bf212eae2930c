"""A snapshot of arXiv's metadata that is not arXiv's: real records, and many made of their parts.

    python benchmarks/snapshot.py FILE --papers 3000000 [--real ../shared/data/arxiv-bulk]

Writes JSON Lines in the shape of the public snapshot, in its order: new ids first, those of before
April 2007 last. The same arguments give the same bytes. A generated paper takes the beginning of
one real title and the end of another of its category, and its abstract from the sentences of both
and of a third, so that word frequencies, lengths and what titles share with abstracts stay real;
a few words are put elsewhere, and one word in 300 is new, because vocabularies grow without end.
"""

import argparse
import json
import lzma
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "arxiv-bulk"
FIRST, LAST = date(1991, 8, 14), date(2026, 11, 22)
#: arXiv grew so: the number of papers since the start goes with time to this power.
GROWTH = 2.2
#: Generated ids end in numbers that arXiv never reached in a month.
FIRST_NUMBER = 40_000
NEW_IDS = date(2007, 4, 1)
_JOINTS = frozenset(
    {
        *("for", "of", "with", "in", "via", "on", "from", "by", "using", "under", "and", "to"),
        *("at", "through", "between"),
    }
)


@dataclass(frozen=True, slots=True)
class Part:
    """A real record, cut into what others are made of."""

    record: dict[str, object]
    day: date
    head: str  # the title up to a joint, and the rest of it
    tail: str
    sentences: tuple[str, ...]


def real(folder: Path) -> list[Part]:
    """The real records of a folder, by id."""
    found = []
    for path in sorted(folder.glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            found += [_part(json.loads(line)) for line in file]
    if not found:
        raise SystemExit(f"{folder} holds no records; name a folder of them with --real.")
    return sorted(found, key=lambda part: str(part.record["id"]))


def _part(record: dict[str, object]) -> Part:
    title, abstract = str(record["title"]), str(record["abstract"])
    words = title.split()
    joints = [n for n, word in enumerate(words) if n > 1 and word.lower() in _JOINTS]
    cut = joints[len(joints) // 2] if joints else len(words) // 2
    sentences = re.split(r"(?<=[.?!])\s+(?=[A-Z])", abstract)
    head, tail = " ".join(words[:cut]), " ".join(words[cut:])
    return Part(record, _day(record), head, tail, tuple(sentences))


def _day(record: dict[str, object]) -> date:
    """When it was first there; of some only the month is known, by the id."""
    number = str(record["id"]).rpartition("/")[2]
    year = int(number[:2]) + (1900 if number[0] == "9" else 2000)
    by_id = date(year, int(number[2:4]), 1 + int(number[-2:]) % 28)
    known = record.get("created") or record.get("listed")
    return min(date.fromisoformat(str(known)[:10]), LAST) if known else by_id


def lines(papers: int, parts: list[Part]) -> Iterator[str]:
    """The snapshot, a line a paper."""
    chosen = random.Random(1).sample(parts, min(len(parts), max(papers // 20, papers - 2_915_000)))
    by_month: dict[tuple[int, int], list[Part]] = defaultdict(list)
    for part in chosen:
        by_month[part.day.year, part.day.month].append(part)
    by_category: dict[object, list[Part]] = defaultdict(list)
    for part in parts:
        by_category[part.record["primary"]].append(part)
    makers = papers - len(chosen)
    months = sorted(_months(), key=lambda month: (date(*month, 1) < NEW_IDS, month))
    for month in months:
        drawn = random.Random(month[0] * 12 + month[1])
        for part in by_month.get(month, ()):
            yield _line(dict(part.record), part.day, drawn)
        first, last = _place(month, makers), _place(_after(month), makers)
        for number in range(last - first):
            yield _generated(month, number, last - first, parts, by_category, drawn)


def _months() -> list[tuple[int, int]]:
    found = [(FIRST.year, FIRST.month)]
    while found[-1] < (LAST.year, LAST.month):
        found.append(_after(found[-1]))
    return found


def _after(month: tuple[int, int]) -> tuple[int, int]:
    year, number = month
    return (year + number // 12, number % 12 + 1)


def _place(month: tuple[int, int], papers: int) -> int:
    """How many papers there are before a month."""
    days = (date(*month, 1) - FIRST).days / (LAST - FIRST).days
    return round(papers * min(1.0, max(0.0, days)) ** GROWTH)


def _generated(
    month: tuple[int, int],
    number: int,
    of: int,
    parts: list[Part],
    by_category: dict[object, list[Part]],
    drawn: random.Random,
) -> str:
    rnd = drawn.random
    one = parts[int(rnd() * len(parts))]
    kin = by_category[one.record["primary"]]
    other, third = kin[int(rnd() * len(kin))], kin[int(rnd() * len(kin))]
    abstract: list[str] = []
    for part in (one, other):
        half = max(1, int(len(part.sentences) / 2 + rnd() * 0.9))
        start = int(rnd() * (len(part.sentences) - half + 1))
        abstract += part.sentences[start : start + half]
    if rnd() < 0.1:
        abstract.append(third.sentences[int(rnd() * len(third.sentences))])
    words = " ".join(abstract).split()
    strange = parts[int(rnd() * len(parts))].sentences[0].split()
    for _ in range(4):
        words[int(rnd() * len(words))] = strange[int(rnd() * len(strange))]
    for _ in range(2):
        if rnd() < len(words) / 600:
            words[int(rnd() * len(words))] = f"{third.head[:3].lower()}{int(rnd() * 1e7):x}"
    last_day = (date(*_after(month), 1) - date(*month, 1)).days
    record: dict[str, object] = {
        "id": f"{month[0] % 100:02}{month[1]:02}.{FIRST_NUMBER + number:05}",
        "title": f"{one.head} {other.tail}",
        "abstract": " ".join(words),
        "authors": third.record["authors"],
        "categories": one.record["categories"],
    }
    for name in ("comment", "doi"):
        if third.record.get(name):
            record[name] = f"{third.record[name]}{number if name == 'doi' else ''}"
    return _line(record, date(*month, 1 + number * last_day // of), drawn)


def _line(record: dict[str, object], day: date, drawn: random.Random) -> str:
    """One record as the snapshot spells it: folded lines, mail dates, names in parts."""
    created = datetime(day.year, day.month, day.day, 18, int(drawn.random() * 60), 43, tzinfo=UTC)
    moments = [created]
    if drawn.random() < 0.35:
        moments.append(min(created + timedelta(days=40), datetime(2026, 11, 22, 18, tzinfo=UTC)))
    names = [str(name) for name in record["authors"]]  # type: ignore[attr-defined]
    words = str(record["abstract"]).split(" ")
    folded = "\n".join(" ".join(words[n : n + 11]) for n in range(0, len(words), 11))
    return json.dumps(
        {
            "id": record["id"],
            "submitter": names[0] if names else None,
            "authors": ", ".join(names),
            "title": record["title"],
            "comments": record.get("comment"),
            "journal-ref": None,
            "doi": record.get("doi"),
            "report-no": None,
            "categories": " ".join(record["categories"]),  # type: ignore[arg-type]
            "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
            "abstract": f"  {folded}\n",
            "versions": [
                {"version": f"v{n}", "created": format_datetime(at, usegmt=True)}
                for n, at in enumerate(moments, 1)
            ],
            "update_date": moments[-1].date().isoformat(),
            "authors_parsed": [_parted(name) for name in names],
        }
    )


def _parted(name: str) -> list[str]:
    first, _, last = name.rpartition(" ")
    return [last, first, ""]


def write(path: Path, papers: int, parts: list[Part]) -> None:
    """A whole file or none."""
    beside = path.with_suffix(".part")
    with beside.open("w", encoding="ascii") as file:
        for done, line in enumerate(lines(papers, parts), 1):
            file.write(f"{line}\n")
            if done % 100_000 == 0:
                print(f"{done:,} of {papers:,} papers", file=sys.stderr)
    beside.replace(path)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--papers", type=int, default=3_000_000)
    arguments.add_argument("--real", type=Path, default=SHARED)
    asked = arguments.parse_args()
    write(asked.file, asked.papers, real(asked.real))


if __name__ == "__main__":
    main()
