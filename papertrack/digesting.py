"""A digest goes out: what is open is brought to its end first, then a new issue is made if due.

The promise: every paper that is due reaches every recipient at least once. A crash or an answer
that is lost may repeat a whole letter, with the same bytes and Message-ID, and never a mixture. An
issue is frozen, with all its letters, before the first is sent; so whoever got one got the same.

An issue that could not be sent until the next one is due is not sent late: it is taken back, and
its papers come with the next one. Where somebody has got it already, the rest of its letters wait
for `digest retry`.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from papertrack.clock import Clock, zone_of
from papertrack.config import DigestConfig, MailConfig
from papertrack.delivering import Postman
from papertrack.digests.periods import Rhythm
from papertrack.errors import ConfigError, PapertrackError, StoreError
from papertrack.letters import MOVING, STUCK, Draft, Issue, NewIssue, State
from papertrack.mailing import Build, Digest, Envelope, Issued, Past
from papertrack.outbox import Transport
from papertrack.outcomes import Outcome
from papertrack.store.outbox import Outbox

#: An issue that is older than this is made anew, also where the next one is not due yet.
STALE_AFTER = timedelta(days=2)
#: Somebody has, or may have, a letter of an issue in which one is in these states.
_REACHED = (State.SENT, State.SENDING, State.UNCERTAIN, State.HELD)


@dataclass(frozen=True, kw_only=True)
class Office:
    """Where digests are made and sent; everything it needs is handed in."""

    mail: MailConfig
    outbox: Outbox
    clock: Clock
    host: str
    draft: Callable[[DigestConfig, Past], Digest]
    build: Build
    transport: Callable[[], Transport]
    lock: Callable[[], AbstractContextManager[None]]

    def send(self, plans: Sequence[DigestConfig], *, if_due: bool) -> Iterator[Outcome]:
        """One digest after another. Raises BusyError where another run is at it."""
        yield from self._each(plans, lambda plan, via: [self._send(plan, via, if_due)])

    def resend(self, plans: Sequence[DigestConfig]) -> Iterator[Outcome]:
        """The last issue of each once more, as it was, to everybody who is still a recipient."""
        yield from self._each(plans, lambda plan, via: [self._resend(plan, via)])

    def retry(self, plans: Sequence[DigestConfig]) -> Iterator[Outcome]:
        """Every letter that waits or was given up, now."""
        yield from self._each(plans, self._retry)

    def _each(
        self,
        plans: Sequence[DigestConfig],
        work: Callable[[DigestConfig, Transport], list[Outcome]],
    ) -> Iterator[Outcome]:
        with self.lock(), closing(self.transport()) as transport:
            self.sender()
            self.outbox.interrupted()
            for plan in plans:
                try:
                    yield from work(plan, transport)
                except StoreError as error:  # what cannot be noted for one cannot for the others
                    yield Outcome(digest=plan.name, error=error)
                    return
                except PapertrackError as error:
                    yield Outcome(digest=plan.name, error=error)

    def sender(self) -> str:
        """The address that mail comes from. Raises ConfigError where there is none."""
        if not self.mail.from_:
            raise ConfigError("mail.from is empty; set it to an address of yours.")
        return self.mail.from_

    def domain(self) -> str:
        """What stands after the @ in a Message-ID."""
        return self.mail.domain or self.sender().rpartition("@")[2]

    def foresee(self, plan: DigestConfig) -> str:
        """What `send` would do with a digest, in a sentence; nothing is sent or noted."""
        self.sender()
        self.transport().close()
        now, past = self.clock(), self.outbox.past(plan.name)
        issue = self.outbox.newest(plan.name)
        if issue and issue.closed_at is None:
            return f"{plan.name}: would go on with the issue of {issue.period}, which is open."
        if not rhythm_of(plan).due(now, past.last):
            due = rhythm_of(plan).next_due(now, past.last)
            return f"{plan.name}: nothing is due before {due:%A} {due.day} {due:%B}, {due:%H:%M}."
        digest = self.draft(plan, past)
        if not digest.worth_sending:
            return f"{plan.name}: nothing is new, so nothing would be sent."
        return (
            f"{plan.name}: would send the issue of {digest.period} to {', '.join(plan.to)}; "
            f"papers: {len(digest.papers)}, changes: {digest.changes}."
        )

    # -- one digest -------------------------------------------------------------------------

    def _send(self, plan: DigestConfig, transport: Transport, if_due: bool) -> Outcome:
        now, rhythm = self.clock(), rhythm_of(plan)
        issue = self.outbox.newest(plan.name)
        if issue and issue.closed_at is None:
            self.outbox.drop(issue.id, plan.to)
            if not self._put_aside(issue, rhythm, now):
                return self._deliver(plan, issue, transport, at_once=not if_due)
        past = self.outbox.past(plan.name)
        if rhythm.due(now, past.last):
            return self._make(plan, past, transport)
        assert past.last is not None
        made = f"The issue of {past.last.period} was made already; --resend sends it once more."
        note = "" if if_due else made
        return self._told(plan, note=note)

    def _put_aside(self, issue: Issue, rhythm: Rhythm, now: datetime) -> bool:
        """Whether an open issue is too old to be sent; then it is taken back or held."""
        last = Issued(period=issue.period, opened_at=issue.opened_at)
        if not rhythm.due(now, last) and now - issue.opened_at <= STALE_AFTER:
            return False
        letters = self.outbox.letters(issue.id)
        if not any(letter.state in _REACHED for letter in letters):
            self.outbox.withdraw(issue.id, now)
            return True
        for letter in letters:
            if letter.state in MOVING:
                self.outbox.end(
                    letter.id,
                    State.HELD,
                    f"Too old to be sent late. Before: {letter.last_reply or 'not tried yet'}",
                    now,
                    unconfirmed=letter.unconfirmed,
                )
        self.outbox.finish(issue.id, now)
        return rhythm.due(now, last)

    def _make(self, plan: DigestConfig, past: Past, transport: Transport) -> Outcome:
        """A new issue, frozen and sent."""
        before = self.outbox.newest(plan.name)
        digest = self.draft(plan, past)
        if not digest.worth_sending and digest.failures:
            note = "Nothing new is known, and not every source could be read; it is tried again."
            return self._told(plan, failures=digest.failures, note=note)
        letters = self._letters(plan, digest) if digest.worth_sending else ()
        issue = self.outbox.freeze(
            NewIssue(
                digest=plan.name,
                period=digest.period,
                opened_at=digest.now,
                host=self.host,
                papers=digest.papers,
                watched=digest.watched,
                letters=letters,
            )
        )
        outcome = self._deliver(plan, issue, transport, failures=digest.failures)
        if before is not None and before.host != self.host:
            elsewhere = (
                f"The issue before was made on {before.host}; two machines that send from copies "
                "of one store mail everything twice."
            )
            return replace(outcome, note=elsewhere)
        return outcome

    def _letters(self, plan: DigestConfig, digest: Digest) -> tuple[Draft, ...]:
        domain, label = self.domain(), plan.name.replace(".", "-")  # two dots in a row are no id
        drafts = []
        for recipient in plan.to:
            content = f"{digest.period}\0{recipient}\0{digest!r}"
            code = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:20]
            envelope = Envelope(
                sender=self.sender(),
                recipient=recipient,
                message_id=f"<{label}.{digest.period}.{code}@{domain}>",
                date=digest.now,
                list_id=f"{label}.papertrack.{domain}",
                unsubscribe=self.mail.contact or self.sender(),
            )
            drafts.append(
                Draft(
                    recipient=recipient,
                    message_id=envelope.message_id,
                    message=self.build(digest, envelope),
                )
            )
        return tuple(drafts)

    def _resend(self, plan: DigestConfig, transport: Transport) -> Outcome:
        issue = self.outbox.newest(plan.name)
        if issue is None:
            return self._told(
                plan, note="No issue of it was ever made, so there is none to repeat."
            )
        if not self.outbox.again(issue.id, (State.SENT, *STUCK)):
            return self._told(plan, note=f"Of the issue of {issue.period} no mail is kept.")
        self.outbox.drop(issue.id, plan.to)
        return self._deliver(plan, issue, transport)

    def _retry(self, plan: DigestConfig, transport: Transport) -> list[Outcome]:
        outcomes = []
        for issue in self.outbox.unfinished(plan.name):
            self.outbox.again(issue.id, STUCK)
            self.outbox.drop(issue.id, plan.to)
            outcomes.append(self._deliver(plan, issue, transport))
        return outcomes or [self._told(plan, note="Nothing waits to be sent.")]

    def _deliver(
        self,
        plan: DigestConfig,
        issue: Issue,
        transport: Transport,
        *,
        at_once: bool = True,
        failures: tuple[str, ...] = (),
    ) -> Outcome:
        postman = Postman(
            outbox=self.outbox, transport=transport, clock=self.clock, sender=self.sender()
        )
        postman.deliver(issue, at_once=at_once)
        return self._told(plan, issue=issue, failures=failures)

    def _told(
        self,
        plan: DigestConfig,
        *,
        issue: Issue | None = None,
        failures: tuple[str, ...] = (),
        note: str = "",
    ) -> Outcome:
        last = self.outbox.past(plan.name).last
        return Outcome(
            digest=plan.name,
            period=issue.period if issue else "",
            papers=issue.papers if issue else 0,
            letters=tuple(self.outbox.letters(issue.id)) if issue else (),
            failures=failures,
            next_due=rhythm_of(plan).next_due(self.clock(), last),
            note=note,
        )


def rhythm_of(plan: DigestConfig) -> Rhythm:
    """When a digest goes, by its own clock."""
    return Rhythm.of(plan, zone_of(plan.timezone))
