"""GitHub: how many stars the repositories of papers have.

With a token, `POST /graphql` answers for 100 repositories at a time and costs about one of 5,000
points an hour; one that is gone is null, with an entry in `errors` and status 200. Without a token,
`GET /repos/{owner}/{name}` answers for one, 60 times an hour for each network address, and a 304
counts too. A renamed repository is a redirect on the same host, which the client follows. "Stars
this week" is nowhere: it is what our own observations add up to.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from papertrack import text
from papertrack.clock import Clock, iso
from papertrack.errors import (
    SourceBusyError,
    SourceError,
    SourceFormatError,
    SourceSkippedError,
)
from papertrack.models import GITHUB_STARS, Observation, Paper
from papertrack.reports import Batch
from papertrack.sources import values
from papertrack.sources.client import Answer, Client, host_of

if TYPE_CHECKING:
    from papertrack.sources.base import Wanted

NAME = "github"
BASE_URL = "https://api.github.com"
LIMIT_WITHOUT_TOKEN = 40
MOST_WITHOUT_TOKEN = 60  # what GitHub allows in an hour
REPOSITORIES_PER_CALL = 100
MAX_CALLS = 50
#: So many unreadable answers on end are the service's trouble, and not a repository's.
TROUBLE = 3
MAX_REASON = 160
GONE = " is not there, or not public"
MAX_PAUSE = timedelta(days=1)
USUAL_PAUSE = timedelta(hours=1)  # budgets are renewed every hour
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
#: Nothing but these characters is ever put into an address; "." and ".." are no names.
_REPOSITORY = re.compile(r"https://github\.com/([A-Za-z0-9_.-]{1,100})/([A-Za-z0-9_.-]{1,100})")


@dataclass(frozen=True)
class Repository:
    """A repository, and the papers whose code it holds."""

    owner: str
    name: str
    papers: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"


def repositories(papers: Iterable[Paper]) -> list[Repository]:
    """The repositories of papers, each once, those of the newest papers first."""
    spelt: dict[str, tuple[str, str]] = {}
    users: dict[str, list[str]] = {}
    newest = sorted(papers, key=lambda paper: paper.published_at or _LONG_AGO, reverse=True)
    for paper in newest:
        found = _REPOSITORY.fullmatch(values.repository(paper.code_url))
        if not found or not all(part.strip(".") for part in found.groups()):
            continue
        key = found[0].lower()  # GitHub's names are the same in any case
        spelt.setdefault(key, (found[1], found[2]))
        users.setdefault(key, []).append(paper.id)
    return [
        Repository(owner=owner, name=name, papers=tuple(dict.fromkeys(users[key])))
        for key, (owner, name) in spelt.items()
    ]


def parse(body: bytes, *, observed_at: datetime, papers: Sequence[str]) -> Batch:
    """The answer of `/repos/{owner}/{name}` as one observation for each paper of the repository.

    Raises SourceFormatError where the body is no repository, such as `{"message": "Not Found"}`.
    """
    answer = _object(body)
    stars = values.count(answer.get("stargazers_count"))
    if stars is None:
        raise SourceFormatError(f"the answer has no star count{_quoted(answer.get('message'))}")
    return Batch(observations=_stars(papers, stars, observed_at))


def question(asked: Sequence[Repository]) -> dict[str, object]:
    """The GraphQL request: names are variables and never become part of the query."""
    places = range(len(asked))
    heads = ", ".join(f"$o{n}: String!, $n{n}: String!" for n in places)
    parts = " ".join(
        f"r{n}: repository(owner: $o{n}, name: $n{n}) {{ stargazerCount }}" for n in places
    )
    names = {f"o{n}": one.owner for n, one in enumerate(asked)}
    names |= {f"n{n}": one.name for n, one in enumerate(asked)}
    return {"query": f"query({heads}) {{ {parts} }}", "variables": names}


def parse_graphql(body: bytes, *, observed_at: datetime, asked: Sequence[Repository]) -> Batch:
    """The answer to `question(asked)`: stars, and why a repository has none.

    A budget that is used up is a SourceBusyError in `failures`, without a time: GitHub says so with
    status 200 and an error of type RATE_LIMITED, since January 2026 also RATE_LIMIT. Raises
    SourceFormatError where no repository could be looked up, as with a query that took too long.
    """
    answer = _object(body)
    errors = [values.mapping(error) for error in values.items(answer.get("errors"))]
    data = values.mapping(answer.get("data"))
    busy = any(map(_is_limit, errors))
    observations: list[Observation] = []
    skipped = []
    for number, one in enumerate(asked):
        entry = values.mapping(data.get(f"r{number}"))
        stars = values.count(entry.get("stargazerCount"))
        if stars is not None:
            observations += _stars(one.papers, stars, observed_at)
        elif not busy:
            skipped.append(f"{one}{_why(errors, f'r{number}')}")
    looked_up = observations or busy or any(e.get("type") == "NOT_FOUND" for e in errors)
    if asked and not looked_up:
        message = _quoted(errors[0].get("message")) if errors else ""
        raise SourceFormatError(f"the answer is about none of the repositories{message}")
    return Batch(
        observations=tuple(observations),
        skipped=tuple(skipped),
        failures=(_busy("the budget of this hour is used up"),) if busy else (),
    )


def _why(errors: Iterable[Mapping[str, object]], alias: str) -> str:
    """What the answer says of a repository without stars."""
    for error in errors:
        if alias in values.items(error.get("path")) and error.get("type") != "NOT_FOUND":
            return _quoted(error.get("message")) or " could not be read"
    return GONE


def _object(body: bytes) -> Mapping[str, object]:
    try:
        answer = values.loaded(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise SourceFormatError("the answer is not a JSON object")
    return answer


def _stars(papers: Iterable[str], stars: int, observed_at: datetime) -> tuple[Observation, ...]:
    return tuple(
        Observation(
            paper_id=paper_id,
            source=NAME,
            kind=GITHUB_STARS,
            value=stars,
            observed_at=observed_at,
        )
        for paper_id in papers
    )


def _quoted(message: object) -> str:
    """A service's own words as the end of a line of ours; nothing where it has none."""
    words = text.one_line(values.line(message), "")[:MAX_REASON]
    return f": {words}" if words else ""


