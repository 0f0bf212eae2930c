"""Text to `Config`: every scalar is typed by the schema, every error names file, line and key."""

import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

from papertrack.config.keys import Check, key_of
from papertrack.config.nodes import MAX_SIZE, Items, Node, Pairs, Text, compose, refuse_large
from papertrack.config.schema import ITEM_CHECKS, Config, misfits
from papertrack.errors import ConfigError

_YES = {"yes", "true", "on"}
_NO = {"no", "false", "off"}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def load(path: Path) -> Config:
    """The configuration in a file."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SIZE + 1)
    except FileNotFoundError:
        raise ConfigError(
            f"{path} does not exist; `papertrack config init` writes one to start from."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path} cannot be read: {reason}.") from None
    refuse_large(len(content), str(path))
    return parse(_decoded(content, str(path)), str(path))


def parse(text: str, name: str = "config.yaml") -> Config:
    """The configuration that a text describes; what it leaves out keeps its default."""
    root = compose(text, name)
    if root is None:
        return Config()
    config: Config = _section(root, "", Config())
    if found := misfits(config):
        path, place, problem = found
        raise _wrong(_item(root, path, place), f"{path}[{place}]", problem)
    return config


def _item(root: Node, key: str, place: int) -> Node:
    """An item of one of the lists of the whole."""
    assert isinstance(root, Pairs)
    items = next(child for word, child in root.pairs if word.value == key)
    return items.items[place] if isinstance(items, Items) else items


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}:{line}: this is not UTF-8; save the file as UTF-8.") from None


def _wrong(node: Node, path: str, problem: object) -> ConfigError:
    return ConfigError(f"{node.where}: {path}: {problem}." if path else f"{node.where}: {problem}.")


def _section(node: Node, path: str, base: Any) -> Any:
    """`base` with the keys that the node gives."""
    if isinstance(node, Text) and node.empty:
        return base
    given = {
        field.name: _value(child, _join(path, key_of(field)), field, getattr(base, field.name))
        for field, child in _known_pairs(node, path, type(base))
    }
    return replace(base, **given)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _known_pairs(node: Node, path: str, schema: type) -> Iterator[tuple[Field[Any], Node]]:
    known = {key_of(field): field for field in fields(schema)}
    if not isinstance(node, Pairs):
        hint = "; is a blank missing after a colon?" if _lacks_blank(node) else ""
        raise _wrong(node, path, f"expected keys ({', '.join(known)}), found {_kind(node)}{hint}")
    seen: dict[str, Text] = {}
    for key, child in node.pairs:
        if key.value not in known:
            raise _unknown(key, path, list(known))
        if key.value in seen:
            line = seen[key.value].where.rpartition(":")[2]
            raise _wrong(key, _join(path, key.value), f"this is there twice, first on line {line}")
        seen[key.value] = key
        yield known[key.value], child


def _lacks_blank(node: Node) -> bool:
    return isinstance(node, Text) and ":" in node.value


def _kind(node: Node) -> str:
    return {Text: "text", Items: "a list", Pairs: "keys"}[type(node)]


def _unknown(key: Text, path: str, known: list[str]) -> ConfigError:
    import difflib

    # `{token hf_abc}` is a key for YAML: show nothing that may hold more than a misspelt word.
    word = key.value if re.fullmatch(r"[A-Za-z][\w.-]{0,23}", key.value, re.ASCII) else ""
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(known)}."
    name = _join(path, word) if word else f"something under {path}" if path else "something"
    return ConfigError(f"{key.where}: {name} is not a key; {hint}")


def _value(node: Node, path: str, field: Field[Any], default: Any) -> Any:
    """What a key holds, typed; a key with nothing after it keeps its default."""
    kind: Any = field.type
    if is_dataclass(kind):
        return _section(node, path, default)
    if isinstance(node, Text) and node.empty and default is not MISSING:
        return default
    if get_origin(kind) is not tuple:
        value = _scalar(node, path, kind)
    elif is_dataclass(item := get_args(kind)[0]):
        value = _records(node, path, item)
    else:
        members = node.items if isinstance(node, Items) else (node,)
        value = tuple(_scalar(member, path, item) for member in members)
        if "" in value:
            raise _wrong(node, path, "an item is empty")
    return _checked(value, field.metadata.get("check"), node, path)


def _checked(value: Any, check: Check | None, node: Node, path: str) -> Any:
    try:
        return check(value) if check else value
    except ValueError as error:
        raise _wrong(node, path, error) from None


def _records(node: Node, path: str, schema: Any) -> tuple[Any, ...]:
    """A list of things that have a name, such as topics."""
    if not isinstance(node, Items):
        raise _wrong(node, path, f"expected a list, each item with a name, found {_kind(node)}")
    records: dict[str, Any] = {}
    for number, item in enumerate(node.items):
        here = f"{path}[{number}]"
        record = _record(item, here, schema)
        if record.name in records:
            raise _wrong(item, here, f"the name {record.name[:40]!r} is there twice")
        records[record.name] = record
    return tuple(records.values())


def _record(node: Node, path: str, schema: Any) -> Any:
    given = {
        field.name: _value(child, _join(path, key_of(field)), field, field.default)
        for field, child in _known_pairs(node, path, schema)
    }
    for field in fields(schema):
        if field.default is MISSING and not given.get(field.name):
            raise _wrong(node, path, f"a {field.name} is missing")
    return _checked(schema(**given), ITEM_CHECKS.get(schema), node, path)


def _scalar(node: Node, path: str, kind: Any) -> Any:
    expected, read = _SCALARS[kind]
    if not isinstance(node, Text):
        raise _wrong(node, path, f"expected {expected}, found {_kind(node)}")
    value = read(node.value)
    if value is None:
        raise _wrong(node, path, f"expected {expected}, found {node.value[:40]!r}")
    return value


def _flag(text: str) -> bool | None:
    word = text.lower()
    return word in _YES if word in _YES | _NO else None


def _number(text: str) -> float | None:
    number = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
    return float(text) if re.fullmatch(number, text, re.ASCII | re.IGNORECASE) else None


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else None


def _duration(text: str) -> timedelta | None:
    # Five digits of weeks still lead from today to a year after 1.
    found = re.fullmatch(r"([0-9]{1,5})\s*([smhdw])", text.lower())
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def _time_of_day(text: str) -> time | None:
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text, re.ASCII)
    return time(int(found[1]), int(found[2])) if found else None


#: Per type: what is expected, and a reader that answers None for anything else.
_SCALARS: dict[Any, tuple[str, Callable[[str], Any]]] = {
    str: ("text", str),
    bool: ("yes or no", _flag),
    float: ("a number", _number),
    int: ("a whole number", _whole),
    time: ("a time of day such as 07:30", _time_of_day),
    timedelta: ("a length of time such as 90m, 1h or 7d", _duration),
}
