"""Man pages of the live program: one of the whole, and one of each command with what it holds.

In the macros of man(7), kept so plain that groff and mandoc render them without a warning.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from reference import EXIT_CODES

from papertrack import __version__

#: The day on which these pages were last changed by hand; what is generated follows the program.
DATE = "2026-11-23"
ENVIRONMENT = {
    "PAPERTRACK_CONFIG": "the configuration, where --config names none",
    "PAPERTRACK_DB": "the database, where --db names none",
    "PAPERTRACK_NOW": "the moment that counts as now, such as 2026-04-15T12:00:00Z",
    "PAPERTRACK_PAGER, PAGER": "what pages what is longer than the screen; less by default",
    "PAPERTRACK_SOURCE_TOKEN": "the token of a source, whose name in capitals stands for SOURCE",
    "PAPERTRACK_DEBUG": "set, prints where in the program something went wrong",
    "NO_COLOR": "set, no colour",
    "BROWSER, EDITOR": "what open and note start",
}
FILES = {
    "~/.config/papertrack/config.yaml": "the configuration; none is needed",
    "~/.local/share/papertrack/papertrack.db": "the store: one SQLite file",
}


def pages(program: Any) -> Iterator[tuple[str, str]]:
    """Each page's file name and text."""
    commands = {name: program.get_command(None, name) for name in program.list_commands(None)}
    yield "papertrack.1", "".join(_whole(program, commands))
    for name, command in commands.items():
        yield f"papertrack-{name}.1", "".join(_page(name, command))


def _whole(program: Any, commands: dict[str, Any]) -> Iterator[str]:
    yield _title("papertrack", "trending papers for the terminal, the crontab and the pipe")
    yield ".SH SYNOPSIS\n.B papertrack\n[options]\n.I command\n[arguments]\n"
    yield ".SH DESCRIPTION\n"
    first, *_ = _paragraphs(program.help)
    yield f"{_text(first)}\n.PP\nEach command has a page of its own, such as\n"
    yield ".BR papertrack\\-trending (1).\n.SH COMMANDS\n"
    for name, command in commands.items():
        yield _item(f"papertrack {name}", _paragraphs(command.help)[0])
    yield ".SH OPTIONS\nThese stand before or after the command.\n"
    yield from _options(program)
    yield from _table("EXIT STATUS", {str(int(code)): said for code, said in EXIT_CODES.items()})
    yield from _table("ENVIRONMENT", ENVIRONMENT)
    yield from _table("FILES", FILES)
    yield ".SH SEE ALSO\n.BR papertrack\\-trending (1),\n.BR papertrack\\-digest (1)\n"


def _page(name: str, command: Any) -> Iterator[str]:
    first, *more = _paragraphs(command.help)
    yield _title(f"papertrack-{name}", first)
    children = {}
    if hasattr(command, "commands"):
        children = {one: command.get_command(None, one) for one in command.list_commands(None)}
    yield ".SH SYNOPSIS\n"
    named = _named(name, children) or [(name, command)]
    yield ".br\n".join(_synopsis(words, one) for words, one in named)
    yield f".SH DESCRIPTION\n{_text(first)}\n"
    yield from (f".PP\n{_text(one)}\n" for one in more)
    if children:
        yield ".SH COMMANDS\n"
    for words, one in _named(name, children):
        yield f".SS papertrack {_text(words)}\n"
        yield "\n.PP\n".join(map(_text, _paragraphs(one.help))) + "\n"
        yield from _details(one)
    if not children:
        yield from _details(command, head=".SH OPTIONS\n")
    examples = [line for one in (command, *children.values()) for line in _examples(one.help)]
    if examples:
        yield ".SH EXAMPLES\n" + "\n.PP\n".join(f".EX\n{_text(one)}\n.EE" for one in examples)
        yield "\n"
    yield ".SH SEE ALSO\n.BR papertrack (1)\n"


def _named(name: str, children: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(f"{name} {one}", command) for one, command in children.items()]


def _synopsis(words: str, command: Any) -> str:
    arguments = [_written(one) for one in _arguments(command)]
    said = " ".join(f"\\fI{_text(one)}\\fR" for one in arguments)
    return f".B papertrack {_text(words)}\n[options] {said}".rstrip() + "\n"


def _written(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _details(command: Any, head: str = "") -> Iterator[str]:
    for one in _arguments(command):
        if one.help:
            yield head + _item(_written(one), one.help)
            head = ""
    yield head + "".join(_options(command))


def _arguments(command: Any) -> list[Any]:
    return [one for one in command.params if not one.opts[0].startswith("-")]


def _options(command: Any) -> Iterator[str]:
    for one in command.params:
        if one.opts[0].startswith("-") and not one.hidden:
            names = ", ".join(sorted(one.opts, key=len))
            value = "" if one.is_flag else f" {one.metavar or one.type.name.upper()}"
            usual = one.default if isinstance(one.default, str | int | float) else ""
            known = one.show_default if isinstance(one.show_default, str) else usual
            told = "" if one.is_flag or known in ("", False) else f" Default: {known}."
            yield _item(f"{names}{value}", f"{one.help}{told}")
    yield _item("-h, --help", "Show how it is used.")


def _table(head: str, rows: dict[str, str]) -> Iterator[str]:
    yield f".SH {head}\n"
    yield from (_item(name, f"{said[0].upper()}{said[1:]}.") for name, said in rows.items())


def _title(name: str, said: str) -> str:
    head = f'.TH {name.upper()} 1 "{DATE}" "papertrack {__version__}" "papertrack manual"\n'
    return f'.\\" Made by docs/make from the live program.\n{_text(head, dash=False)}' + (
        f".SH NAME\n{_text(name)} \\- {_text(said.rstrip('.'))}\n"
    )


def _item(term: str, said: str) -> str:
    return f".TP\n.B {_text(term)}\n{_text(said)}\n"


def _paragraphs(told: str | None) -> list[str]:
    """The paragraphs of a help text, without its example."""
    bare = re.split(r"(?:As in|Example):\s", re.sub(r"\[/?bold\]", "", told or ""))[0]
    found = [" ".join(one.split()) for one in bare.split("\n\n")]
    return [one for one in found if one]


def _examples(told: str | None) -> Sequence[str]:
    parts = re.split(r"(?:As in|Example):\s", told or "")[1:]
    return [" ".join(one.split("\n\n", maxsplit=1)[0].split()) for one in parts]


def _text(told: str, *, dash: bool = True) -> str:
    """Text that roff takes for nothing else."""
    if not dash:
        return told
    safe = told.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    safe = "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in safe)
    return re.sub(r"(?m)^(?=[.'])", r"\\&", safe)
