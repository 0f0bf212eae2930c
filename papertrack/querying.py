"""What a reader types, as a question to the papers. Any text is one; none is an error.

| typed | asks for |
|---|---|
| `sparse attention` | any of the words, the more and the rarer the better |
| `"chain of thought"` | these words side by side |
| `quanti*` | every word that goes on like this, from four letters on |
| `-survey`, `-"in context"` | none of that |
| `author:bengio`, `cat:cs.LG`, `title:agents`, `tag:x` | that, in this place |
| `after:2025-01`, `before:2025` | published since its start, or before its start |
| `has:code`, `is:saved` | papers with code; saved, read, unread, seen or hidden ones |

A field that is not known, a date that is none, a lonely quote: words like others.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from papertrack import text
from papertrack.errors import UsageError
from papertrack.identifiers import parse as parse_id
from papertrack.similarity.words import STOP

TEXT_FIELDS = ("title", "author")
MARKS = ("saved", "read", "unread", "seen", "hidden")
#: A shorter beginning would name half of the dictionary.
SHORTEST_PREFIX = 4
#: Of a longer text the rest is not looked at: no title has so many words, and no reader.
MOST_WORDS, MOST_LETTERS = 100, 10_000
#: A minus sign is a hyphen that no shell and no option parser takes for its own.
_QUOTES = str.maketrans("“”„«»−", '"""""-')
_PIECE = re.compile(
    r'(?P<minus>-?)(?:(?P<field>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))'
)
_NOTHING = STOP | {"a", "i"}
#: The command that makes a paper answer `is:...`.
_MARKING = {"saved": "save", "read": "read", "hidden": "hide", "seen": "mark-seen"}
#: What may stand after a field that does not take every word.
_VALUES = {
    **dict.fromkeys(("after", "before"), "2025, 2025-01 or 2025-01-31"),
    "has": "code",
    "is": f"{', '.join(MARKS[:-1])} or {MARKS[-1]}",
}
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Term:
    """A word, or a phrase of several, and where it has to be: nowhere special where `field` is "".

    Of `cat`, `tag`, `is` and `has` the only word is the name, in lower case.
    """

    words: tuple[str, ...]
    field: str = ""
    prefix: bool = False


@dataclass(frozen=True, kw_only=True)
class Query:
    """A question. Days are half open: from `after` on, and before `before`."""

    text: str = ""  # as it was typed
    said: str = ""  # without fields and what is not wanted: a sentence, where one was typed
    words: tuple[Term, ...] = ()  # any of them; the best papers have most
    also: tuple[Term, ...] = ()  # other spellings of them, which add to a paper that has them
    required: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    after: date | None = None
    before: date | None = None
    ids: tuple[str, ...] = ()  # the text is nothing but ids
    odd: tuple[tuple[str, str], ...] = ()  # (field, value) of known fields with another value

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        given = (self.words, self.required, self.without, self.ids, self.is_dated)
        return not any(given)

    @property
    def is_dated(self) -> bool:
        return self.after is not None or self.before is not None

    @property
    def ranks(self) -> bool:
        """Whether it has words that say how well a paper answers."""
        return bool(self.words) or any(term.field in ("", *TEXT_FIELDS) for term in self.required)


def parse(typed: str) -> Query:
    """The question that a text is."""
    clean = _readable(typed)
    query = Query(text=clean, ids=_ids(clean))
    for found in _PIECE.finditer(clean):
        query = _with(query, found)
    return _without_stop_words(query)


def _readable(typed: str) -> str:
    composed = unicodedata.normalize("NFC", text.repair(typed[:MOST_LETTERS]))
    return " ".join(composed.translate(_QUOTES).split())


def _ids(clean: str) -> tuple[str, ...]:
    """The ids of a text that holds nothing else."""
    pieces = clean.replace(",", " ").split()
    try:
        return tuple(dict.fromkeys(map(parse_id, pieces[:MOST_WORDS])))
    except UsageError:
        return ()


