"""A bar on stderr for a person who waits; nothing for a pipe."""

from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bars:
    """One bar a source, drawn when it first reports and removed when all is done."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, source: str, done: int, total: int | None) -> None:
        """How far a source has come; this is what `update` calls."""
        if source not in self._tasks:
            self._tasks[source] = self._started().add_task(source, total=total)
        self._started().update(self._tasks[source], completed=done, total=total)

    def close(self) -> None:
        """Clear the bars away, also those that Ctrl-C has kept from being drawn."""
        if self._progress is not None:
            progress, self._progress, self._tasks = self._progress, None, {}
            with suppress(IndexError):  # rich has begun to draw and not come to an end
                progress.stop()
            progress.console.show_cursor(True)

    def _started(self) -> "Progress":
        if self._progress is None:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=30),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(file=self._stream),
                transient=True,
            )
            self._progress.start()
        return self._progress
