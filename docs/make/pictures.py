"""Pictures of a terminal: what a command prints on the bundled sample, as SVG.

Nothing in a picture is loaded from elsewhere: the letters are those of the reader's own machine.
"""

import io
import re
from collections.abc import Iterator

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from papertrack.cli import app
from papertrack.cli import console as streams
from papertrack.cli.setup import Setup

WIDTH = 92
#: By picture: the command, as somebody would type it.
LINES = {
    "trending": "papertrack --demo trending --limit 8",
    "explain": "papertrack --demo trending --match agent --limit 2 --explain",
    "show": "papertrack --demo show 2604.08626",
    "search": 'papertrack --demo search "world model" --limit 5',
}
_THEME = TerminalTheme(
    (22, 24, 29),
    (222, 225, 230),
    [
        *((60, 64, 72), (255, 123, 114), (126, 211, 133), (229, 192, 123)),
        *((121, 184, 255), (214, 160, 255), (102, 217, 220), (222, 225, 230)),
    ],
    [
        *((139, 148, 158), (255, 150, 142), (150, 228, 156), (240, 210, 150)),
        *((150, 200, 255), (226, 184, 255), (140, 230, 232), (255, 255, 255)),
    ],
)
_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px ui-monospace, "DejaVu Sans Mono",
  Menlo, Consolas, monospace; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font: bold 18px system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class _Screen(io.StringIO):
    """Takes what is written, and says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def printed(line: str) -> str:
    """What the command of a line prints on a terminal in colour, with its escape codes."""
    import shlex

    _, *words = shlex.split(line)
    screen = _Screen()
    env = {"COLUMNS": str(WIDTH), "TERM": "xterm-256color", "PAGER": "", "HOME": "/nowhere"}
    there = streams.Console(stdout=screen, stderr=io.StringIO(), env=env)
    setup = Setup(console=there, env=env, demo=True)
    app([word for word in words if word != "--demo"], obj=setup, standalone_mode=False)
    return screen.getvalue()


def drawn(name: str, line: str) -> str:
    """The picture of a command and what it prints."""
    paper = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="256"
    )
    paper.print(Text.assemble(("$ ", "bold green"), (line, "bold")))
    paper.print(Text.from_ansi(printed(line).rstrip()))
    svg = paper.export_svg(title="", theme=_THEME, code_format=_FORMAT, unique_id=f"pt-{name}")
    return "\n".join(row.rstrip() for row in svg.splitlines() if row.strip()) + "\n"


def words(svg: str) -> Iterator[str]:
    """The lines of text of a picture, from the top, without blanks."""
    import html

    rows: dict[float, list[str]] = {}
    for attributes, said in re.findall(r"<text ([^>]*)>([^<]*)</text>", svg):
        (y,) = re.findall(r'\by="([\d.]+)"', attributes)
        rows.setdefault(float(y), []).append(html.unescape(said))
    for y in sorted(rows):
        if text := "".join("".join(rows[y]).split()):
            yield text