def _is_limit(error: Mapping[str, object]) -> bool:
    return (
        error.get("type") in ("RATE_LIMITED", "RATE_LIMIT")
        or "rate limit" in values.line(error.get("message")).lower()
    )


def _busy(what: str, until: datetime | None = None) -> SourceBusyError:
    when = f" until {iso(until)}" if until else ""
    return SourceBusyError(
        f"GitHub asks us to wait{when}: {what}; the other repositories follow in a later run.",
        retry_at=until,
    )


def _until(headers: Mapping[str, str], now: datetime) -> datetime:
    """When GitHub may be asked again, as it says: within a day, else after an hour."""
    after = headers.get("retry-after", "")
    reset = headers.get("x-ratelimit-reset", "")
    moment = now
    if re.fullmatch(r"[0-9]{1,9}", after):
        moment = now + timedelta(seconds=int(after))
    elif re.fullmatch(r"[0-9]{1,10}", reset):
        moment = datetime.fromtimestamp(int(reset), UTC)
    return moment if now < moment <= now + MAX_PAUSE else now + USUAL_PAUSE


def _is_spent(headers: Mapping[str, str]) -> bool:
    return headers.get("x-ratelimit-remaining", "").strip() == "0"


@dataclass(frozen=True)
class GitHubSource:
    """Counts the stars of the wanted papers' repositories; lists no papers of its own."""

    client: Client
    clock: Clock
    base_url: str = BASE_URL
    token: str = ""
    limit_without_token: int = LIMIT_WITHOUT_TOKEN
    name: str = NAME

    def fetch(self, wanted: "Wanted", state: Mapping[str, str]) -> Iterator[Batch]:
        """A batch for each call. What has arrived stays when GitHub asks us to stop.

        Raises SourceSkippedError where there is no token and nothing may be asked without one.
        """
        asked = repositories(wanted.papers)
        if not asked:
            return
        if self.token:
            yield from self._by_hundreds(asked)
        elif self.limit_without_token <= 0:
            raise SourceSkippedError(
                "sources.github.token is not set, and sources.github.limit_without_token is 0; "
                "set one of them to count stars."
            )
        else:
            yield from self._one_by_one(asked, state)

    def _by_hundreds(self, asked: Sequence[Repository]) -> Iterator[Batch]:
        size = REPOSITORIES_PER_CALL
        parts = [asked[at : at + size] for at in range(0, len(asked), size)]
        total = len(parts)
        for part in parts[:MAX_CALLS]:
            try:
                batch, until = self._ask(part)
            except SourceError as error:
                yield Batch(failures=(error,), total=total)
                return
            last = part is parts[-1]
            if until and (batch.failures or not last):
                reason = "the budget of this hour is used up"
                yield replace(batch, failures=(_busy(reason, until),), total=total)
                return
            yield replace(batch, total=total)
        if total > MAX_CALLS:
            yield self._left_out(len(asked) - MAX_CALLS * size, "the newest come first", total)

    def _ask(self, part: Sequence[Repository]) -> tuple[Batch, datetime | None]:
        """The stars of up to 100 repositories, and until when to wait if the budget is spent."""
        url = f"{self.base_url}/graphql"
        headers = {**_HEADERS, "Authorization": f"Bearer {self.token}"}
        try:
            answer = self.client.post(url, question(part), headers=headers)
            now = self.clock()
            batch = parse_graphql(answer.body, observed_at=now, asked=part)
        except SourceFormatError as error:
            raise SourceFormatError(
                f"{host_of(url)}: {error}; check sources.github.token and base_url.", url=url
            ) from None
        spent = batch.failures or _is_spent(answer.headers)
        return batch, _until(answer.headers, now) if spent else None

    def _one_by_one(self, asked: Sequence[Repository], state: Mapping[str, str]) -> Iterator[Batch]:
        """One after the other, as GitHub wishes; asking at once meets its second limit."""
        chosen = asked[: min(self.limit_without_token, MOST_WITHOUT_TOKEN)]
        left = len(asked) - len(chosen)
        total = len(chosen) + bool(left)
        trouble = 0
        for number, one in enumerate(chosen, 1):
            until = None
            try:
                batch, until = self._read(one, state)
                trouble = 0
            except SourceFormatError as error:  # blocked (451), or a page instead of an answer
                trouble += 1
                batch = Batch(skipped=(f"{one}: {error}",))
                if trouble == min(TROUBLE, len(chosen)):
                    batch = Batch(failures=(error,))
            except SourceError as error:
                batch = Batch(failures=(error,))
            if until and number < len(chosen):
                reason = "the 60 requests an hour without sources.github.token are used up"
                batch = replace(batch, failures=(_busy(reason, until),))
            yield replace(batch, total=total)
            if batch.failures:
                return
        if left:
            reason = f"without sources.github.token only {len(chosen)} are asked for in a run"
            yield self._left_out(left, reason, total)

    def _left_out(self, number: int, reason: str, total: int) -> Batch:
        return Batch(skipped=(f"{number} repositories were not asked for: {reason}",), total=total)

    def _read(self, one: Repository, state: Mapping[str, str]) -> tuple[Batch, datetime | None]:
        """One repository, and until when to wait if this was the last of the budget."""
        url = f"{self.base_url}/repos/{one.owner}/{one.name}"
        etag, stars = _remembered(state.get(url, ""))
        answer = self.client.get(url, headers=_HEADERS, etag=etag)
        now = self.clock()
        batch = self._said(one, answer, stars, now)
        return batch, _until(answer.headers, now) if _is_spent(answer.headers) else None

    def _said(self, one: Repository, answer: Answer, stars: int | None, now: datetime) -> Batch:
        if answer.missing:
            return Batch(skipped=(f"{one}{GONE}",))
        if answer.unchanged and stars is not None:
            return Batch(observations=_stars(one.papers, stars, now))
        url = f"{self.base_url}/repos/{one.owner}/{one.name}"
        try:
            batch = parse(answer.body, observed_at=now, papers=one.papers)
        except SourceFormatError as error:
            raise SourceFormatError(
                f"{host_of(url)}: {error} ({url}); try again later, and if it stays so, check "
                "sources.github.base_url.",
                url=url,
            ) from None
        note = json.dumps({"etag": answer.etag, "stars": int(batch.observations[0].value)})
        return replace(batch, state={url: note} if answer.etag else {})


def _remembered(note: str) -> tuple[str, int | None]:
    """ETag and star count of the last answer; an ETag is of no use without its count."""
    try:
        known = values.mapping(json.loads(note)) if note else {}
    except ValueError:
        known = {}
    stars = values.count(known.get("stars"))
    return (values.line(known.get("etag")), stars) if stars is not None else ("", None)
