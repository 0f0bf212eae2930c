"""Formats of other programs: they read back what we wrote, and no title acts in them."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import NOW, entry, paper, ranked
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.importing import read
from papertrack.models import Paper, Ranked
from papertrack.render import bibtex, csl, feed, markdown, ris
from papertrack.render.reference import Name, name_of, references

DENOISING = Paper(
    id="arxiv:2006.11239",
    arxiv_id="2006.11239",
    title="Denoising Diffusion: $\\alpha$-VAEs, 100% better & BERT",
    abstract="We spend $5 on {GPUs}.\nA result: $x_{i}$.",
    authors=("Jonathan Ho", "Vincent van Gogh", "Qwen Team"),
    categories=("cs.LG", "stat.ML"),
    published_at=datetime(2020, 6, 19, 17, 24, tzinfo=UTC),
    keywords=("diffusion", "images"),
)
PRINTED = replace(
    DENOISING, id="doi:10.1234/xy_z", arxiv_id="", doi="10.1234/xy_z", journal="J. of R&D"
)
texts = st.text(alphabet=st.characters(codec="utf-16"), max_size=60) | st.sampled_from(
    [
        "a}b",
        "{",
        "$",
        "\\",
        "$x",
        "%",
        "]]>",
        "<b>&amp;",
        "[x](y)",
        "\n\n# h",
        "@misc{x,",
        "ER  -",
        "\x1b[2J",
        *("\\\\", "\\{", "$\\}$", "$\\{x\\}$", "{\\"),
    ]
)
hostile = st.builds(
    lambda title, abstract, author, word: ranked(
        entry(paper(title=title, abstract=abstract, authors=(author, "B C"), keywords=(word,)))
    ),
    *(texts, texts, texts, texts),
)


def shown(*papers: Paper) -> list[Ranked]:
    return [ranked(entry(one)) for one in papers]


def back(pieces: Iterable[str], name: str) -> list[Paper]:
    """What papertrack itself reads in a file."""
    return list(read("".join(pieces).encode(), name=name, observed_at=NOW).batch.papers)


@pytest.mark.parametrize("one", [DENOISING, PRINTED], ids=["preprint", "article"])
@pytest.mark.parametrize(
    ("face", "name"), [(bibtex.as_bibtex, "a.bib"), (ris.as_ris, "a.ris"), (csl.as_csl, "a.json")]
)
def test_a_bibliography_reads_back_as_the_paper_it_was_written_from(face, name, one) -> None:
    (found,) = back(face(shown(one)), name)
    assert (found.id, found.authors, found.keywords) == (one.id, one.authors, one.keywords)
    assert found.published_at
    assert found.published_at.year == 2020
    assert (found.journal.replace("\\&", "&"), bool(found.abstract)) == (one.journal, True)
    wanted = one.title if name == "a.bib" else "Denoising Diffusion: α-VAEs, 100% better & BERT"
    assert found.title.replace("\\", "") == wanted.replace("\\", "")


def test_bibtex_keeps_tex_and_escapes_what_is_none() -> None:
    told = "".join(bibtex.as_bibtex(shown(DENOISING)))
    assert told.startswith("@misc{ho2020denoising,\n")
    assert r"title = {Denoising Diffusion: $\alpha$-{VAEs}, 100\% better \& {BERT}}" in told
    assert "author = {Ho, Jonathan and van Gogh, Vincent and {Qwen Team}}" in told
    assert r"abstract = {We spend \$5 on {GPUs}. A result: $x_{i}$.}" in told
    assert all(
        f"  {line},\n" in told for line in ("eprint = {2006.11239}", "primaryclass = {cs.LG}")
    )


def test_a_key_does_not_depend_on_the_list_but_for_a_second_of_its_kind() -> None:
    twin = replace(DENOISING, id="arxiv:2006.99999", arxiv_id="2006.99999")
    assert [one.key for one in references(shown(DENOISING, twin))] == [
        "ho2020denoising",
        "ho2020denoising-2006.99999",
    ]
    assert [one.key for one in references(shown(twin))] == ["ho2020denoising"]


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Yann LeCun", Name("LeCun", "Yann")),
        ("Laurens van der Maaten", Name("van der Maaten", "Laurens")),
        ("Martin Luther King Jr.", Name("King", "Martin Luther", "Jr.")),
        ("Hochreiter, Sepp", Name("Hochreiter", "Sepp")),
        ("DeepSeek-AI", Name("DeepSeek-AI")),
        ("Kimi Team", Name("Kimi Team")),
        ("\\'Eva Tardos", Name("Tardos", "Éva")),
        ("\u202e", None),
    ],
)
def test_names_have_their_parts(author: str, name: Name | None) -> None:
    assert name_of(author) == name


def test_csl_says_what_kind_of_thing_it_is() -> None:
    (item,) = json.loads("".join(csl.as_csl(shown(DENOISING))))
    assert (item["type"], item["genre"], item["number"]) == (
        "article",
        "preprint",
        "arXiv:2006.11239",
    )
    assert item["DOI"] == "10.48550/arXiv.2006.11239"
    assert item["issued"] == {"date-parts": [[2020, 6, 19]]}
    assert item["author"][2] == {"literal": "Qwen Team"}


@settings(max_examples=60, deadline=None)
@given(one=hostile)
def test_no_text_breaks_a_bibliography(one: Ranked) -> None:
    for face, name in ((bibtex.as_bibtex, "a.bib"), (ris.as_ris, "a.ris"), (csl.as_csl, "a.json")):
        told = "".join(face([one, *shown(DENOISING)]))
        assert not re.search(r"[\0-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]", told)
        assert "arxiv:2006.11239" in {found.id for found in back([told], name)}
        assert len(back([told], name)) == 2


# -- markdown -----------------------------------------------------------------------------------


def test_a_list_in_markdown() -> None:
    one = ranked(entry(paper(title="C_1 [x](y) of @all", code_url="https://github.com/a/b")))
    told = "".join(markdown.as_markdown([one]))
    assert told.startswith(
        r"1. [C\_1 \[x\](y) of @<!-- -->all](<https://arxiv.org/abs/2604.07413>)"
    )
    assert told.endswith("43 upvotes · [code](<https://github.com/a/b>)\n")


@settings(max_examples=60, deadline=None)
@given(one=hostile)
def test_no_text_becomes_markdown(one: Ranked) -> None:
    from markdown_it import MarkdownIt

    told = "".join(markdown.as_markdown([one], abstract=True, explain=True))
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(told)
    assert sum(token.type == "ordered_list_open" for token in tokens) == 1
    inline = [part for token in tokens for part in token.children or []]
    assert {part.type for part in inline} <= {
        "text",
        "text_special",
        "link_open",
        "link_close",
        "html_inline",
    }
    assert {part.content for part in inline if part.type == "html_inline"} <= {"<!-- -->"}
    assert [part.attrs["href"] for part in inline if part.type == "link_open"] == [
        "https://arxiv.org/abs/2604.07413"
    ]


# -- feeds --------------------------------------------------------------------------------------


def parsed(ranked_papers: list[Ranked], now: datetime = NOW, url: str = "") -> dict:
    import feedparser

    found = feedparser.parse(
        "".join(feed.as_atom(ranked_papers, title="t", now=now, url=url)).encode()
    )
    assert not found.bozo
    return found


def test_a_feed_is_one_that_readers_accept() -> None:
    found = parsed(shown(DENOISING), url="https://me.example/trending.xml")
    assert found.version == "atom10"
    assert (found.feed.id, found.feed.links[0].rel) == ("https://me.example/trending.xml", "self")
    (one,) = found.entries
    assert (one.title, one.link) == (
        "Denoising Diffusion: α-VAEs, 100% better & BERT",
        "https://arxiv.org/abs/2006.11239",
    )
    assert [author.name for author in one.authors] == list(DENOISING.authors)
    assert one.published == "2020-06-19T17:24:00Z"


def test_an_entry_stays_itself_until_there_is_a_new_version() -> None:
    later = NOW + timedelta(days=1)
    first, same = parsed(shown(DENOISING)).entries[0], parsed(shown(DENOISING), later).entries[0]
    assert (first.id, first.updated) == (same.id, same.updated)
    moved = parsed(shown(replace(DENOISING, version=2, updated_at=later)), later).entries[0]
    assert (moved.id, moved.updated) == (first.id, "2026-04-16T12:00:00Z")


@settings(max_examples=60, deadline=None)
@given(one=hostile)
def test_no_text_breaks_a_feed(one: Ranked) -> None:
    assert len(parsed([one, *shown(DENOISING)]).entries) == 2
