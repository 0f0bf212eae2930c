"""What may stand where the cursor is, told to a shell so soon that a person does not notice.

The shells' scripts lie beside this module and call the program with `$_PAPERTRACK_COMPLETE` set to
their name and the words up to the cursor. Neither typer nor the store is loaded for that: which
commands and options there are is read from words.json, which is made from the live program by
`python docs/make` and held to it by a test.

A line of the answer is a word, a tab and what it means; `@files` or `@folders` leaves it to the
shell. What came from elsewhere is given only where no shell would read more into it than a word.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

SHELLS = ("bash", "zsh", "fish")
WORDS = Path(__file__).with_name("words.json")
#: Kinds of words that the shell itself completes.
LEFT_TO_THE_SHELL = {"file": "@files", "folder": "@folders"}
NOWHERE = "nowhere"
_HARMLESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+-]*")
Pair = tuple[str, str]


def main(words: Sequence[str], env: Mapping[str, str]) -> None:
    """Answer a shell; where something is wrong, with nothing."""
    try:
        for word, meaning in suggestions(joined(words), env):
            print(f"{word}\t{meaning}" if meaning else word)
        sys.stdout.flush()
    except Exception:
        if env.get("PAPERTRACK_DEBUG"):
            raise
    os._exit(0)


def script(shell: str) -> str:
    """What a shell has to read once."""
    return WORDS.with_name(f"papertrack.{shell}").read_text(encoding="utf-8")


def joined(words: Sequence[str]) -> list[str]:
    """`--rank`, `=`, `hot`, as bash cuts it, is one word."""
    made: list[str] = []
    for word in words:
        if made and made[-1].startswith("--") and (word == "=" or made[-1].endswith("=")):
            made[-1] += word
        else:
            made.append(word)
    return made


def suggestions(words: Sequence[str], env: Mapping[str, str]) -> Iterator[Pair]:
    """The words that can stand for the last one, each with what it means."""
    table = json.loads(WORDS.read_bytes())
    *before, current = words or [""]
    command, kind, place = _position(table["program"], before)
    if kind is None and current.startswith("-") and "--" not in before:
        name, equals, value = current.partition("=")
        if not equals:
            yield from _options(table["program"], command, current)
            return
        glued = "" if env.get("_PAPERTRACK_COMPLETE") == "bash" else f"{name}="
        options = {**table["program"]["options"], **command["options"]}
        kind = options.get(name, ["", ""])[0]
        found = _values(table, kind or "", value, before, env)
        yield from ((f"{glued}{word}", meaning) for word, meaning in found)
        return
    if kind is None and command["commands"]:
        if place == NOWHERE:  # behind a word that is no command
            return
        named = ((name, one["help"]) for name, one in command["commands"].items())
        yield from (pair for pair in named if pair[0].startswith(current))
        return
    yield from _values(table, place if kind is None else kind, current, before, env)


def _position(program: Any, before: Sequence[str]) -> tuple[Any, str | None, str]:
    """The command that is typed, the kind of the value that its last option waits for, if it does,
    and the kind of the argument that comes next."""
    command, kind, arguments, only = program, None, 0, False
    for word in before:
        if kind is not None:
            kind = None
        elif word == "--":
            only = True
        elif word.startswith("-") and word != "-" and not only:
            known = {**program["options"], **command["options"]}
            kind = None if "=" in word else known.get(word, [None])[0]
        elif word in command["commands"] and not arguments:
            command = command["commands"][word]
        else:
            arguments += 1
    kinds = command["arguments"]
    if command["commands"]:
        return command, kind, NOWHERE if arguments else ""
    place = kinds[min(arguments, len(kinds) - 1)] if kinds else ""
    ended = arguments >= len(kinds) and not place.endswith("*")
    return command, kind, "" if ended else place.rstrip("*")


def _options(program: Any, command: Any, current: str) -> Iterator[Pair]:
    for options in (command["options"], {} if command is program else program["options"]):
        for name, (_, said) in options.items():
            if name.startswith(current) and (name.startswith("--") or current == "-"):
                yield name, said


def _values(
    table: Any, kind: str, current: str, before: Sequence[str], env: Mapping[str, str]
) -> Iterator[Pair]:
    if kind in LEFT_TO_THE_SHELL:
        yield LEFT_TO_THE_SHELL[kind], ""
    elif kind == "field":  # a list with commas
        done, comma, last = current.rpartition(",")
        for name, meaning in table["values"]["field"]:
            if name.startswith(last) and name not in done.split(","):
                yield f"{done}{comma}{name}", meaning
    elif kind in table["values"]:
        yield from (pair for pair in table["values"][kind] if pair[0].startswith(current))
    elif kind:
        from papertrack.completing.own import own_words

        for word, meaning in own_words(kind, current, before, env):
            if _HARMLESS.fullmatch(word) and word.startswith(current):
                yield word, meaning
