"""What may be wrong, and how to mend it: one finding a question, none of which stops the others."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from papertrack.clock import Clock, iso
from papertrack.config import Config, KeyedConfig, ServiceConfig
from papertrack.errors import PapertrackError, SourceError
from papertrack.store import Store

#: A clock that is off by more than this puts papers on the wrong day sooner or later.
CLOCK_TOLERANCE = timedelta(minutes=10)
#: Sources that give nothing at all without a key.
NEED_A_KEY = ("semanticscholar", "openalex")
GOOD, WARNING, BAD = "ok", "warning", "error"
#: Reading a larger store whole takes longer than anybody waits for an answer.
LARGE = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    """One question and its answer; `said` ends in what to do where something is wrong."""

    question: str
    verdict: str
    said: str


@dataclass(frozen=True, kw_only=True)
class Doctor:
    """Asks the questions. The callables are what may fail: each is tried by itself."""

    config: Callable[[], Config]
    store: Callable[[], Store]
    token: Callable[[str], str]
    #: Reads an address and answers the service's own time, or None where it tells none.
    reach: Callable[[str], datetime | None]
    #: Connects to the mail server and logs in, without sending; answers what it found.
    post: Callable[[], str]
    clock: Clock
    offline: bool = False

    def findings(self) -> Iterator[Finding]:
        """One after another, as they are found."""
        try:
            config = self.config()
        except PapertrackError as error:
            yield Finding("config", BAD, str(error))
            return
        yield Finding("config", GOOD, "It can be used.")
        yield self._store()
        yield from self._sources(config)
        if config.digests:
            yield self._mail(config)

    def _mail(self, config: Config) -> Finding:
        if not config.mail.from_:
            said = "mail.from is empty; set it to an address of yours."
            return Finding("mail", BAD, said)
        if self.offline and config.mail.transport == "smtp":
            return Finding("mail", GOOD, "It was not tried, for --offline.")
        try:
            return Finding("mail", GOOD, self.post())
        except PapertrackError as error:
            return Finding("mail", BAD, str(error))

    def _store(self) -> Finding:
        try:
            store = self.store()
            if store.size() > LARGE:
                said = "It opens; it is too large to read here, `papertrack db check` does."
                return Finding("store", GOOD, said)
            problems = store.check()
        except PapertrackError as error:
            return Finding("store", BAD, str(error))
        if problems:
            return Finding("store", BAD, f"{problems[0]}; `papertrack db repair` mends it.")
        return Finding("store", GOOD, "It is whole.")

    def _sources(self, config: Config) -> Iterator[Finding]:
        asked = 0
        for name in config.fetch.sources:
            section = getattr(config.sources, name)
            if section.enabled:
                asked += 1
                yield from self._source(name, section)
        if not asked:
            yield Finding(
                "sources", BAD, "None is switched on; set sources.<name>.enabled to true."
            )

    def _source(self, name: str, section: object) -> Iterator[Finding]:
        if isinstance(section, KeyedConfig):
            yield from self._key(name)
        if isinstance(section, ServiceConfig) and not self.offline:
            yield self._network(name, section.base_url)
            feed = getattr(section, "feed_url", section.base_url)
            if feed != section.base_url:
                yield self._network(f"{name} feed", feed)

    def _key(self, name: str) -> Iterator[Finding]:
        try:
            there = bool(self.token(name))
        except PapertrackError as error:
            yield Finding(f"{name} key", BAD, str(error))
            return
        if there:
            yield Finding(f"{name} key", GOOD, "There is one.")
        elif name in NEED_A_KEY:
            said = f"There is none, and nothing comes without; set sources.{name}.token_command."
            yield Finding(f"{name} key", BAD, said)

    def _network(self, name: str, url: str) -> Finding:
        try:
            theirs = self.reach(url)
        except SourceError as error:
            return Finding(name, BAD, str(error))
        now = self.clock()
        if theirs and abs(theirs - now) > CLOCK_TOLERANCE:
            return Finding(
                name,
                WARNING,
                f"It answers, but its clock says {iso(theirs.astimezone(UTC))} and yours "
                f"{iso(now)}; set your clock, or unset PAPERTRACK_NOW.",
            )
        return Finding(name, GOOD, f"It answers at {url}.")


def worst(findings: Sequence[Finding]) -> str:
    """The gravest verdict of all."""
    return max((f.verdict for f in findings), key=(GOOD, WARNING, BAD).index, default=GOOD)
