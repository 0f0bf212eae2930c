"""The words of a reader's own: papers of the store, tags, topics and digests."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from papertrack import places

#: So many papers are offered, and so many of the newest listings are looked at for them.
MOST, LOOKED_AT = 100, 400
#: A shell does not wait for a store that is busy, in seconds.
PATIENCE = 0.2
_LISTED = """
SELECT key, title FROM (
    SELECT paper_id, saved_at AS at, 0 AS place FROM reading WHERE saved_at IS NOT NULL
    UNION ALL SELECT * FROM (
        SELECT paper_id, day, place FROM ledger
        WHERE day = (SELECT max(day) FROM ledger) ORDER BY place)
    UNION ALL SELECT * FROM (
        SELECT paper_id, list_date, 9999 FROM listings
        ORDER BY list_date DESC, paper_id DESC LIMIT :looked_at)
) JOIN papers ON papers.id = paper_id
WHERE {within} GROUP BY papers.id
ORDER BY max(substr(at, 1, 10)) DESC, min(place), papers.id DESC LIMIT :most
"""
_BY_NUMBER = """
SELECT key, title FROM papers WHERE {within} ORDER BY key DESC LIMIT :most
"""
_MARKED = """
SELECT key, title FROM reading JOIN papers ON papers.id = paper_id
WHERE {mark} IS NOT NULL AND ({within}) ORDER BY {mark} DESC LIMIT :most
"""
#: Keys that begin as what is typed does, when their scheme is left out.
_WITHIN = (
    "key BETWEEN 'arxiv:' || :typed AND 'arxiv:' || :typed || char(1114111)",
    "key BETWEEN 'doi:' || :typed AND 'doi:' || :typed || char(1114111)",
)
_MARKS = {"saved": "saved_at", "read": "read_at", "hidden": "hidden_at"}


def own_words(
    kind: str, current: str, before: Sequence[str], env: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Words of this kind that begin so, newest first, each with what it means."""
    if kind in ("topic", "digest"):
        yield from ((name, "") for name in _configured(f"{kind}s", "name", before, env))
    elif kind == "tag":
        yield from (
            (str(tag), "") for (tag,) in _asked(before, env, ["SELECT DISTINCT tag FROM tags"])
        )
    elif kind.startswith("paper"):
        yield from _papers(kind.partition(" ")[2], current, before, env)


def _papers(
    mark: str, current: str, before: Sequence[str], env: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """arXiv ids and DOIs, without their scheme, in which shells see a break."""
    shows_titles = env.get("_PAPERTRACK_COMPLETE") != "bash"
    given: dict[str, None] = dict.fromkeys(before)
    within = " OR ".join(_WITHIN)
    asked = [(_MARKED if mark else _LISTED).format(within=within, mark=_MARKS.get(mark))]
    if current and not mark:  # each in the order of the index
        asked += [_BY_NUMBER.format(within=one) for one in _WITHIN]
    values = {"typed": current.lower(), "most": MOST, "looked_at": LOOKED_AT}
    for key, title in _asked(before, env, asked, values):
        word = str(key).partition(":")[2]
        if word not in given:
            given[word] = None
            yield word, _shown(str(title)) if shows_titles else ""


def _shown(title: str) -> str:
    from papertrack.text import one_line

    return one_line(title)[:100]


def _asked(
    before: Sequence[str],
    env: Mapping[str, str],
    queries: Sequence[str],
    values: Mapping[str, object] | None = None,
) -> list[tuple[object, ...]]:
    """What the store says; nothing where there is none, or one that is busy or another's."""
    place = places.database_path(_after("--db", before), env, _configured_path(before, env))
    if not place.exists():
        return []
    import sqlite3

    try:
        with closing(
            sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True, timeout=PATIENCE)
        ) as store:
            return [row for query in queries for row in store.execute(query, values or {})]
    except sqlite3.Error:
        return []


def _after(option: str, before: Sequence[str]) -> str | None:
    """What an option was given, as `--db x` or `--db=x`."""
    for word, following in zip(before, [*before[1:], ""], strict=True):
        if word == option or word.startswith(f"{option}="):
            return following if word == option else word.partition("=")[2]
    return None


def _config_path(before: Sequence[str], env: Mapping[str, str]) -> Path:
    return places.config_path(_after("--config", before), env)


def _configured_path(before: Sequence[str], env: Mapping[str, str]) -> str:
    """`store.path`."""
    return next(_configured("store", "path", before, env), "")


def _configured(
    section: str, key: str, before: Sequence[str], env: Mapping[str, str]
) -> Iterator[str]:
    """The values of a key in a section of the configuration, read as lines.

    PyYAML and the schema would take three times as long as all else here. What is written in a
    manner that only YAML knows, such as an anchor, is not offered.
    """
    path = _config_path(before, env)
    if not path.is_file():
        return
    told = path.read_text(encoding="utf-8", errors="replace")
    block = re.search(rf"^{section}:(.*\n?(?:[ \t#-].*\n?|\n)*)", told, re.MULTILINE)
    value = r"""(?:"([^"\n]*)"|'([^'\n]*)'|([^\s,}#][^,}#\n]*))"""
    for found in re.findall(rf"^[^#\n]*?\b{key}:[ ]+{value}", block[1] if block else "", re.M):
        yield next(filter(None, found)).strip()
