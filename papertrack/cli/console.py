"""stdout for data, stderr for everything else; what the terminal can do is decided here, once."""

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from papertrack.errors import PapertrackError, UsageError

if TYPE_CHECKING:
    from papertrack.render.table import Terminal

#: A table needs so much room; on a narrower terminal its lines go on at the left edge.
NARROWEST = 40
USUAL = 80
_FORMAT_OF_SUFFIX = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".md": "markdown",
    ".bib": "bibtex",
    ".ris": "ris",
    ".atom": "atom",
    ".xml": "atom",
}
_OF_NO_FORMAT = ("", ".txt")


@dataclass(eq=False, repr=False)
class Console:
    """The two streams of a command, and how to write to them."""

    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False
    pager: bool = True

    @property
    def is_terminal(self) -> bool:
        return self.stdout.isatty()

    @property
    def wants_bars(self) -> bool:
        """A bar only where somebody sees it move."""
        return self.stderr.isatty() and not self.quiet and self.env.get("TERM") != "dumb"

    def write(self, pieces: Iterable[str]) -> None:
        """Data to stdout, a piece at a time."""
        for piece in pieces:
            self.stdout.write(piece)
        self.stdout.flush()

    def report(self, pieces: Iterable[str]) -> None:
        """Whole lines to stdout; on a terminal none is longer than it, and no word is broken."""
        if not self.is_terminal:
            self.write(pieces)
            return
        width = columns(self.stdout, self.env)
        lines = "".join(pieces).splitlines()
        self.write(f"{hanging(line, width)}\n" for line in lines)

    def page(self, pieces: Iterable[str]) -> None:
        """Data for reading: in a pager where it is longer than the terminal, else as `write`."""
        if not (self.pager and self.is_terminal) or self.env.get("TERM") in ("dumb", ""):
            self.write(pieces)
            return
        from papertrack.cli.paging import paged

        text = "".join(pieces)
        self.stdout.flush()
        if not paged(self.stdout, text, self.env):
            self.write([text])

    def note(self, message: str) -> None:
        """Something worth knowing beside the data."""
        if message and not self.quiet:
            self._say(message)

    def detail(self, message: str) -> None:
        """What a person at a terminal, or one who asked for -v, wants to know."""
        if self.verbose or (self.stderr.isatty() and not self.quiet):
            self._say(message)

    def error(self, message: str) -> None:
        self._say(f"papertrack: {message}")

    def _say(self, message: str) -> None:
        from papertrack import text

        line = text.one_line(message)
        try:
            if self.stderr.isatty():
                line = wrapped(line, columns(self.stderr, self.env))
            self.stderr.write(line + "\n")
            self.stderr.flush()
        except (OSError, ValueError):
            pass  # stderr is closed: there is nobody to tell

    def terminal(self, *, for_file: bool = False) -> "Terminal":
        """What a table may use: colour and links on a terminal that has them, else neither."""
        from papertrack.render.table import Terminal

        capable = self.is_terminal and not for_file and self.env.get("TERM") not in ("dumb", "")
        color = capable and not self.no_color and not self.env.get("NO_COLOR")
        width = max(NARROWEST, columns(self.stdout, self.env))
        return Terminal(width=width, color=color, links=capable)


def columns(stream: TextIO, env: Mapping[str, str]) -> int:
    """How wide a line may be: $COLUMNS, else what the terminal says, else 80."""
    with suppress(ValueError):
        asked = int(env.get("COLUMNS", ""))
        if asked > 0:
            return asked
    with suppress(OSError, ValueError):  # no terminal, or one that does not know
        return os.get_terminal_size(stream.fileno()).columns or USUAL
    return USUAL


def wrapped(line: str, width: int) -> str:
    """A sentence on lines of this width, broken at blanks but never inside a `command`."""
    import re
    import textwrap

    kept = re.sub(r"`[^`]*`", lambda quoted: quoted[0].replace(" ", "\0"), line)
    lines = textwrap.wrap(kept, width, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace("\0", " ")


def hanging(line: str, width: int) -> str:
    """A line of a report on lines of this width; it goes on below its second column."""
    if len(line) <= width:
        return line
    import re
    import textwrap

    column = re.match(r" *\S.*?  +| +", line)
    end = column.end() if column else 0
    kept = line[:end].replace(" ", "\0") + line[end:]  # a name stays beside what it names
    lines = textwrap.wrap(
        kept,
        width,
        subsequent_indent=" " * min(end, width // 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\0", " ")


def default_format(output: Path | None, *, is_terminal: bool, page: bool = False) -> str:
    """A table for a person, TSV for a pipe, and what a file's name says for a file.

    A page, which is for reading, is a page everywhere but in a file whose name says else. Raises
    UsageError where the name says something that is not known.
    """
    usual = "table" if page or (is_terminal and output is None) else "tsv"
    suffix = output.suffix.lower() if output else ""
    if suffix in _OF_NO_FORMAT:
        return usual
    if suffix not in _FORMAT_OF_SUFFIX:
        raise UsageError(
            f"{suffix} is the name of no format; end --output in {', '.join(_FORMAT_OF_SUFFIX)} "
            "or .txt, or say which with --format."
        )
    return _FORMAT_OF_SUFFIX[suffix]


def write_file(path: Path, pieces: Iterable[str]) -> None:
    """All of it or nothing: a file that is being read never shows half a list.

    What is there and no file, such as /dev/null or a named pipe, is written to and not replaced.
    """
    special = os.path.exists(path) and not os.path.isfile(path)
    target = path if special else path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with target.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        if not special:
            target.replace(path)
    except OSError as error:
        raise PapertrackError(
            f"{path} could not be written: {error.strerror}; choose another place with --output."
        ) from error
    finally:
        if not special:
            with suppress(OSError):  # it is gone where all went well
                target.unlink()
