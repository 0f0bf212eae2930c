"""From papers to text in the place and the form that were asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from papertrack.cli.console import default_format, write_file
from papertrack.cli.options import Look
from papertrack.cli.setup import Setup
from papertrack.errors import UsageError

if TYPE_CHECKING:
    from papertrack.models import Ranked
    from papertrack.render.fields import Field
    from papertrack.tracker import Shown

    Face = Callable[[Sequence[Ranked]], Iterable[str]]
    WholeFace = Callable[[Sequence[Shown]], Iterable[str]]


def known(name: str, names: Sequence[str], what: str) -> str:
    """The name, if it is one of those. Raises UsageError with the nearest one."""
    if name in names:
        return name
    from difflib import get_close_matches

    near = get_close_matches(name, names, 1)
    others = f"known: {', '.join(names)}" if names else "the configuration has none"
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"{name!r} is not {what}; {hint}{others}.")


def format_of(setup: Setup, look: Look, *, page: bool = False) -> str:
    """The format that was asked for, or the one that suits the place where it goes.

    Raises UsageError where wishes exclude each other.
    """
    from papertrack.render import FORMATS, WHOLE_FORMATS

    if look.json and look.format not in ("", "json"):
        raise UsageError(f"--json and -f {look.format} exclude each other; give one of them.")
    name = "json" if look.json else look.format
    if not name:
        name = default_format(look.file, is_terminal=setup.console.is_terminal, page=page)
    known(name, FORMATS, "a format")
    if name in WHOLE_FORMATS and look.fields is not None:
        raise UsageError(f"-f {name} has no choice of fields; leave out --fields, or say -f tsv.")
    if look.raw and name not in ("tsv", "csv"):
        raise UsageError(f"--raw is for csv and tsv; leave it out of {name}.")
    if look.header and name not in ("tsv", "csv", "table"):
        raise UsageError(f"--header is for tsv, and {name} has none; leave it out, or say -f tsv.")
    return name


def face_of(setup: Setup, look: Look) -> "Face":
    """What makes a list into text. Wrong words are told here, before anybody is asked anything."""
    return _face(setup, look, format_of(setup, look))


def whole_face_of(setup: Setup, look: Look, *, alone: bool, sources: bool) -> "WholeFace":
    """What makes papers of which everything is known into text: pages, where nothing else is said.

    One paper that was asked for `alone` is one object: `show ID --json | jq .title`.
    """
    name = format_of(setup, look, page=look.fields is None)
    face = _face(setup, look, name)
    if name == "table" and look.fields is None:
        return lambda shown: _pages(setup, look, shown, sources=sources)
    if sources or name == "json":
        return _json(look, name, alone=alone, sources=sources)
    return lambda shown: face([one.ranked for one in shown])


def _face(setup: Setup, look: Look, name: str) -> "Face":
    from papertrack.render import LINE_FIELDS, records
    from papertrack.render.fields import FIELDS, chosen

    default = LINE_FIELDS if name in ("tsv", "csv") else [field.name for field in FIELDS]
    more = {"abstract": look.abstract, "contributions": look.explain}
    extra = [field for field, wanted in more.items() if wanted and field not in default]
    fields = chosen(look.fields, [*default, *extra])
    faces: dict[str, Face] = {
        "table": lambda ranked: _table(setup, look, ranked, fields if look.fields else ()),
        "json": lambda ranked: records.as_json(ranked, fields),
        "jsonl": lambda ranked: records.as_jsonl(ranked, fields),
        "tsv": lambda ranked: records.as_tsv(ranked, fields, header=look.header, raw=look.raw),
        "csv": lambda ranked: records.as_csv(ranked, fields, raw=look.raw),
        "ids": records.as_ids,
    }
    return faces[name] if name in faces else _document(setup, look, name)


def _document(setup: Setup, look: Look, name: str) -> "Face":
    """The formats of other programs; each is loaded where it is asked for."""

    def write(ranked: "Sequence[Ranked]") -> Iterable[str]:
        from papertrack.render import bibtex, csl, feed, markdown, ris

        if name == "atom":
            url = look.file.absolute().as_uri() if look.file else ""
            return feed.as_atom(ranked, title=_title(look), now=setup.now, url=url)
        if name == "markdown":
            return markdown.as_markdown(ranked, abstract=look.abstract, explain=look.explain)
        return {"bibtex": bibtex.as_bibtex, "ris": ris.as_ris, "csl": csl.as_csl}[name](ranked)

    return write


def _title(look: Look) -> str:
    """What a feed is called: the command, and what its papers were chosen by."""
    chosen = (look.topic, look.match, *(look.category or ()), *(look.author or ()))
    words = ", ".join(filter(None, chosen))
    return f"papertrack {look.command}" + (f": {words}" if words else "")


def write(setup: Setup, look: Look, pieces: Iterable[str]) -> None:
    """To stdout, or into the file that was asked for."""
    if look.file is None:
        setup.console.page(pieces)
    else:
        write_file(look.file, pieces)


def _json(look: Look, name: str, *, alone: bool, sources: bool) -> "WholeFace":
    """Papers as JSON, with what each source said of them where that is asked for."""
    from papertrack.render import records
    from papertrack.render.fields import FIELDS, chosen

    if name not in ("json", "jsonl"):
        raise UsageError(f"--sources is for pages and JSON; leave it out of --format {name}.")
    fields = chosen(look.fields, [field.name for field in FIELDS])

    def told(one: "Shown") -> dict[str, object]:
        if sources:
            return records.with_accounts(one.ranked, one.accounts, fields)
        return records.record(one.ranked, fields)

    if name == "jsonl":
        return lambda shown: records.as_lines(map(told, shown))
    if alone:
        return lambda shown: records.as_object(told(shown[0]))
    return lambda shown: records.as_array(map(told, shown))


def _pages(setup: Setup, look: Look, shown: Sequence["Shown"], *, sources: bool) -> Iterator[str]:
    """The page of each paper, with a rule between them."""
    from papertrack.render.page import page, rule

    terminal = setup.console.terminal(for_file=look.file is not None)
    for number, one in enumerate(shown):
        yield rule(terminal) if number else ""
        accounts = one.accounts if sources else ()
        yield page(one.ranked, one.history, one.place, terminal, accounts)


def _table(
    setup: Setup, look: Look, ranked: Sequence["Ranked"], fields: "Sequence[Field]"
) -> Iterator[str]:
    from papertrack.render.table import fields_table, table

    terminal = setup.console.terminal(for_file=look.file is not None)
    if ranked and fields:
        yield fields_table(ranked, fields, terminal)
    elif ranked:
        yield table(ranked, terminal, explain=look.explain, abstract=look.abstract)
