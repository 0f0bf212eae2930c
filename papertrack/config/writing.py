"""`Config` to YAML text: the example file and `config show`, made from the schema itself."""

from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass
from datetime import time, timedelta
from typing import Any

from papertrack.config.keys import key_of
from papertrack.config.schema import Config

_HEAD = """\
# papertrack: every key with its default. None is needed; keep the lines you change.
# `papertrack config path` says where this file belongs, `papertrack config check` reads it.
# A key with nothing after it keeps its default."""


def example() -> str:
    """The text of config.example.yaml, which loads to exactly the defaults."""
    sections = ("\n".join(_key_lines(Config(), key, 0, notes=True)) for key in fields(Config))
    return "\n\n".join([_HEAD, *sections]) + "\n"


def shown(config: Config) -> str:
    """What holds now, as YAML; secrets that are set appear as ***."""
    return "\n".join(_section_lines(config, 0, notes=False)) + "\n"


def _section_lines(section: Any, depth: int, *, notes: bool) -> Iterator[str]:
    for key in fields(section):
        yield from _key_lines(section, key, depth, notes=notes)


def _key_lines(section: Any, key: Field[Any], depth: int, *, notes: bool) -> Iterator[str]:
    value = getattr(section, key.name)
    indent = "  " * depth
    if notes:
        yield from _comment(key.metadata["doc"], indent)
        for name, doc in (key.metadata["parts"] or {}).items():
            yield from _comment(f"{name}: {doc}", indent, hanging="  ")
    if is_dataclass(value):
        yield f"{indent}{key_of(key)}:"
        yield from _section_lines(value, depth + 1, notes=notes)
    elif notes and key.metadata["example"]:
        yield f"{indent}{key_of(key)}:"
        yield from (f"{indent}  # {line}" for line in _item_lines(key.metadata["example"]))
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        yield f"{indent}{key_of(key)}:"
        yield from (f"{indent}  {line}" for item in value for line in _item_lines(item))
    else:
        hidden = key.metadata["secret"] and value
        yield f"{indent}{key_of(key)}: {_scalar('***' if hidden else value)}"


def _item_lines(item: Any) -> Iterator[str]:
    """One item of a list of records: the parts that are given."""
    mark = "- "
    for part in fields(item):
        if value := getattr(item, part.name):
            yield f"{mark}{key_of(part)}: {_scalar(value)}"
            mark = "  "


def _comment(text: str, indent: str, hanging: str = "") -> list[str]:
    import textwrap

    start = f"{indent}# {hanging}"
    return textwrap.wrap(
        text,
        96,
        initial_indent=start,
        subsequent_indent=start + hanging,
        break_on_hyphens=False,
    )


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_scalar, value))}]"
    if isinstance(value, timedelta):
        return _length(value)
    if isinstance(value, int | float):
        return repr(value).removesuffix(".0")
    if isinstance(value, time):
        return f'"{value:%H:%M}"'
    return _quoted(value)


def _length(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    units = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
    size, unit = next(pair for pair in units if seconds % pair[0] == 0)
    return f"{seconds // size}{unit}" if seconds else "0h"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    inner = "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped)
    return f'"{inner}"'
