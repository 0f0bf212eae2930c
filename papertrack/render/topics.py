"""Topics and what is on them, as lines and as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from papertrack import text
from papertrack.models import UPVOTES, Ranked, Topic
from papertrack.render import counted
from papertrack.render.fields import short_id, whole
from papertrack.render.records import as_array, record

#: A topic, the best papers of it with the words that they have, and how many there are.
Told = tuple[Topic, Sequence[tuple[Ranked, Sequence[str]]], int]


def lines(told: Iterable[Told]) -> Iterator[str]:
    """A heading for each topic, and a line a paper: id, votes, title, the words that matched."""
    for place, (topic, found, total) in enumerate(told):
        yield ("\n" if place else "") + f"{text.one_line(topic.name)}: {counted(total, 'paper')}\n"
        for one, words in found:
            paper = one.entry.paper
            votes = whole(one.entry.latest.get(UPVOTES))
            matched = ", ".join(text.one_line(word, "") for word in words)
            shown = votes if votes is not None else "-"
            yield f"  {short_id(one):<12} {shown:>5}  {text.title(paper.title)}  [{matched}]\n"


def as_json(told: Iterable[Told]) -> Iterator[str]:
    """An array of topics, each with its papers as records and the words that matched."""
    yield from as_array(_topic(*one) for one in told)


def _topic(
    topic: Topic, found: Sequence[tuple[Ranked, Sequence[str]]], total: int
) -> dict[str, Any]:
    parts = {name: list(getattr(topic, name)) for name in Topic.__dataclass_fields__}
    papers = [{**record(one), "matched": list(words)} for one, words in found]
    return {**parts, "name": topic.name, "total": total, "papers": papers}
