"""What an issue holds: each paper once, each with its reason, and nothing that was told before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from builders import NOW, entry, paper, ranked

from papertrack.config import DigestConfig
from papertrack.digests.compose import Material, compose
from papertrack.mailing import CHANGES, TOPIC, TRENDING, UNSEEN, Digest, Issued, Past, Told
from papertrack.models import Contribution, Entry, Ranked, ReaderState, Topic

PLAN = DigestConfig(name="morning", to=("me@example.org",), limit=3)
AGENTS = Topic(name="agents", any=("agent",))
LAST = Issued(period="2026-04-14", opened_at=NOW - timedelta(days=1))
NO_PAST = Past()


def pool(*numbers: str, **fields: object) -> list[Ranked]:
    return [ranked(paper(number, **fields)) for number in numbers]


def issue(plan: DigestConfig = PLAN, past: Past = NO_PAST, **material: object) -> Digest:
    return compose(plan, Material(now=NOW, zone=UTC, **material), past)  # type: ignore[arg-type]


def ids(digest: Digest, kind: str) -> list[str]:
    sections = [one for one in digest.sections if one.kind == kind]
    return [item.ranked.entry.paper.arxiv_id for one in sections for item in one.items]


def reasons(digest: Digest) -> list[str]:
    return [item.reason for section in digest.sections for item in section.items]


def test_a_first_issue_is_the_top_of_the_window() -> None:
    digest = issue(noticed=pool("1", "2", "3", "4", "5"))
    assert ids(digest, TRENDING) == ["1", "2", "3"]
    assert digest.sections[0].more == 2
    assert digest.sections[0].command == "papertrack trending --window 7d --limit 5"
    assert (digest.period, digest.since) == ("2026-04-15", None)


def test_what_was_in_an_issue_is_not_told_again() -> None:
    past = Past(last=LAST, papers=frozenset({"arxiv:1", "arxiv:3"}))
    digest = issue(past=past, noticed=pool("1", "2", "3", "4"))
    assert ids(digest, TRENDING) == ["2", "4"]
    assert digest.papers == ("arxiv:2", "arxiv:4")
    assert digest.since == LAST.opened_at


def test_after_a_pause_the_command_goes_back_as_far_as_the_issue() -> None:
    long_ago = replace(LAST, opened_at=NOW - timedelta(days=9, hours=1))
    digest = issue(past=Past(last=long_ago), noticed=pool("1", "2", "3", "4"))
    assert digest.sections[0].command == "papertrack trending --window 10d --limit 4"


def test_hidden_and_read_papers_are_left_out() -> None:
    states = (ReaderState(hidden_at=NOW), ReaderState(read_at=NOW), ReaderState(seen_at=NOW))
    noticed = [ranked(entry(paper(str(n)), state=state)) for n, state in enumerate(states)]
    assert ids(issue(noticed=noticed), TRENDING) == ["2"]


def test_a_paper_is_told_once_where_it_stands_first() -> None:
    both = pool("1", "2", title="An agent", authors=("Ada Lovelace",))
    others = pool("3", title="Agents again") + pool("4", authors=("Alan Turing",))
    plan = replace(PLAN, topics=("agents",), authors=("Turing",), limit=1)
    digest = issue(plan, noticed=both, announced=both + others, topics=(AGENTS,))
    assert [section.kind for section in digest.sections] == [TRENDING, TOPIC, "authors"]
    assert digest.papers == ("arxiv:1", "arxiv:2", "arxiv:4")
    assert reasons(digest)[1:] == [
        "matches 'agent'; 43 upvotes",
        "by Turing, whom you follow; 43 upvotes",
    ]
    assert digest.sections[1].more == 1
    assert digest.sections[1].command.endswith("--window 7d --topic agents --limit 3")


def test_a_name_with_blanks_is_quoted_in_the_command() -> None:
    topic = replace(AGENTS, name="my agents; rm")
    plan = replace(PLAN, topics=(topic.name,))
    digest = issue(plan, announced=pool("1", title="Agents"), topics=(topic,))
    assert digest.sections[0].command.endswith("--topic 'my agents; rm' --limit 1")


def test_the_reason_is_what_adds_most_and_is_not_about_the_score() -> None:
    parts = (
        Contribution(signal="recency", value=1.0, weight=90.0, reason="listed an hour ago"),
        Contribution(signal="code", value=0.1, weight=4.0, reason="12 stars"),
        Contribution(
            signal="attention",
            value=0.5,
            weight=40.0,
            reason="94 votes; older by now, so it counts 72%",
        ),
        Contribution(signal="topics", value=1.0, weight=0.1, reason="matches your topic 'agents'"),
        Contribution(signal="discussion", value=0.0, weight=40.0, reason="no comments known"),
    )
    digest = issue(noticed=[ranked(contributions=parts)])
    assert reasons(digest) == ["94 votes; 12 stars; matches your topic 'agents'"]


# -- papers that were saved -----------------------------------------------------------------------


def saved(**fields: object) -> Entry:
    return entry(paper("9", **fields), state=ReaderState(saved_at=NOW), stars=None)


def told(**fields: object) -> Past:
    given = {"paper_id": "arxiv:9", "version": 1}
    return Past(last=LAST, told={"arxiv:9": Told(**given | fields)})  # type: ignore[arg-type]


def test_a_change_to_a_saved_paper_is_told() -> None:
    now = saved(version=3, withdrawn=True, code_url="https://github.com/a/b")
    digest = issue(past=told(), saved=[now])
    assert [section.kind for section in digest.sections] == [CHANGES]
    assert reasons(digest) == [
        "it was withdrawn; version 3 is out; you knew version 1; its code appeared"
    ]
    assert (digest.papers, digest.changes) == ((), 1)


def test_a_change_is_told_once() -> None:
    now = saved(version=3)
    first = issue(past=told(), saved=[now])
    past = Past(last=LAST, told={one.paper_id: one for one in first.watched})
    assert not issue(past=past, saved=[now]).worth_sending


def test_what_was_just_saved_has_not_changed() -> None:
    digest = issue(past=Past(last=LAST), saved=[saved(version=3, withdrawn=True)])
    assert not digest.sections
    assert digest.watched[0].version == 3


def with_stars(stars: float) -> Entry:
    return entry(paper("9", version=1), stars=stars)


def test_stars_that_jump_are_told_and_those_that_trickle_are_not() -> None:
    assert reasons(issue(past=told(stars=100.0), saved=[with_stars(160)])) == [
        "its stars rose from 100 to 160"
    ]
    assert not issue(past=told(stars=100.0), saved=[with_stars(140)]).sections
    assert not issue(past=told(stars=2.0), saved=[with_stars(20)]).sections


def test_stars_that_trickle_for_months_are_told_in_the_end() -> None:
    past = told(stars=100.0)
    for stars in (120, 140):
        watched = issue(past=past, saved=[with_stars(stars)]).watched
        past = Past(last=LAST, told={one.paper_id: one for one in watched})
    assert reasons(issue(past=past, saved=[with_stars(155)])) == ["its stars rose from 100 to 155"]


# -- nothing new ----------------------------------------------------------------------------------


def test_where_nothing_is_new_nothing_is_sent_unless_you_say_so() -> None:
    past = Past(last=LAST)
    assert not issue(past=past).worth_sending
    noted = issue(replace(PLAN, send_empty="note"), past)
    assert noted.note == "There is nothing new since Tuesday 14 April."
    assert noted.worth_sending
    assert not noted.papers


def test_the_best_that_you_were_not_told_of_stands_in() -> None:
    plan = replace(PLAN, send_empty="best-unseen")
    past = Past(last=LAST, papers=frozenset({"arxiv:1"}))
    digest = issue(plan, past, unseen=lambda: pool("1", "2", "3"))
    assert ids(digest, UNSEEN) == ["2", "3"]
    assert digest.papers == ("arxiv:2", "arxiv:3")


def test_the_older_papers_are_not_asked_for_where_there_are_new_ones() -> None:
    def never() -> list[Ranked]:
        raise AssertionError

    plan = replace(PLAN, send_empty="best-unseen")
    assert issue(plan, noticed=pool("1"), unseen=never).note == ""


def test_an_issue_says_when_the_next_one_is_due() -> None:
    assert issue().next_due == datetime(2026, 4, 16, 7, 30, tzinfo=UTC)
