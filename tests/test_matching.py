"""Topics: which papers match, and by which words."""

from dataclasses import replace

import pytest
from hang import no_hang
from hypothesis import given
from hypothesis import strategies as st

from papertrack.matching import from_words, matches, words
from papertrack.models import Paper, Topic

PAPER = Paper(
    id="arxiv:2201.11903",
    title="Chain-of-Thought Prompting Elicits Reasoning in Large Language Models",
    abstract="We explore how generating a chain of thought improves agents. Quantization, C++ and "
    "GPT‑4 follow; studies of a naïve Schrödinger bridge (see boxes), after fine-tuning.",
    authors=("Jason Wei", "Yoshua Bengio", "Geoffrey E. Hinton", "Aäron van den Oord", "Y. LeCun"),
    categories=("cs.CL", "q-bio.NC"),
    keywords=("in-context learning", "RAG"),
)


def titled(title: str) -> Paper:
    return Paper(id="title:0", title=title)


def has(word: str, paper: Paper = PAPER) -> bool:
    return matches(Topic(name="t", any=(word,)), paper) is not None


FOUND = """
agent Agents AGENTS chain chain-of-thought thought c++ GPT-4 "gpt 4" quant* quantiz* * rag RAGs
naive Schrodinger study box boxes model fine-tuning "fine tuning" in-context* (see
"chain of thought" "large language model" "in context learning" author:bengio author:"Y Bengio"
"author: wei" cat:cs cat:CS.cl cat:q-bio title:prompt* TITLE:model title:chain-of-thought"""
MISSED = """
age gent dragon prompting? thoughtful quants* news gpt4 [a-z]+ a|b \\w+ --- "" ? "bridge rag"
"models we" author:yoshua author:bengi author: title:agent title: cat:c cat:cs.C cat:stat cat:"""


@pytest.mark.parametrize("word", words(FOUND))
def test_a_word_finds_the_paper(word: str) -> None:
    assert has(word)


@pytest.mark.parametrize("word", words(MISSED))
def test_a_word_does_not_find_what_only_looks_like_it(word: str) -> None:
    assert not has(word)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("agent", "agents"),
        ("box", "boxes"),
        ("study", "studies"),
        ("movie", "movies"),
        ("cache", "caches"),
        ("class", "classes"),
        ("database", "databases"),
        ("bias", "biases"),
        ("LLM", "LLMs"),
        ("diffusion model", "diffusion models"),
    ],
)
def test_singular_and_plural_find_each_other(one: str, other: str) -> None:
    assert has(one, titled(other))
    assert has(other, titled(one))


@pytest.mark.parametrize(
    ("word", "title"),
    [("news", "new"), ("robotics", "robotic"), ("loss", "los"), ("agent", "agentic"), ("c", "cs")],
)
def test_what_only_ends_in_s_is_no_plural(word: str, title: str) -> None:
    assert not has(word, titled(title))


def test_a_hyphen_may_stand_for_nothing_but_a_blank_may_not() -> None:
    assert has("multi-agent", titled("multiagent"))
    assert has("multi agent", titled("multi–agent"))
    assert not has("no table", titled("A notable result"))


def test_a_phrase_does_not_reach_from_title_into_abstract() -> None:
    paper = Paper(id="title:0", title="Deep", abstract="learning of", keywords=("trees",))
    assert has("deep", paper)
    assert has("trees", paper)
    assert not has("deep learning", paper)
    assert not has("title:learning", paper)


@pytest.mark.parametrize(
    "name",
    [
        "bengio",
        "Yoshua Bengio",
        "Y Bengio",
        "Y. Bengio",
        "Bengio, Yoshua",
        "Bengio, Y.",
        "YOSHUA BÉNGIO",
        "Geoffrey Hinton",
        "G. E. Hinton",
        "van den Oord",
        "Aaron van den Oord",
        "Oord",
        "Yann LeCun",
        "Yoshua Bengio Jr.",
    ],
)
def test_an_author_is_found_by_any_usual_spelling(name: str) -> None:
    assert matches(Topic(name="t", authors=(name,)), PAPER) == (name,)


@pytest.mark.parametrize(
    "name", ["Samy Bengio", "S Bengio", "Yoshua", "Wei Jason", "Bengio Y", "Hint", "", ".", "Jr"]
)
def test_another_person_is_not(name: str) -> None:
    assert matches(Topic(name="t", authors=(name,)), PAPER) is None


@pytest.mark.parametrize(("name", "found"), [("cs", 1), ("CS.CL", 1), ("cs.*", 1), ("c", 0)])
def test_a_category_covers_what_is_below_it(name: str, found: int) -> None:
    assert (matches(Topic(name="t", categories=(name,)), PAPER) is not None) == bool(found)


def test_every_part_that_is_given_must_match_and_says_by_what() -> None:
    topic = Topic(
        name="t",
        any=("video", "agent", "rag"),
        all=("language model", "rag"),
        none=("survey",),
        authors=("hinton",),
        categories=("cs",),
    )
    assert matches(topic, PAPER) == ("agent", "rag", "language model", "hinton", "cs")
    assert matches(replace(topic, any=("absent",)), PAPER) is None
    assert matches(replace(topic, all=("agent", "absent")), PAPER) is None
    assert matches(replace(topic, none=("author:wei",)), PAPER) is None
    assert matches(replace(topic, authors=("Curie",)), PAPER) is None
    assert matches(replace(topic, categories=("stat",)), PAPER) is None


def test_a_topic_that_wants_nothing_matches_by_no_word() -> None:
    assert matches(from_words(""), PAPER) == ()
    assert matches(from_words("-video"), PAPER) == ()


def test_words_are_split_as_they_are_typed() -> None:
    typed = 'a "b  c" -d -"e f" "-g" author:"y bengio" “h i” "" - j"k l" "m n'
    assert words(typed) == (
        *("a", "b c", "-d", "-e f", "g"),
        *("author:y bengio", "h i", "-", "jk l", "m n"),
    )


def test_match_and_not_make_a_topic() -> None:
    topic = from_words('agent "tool use" -survey -', exclude='benchmark -video "data set"')
    assert topic.all == ("agent", "tool use")
    assert topic.none == ("survey", "benchmark", "video", "data set")


@given(st.text(), st.text(), st.text())
def test_any_text_can_be_typed(match: str, exclude: str, title: str) -> None:
    matches(from_words(match, exclude), titled(title))
    topic = Topic(name="t", any=(match,), authors=(exclude,), categories=(match,))
    matches(topic, Paper(id="title:0", title=title, authors=(match,), categories=(exclude,)))


@given(st.text(alphabet="ab-* +.(s\\[|^$éß", min_size=1))
def test_no_sign_has_a_meaning_of_its_own(text: str) -> None:
    matches(from_words(text, text), titled(text))


@given(st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1))
def test_a_word_finds_itself(word: str) -> None:
    assert has(word, titled(f"on {word}, again"))


def test_hostile_text_costs_no_more_than_its_length() -> None:
    paper = Paper(id="title:0", title="a" * 500_000, abstract="multi-" * 80_000)
    for word in ("a*-a*-a*", "multi*-x*", "multi-multi-x", "a a"):
        with no_hang():
            matches(from_words(word), paper)
