"""How a digest stands: what it has mailed, what waits, and whether it is overdue."""

from datetime import datetime, timedelta

from papertrack.config import DigestConfig
from papertrack.digesting import rhythm_of
from papertrack.letters import Standing
from papertrack.mailing import Issued
from papertrack.store.outbox import Outbox

#: An hourly job may come so much later than the time that is configured.
GRACE = timedelta(minutes=90)


def standing(plan: DigestConfig, outbox: Outbox, now: datetime, most: int) -> Standing:
    """A digest with its last issues, at most so many beside those that did not arrive."""
    rhythm = rhythm_of(plan)
    issues = outbox.issues(plan.name, most)
    newest = outbox.newest(plan.name)
    last = Issued(period=newest.period, opened_at=newest.opened_at) if newest else None
    slot = rhythm.slot(now)
    late = rhythm.due(now, last) and now - slot > GRACE
    return Standing(
        digest=plan.name,
        rhythm=f"{plan.every} at {plan.at:%H:%M}{f' ({plan.timezone})' if plan.timezone else ''}",
        recipients=plan.to,
        editions=tuple((issue, tuple(outbox.letters(issue.id))) for issue in issues),
        next_due=rhythm.next_due(now, last),
        overdue_since=slot if late else None,
    )
