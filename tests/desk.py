"""The commands, called as the program calls them, with streams, clock and environment handed in."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from papertrack.cli import app
from papertrack.cli.console import Console
from papertrack.cli.setup import Setup

#: The evening of the last day of the sample's week.
NOW = datetime(2026, 4, 17, 20, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def records(self) -> Any:
        return json.loads(self.out)

    @property
    def ids(self) -> list[str]:
        return [record["arxiv_id"] for record in self.records]


@dataclass
class Desk:
    """A user with a store that holds the sample, and no network."""

    home: Path
    store: Path
    now: datetime = NOW

    def __call__(
        self, *args: str, terminal: bool = False, env: dict[str, str] | None = None, **more: Any
    ) -> Done:
        out = Terminal() if terminal else io.StringIO()
        err = Terminal() if more.pop("watched", False) else io.StringIO()
        given = {"HOME": str(self.home), "TERM": "xterm-256color", **(env or {})}
        looks = {name: more.pop(name) for name in ("quiet", "no_color", "verbose") if name in more}
        setup = Setup(
            console=Console(stdout=out, stderr=err, env=given, **looks),
            env=given,
            clock=lambda: self.now,
            db_flag=str(self.store),
            **{"offline": True, **more},
        )
        code: object = 0
        try:
            app(list(args), obj=setup)
        except SystemExit as done:
            code = done.code
        return Done(int(str(code or 0)), out.getvalue(), err.getvalue())
