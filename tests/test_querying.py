"""What a reader types is a question, whatever it is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.querying import Query, Term, loosened, parse


def terms(*words: str, field: str = "") -> tuple[Term, ...]:
    return tuple(Term((word,), field) for word in words)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("sparse attention", ("sparse", "attention")),
        ("sparse sparse", ("sparse", "sparse")),
        ("the state of the art", ("state", "art")),
        ("to be or not to be", ("to", "be", "or", "not", "to", "be")),
        ("C++", ("C",)),
        ("trees AND graphs", ("trees", "graphs")),
        ("foo:bar", ("foo", "bar")),
        ("before:sunset has:wings is:old", ("sunset", "wings", "old")),
        ("Attention\nIs All\r\nYou   Need", ("Attention", "Need")),
        ("注意 机制", ("注意", "机制")),
        ("nul\0byte \ud800", ("nulbyte",)),
    ],
)
def test_words_are_looked_for_and_small_ones_are_not(typed: str, words: tuple[str, ...]) -> None:
    assert parse(typed).words == terms(*words)


@pytest.mark.parametrize(
    ("typed", "required"),
    [
        ('"chain of thought"', Term(("chain", "of", "thought"))),
        ("“chain of thought”", Term(("chain", "of", "thought"))),
        ('"chain of thought', Term(("chain", "of", "thought"))),
        ("author:bengio", Term(("bengio",), "author")),
        ('author:"yoshua bengio"', Term(("yoshua", "bengio"), "author")),
        ("title:transf*", Term(("transf",), "title", prefix=True)),
        ("cat:cs.LG", Term(("cs.lg",), "cat")),
        ("has:code", Term(("code",), "has")),
        ("is:saved", Term(("saved",), "is")),
        ("TAG:To-Read", Term(("to-read",), "tag")),
    ],
)
def test_phrases_and_fields_are_required(typed: str, required: Term) -> None:
    assert parse(typed).required == (required,)
    assert parse(f"agents {typed}").required == (required,)


@pytest.mark.parametrize("minus", ["-", "−"])
@pytest.mark.parametrize(
    ("typed", "term"),
    [
        ("survey", Term(("survey",))),
        ('"in context"', Term(("in", "context"))),
        ("state-of-the-art", Term(("state", "of", "the", "art"))),
        ("author:bengio", Term(("bengio",), "author")),
        ("is:read", Term(("read",), "is")),
    ],
)
def test_a_minus_takes_away(minus: str, typed: str, term: Term) -> None:
    assert parse(f"agents {minus}{typed}") == Query(
        text=f"agents -{typed}", said="agents", words=terms("agents"), without=(term,)
    )


@pytest.mark.parametrize(
    ("typed", "after", "before"),
    [
        ("after:2025", date(2025, 1, 1), None),
        ("after:2025-03 before:2025-06-30", date(2025, 3, 1), date(2025, 6, 30)),
        ("-after:2025-03", None, date(2025, 3, 1)),
        ("-before:2025", date(2025, 1, 1), None),
        ("after:2025-13", None, None),
    ],
)
def test_days_begin_with_their_year_or_month(
    typed: str, after: date | None, before: date | None
) -> None:
    query = parse(typed)

    assert (query.after, query.before) == (after, before)


def test_a_beginning_has_four_letters_at_least() -> None:
    assert [term.prefix for term in parse("quan* qua*").words] == [True, False]


def test_a_compound_is_its_words_and_also_a_phrase() -> None:
    query = parse("state-of-the-art fine-tuning")

    assert query.words == terms("state", "art", "fine", "tuning")
    assert query.also == (Term(("state", "of", "the", "art")), Term(("fine", "tuning")))


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("1706.03762", ("arxiv:1706.03762",)),
        ("https://huggingface.co/papers/1706.03762v2", ("arxiv:1706.03762",)),
        ("1706.03762, hep-th/9901001", ("arxiv:1706.03762", "arxiv:hep-th/9901001")),
        ("1706.03762 attention", ()),
    ],
)
def test_nothing_but_ids_are_ids(typed: str, ids: tuple[str, ...]) -> None:
    assert parse(typed).ids == ids


@pytest.mark.parametrize("typed", ["", "   ", '"', "-", "--", "*", "++", "🦙", '""', "author:"])
def test_a_text_may_hold_nothing_to_look_for(typed: str) -> None:
    assert parse(typed).is_empty or typed == "author:"


def test_a_phrase_that_stands_nowhere_can_be_taken_for_words() -> None:
    query = parse('"the big picture" author:bengio cat:cs.LG')
    loose = loosened(query)

    assert loose is not None
    assert loose.words == terms("big", "picture")
    assert [term.field for term in loose.required] == ["author", "cat"]
    assert loosened(parse("big picture")) is None


@given(st.text(st.characters(codec=None), max_size=200))
def test_no_text_is_an_error(typed: str) -> None:
    assert len(parse(typed).words) <= len(typed)