def _with(query: Query, found: re.Match[str]) -> Query:
    """The question with one more piece."""
    unwanted = bool(found["minus"])
    field, value = (found["field"] or "").lower(), found["phrase"] or found["word"] or ""
    if field in ("after", "before") and (day := _day(value)):
        # What is not after a day is before it, and the other way round.
        from_then_on = (field == "after") != unwanted
        return replace(query, after=day) if from_then_on else replace(query, before=day)
    if term := _special(field, value):
        return _placed(query, term, unwanted)
    words = tuple(words_of(value))
    if field in _VALUES and words:
        query = replace(query, odd=(*query.odd, (field, value))[:MOST_WORDS])
    if field and field not in TEXT_FIELDS:
        words, field = (field, *words), ""
    if not words:
        return query
    if not field and not unwanted:
        query = replace(query, said=f"{query.said} {value}".strip())
    if found["phrase"] is not None or field or unwanted:
        term = Term(words, field, prefix=_is_prefix(value, words))
        alone = not field and not unwanted and len(words) == 1
        return _placed(query, term, unwanted) if not alone else _placed(query, term, False)
    terms = [Term((word,)) for word in words]
    terms[-1] = replace(terms[-1], prefix=_is_prefix(value, words))
    return replace(
        query,
        words=(*query.words, *terms)[:MOST_WORDS],
        also=(*query.also, *_compounds(value))[:MOST_WORDS],
    )


def _compounds(value: str) -> Iterator[Term]:
    """`fine-tuning` is also the phrase "fine tuning"."""
    compounds = re.findall(rf"{_WORD.pattern}(?:-{_WORD.pattern})+", value)
    return (Term(tuple(words_of(compound))) for compound in compounds)


def not_understood(query: Query) -> list[str]:
    """A sentence for each field with a value that it does not have."""
    return [
        f"{field}:{value} is not understood, and looked for as words; after {field}: comes "
        f"{_VALUES[field]}."
        for field, value in dict.fromkeys(query.odd)
    ]


def way_on(query: Query) -> str:
    """What may help a search that has found nothing."""
    for term in query.required:
        asked = f"{term.field}:{' '.join(term.words)}"
        if term.field == "tag":
            return f"Only papers that you tagged answer {asked}; `papertrack tag TAG ID` tags one."
        if term.field == "is" and (verb := _MARKING.get(term.words[0])):
            return f"Only papers that you marked answer {asked}; `papertrack {verb} ID` marks one."
    if query.said:
        return "`--remote` asks Hugging Face as well."
    fields = [term.field for term in query.required if term.field in TEXT_FIELDS]
    if fields:
        return f"Without {fields[0]}: and with `--remote` Hugging Face is asked as well."
    return "`papertrack fetch` brings in more papers."


def _special(field: str, value: str) -> Term | None:
    """A term that is a name: of a category, of a tag, of a mark."""
    name = value.strip().lower().removesuffix("*").rstrip(".")
    known = {"cat": bool(_WORD.search(name)), "tag": bool(name), "is": name in MARKS}
    known["has"] = name == "code"
    return Term((name,), field) if known.get(field) else None


def _placed(query: Query, term: Term, unwanted: bool) -> Query:
    if unwanted:
        return replace(query, without=(*query.without, term)[:MOST_WORDS])
    return replace(query, required=(*query.required, term)[:MOST_WORDS])


def _is_prefix(value: str, words: tuple[str, ...]) -> bool:
    return value.endswith("*") and len(words[-1]) >= SHORTEST_PREFIX


def _day(value: str) -> date | None:
    """The first day of 2025, 2025-01 or 2025-01-31."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", value, re.ASCII)
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1)) if found else None
    except ValueError:
        return None


def _without_stop_words(query: Query) -> Query:
    """`the`, `of` and the like say nothing, unless nothing else is said."""
    telling = tuple(term for term in query.words if term.prefix or not _says_nothing(term))
    if telling or query.required:
        return replace(query, words=telling)
    return query


def _says_nothing(term: Term) -> bool:
    return term.words[0].lower() in _NOTHING


def words_of(said: str) -> list[str]:
    """The words of a text, without what stands between them."""
    return _WORD.findall(said)


def loosened(query: Query) -> Query | None:
    """The question with its phrases as words like others; None where it has no phrase."""
    phrases = [term for term in query.required if not term.field]
    if not phrases:
        return None
    words = (Term((word,)) for term in phrases for word in term.words)
    kept = tuple(term for term in query.required if term.field)
    return _without_stop_words(
        replace(query, words=(*query.words, *words), also=(*query.also, *phrases), required=kept)
    )
