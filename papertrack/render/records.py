"""Papers as records for programs: JSON, JSON Lines, TSV, CSV, ids.

JSON carries text as its source wrote it, escaped to ASCII, so no byte of it can act on a terminal.
TSV and CSV keep one record per line: their text is sanitised.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from json.encoder import encode_basestring_ascii as _quoted
from math import isfinite
from types import NoneType
from typing import TYPE_CHECKING, Any

from papertrack import text
from papertrack.clock import iso
from papertrack.models import PAPER_FIELDS, Ranked
from papertrack.render.fields import FIELDS, Field, short_id

if TYPE_CHECKING:
    from papertrack.reports import Account


def record(one: Ranked, fields: Sequence[Field] = FIELDS) -> dict[str, Any]:
    """A paper as plain values: the record that every JSON face gives."""
    return {field.name: plain(field.get(one)) for field in fields}


_AS_THEY_ARE = frozenset({type(None), bool, int, float})


def plain(value: Any) -> Any:
    """Times as ISO-8601 UTC with Z, days as ISO dates, text as it is but always encodable."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is str:
        return text.repair(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else value


#: Made once: `json.dumps` makes an encoder at each call that wants anything special.
_ENCODERS = {indent: json.JSONEncoder(indent=indent, allow_nan=False) for indent in (None, 2)}


#: What parts the keys of an object as people read it; to `indent` takes four times as long.
_A_LINE_ALONE, _A_LINE_EACH = ",\n  ", ",\n    "


def dumps(value: Any, *, indent: int | None = 2) -> str:
    """JSON in ASCII: bidi and C1 characters of a title stay inert on a terminal."""
    return _ENCODERS[indent].encode(value)


def _text(value: str) -> str:
    return _quoted(value if value.isascii() and "\0" not in value else text.repair(value))


def _inline(value: Any) -> str:
    """A value as JSON in one line; what was made plain before is the same text."""
    return _WRITERS.get(type(value), _other)(value)


def _list(value: list[Any]) -> str:
    if not value:
        return "[]"
    return f"[{', '.join([_WRITERS.get(type(item), _other)(item) for item in value])}]"


def _other(value: Any) -> str:
    return _ENCODERS[None].encode(plain(value))


#: What writes a value of each kind; the encoder is made anew at each call.
_WRITERS: Mapping[type, Callable[[Any], str]] = {
    NoneType: lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: lambda value: str(value) if isfinite(value) else _other(value),
    str: _text,
    list: _list,
    datetime: lambda value: f'"{iso(value)}"',
    date: lambda value: f'"{value.isoformat()}"',
}


def _objects(ranked: Iterable[Ranked], fields: Sequence[Field], between: str) -> Iterator[str]:
    """What stands between the braces of each paper's object, without a record on the way."""
    getters = [field.get for field in fields]
    pieces = [""]  # of each field what stands before its value, and room for the value
    for field in fields:
        pieces[-1:] = [f'{pieces[-1]}"{field.name}": ', "", between]
    del pieces[-1]
    for one in ranked:
        values = [get(one) for get in getters]
        try:
            pieces[1::2] = [
                "null" if value is None else _WRITERS[type(value)](value) for value in values
            ]
        except KeyError:  # a number of another kind
            pieces[1::2] = map(_inline, values)
        yield "".join(pieces)


def _object_of(values: Mapping[str, Any], between: str) -> str:
    return between.join(f'"{name}": {_inline(value)}' for name, value in values.items())


def with_accounts(
    one: Ranked, accounts: "Iterable[Account]", fields: Sequence[Field] = FIELDS
) -> dict[str, Any]:
    """The record of a paper, and what each source said of it."""
    return {**record(one, fields), "accounts": [account(said) for said in accounts]}


def as_object(values: dict[str, Any]) -> Iterator[str]:
    """A record as a JSON object of its own."""
    yield f"{{\n  {_object_of(values, _A_LINE_ALONE)}\n}}\n"


def account(told: "Account") -> dict[str, Any]:
    """What one source said: only the fields that it fills."""
    said = {name: getattr(told.said, name) for name in PAPER_FIELDS}
    return {
        "source": told.source,
        "said_at": plain(told.said_at),
        "said": {name: plain(listed(value)) for name, value in said.items() if value},
        "taken": list(told.taken),
    }


def listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def as_json(ranked: Sequence[Ranked], fields: Sequence[Field] = FIELDS) -> Iterator[str]:
    """A JSON array, a piece at a time."""
    yield from _array(_objects(ranked, fields, _A_LINE_EACH))


def as_array(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Records as a JSON array, a piece at a time."""
    yield from _array(_object_of(values, _A_LINE_EACH) for values in records)


def _array(objects: Iterable[str]) -> Iterator[str]:
    before = "[\n"
    for inner in objects:
        yield f"{before}  {{\n    {inner}\n  }}"
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def as_jsonl(ranked: Iterable[Ranked], fields: Sequence[Field] = FIELDS) -> Iterator[str]:
    for inner in _objects(ranked, fields, ", "):
        yield f"{{{inner}}}\n"


def as_lines(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Records as JSON Lines."""
    for values in records:
        yield dumps(values, indent=None) + "\n"


def as_ids(ranked: Iterable[Ranked]) -> Iterator[str]:
    """One id a line, as every command takes it back."""
    for one in ranked:
        yield short_id(one) + "\n"


def as_tsv(
    ranked: Iterable[Ranked], fields: Sequence[Field], *, header: bool = False, raw: bool = False
) -> Iterator[str]:
    """One line a paper: `cut`, `sort` and `head` see papers only, unless a header is asked for.

    TeX is readable. `raw` leaves cells as they are that a spreadsheet would run.
    """
    written = cell if raw else spreadsheet_cell
    if header:
        yield "\t".join(field.name for field in fields) + "\n"
    for one in ranked:
        yield "\t".join(written(field, one, readable=True) for field in fields) + "\n"


def as_csv(
    ranked: Iterable[Ranked], fields: Sequence[Field], *, raw: bool = False
) -> Iterator[str]:
    """Header and rows after RFC 4180.

    A cell that a spreadsheet would run is quoted, unless they are wanted `raw`.
    """
    import csv
    import io

    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n")
    for row in _csv_rows(ranked, fields, cell if raw else spreadsheet_cell):
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _csv_rows(
    ranked: Iterable[Ranked], fields: Sequence[Field], written: Callable[..., str]
) -> Iterator[list[str]]:
    yield [field.name for field in fields]
    for one in ranked:
        yield [written(field, one, readable=False) for field in fields]


def spreadsheet_cell(field: Field, one: Ranked, *, readable: bool) -> str:
    """A value on one line, text so that no spreadsheet takes it for a formula."""
    value = field.get(one)
    told = _told(field.name, value, readable=readable)
    return told if type(value) in _AS_THEY_ARE else text.inert_cell(told)


def cell(field: Field, one: Ranked, *, readable: bool = True) -> str:
    """A value on one line; lists are joined with "; "."""
    return _told(field.name, field.get(one), readable=readable)


def _told(name: str, raw: Any, *, readable: bool) -> str:
    if raw is None:
        return ""
    value = plain(raw)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = "; ".join(map(_item, value))
    if not isinstance(value, str):
        return str(value)
    if readable and name in ("title", "abstract"):
        value = text.readable(value)
    return text.one_line(value, "(untitled)" if name == "title" else "")


def _item(item: Any) -> str:
    if isinstance(item, dict):
        return f"{item['signal']} {item['points']:+.1f} ({item['reason']})"
    return str(item)
