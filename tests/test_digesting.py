"""A digest arrives once at each recipient, or it is known why not: faults on a real socket."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

import mailserver
import pytest
from builders import paper, ranked
from fakes import FrozenClock
from mailserver import MailServer, mail_server

from papertrack.config import DigestConfig, MailConfig
from papertrack.digesting import Office, rhythm_of
from papertrack.errors import BusyError, Exit, StoreError, UnreachableError
from papertrack.letters import State
from papertrack.mailing import TRENDING, Digest, Envelope, Item, Past, Section, Told
from papertrack.outbox import Transport
from papertrack.outbox.lock import only_one
from papertrack.outbox.smtp import SmtpTransport
from papertrack.outcomes import Outcome, exit_code
from papertrack.reports import Batch
from papertrack.store import Store

MONDAY = datetime(2026, 4, 13, 8, tzinfo=UTC)
ME, YOU = "me@example.org", "you@example.org"
DAILY = DigestConfig(name="morning", to=(ME, YOU), at=time(7, 30), timezone="UTC")
PAPERS = tuple(paper(f"2604.0000{n}") for n in range(1, 7))


def build(digest: Digest, envelope: Envelope) -> bytes:
    """A mail of which every part can be seen to be frozen."""
    lines = [
        f"To: {envelope.recipient}",
        f"Message-ID: {envelope.message_id}",
        f"Date: {envelope.date.isoformat()}",
        "",
        *digest.papers,
    ]
    return "\r\n".join([*lines, ""]).encode()


@dataclass
class World:
    """A store, a mail server, a clock; and what is new at any moment."""

    store: Store
    server: MailServer
    clock: FrozenClock
    new: list[str] = field(default_factory=lambda: [one.id for one in PAPERS[:3]])
    failures: tuple[str, ...] = ()
    host: str = "laptop"
    transport: Transport | None = None

    def draft(self, plan: DigestConfig, past: Past) -> Digest:
        left = [one for one in PAPERS if one.id in self.new and one.id not in past.papers]
        items = tuple(Item(ranked=ranked(one), reason="43 upvotes") for one in left)
        section = Section(kind=TRENDING, title="Trending", items=items)
        return Digest(
            name=plan.name,
            period=rhythm_of(plan).period(self.clock()),
            now=self.clock(),
            sections=(section,) if items else (),
            failures=self.failures,
            watched=(Told(paper_id=PAPERS[0].id, version=1),),
        )

    def office(self) -> Office:
        smtp = SmtpTransport(
            host="127.0.0.1", port=self.server.port, tls="none", timeout=2, patience=0.3
        )
        return Office(
            mail=MailConfig(from_="owner@example.org"),
            outbox=self.store.outbox,
            clock=self.clock,
            host=self.host,
            draft=self.draft,
            build=build,
            transport=lambda: self.transport or smtp,
            lock=nullcontext,
        )

    def send(self, plan: DigestConfig = DAILY, *, if_due: bool = True) -> Outcome:
        (outcome,) = self.office().send([plan], if_due=if_due)
        return outcome

    def until_quiet(self, plan: DigestConfig = DAILY) -> list[Outcome]:
        """What an hourly cron job does in a day."""
        outcomes = []
        for _ in range(20):
            outcomes.append(self.send(plan))
            self.clock.advance(hours=1)
        return outcomes

    def states(self) -> dict[str, State]:
        issue = self.store.outbox.newest("morning")
        assert issue is not None
        return {letter.recipient: letter.state for letter in self.store.outbox.letters(issue.id)}


@contextmanager
def world(store: Store, *faults: str, **more: object) -> Iterator[World]:
    store.add("huggingface", Batch(papers=PAPERS), MONDAY)
    with mail_server(*faults, **more) as server:
        yield World(store, server, FrozenClock(MONDAY))


def test_each_recipient_gets_a_mail_of_their_own_and_the_next_tick_nothing(store: Store) -> None:
    with world(store) as here:
        outcomes = here.until_quiet()

    assert [to for to, _ in here.server.taken] == [ME, YOU]
    assert exit_code(outcomes) is Exit.DONE
    assert here.states() == {ME: State.SENT, YOU: State.SENT}


# -- faults: (lost, extra copies, distinct bodies) ---------------------------------------------

HARMLESS = (
    mailserver.BUSY,
    mailserver.GREYLISTED,
    mailserver.NOT_NOW,
    mailserver.GONE_EARLY,
    mailserver.GONE_MIDWAY,
    mailserver.QUIT_LOST,
)


@pytest.mark.parametrize("fault", HARMLESS)
def test_a_failure_before_the_dot_loses_nothing_and_repeats_nothing(
    store: Store, fault: str
) -> None:
    with world(store, fault) as here:
        here.until_quiet()

    assert [len(here.server.bodies(to)) for to in (ME, YOU)] == [1, 1]
    assert set(here.states().values()) == {State.SENT}


@pytest.mark.parametrize("fault", [mailserver.ACK_LOST, mailserver.SLOW])
def test_an_answer_that_is_lost_repeats_the_same_bytes_once(store: Store, fault: str) -> None:
    with world(store, fault) as here:
        first = here.send()
        assert here.states() == {ME: State.UNCERTAIN, YOU: State.SENT}
        assert exit_code([first]) is Exit.PARTLY
        here.until_quiet()

    assert [len(here.server.bodies(to)) for to in (ME, YOU)] == [2, 1]
    assert len(set(here.server.bodies(ME))) == 1
    assert set(here.states().values()) == {State.SENT}


def test_a_server_that_never_answers_is_tried_three_times_and_then_a_person_decides(
    store: Store,
) -> None:
    with world(store, forever=mailserver.ACK_LOST) as here:
        here.until_quiet()
        assert set(here.states().values()) == {State.HELD}
        assert len(here.server.bodies(ME)) == 3
        assert len(set(here.server.bodies(ME))) == 1

        here.server.forever = mailserver.FINE
        retried = list(here.office().retry([DAILY]))

    assert exit_code(retried) is Exit.DONE
    assert len(set(here.server.bodies(ME))) == 1


def test_one_recipient_who_is_unknown_is_told_of_and_the_other_gets_it(store: Store) -> None:
    with world(store, unknown=frozenset([ME])) as here:
        outcome = here.send()

    assert here.states() == {ME: State.FAILED, YOU: State.SENT}
    assert exit_code([outcome]) is Exit.PARTLY
    assert "550 5.1.1 no such user" in outcome.undelivered[0].last_reply


@pytest.mark.parametrize("fault", [mailserver.NEVER, mailserver.TOO_LARGE])
def test_a_mail_that_is_refused_for_what_it_is_waits_for_a_person_as_it_was(
    store: Store, fault: str
) -> None:
    with world(store, forever=fault) as here:
        outcomes = here.until_quiet()
        assert exit_code(outcomes[:1]) is Exit.MAIL
        assert set(here.states().values()) == {State.FAILED}
        assert here.server.connections == 1  # for both, and none after it
        assert all(fault[:3] in one.last_reply for one in outcomes[0].undelivered)
        issue = here.store.outbox.newest("morning")
        assert issue is not None
        frozen = [here.store.outbox.message(one.id) for one in here.store.outbox.letters(issue.id)]

        here.server.forever = mailserver.FINE
        assert exit_code(list(here.office().retry([DAILY]))) is Exit.DONE

    assert [body for _, body in here.server.taken] == frozen
    assert [body.count(b"arxiv:") for body in frozen] == [3, 3]


def test_a_dead_server_is_tried_once_a_run_and_at_growing_intervals(store: Store) -> None:
    with world(store, *[mailserver.BUSY] * 3) as here:
        outcome = here.send()
        assert here.server.connections == 1
        assert {one.last_reply for one in outcome.letters} == {
            "127.0.0.1 said 421 4.3.2 come back later."
        }
        assert exit_code([outcome]) is Exit.MAIL
        here.clock.advance(minutes=4)
        here.send()
        assert here.server.connections == 1
        here.clock.advance(minutes=2)
        here.send()
        assert here.server.connections == 2


# -- stopped in the middle -----------------------------------------------------------------------


@dataclass
class Stopped:
    """A transport during which the machine stops; `after` says on which side of the dot."""

    inner: Transport
    after: bool

    def deliver(self, sender: str, recipient: str, message: bytes) -> str:
        if self.after:
            self.inner.deliver(sender, recipient, message)
        raise KeyboardInterrupt

    def check(self) -> str:
        return ""

    def close(self) -> None:
        self.inner.close()


@pytest.mark.parametrize(("after", "copies"), [(False, 1), (True, 2)])
def test_a_run_that_is_stopped_goes_on_with_what_it_was_sending(
    store: Store, after: bool, copies: int
) -> None:
    with world(store) as here:
        smtp = here.office().transport()
        here.transport = Stopped(smtp, after)
        with pytest.raises(KeyboardInterrupt):
            here.send()
        assert here.states() == {ME: State.SENDING, YOU: State.PENDING}

        here.transport, here.new = None, [one.id for one in PAPERS]
        here.until_quiet()

    assert [len(here.server.bodies(to)) for to in (ME, YOU)] == [copies, 1]
    assert len(set(here.server.bodies(ME))) == 1
    assert here.server.bodies(YOU)[0].count(b"arxiv:") == 3  # frozen before the others came


def test_where_the_store_fails_no_other_digest_is_sent_either(store: Store) -> None:
    """A disk that has lost one note may lose the next, and what was noted before it."""
    with world(store) as here:

        def draft(plan: DigestConfig, past: Past) -> Digest:
            if plan.name == "morning":
                raise StoreError("The disk does not answer.")
            return here.draft(plan, past)

        plans = [DAILY, replace(DAILY, name="evening")]
        outcomes = list(replace(here.office(), draft=draft).send(plans, if_due=True))

    assert [one.digest for one in outcomes] == ["morning"]
    assert exit_code(outcomes) is Exit.FAILED
    assert here.server.taken == []


def test_two_runs_at_once_are_one_run(store: Store) -> None:
    with only_one(store.path), pytest.raises(BusyError), only_one(store.path):
        pass


# -- time -----------------------------------------------------------------------------------------


def test_nine_days_of_sleep_make_one_issue_with_everything(store: Store) -> None:
    with world(store) as here:
        here.send()
        here.new = [one.id for one in PAPERS]
        here.clock.advance(days=9)
        here.until_quiet()

    assert len(here.server.bodies(ME)) == 2
    assert here.server.bodies(ME)[1].count(b"arxiv:") == 3


def test_an_issue_that_reached_nobody_is_made_anew_when_the_next_is_due(store: Store) -> None:
    with world(store, *[mailserver.BUSY] * 3) as here:
        here.send()
        here.new = [one.id for one in PAPERS]
        here.server.faults.clear()
        here.clock.advance(days=1)
        here.until_quiet()

    (only,) = here.server.bodies(ME)
    assert only.count(b"arxiv:") == 6
    assert b"2026-04-14" in only


def test_an_issue_that_one_reader_has_is_not_sent_late_to_others(store: Store) -> None:
    with world(store) as here:
        here.transport = _FirstOnly()
        here.send()
        assert here.states() == {ME: State.SENT, YOU: State.PENDING}
        first = here.store.outbox.newest("morning")
        assert first is not None

        here.transport, here.new = None, [one.id for one in PAPERS]
        here.clock.advance(days=1)
        here.send()
        left = {one.recipient: one for one in here.store.outbox.letters(first.id)}

    assert left[YOU].state is State.HELD
    assert left[YOU].last_reply.startswith("Too old to be sent late.")
    assert here.server.bodies(YOU)[0].count(b"arxiv:") == 3


@dataclass
class _FirstOnly:
    """Reaches the server for the first letter only."""

    sent: int = 0

    def deliver(self, sender: str, recipient: str, message: bytes) -> str:
        if self.sent:
            raise UnreachableError("The network is gone.")
        self.sent += 1
        return "250 ok"

    def check(self) -> str:
        return ""

    def close(self) -> None:
        pass


def test_a_clock_that_is_set_back_makes_no_second_issue(store: Store) -> None:
    with world(store) as here:
        here.send()
        here.new = [one.id for one in PAPERS]
        here.clock.now -= timedelta(days=1)
        here.send()

    assert len(here.server.bodies(ME)) == 1


# -- what changes between two runs -----------------------------------------------------------------


def test_who_is_removed_gets_nothing_and_who_is_new_starts_with_the_next_issue(
    store: Store,
) -> None:
    them = "them@example.org"
    with world(store, *[mailserver.BUSY]) as here:
        here.send()
        here.clock.advance(hours=1)
        here.send(replace(DAILY, to=(YOU, them)))
        assert here.states() == {ME: State.DROPPED, YOU: State.SENT}

        here.new = [one.id for one in PAPERS]
        here.clock.advance(days=1)
        here.send(replace(DAILY, to=(YOU, them)))

    assert [len(here.server.bodies(to)) for to in (ME, YOU, them)] == [0, 2, 1]


def test_nothing_new_ends_the_period_but_a_source_that_fails_does_not(store: Store) -> None:
    with world(store) as here:
        here.new, here.failures = [], ("arxiv could not be read",)
        assert exit_code([here.send()]) is Exit.PARTLY
        assert here.store.outbox.newest("morning") is None

        here.failures = ()
        assert exit_code([here.send()]) is Exit.DONE
        here.new = [one.id for one in PAPERS]
        here.send()

    assert here.server.taken == []
    issue = here.store.outbox.newest("morning")
    assert issue is not None
    assert issue.closed_at is not None


def test_papers_that_arrived_count_as_seen_and_as_told(store: Store) -> None:
    with world(store, mailserver.BUSY) as here:
        here.send()
        number = store.find([PAPERS[0].id])[PAPERS[0].id]
        assert store.entries([number], MONDAY)[0].state.seen_at is None
        here.clock.advance(hours=1)
        here.send()

        assert store.entries([number], MONDAY)[0].state.seen_at == here.clock()
    past = store.outbox.past("morning")
    assert past.papers == {one.id for one in PAPERS[:3]}
    assert past.told == {PAPERS[0].id: Told(paper_id=PAPERS[0].id, version=1)}


def test_sending_again_on_request_sends_the_same_bytes(store: Store) -> None:
    with world(store) as here:
        here.send()
        assert "The issue of 2026-04-13 was made already" in here.send(if_due=False).note
        list(here.office().resend([DAILY]))

    assert [len(here.server.bodies(to)) for to in (ME, YOU)] == [2, 2]
    assert len(set(here.server.bodies(ME))) == 1


def test_a_store_that_was_copied_to_another_machine_is_noticed(store: Store) -> None:
    with world(store) as here:
        here.send()
        here.host, here.new = "server", [one.id for one in PAPERS]
        here.clock.advance(days=1)

        assert here.send().note.startswith("The issue before was made on laptop;")


def test_the_bytes_of_what_arrived_are_kept_until_there_is_a_newer_issue(store: Store) -> None:
    with world(store) as here:
        here.send()
        first = here.store.outbox.newest("morning")
        here.new = [one.id for one in PAPERS]
        here.clock.advance(days=1)
        assert first is not None
        (letter, _) = here.store.outbox.letters(first.id)
        assert here.store.outbox.message(letter.id)
        here.send()

        assert here.store.outbox.message(letter.id) == b""
