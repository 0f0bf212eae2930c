"""Where everything is wired: flags, environment and configuration to a Tracker."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from papertrack import places
from papertrack.cli.console import Console
from papertrack.clock import Clock, system_clock
from papertrack.errors import ConfigError, NothingCachedError, UsageError

if TYPE_CHECKING:
    from papertrack.config import Config
    from papertrack.preferences import Preferences
    from papertrack.render.progress import Bars
    from papertrack.sources import Source
    from papertrack.store import Store
    from papertrack.tracker import Tracker


@dataclass(eq=False, repr=False)
class Setup:
    """The global options, and what follows from them; each part is made when first used."""

    console: Console = field(default_factory=Console)
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Clock = system_clock
    config_flag: str | None = None
    db_flag: str | None = None
    offline: bool = False
    demo: bool = False
    begins: bool = True  # the command may begin a store where the one that is named is not there
    patience_seconds: float = 30.0  # how long a request may wait where a service asks for it

    @cached_property
    def config_path(self) -> Path:
        return places.config_path(self.config_flag, self.env)

    @cached_property
    def config(self) -> "Config":
        from papertrack.config import load

        return load(self.config_path, required=self._names_a_config)

    @property
    def _names_a_config(self) -> bool:
        return bool(self.config_flag or self.env.get("PAPERTRACK_CONFIG"))

    @cached_property
    def _has_config(self) -> bool:
        try:
            return self._names_a_config or places.is_there(self.config_path)
        except ConfigError:  # no home folder, which a demo can do without
            if self.demo:
                return False
            raise

    @cached_property
    def preferences(self) -> "Preferences":
        """What lists go by; the schema of the configuration is loaded only where there is one."""
        from papertrack.preferences import Preferences, preferences_in

        return preferences_in(self.config) if self._has_config else Preferences()

    @cached_property
    def database_path(self) -> Path:
        if self.demo:
            raise UsageError(
                "--demo keeps its store in memory; leave it out for the path of yours."
            )
        configured = self.config.store.path if self._has_config else ""
        return places.database_path(self.db_flag, self.env, configured)

    @cached_property
    def now(self) -> datetime:
        return self.tracker.clock()

    @cached_property
    def store(self) -> "Store":
        from papertrack.store import Store

        if not self.begins:
            self._miss_store()
        opened = Store(str(self.database_path), self.bar)
        self.close_bars()  # an old store was brought up to date
        return opened

    def _miss_store(self) -> None:
        """Say that the store which was named is not there. Raises NothingCachedError offline."""
        named = "--db" if self.db_flag else "$PAPERTRACK_DB"
        if not (self.db_flag or self.env.get("PAPERTRACK_DB")):
            return
        path = self.database_path
        if places.is_there(path) or path.is_symlink():  # of what is no store the store says so
            return
        if self.offline:
            raise NothingCachedError(
                f"There is no store at {path}, and --offline asks nobody; check "
                f"{named}, or leave out --offline to begin one there."
            )
        self.console.note(
            f"There was no store at {path}, so a new one begins there; check {named} "
            "if you have another."
        )

    @cached_property
    def tracker(self) -> "Tracker":
        from papertrack.tracker import Tracker

        if self.demo:
            return self._demo_tracker()
        return Tracker(
            config=lambda: self.config,
            preferences=self.preferences,
            store=self.store,
            clock=self.clock,
            sources=self._sources,
            offline=self.offline,
            progress=self._bars,
            tell=self.console.note,
        )

    def bar(self, what: str, done: int, total: int | None) -> None:
        """How far a work has come, for who watches."""
        if self._bars:
            self._bars(what, done, total)

    def close_bars(self) -> None:
        """Clear the bars away, so that what follows starts on a line of its own."""
        if self.__dict__.get("_bars"):
            self.__dict__["_bars"].close()

    def close(self) -> None:
        """End the bars and let go of the store."""
        self.close_bars()
        if "store" in self.__dict__:
            self.store.close()

    @cached_property
    def _bars(self) -> "Bars | None":
        if not self.console.wants_bars:
            return None
        from papertrack.render.progress import Bars

        return Bars(self.console.stderr)

    def _sources(self) -> "Sequence[Source]":
        from papertrack.sources import make_sources

        turns = places.state_folder(self.env) / "turns"
        return make_sources(self.config, self.clock, self.env, turns, self.patience_seconds)

    def _demo_tracker(self) -> "Tracker":
        """The bundled sample in a store that is gone when the command ends."""
        from papertrack import demo
        from papertrack.freshening import LISTS
        from papertrack.store import MEMORY, Store
        from papertrack.tracker import Tracker

        if self.db_flag:
            raise UsageError("--demo keeps its store in memory, and --db names one; leave one out.")
        moment, batch = demo.load()
        self.__dict__["store"] = store = Store(MEMORY)
        store.add(LISTS, batch, moment)
        return Tracker(
            config=lambda: self.config,
            preferences=self.preferences,
            store=store,
            clock=lambda: moment,
            sources=tuple,
            offline=True,
            sample=True,
        )
