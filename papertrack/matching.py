"""Topics: does a paper match, and by which words.

How a word is looked for in title, abstract and keywords:

- as a whole word; case and accents do not matter;
- the plural of the last word counts as well: `agent` finds `agents`, `box` finds `boxes`, `study`
  finds `studies`; and back: `agents` finds `agent`. Words in -ss, -us, -is, -ics and -ews are not
  taken for plurals;
- several words are a phrase: blank or hyphen between them is the same. A hyphen also stands for
  nothing: `fine-tuning` finds `fine tuning` and `finetuning`;
- `quant*` finds every continuation;
- `author:bengio`, `cat:cs.LG` and `title:word` look there only.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from papertrack.models import Paper, Topic


@dataclass(frozen=True, slots=True)
class _View:
    """A paper as the tests look at it."""

    paper: Paper
    title: str
    text: str


_Test = Callable[[_View], bool]
_Tests = tuple[tuple[str, _Test], ...]

_HYPHENS = "\\-\u2010-\u2015\u2212"
_MARKS = re.compile("[\u0300-\u036f]")
_SUFFIXES = {"jr", "sr", "ii", "iii", "iv"}
_QUOTES = str.maketrans("“”„«»", '"""""')


def matches(topic: Topic, paper: Paper) -> tuple[str, ...] | None:
    """The words of the topic that this paper has, or None where it is not on the topic."""
    tests = _compiled(topic)
    text = _folded(paper.title, paper.abstract, *paper.keywords)
    view = _View(paper, text.partition("\0")[0], text)
    if any(test(view) for _, test in tests.none):
        return None
    found: list[str] = []
    for choice in tests.choices:
        hits = [word for word, test in choice if test(view)]
        if not hits:
            return None
        found += hits
    return tuple(dict.fromkeys(found))


def words(text: str) -> tuple[str, ...]:
    """What a user typed, as words; "quoted phrases" stay together, a leading - is kept."""
    found = []
    for token in re.findall(r'(?:[^\s"]|"[^"]*"?)+', text.translate(_QUOTES)):
        word = " ".join(token.replace('"', "").split())
        if token.startswith('"'):
            word = word.lstrip("-")
        if word:
            found.append(word)
    return tuple(found)


def from_words(match: str, exclude: str = "") -> Topic:
    """The topic of --match and --not: every plain word, and no -word."""
    wanted = [word for word in words(match) if not word.startswith("-")]
    unwanted = [word for word in words(match) if word.startswith("-")] + list(words(exclude))
    bare = (word.lstrip("-").strip() for word in unwanted)
    return Topic(name="--match", all=tuple(wanted), none=tuple(word for word in bare if word))


@dataclass(frozen=True, slots=True)
class _Compiled:
    """Each choice needs one hit, and `none` may have none."""

    choices: tuple[_Tests, ...]
    none: _Tests


@lru_cache(maxsize=128)
def _compiled(topic: Topic) -> _Compiled:
    choices = [
        tuple((word, _word_test(word)) for word in topic.any),
        *(((word, _word_test(word)),) for word in topic.all),
        tuple((name, _author_test(name)) for name in topic.authors),
        tuple((name, _category_test(name)) for name in topic.categories),
        tuple((name, _organization_test(name)) for name in topic.organizations),
    ]
    none = tuple((word, _word_test(word)) for word in topic.none)
    return _Compiled(tuple(choice for choice in choices if choice), none)


def _word_test(word: str) -> _Test:
    field, colon, rest = word.partition(":")
    special = {"author": _author_test, "cat": _category_test, "title": _title_test}
    if colon and (make := special.get(field.strip().lower())):
        return make(rest)
    return _text_test(word, lambda view: view.text)


def _title_test(word: str) -> _Test:
    return _text_test(word, lambda view: view.title)


def _text_test(word: str, text: Callable[[_View], str]) -> _Test:
    made = _pattern(word)
    if not made:
        return lambda view: False
    stem, pattern = made
    search = pattern.search

    # Looking for the stem first is what makes many words over many papers fast.
    def test(view: _View) -> bool:
        where = text(view)
        return stem in where and search(where) is not None

    return test


