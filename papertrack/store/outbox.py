"""The outbox: issues of digests, their letters, and what became of each.

Every commit here is on the disk before it returns (`synchronous=FULL`): a letter whose sending was
noted and forgotten in a power cut would be sent twice.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

from papertrack.clock import instant, iso
from papertrack.letters import MOVING, Issue, Letter, NewIssue, State
from papertrack.mailing import Issued, Past, Told
from papertrack.store.connection import explained, transaction
from papertrack.store.reading import resolve
from papertrack.text import repair

_ISSUE = (
    "SELECT id, digest, period, opened_at, closed_at, host,"
    " (SELECT count(*) FROM issue_papers WHERE issue_id = issues.id) AS papers FROM issues"
)
_LETTER = (
    "SELECT id, issue_id, recipient, message_id, state, attempts, unconfirmed, last_reply,"
    " next_try_at, sent_at FROM letters"
)


class Outbox:
    """The part of a store that `papertrack.digesting` works on; made by `Store.outbox`."""

    def __init__(self, path: str, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    # -- issues -----------------------------------------------------------------------------

    def freeze(self, new: NewIssue) -> Issue:
        """Open an issue with everything that belongs to it, in one transaction.

        Without letters it is closed at once: there was nothing to send, and the period is done.
        """
        at = iso(new.opened_at)
        before = self.past(new.digest).told
        news = {one.paper_id: one for one in new.watched if one != before.get(one.paper_id)}
        with self._durable() as db:
            numbers = resolve(db, [*new.papers, *news])
            number = db.execute(
                "INSERT INTO issues (digest, period, opened_at, closed_at, host)"
                " VALUES (?, ?, ?, ?, ?)",
                (new.digest, new.period, at, None if new.letters else at, repair(new.host)),
            ).lastrowid
            db.executemany(
                "INSERT OR IGNORE INTO issue_papers VALUES (?, ?, ?)",
                [
                    (number, numbers[key], place)
                    for place, key in enumerate(new.papers, 1)
                    if key in numbers
                ],
            )
            db.executemany(
                "INSERT OR REPLACE INTO watched VALUES (?, ?, ?)",
                [
                    (number, numbers[key], _to_text(one))
                    for key, one in news.items()
                    if key in numbers
                ],
            )
            for one in new.letters:
                letter = db.execute(
                    "INSERT INTO letters (issue_id, recipient, message_id, state)"
                    " VALUES (?, ?, ?, ?)",
                    (number, one.recipient, one.message_id, State.PENDING),
                ).lastrowid
                db.execute("INSERT INTO letter_bytes VALUES (?, ?)", (letter, one.message))
            _forget_old_bytes(db, new.digest)
        return self._issues("WHERE id = ?", (number,))[0]

    def newest(self, digest: str) -> Issue | None:
        """The last issue of a digest that stands; None before the first."""
        found = self._issues(
            "WHERE digest = ? AND withdrawn_at IS NULL ORDER BY id DESC LIMIT 1", (digest,)
        )
        return found[0] if found else None

    def unfinished(self, digest: str) -> list[Issue]:
        """The issues of a digest with letters that have not arrived, oldest first."""
        return self._issues(
            "WHERE digest = ? AND id IN (SELECT issue_id FROM letters"
            " WHERE state NOT IN ('sent', 'dropped')) ORDER BY id",
            (digest,),
        )

    def issues(self, digest: str, most: int) -> list[Issue]:
        """The last issues of a digest, newest first, and all of which something did not arrive."""
        return self._issues(
            "WHERE digest = ?1 AND withdrawn_at IS NULL AND (id IN (SELECT id FROM issues"
            " WHERE digest = ?1 AND withdrawn_at IS NULL ORDER BY id DESC LIMIT ?2)"
            " OR id IN (SELECT issue_id FROM letters WHERE state NOT IN ('sent', 'dropped')))"
            " ORDER BY id DESC",
            (digest, most),
        )

    def withdraw(self, issue: int, at: datetime) -> None:
        """Take back an issue that reached nobody: its papers count as new again."""
        with self._durable() as db:
            db.execute("DELETE FROM issue_papers WHERE issue_id = ?", (issue,))
            db.execute("DELETE FROM watched WHERE issue_id = ?", (issue,))
            db.execute(
                "UPDATE letters SET state = ?, next_try_at = NULL WHERE issue_id = ?",
                (State.DROPPED, issue),
            )
            db.execute(
                "UPDATE issues SET withdrawn_at = ?1, closed_at = ?1 WHERE id = ?2",
                (iso(at), issue),
            )

    def past(self, digest: str) -> Past:
        """What the digest has told so far."""
        last = self.newest(digest)
        with explained(self.path):
            papers = self._connection.execute(
                "SELECT DISTINCT key FROM issue_papers JOIN issues ON issues.id = issue_id"
                " JOIN papers ON papers.id = paper_id WHERE digest = ?",
                (digest,),
            ).fetchall()
            told = self._connection.execute(
                "SELECT key, said, max(issue_id) FROM watched JOIN issues ON issues.id = issue_id"
                " JOIN papers ON papers.id = paper_id WHERE digest = ? GROUP BY paper_id",
                (digest,),
            ).fetchall()
        return Past(
            last=Issued(period=last.period, opened_at=last.opened_at) if last else None,
            papers=frozenset(key for (key,) in papers),
            told={key: _from_text(key, said) for key, said, _ in told},
        )

    # -- letters ----------------------------------------------------------------------------

    def letters(self, issue: int) -> list[Letter]:
        """The letters of an issue, in the order in which its recipients were named."""
        with explained(self.path):
            found = self._connection.execute(f"{_LETTER} WHERE issue_id = ? ORDER BY id", (issue,))
            return [_letter(row) for row in found]

    def message(self, letter: int) -> bytes:
        """The frozen bytes of a letter; empty where they are not kept any more."""
        with explained(self.path):
            found = self._connection.execute(
                "SELECT message FROM letter_bytes WHERE letter_id = ?", (letter,)
            ).fetchone()
            return bytes(found[0]) if found else b""

    def interrupted(self) -> int:
        """Letters whose sending was cut off have an unknown fate; returns how many there were."""
        if not self._count("WHERE state = 'sending'"):
            return 0
        with self._durable() as db:
            return db.execute(
                "UPDATE letters SET state = ?, unconfirmed = unconfirmed + 1, next_try_at = NULL,"
                " last_reply = 'papertrack was stopped while it was being sent'"
                " WHERE state = ?",
                (State.UNCERTAIN, State.SENDING),
            ).rowcount

    def begin(self, letter: int) -> None:
        """Note that a letter is about to be sent: before this is on the disk, nothing is sent."""
        with self._durable() as db:
            db.execute(
                "UPDATE letters SET state = ?, attempts = attempts + 1 WHERE id = ?",
                (State.SENDING, letter),
            )

    def end(
        self,
        letter: int,
        state: State,
        reply: str,
        at: datetime,
        *,
        next_try_at: datetime | None = None,
        unconfirmed: int = 0,
    ) -> None:
        """Note what became of it.

        This is as small as it can be: a crash before it is on the disk sends the letter again.
        """
        with self._durable() as db:
            db.execute(
                "UPDATE letters SET state = ?1, last_reply = ?2, next_try_at = ?3,"
                " sent_at = iif(?1 = 'sent', ?4, sent_at), unconfirmed = ?5 WHERE id = ?6",
                (
                    state,
                    repair(reply),
                    iso(next_try_at) if next_try_at else None,
                    iso(at),
                    unconfirmed,
                    letter,
                ),
            )

    def finish(self, issue: int, at: datetime) -> None:
        """Papers that reached somebody count as seen; an issue with nothing to do is closed."""
        with self._durable() as db:
            db.execute(
                "INSERT INTO reading (paper_id, seen_at) SELECT paper_id, ?1 FROM issue_papers"
                " WHERE issue_id = ?2"
                " AND EXISTS (SELECT 1 FROM letters WHERE issue_id = ?2 AND state = 'sent')"
                " ON CONFLICT (paper_id) DO UPDATE SET seen_at = excluded.seen_at"
                " WHERE seen_at IS NULL",
                (iso(at), issue),
            )
            db.execute(
                "UPDATE issues SET closed_at = ? WHERE id = ? AND closed_at IS NULL AND NOT EXISTS"
                " (SELECT 1 FROM letters WHERE issue_id = issues.id"
                "  AND state IN ('pending', 'sending', 'uncertain'))",
                (iso(at), issue),
            )

    def drop(self, issue: int, keep: Sequence[str]) -> int:
        """Letters to anybody but these are not sent any more; returns how many."""
        gone = [
            letter.id
            for letter in self.letters(issue)
            if letter.state in MOVING and letter.recipient not in keep
        ]
        if gone:
            with self._durable() as db:
                db.executemany(
                    "UPDATE letters SET state = 'dropped', next_try_at = NULL,"
                    " last_reply = 'no longer a recipient' WHERE id = ?",
                    [(number,) for number in gone],
                )
        return len(gone)

    def again(self, issue: int, states: Sequence[State]) -> int:
        """Letters in these states are to be sent anew, as they are; returns how many."""
        marks = ", ".join("?" * len(states))
        with self._durable() as db:
            changed = db.execute(
                "UPDATE letters SET state = 'pending', unconfirmed = 0, next_try_at = NULL"
                f" WHERE issue_id = ? AND state IN ({marks})"
                " AND id IN (SELECT letter_id FROM letter_bytes)",
                (issue, *states),
            ).rowcount
            if changed:
                db.execute("UPDATE issues SET closed_at = NULL WHERE id = ?", (issue,))
        return changed

    # -- how --------------------------------------------------------------------------------

    def _issues(self, where: str, values: Sequence[object]) -> list[Issue]:
        with explained(self.path):
            return [_issue(row) for row in self._connection.execute(f"{_ISSUE} {where}", values)]

    def _count(self, where: str) -> int:
        with explained(self.path):
            found = self._connection.execute(f"SELECT count(*) FROM letters {where}")
            return int(found.fetchone()[0])

    @contextmanager
    def _durable(self) -> Iterator[sqlite3.Connection]:
        """One write that is on the disk when it is over."""
        with explained(self.path):
            self._connection.execute("PRAGMA synchronous=FULL")
            try:
                with transaction(self._connection) as connection:
                    yield connection
            finally:
                self._connection.execute("PRAGMA synchronous=NORMAL")


def _forget_old_bytes(db: sqlite3.Connection, digest: str) -> None:
    """Of a letter that arrived the bytes are kept until there is a newer issue."""
    db.execute(
        "DELETE FROM letter_bytes WHERE letter_id IN (SELECT letters.id FROM letters"
        " JOIN issues ON issues.id = issue_id"
        " WHERE digest = ? AND state IN ('sent', 'dropped'))",
        (digest,),
    )


def _to_text(told: Told) -> str:
    return json.dumps({name: value for name, value in asdict(told).items() if name != "paper_id"})


def _from_text(key: str, said: str) -> Told:
    return Told(paper_id=key, **json.loads(said))


def _issue(row: tuple[object, ...]) -> Issue:
    number, digest, period, opened_at, closed_at, host, papers = row
    return Issue(
        id=int(str(number)),
        digest=str(digest),
        period=str(period),
        opened_at=instant(str(opened_at)),
        closed_at=instant(str(closed_at)) if closed_at else None,
        host=str(host),
        papers=int(str(papers)),
    )


def _letter(row: tuple[object, ...]) -> Letter:
    number, issue, recipient, message_id, state, attempts, unconfirmed, reply, after, sent = row
    return Letter(
        id=int(str(number)),
        issue=int(str(issue)),
        recipient=str(recipient),
        message_id=str(message_id),
        state=State(str(state)),
        attempts=int(str(attempts)),
        unconfirmed=int(str(unconfirmed)),
        last_reply=str(reply),
        next_try_at=instant(str(after)) if after else None,
        sent_at=instant(str(sent)) if sent else None,
    )
