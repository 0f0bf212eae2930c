"""The reference: pages that are read off the program, so that they cannot tell another story."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import storage
import typer

from papertrack.cli import app
from papertrack.cli.shapes import DEFINED, OTHERS, PRINTED, said_of
from papertrack.config import example
from papertrack.errors import Exit
from papertrack.render.schema import document

PROGRAM: Any = typer.main.get_command(app)
#: What typer brings along, and says of itself.
NOT_OURS = {"install_completion", "show_completion", "help"}
#: The panels of help that every list of papers has.
LIST_PANELS = ("Which papers", "How to show them")
_FOOT = "\n<!-- Made by `python docs/make`; do not edit. -->"
EXIT_CODES = {
    Exit.DONE: "done; also when nothing was found or nothing is due",
    Exit.FAILED: "failed; the sentence on stderr says why",
    Exit.USAGE: "wrong usage: a word or a value that the command does not know; nothing was done",
    Exit.NOTHING: "no source answered, and nothing of what was asked for is stored",
    Exit.CONFIG: "the configuration is wrong; file, line and key are named",
    Exit.PARTLY: "partly done: the rest was done, what was not is named on stderr",
    Exit.MAIL: "mail was not delivered; `digest status --check`: a digest is overdue",
    Exit.BUSY: "another run is at it; try again",
    Exit.INTERRUPTED: "interrupted (Ctrl-C); what had arrived is kept",
}


def commands() -> str:
    """Every command with its arguments and options."""
    parts = [
        "# Commands\n",
        "What `papertrack COMMAND --help` says, on one page. A list of papers takes the "
        "[options of a list](#options-of-a-list) too; the global options stand before or after "
        "any command. What a list looks like, and how a paper may be named: "
        "[lists](../lists.md).\n",
        "## Global options\n",
        _options(PROGRAM, _own(PROGRAM)),
        "## Options of a list\n",
        _options(PROGRAM, _common()),
    ]
    panel = ""
    for name, command in _commands(PROGRAM):
        if (told := _panel(name)) != panel:
            panel = told
            parts.append(f"## {panel}\n")
        parts.append(_command(name, command))
    return _page(parts)


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    names = group.list_commands(None)
    if not path:
        panels = list(dict.fromkeys(_panel(name) for name in names))
        names = sorted(names, key=lambda name: panels.index(_panel(name)))
    for name in names:
        command = group.get_command(None, name)
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def _panel(name: str) -> str:
    first, *_ = name.split()
    return getattr(PROGRAM.get_command(None, first), "rich_help_panel", None) or "Other"


def _command(name: str, command: Any) -> str:
    own = [option for option in _own(command) if not _is_common(option)]
    words = " ".join(_metavar(one) for one in command.params if not _is_option(one))
    usage = f"papertrack {name} {words}".strip() + (" [OPTIONS]" if _own(command) else "")
    parts = [f"### {name}\n", f"    {usage}\n", _prose(command.help or "")]
    if arguments := [one for one in command.params if not _is_option(one)]:
        said = (f"`{_metavar(one)}`: {_one_line(one.help)}" for one in arguments if one.help)
        parts += [f"{line}\n" for line in said]
    if own:
        parts.append(_options(command, own))
    if len(own) < len(_own(command)):
        parts.append("And the [options of a list](#options-of-a-list).\n")
    if epilog := getattr(command, "epilog", None):
        parts.append(_prose(epilog))
    return "\n".join(parts)


def _is_option(one: Any) -> bool:
    return bool(one.opts[0].startswith("-"))


def _own(command: Any) -> list[Any]:
    return [
        one
        for one in command.params
        if _is_option(one) and one.name not in NOT_OURS and not getattr(one, "hidden", False)
    ]


def _common() -> list[Any]:
    listing = PROGRAM.get_command(None, "trending")
    return [one for one in _own(listing) if one.rich_help_panel in LIST_PANELS]


def _is_common(option: Any) -> bool:
    return any(one.opts == option.opts and one.help == option.help for one in _common())


def _options(command: Any, options: list[Any]) -> str:
    rows = [f"| {_spelled(one)} | {_cell(one.help or '')}{_default(one)} |" for one in options]
    return "\n".join(["| option | what it does |", "|---|---|", *rows, ""])


def _spelled(option: Any) -> str:
    value = "" if option.is_flag else f" {_metavar(option)}"
    short = sorted((*option.opts, *option.secondary_opts), key=len)
    return ", ".join(f"`{name}{value if name.startswith('--') else ''}`" for name in short)


def _metavar(one: Any) -> str:
    context = typer.Context(typer.main.get_command(app))
    return str(one.metavar or one.make_metavar(context)).replace("|", "\\|")


def _default(option: Any) -> str:
    shown = getattr(option, "show_default", None)
    if isinstance(shown, str):
        return f" Usually: {_cell(shown)}."
    if not shown or option.default in (None, False, "", (), []) or callable(option.default):
        return ""
    return "" if type(option.default).__name__ == "Sentinel" else f" Default: `{option.default}`."


def _prose(said: str) -> str:
    """Help as Markdown: examples, which begin with "As in:", become blocks."""
    paragraphs = []
    for paragraph in inspect.cleandoc(re.sub(r"\[/?(bold|dim|italic)\]", "", said)).split("\n\n"):
        told, _, shown = paragraph.partition("As in:")
        paragraphs += [_escaped(told)] if told.strip() else []
        if shown:
            paragraphs.append(f"```sh\n{_one_line(shown)}\n```")
    return "\n\n".join(paragraphs) + "\n"


def _escaped(text: str) -> str:
    return _one_line(text).replace("<", "&lt;")


def _one_line(text: str | None) -> str:
    return " ".join((text or "").replace("\b", "").split())


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|").replace("*", "\\*")


def config() -> str:
    """Every key of the configuration, as `config init` writes it."""
    parts = [
        "# Configuration keys\n",
        "None is needed. `papertrack config init` writes a file with all of them, "
        "`papertrack config check` reads yours, `papertrack config show` prints what holds. "
        "Where the file is, and what comes before it: [setup](../setup.md).\n",
    ]
    _, *sections = example().rstrip("\n").split("\n\n")
    for section in sections:
        lines = section.split("\n")
        (key,) = (line.partition(":")[0] for line in lines if re.match(r"\w", line))
        first = next(number for number, line in enumerate(lines) if line.startswith(f"{key}:"))
        said = " ".join(line.removeprefix("# ").strip() for line in lines[:first])
        parts += [f"## {key}\n", f"{said}\n", "```yaml", *lines[first:], "```\n"]
    return _page(parts)


def records() -> str:
    """What each command prints with --json."""
    parts = [
        "# Records\n",
        "What commands print with `--json`. Keys are only ever added; what is not known is "
        "`null`; times are UTC and end in `Z`; text is as its source wrote it, with its TeX. "
        "Each shape is also a JSON Schema (2020-12): `papertrack schema trending` prints it, "
        "`papertrack schema` alone the names. In a table below `[]` stands for each item of a "
        "list, and `.` for a key of an object.\n",
    ]
    shapes: Mapping[str, Any] = {"paper": OTHERS["paper"], **PRINTED}
    for name, kind in shapes.items():
        schema = document(name, kind, said_of(name), DEFINED)
        parts += [f"## {name}\n", f"{said_of(name)}\n"]
        parts.append(_shape(schema))
    parts.append("## csl\n")
    parts.append(f"{said_of('csl')} Its schema: `papertrack schema csl`.\n")
    return _page(parts)


def _shape(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema and "properties" not in schema:
        kinds = [_type(one) for one in schema["anyOf"]]
        told = f"It is {' or '.join(kinds)}.\n"
        rows = [row for one in schema["anyOf"] for row in _rows(one, "")]
    else:
        told = "" if schema.get("type") == "object" else f"It is {_type(schema)}.\n"
        rows = list(_rows(schema, ""))
    table = ["| key | value | what it is |", "|---|---|---|", *rows, ""] if rows else []
    return "\n".join([*([told] if told else []), *table])


def _rows(schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if schema.get("type") == "array":
        yield from _rows(schema["items"], f"{at}[]" if at else "[]")
    for name, one in schema.get("properties", {}).items():
        key = f"{at}.{name}".removeprefix(".") if at else name
        yield f"| `{key}` | {_type(one)} | {_cell(one.get('description', ''))} |"
        yield from _rows(one, key)


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return f"a [{schema['$ref'].rpartition('/')[2]}](#paper)"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_plural(schema['items'])}"
    kinds = [kind] if isinstance(kind, str) else kind
    named = {"date-time": "time", "date": "date"}.get(schema.get("format", ""))
    return " or ".join(named if named and one == "string" else one for one in kinds)


def _plural(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return f"[{schema['$ref'].rpartition('/')[2]}s](#paper)"
    return f"{_type(schema)}s"


def codes() -> str:
    """What each exit code means."""
    rows = [f"| {int(code)} | {EXIT_CODES[code]} |" for code in Exit]
    return _page(
        [
            "# Exit codes\n",
            "Data goes to stdout and everything else to stderr. On success a command that was "
            "started by cron says nothing.\n",
            "| code | meaning |\n|---:|---|",
            *rows,
            "| 129, 143 | ended by SIGHUP, SIGTERM; what had arrived is kept |",
            "\nA pipe that is closed early, as by `head`, is no error. What they mean for a "
            "digest: [the digest](../digest.md#what-is-promised).",
        ]
    )


def _page(parts: list[str]) -> str:
    text = "\n".join([*parts, _FOOT])
    return re.sub(r"\n{3,}", "\n\n", text).rstrip("\n") + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "config": config,
    "records": records,
    "sql": storage.sql,
    "exit-codes": codes,
}