def _pattern(word: str) -> tuple[str, re.Pattern[str]] | None:
    """A text that must be there, and the whole rule; None where nothing is left to look for."""
    pieces = re.split(rf"([\s{_HYPHENS}]+)", fold(word).strip(f" {_HYPHENS}"))
    parts, gaps = pieces[::2], pieces[1::2]
    if not parts[0]:
        return None
    rules = [_part_rule(part, last=n == len(gaps)) for n, part in enumerate(parts)]
    joined = rules[0][1]
    for gap, (_, rule) in zip(gaps, rules[1:], strict=True):
        joined += rf"[\s{_HYPHENS}]{'+' if gap.isspace() else '*'}{rule}"
    before = r"(?<!\w)" if parts[0][:1].isalnum() else ""
    after = r"(?!\w)" if parts[-1][-1:].isalnum() else ""
    return rules[0][0], re.compile(before + joined + after)


def _part_rule(part: str, *, last: bool) -> tuple[str, str]:
    """A text that is in everything the part finds, and the part as a pattern."""
    if part.endswith("*"):
        stem = part.rstrip("*")
        return stem, re.escape(stem) + r"\w*+"  # possessive: hostile text costs linear time
    if not last or not part[-2:].isalpha() or len(part) < 2:
        return part, re.escape(part)
    stem, ending = _plural(part)
    return stem, re.escape(stem) + ending


def _plural(word: str) -> tuple[str, str]:
    """What singular and plural share, and the endings they may have."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3], "(?:ies|y|ie)"
    if len(word) > 2 and word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1], "(?:y|ies)"
    if re.search(r"(?:s|x|z|ch|sh)es$", word):
        return word[:-2], "(?:e?s|e)?"
    if len(word) < 4 or not word.endswith("s") or re.search(r"(?:ss|us|is|ics|ews)$", word):
        return word, "(?:e?s)?"
    return word[:-1], "(?:s(?:es)?)?"


def fold(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()


@lru_cache(maxsize=1024)
def _folded(*fields: str) -> str:
    # NUL is neither blank nor letter: no phrase reaches from one field into the next.
    return fold("\0".join(fields))


def _category_test(name: str) -> _Test:
    wanted = name.strip().lower().removesuffix("*").rstrip(".")

    def test(view: _View) -> bool:
        have = (category.lower() for category in view.paper.categories)
        return bool(wanted) and any(
            category == wanted or category.startswith(f"{wanted}.") for category in have
        )

    return test


def _organization_test(name: str) -> _Test:
    """`ai2` finds `Ai2`, `qwen` finds `Qwen Team`; as words, like everything else."""
    return _text_test(name, lambda view: fold(view.paper.organization))


def _author_test(name: str) -> _Test:
    wanted = _name_parts(name)
    return lambda view: any(
        _same_person(wanted, _name_parts(author)) for author in view.paper.authors
    )


@lru_cache(maxsize=16_384)
def _name_parts(name: str) -> tuple[str, ...]:
    """`Bengio, Yoshua` and `Yoshua Bengio` to given names and last name, folded."""
    last, comma, given = fold(name).partition(",")
    bare = re.sub("['’`]", "", f"{given} {last}" if comma else last)
    parts = re.findall(r"[^\W_]+", bare)
    while len(parts) > 1 and parts[-1] in _SUFFIXES:
        parts.pop()
    return tuple(parts)


def _same_person(wanted: tuple[str, ...], author: tuple[str, ...]) -> bool:
    """The last names are equal, and each given name or initial wanted is there, in order."""
    if not wanted or not author or wanted[-1] != author[-1]:
        return False
    rest = iter(author[:-1])
    return all(any(_same_given(name, other) for other in rest) for name in wanted[:-1])


def _same_given(name: str, other: str) -> bool:
    if len(name) == 1 or len(other) == 1:
        return name[0] == other[0]
    return name == other
