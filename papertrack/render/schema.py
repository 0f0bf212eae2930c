"""JSON Schema of records, made from the kinds of their values, so that the two cannot part.

A kind is a type such as `str | None`, a dataclass, `{"name": kind}` for an object (`"name?"` where
the key may be absent), `[kind]` for an array, `(kind, ...)` for one of several, a word for what
another place of the document defines, or a `Ready` schema. https://json-schema.org, draft 2020-12.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from papertrack.render.fields import FIELDS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN: Mapping[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


@dataclass(frozen=True)
class Ready:
    """A schema that is written by hand."""

    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """A kind, and what a value of it means."""

    kind: Any
    doc: str


def schema_of(kind: Any) -> dict[str, Any]:
    """The schema of a kind. Raises TypeError for what is none."""
    match kind:
        case Ready(schema):
            made = dict(schema)
        case Said(inner, doc):
            made = {**schema_of(inner), "description": doc}
        case str(name):
            made = {"$ref": f"#/$defs/{name}"}
        case Mapping():
            made = _object(kind)
        case [inner] if isinstance(kind, list):
            made = {"type": "array", "items": schema_of(inner)}
        case tuple():
            made = {"anyOf": [schema_of(one) for one in kind]}
        case _:
            made = _of_type(kind)
    return made


def fields_of(kind: type, *without: str) -> dict[str, Any]:
    """The fields of a dataclass and their types, as the kind of an object."""
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in fields(kind) if one.name not in without}


def paper() -> dict[str, Any]:
    """The kind of a paper: every field that a face can show."""
    return {field.name: Said(field.kind, field.doc) for field in FIELDS}


def document(title: str, kind: Any, said: str, defined: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that stands alone, with those of the definitions that it uses."""
    body = schema_of(kind)
    used = {name: schema_of(one) for name, one in defined.items() if _uses(body, name)}
    head = {"$schema": DRAFT, "title": title, "description": said}
    return {**head, **body, **({"$defs": used} if used else {})}


def _uses(schema: Any, name: str) -> bool:
    if isinstance(schema, Mapping):
        return schema.get("$ref") == f"#/$defs/{name}" or _uses(list(schema.values()), name)
    return isinstance(schema, list) and any(_uses(one, name) for one in schema)


def _object(kind: Mapping[str, Any]) -> dict[str, Any]:
    """An object whose keys are all there; that more may come is left open."""
    known = {name.rstrip("?"): schema_of(one) for name, one in kind.items()}
    required = [name for name in kind if not name.endswith("?")]
    return {"type": "object", "properties": known, "required": required}


def _of_type(kind: Any) -> dict[str, Any]:
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [str(one.value) for one in kind]}
    if isinstance(kind, type) and is_dataclass(kind):
        return _object(fields_of(kind))
    return _of_generic(kind, get_origin(kind), get_args(kind))


def _of_generic(kind: Any, origin: Any, args: tuple[Any, ...]) -> dict[str, Any]:
    if origin is Literal:
        return {"type": "string", "enum": list(args)}
    if origin is UnionType:
        return _union(args)
    if origin in (list, tuple):
        return {"type": "array", "items": schema_of(args[0])}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": schema_of(args[1])}
    raise TypeError(f"{kind!r} has no place in JSON")


def _union(args: tuple[Any, ...]) -> dict[str, Any]:
    """`str | None` is one schema with two types; what has more to it is one of several."""
    first, *others = (schema_of(one) for one in args)
    if all(set(one) == {"type"} for one in others):
        return {**first, "type": [first["type"], *(one["type"] for one in others)]}
    return {"anyOf": [first, *others]}
