"""YAML text to nodes that hold text, each with its line. The only door of PyYAML.

PyYAML's own constructor reads `12:30` as 750 and `2310.12340` as 2310.1234, takes the last of two
equal keys, and its composer recurses in C as deep as the text nests. So only its events are used.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from papertrack.errors import ConfigError

MAX_SIZE = 1_000_000
_MAX_DEPTH = 16
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
#: What PyYAML quotes: a sign that it expected, or the text it stumbled over, which may be a secret
#: with quotes of its own.
_QUOTED = re.compile(r"""(?P<sign>(['"])[],}:.!>-]\2)|(['"]).*\3""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Text:
    where: str  # "config.yaml:7"
    value: str
    plain: bool = True  # neither quoted nor a block

    @property
    def empty(self) -> bool:
        """Nothing, `~` or `null`: what YAML calls null."""
        return self.plain and self.value.lower() in {"", "~", "null"}


@dataclass(frozen=True, slots=True)
class Items:
    where: str
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    where: str
    pairs: tuple[tuple[Text, "Node"], ...]


Node = Text | Items | Pairs


def compose(text: str, name: str) -> Node | None:
    """The root node, or None where the text says nothing. Raises ConfigError."""
    import yaml

    text = text.removeprefix("\ufeff")
    refuse_large(len(text), name)
    _refuse_control(text, name)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _document(yaml.parse(text, Loader=loader), name)
    except yaml.YAMLError as error:
        _refuse_syntax(error, name, len(text.splitlines()))
    except (ValueError, OverflowError):  # a number in a directive or an escape is out of range
        raise ConfigError(f"{name}: this is not YAML: a number in it is too large.") from None


def refuse_large(size: int, name: str) -> None:
    if size > MAX_SIZE:
        raise ConfigError(f"{name}: this is larger than 1 MB, so it is not a configuration.")


def _refuse_control(text: str, name: str) -> None:
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ConfigError(
            f"{name}:{line}: the character U+{ord(found[0]):04X} cannot be in a configuration."
        )


def _refuse_syntax(error: Any, name: str, lines: int) -> NoReturn:
    mark = getattr(error, "problem_mark", None)
    if not mark or mark.line >= lines:  # at the very end: say where the open thing began
        mark = getattr(error, "context_mark", None) or mark
    where = f"{name}:{max(1, min(mark.line + 1, lines))}" if mark else name
    problem = getattr(error, "problem", None) or getattr(error, "context", None) or "unreadable"
    if "nesting depth" in str(problem):  # libyaml says so itself since PyYAML 6.0.4
        raise ConfigError(f"{where}: this is nested too deeply.") from None
    problem = _QUOTED.sub(lambda found: found[0] if found["sign"] else "this", str(problem))
    raise ConfigError(f"{where}: this is not YAML: {problem}.") from None


def _document(events: Iterator[Any], name: str) -> Node | None:
    from yaml import events as kinds

    root = None
    for event in events:
        if isinstance(event, kinds.NodeEvent):
            if root:
                raise ConfigError(f"{_where(event, name)}: a second document starts; keep one.")
            root = _node(event, events, name)
    return root


def _where(event: Any, name: str) -> str:
    return f"{name}:{event.start_mark.line + 1}"


def _node(event: Any, events: Iterator[Any], name: str, depth: int = 0) -> Node:
    from yaml import events as kinds

    where = _where(event, name)
    _refuse_features(event, where, depth)
    if isinstance(event, kinds.ScalarEvent):
        return Text(where, _clean(event.value, where), not event.style)
    if isinstance(event, kinds.SequenceStartEvent):
        items = _until(kinds.SequenceEndEvent, events, name, depth)
        return Items(where, tuple(items))
    pairs = []
    children = _until(kinds.MappingEndEvent, events, name, depth)
    for child in children:
        if not isinstance(child, Text):
            raise ConfigError(f"{child.where}: a key must be a word.")
        pairs.append((child, next(children)))
    return Pairs(where, tuple(pairs))


def _until(end: type, events: Iterator[Any], name: str, depth: int) -> Iterator[Node]:
    for event in events:
        if isinstance(event, end):
            return
        yield _node(event, events, name, depth + 1)


def _refuse_features(event: Any, where: str, depth: int) -> None:
    from yaml import events as kinds

    if isinstance(event, kinds.AliasEvent) or event.anchor:
        raise ConfigError(
            f"{where}: anchors and aliases are not used here; put a value that begins with "
            "& or * in quotes."
        )
    if event.tag:
        raise ConfigError(
            f"{where}: tags are not used here; put a value that begins with ! in quotes."
        )
    if depth > _MAX_DEPTH:
        raise ConfigError(f"{where}: this is nested too deeply.")


def _clean(value: str, where: str) -> str:
    """The text without blanks around it; escapes such as "\\e" may not smuggle in controls."""
    value = value.strip()
    if found := re.search(f"{_CONTROL.pattern}|[\\n\\r\\t\\x85\\u2028\\u2029]", value):
        raise ConfigError(
            f"{where}: the character U+{ord(found[0]):04X} cannot be in a value of one line."
        )
    return value
