"""Filters: what each lets pass, and how many it takes away."""

import pytest
from builders import NOW, entry, paper, ranked

from papertrack.models import Ranked, ReaderState, Topic
from papertrack.selecting import Selection, select

AGENTS = ranked(paper("2604.00001", title="Agents that plan", categories=("cs.AI", "cs.LG")))
VISION = ranked(paper("2604.00002", title="Seeing boxes", authors=("Alan Turing",)))
SURVEY = ranked(paper("2604.00003", title="A survey of agents", categories=("stat.ML",)))
ALL = [AGENTS, VISION, SURVEY]


def marked(**state: object) -> Ranked:
    return ranked(entry(paper("2604.00004"), state=ReaderState(**state)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "kept", "dropped"),
    [
        (Selection(), ALL, {}),
        (Selection(match="agent"), [AGENTS, SURVEY], {"--match": 1}),
        (Selection(match="agent -survey"), [AGENTS], {"--match": 2}),
        (Selection(exclude="agents"), [VISION], {"--not": 2}),
        (Selection(authors=("turing", "curie")), [VISION], {"--author": 2}),
        (Selection(categories=("cs",)), [AGENTS], {"--category": 2}),
        (Selection(categories=("cs.LG", "stat.ML")), [AGENTS, SURVEY], {"--category": 1}),
        (Selection(topic=Topic(name="t", any=("boxes",))), [VISION], {"--topic": 2}),
        (Selection(sources=("huggingface", "arxiv")), ALL, {}),
        (Selection(sources=("arxiv",)), [], {"--source": 3}),
    ],
)
def test_a_filter_keeps_what_it_names_and_counts_the_rest(
    wanted: Selection, kept: list[Ranked], dropped: dict[str, int]
) -> None:
    assert select(ALL, wanted) == (kept, dropped)


def test_each_filter_counts_what_those_before_it_left() -> None:
    kept, dropped = select(ALL, Selection(match="agent", exclude="survey", authors=("Curie",)))
    assert kept == []
    assert dropped == {"--author": 3}
    kept, dropped = select(ALL, Selection(match="agent", exclude="agents"))
    assert (kept, dropped) == ([], {"--match": 1, "--not": 2})
    assert sum(dropped.values()) == len(ALL)


def test_hidden_papers_never_show() -> None:
    assert select([marked(hidden_at=NOW)], Selection()) == ([], {"hide": 1})


@pytest.mark.parametrize("state", ["seen_at", "read_at"])
def test_unseen_leaves_out_what_was_seen_or_read(state: str) -> None:
    some = [marked(**{state: NOW}), AGENTS]
    assert select(some, Selection(unseen=True)) == ([AGENTS], {"--unseen": 1})
    assert select(some, Selection())[0] == some


def test_the_order_stays() -> None:
    backwards = [one._replace(rank=9 - n) for n, one in enumerate(reversed(ALL))]
    assert select(backwards, Selection(match="agents"))[0] == [backwards[0], backwards[2]]
