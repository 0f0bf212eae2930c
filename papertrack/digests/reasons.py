"""Why a paper is in an issue, in a sentence of our words."""

import re
from dataclasses import replace

from papertrack.mailing import Told
from papertrack.models import GITHUB_STARS, UPVOTES, Entry, Ranked, Topic

#: A paper is in a digest because of these; how new it is and that it has code are no reasons.
_MAIN, _MOST = 2, 3
_NO_REASON = ("recency",)
#: What a reason says of how the score is made, for --explain.
_FOR_THE_SCORE = re.compile(r"; older by now, so it counts \d+%$|; no second observation yet$")
#: A jump in stars: half as many again, and enough to be seen.
JUMP, LEAST_JUMP = 1.5, 50


def of_rank(ranked: Ranked) -> str:
    """What adds most to its score; `94 upvotes, 3.1 times what is usual on day 2`."""
    telling = [
        part for part in ranked.contributions if part.value > 0 and part.signal not in _NO_REASON
    ]
    telling.sort(key=lambda part: -part.points)
    topics = [part for part in telling[_MAIN:] if part.signal == "topics"]
    said = [_FOR_THE_SCORE.sub("", part.reason) for part in [*telling[:_MAIN], *topics]]
    return "; ".join(said[:_MOST]) or "new on the lists"


def of_topic(topic: Topic, words: tuple[str, ...], entry: Entry) -> str:
    """Which words of the topic it holds; a topic of nothing but `none` leaves no words."""
    named = ", ".join(f"'{word}'" for word in words[:_MOST])
    return _with_votes(f"matches {named}" if words else f"is on {topic.name}", entry)


def of_authors(names: tuple[str, ...], entry: Entry) -> str:
    """Who of those that are followed wrote it."""
    return _with_votes(f"by {', '.join(names)}, whom you follow", entry)


def _with_votes(said: str, entry: Entry) -> str:
    votes = entry.latest.get(UPVOTES)
    return f"{said}; {votes:,.0f} upvote{'' if votes == 1 else 's'}" if votes else said


def told(entry: Entry) -> Told:
    """A saved paper as it is now."""
    paper = entry.paper
    return Told(
        paper_id=paper.id,
        version=paper.version,
        withdrawn=paper.withdrawn,
        code_url=paper.code_url,
        stars=entry.latest.get(GITHUB_STARS),
    )


def of_change(before: Told, now: Told) -> str:
    """What has changed since it was last told; empty where nothing worth a line has."""
    said = []
    if now.withdrawn and not before.withdrawn:
        said.append("it was withdrawn")
    if now.version and before.version and now.version > before.version:
        said.append(f"version {now.version} is out; you knew version {before.version}")
    if now.code_url and not before.code_url:
        said.append("its code appeared")
    if _jumped(before.stars, now.stars):
        said.append(f"its stars rose from {before.stars:,.0f} to {now.stars:,.0f}")
    return "; ".join(said)


def _jumped(before: float | None, now: float | None) -> bool:
    if before is None or now is None:
        return False
    return now >= before * JUMP and now - before >= LEAST_JUMP


def kept(before: Told, now: Told) -> Told:
    """What readers know after an issue: of stars the count they were told, until it jumps."""
    if _jumped(before.stars, now.stars) or before.stars is None:
        return now
    return replace(now, stars=before.stars)
