"""Any spelling of a paper leads to one id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.errors import UsageError
from papertrack.identifiers import (
    arxiv_in_url,
    from_doi,
    normalise_doi,
    normalise_title,
    parse,
    split_arxiv,
    title_id,
)

NEW = st.from_regex(r"[0-9]{2}(0[1-9]|1[0-2])\.[0-9]{5}", fullmatch=True)
OLD = st.from_regex(r"(hep-th|math|cs|astro-ph)/[0-9]{7}", fullmatch=True)
SPELLINGS = (
    "{}",
    " {} ",
    "<{}>",
    "{}v3",
    "arXiv:{}",
    "ARXIV: {}v12",
    "https://arxiv.org/abs/{}",
    "http://www.arxiv.org/abs/{}v2",
    "https://export.arxiv.org/abs/{}",
    "https://arxiv.org/pdf/{}v1.pdf",
    "https://arxiv.org/pdf/{}",
    "https://arxiv.org/html/{}v1",
    "arxiv.org/abs/{}?context=cs.LG#top",
    "https://huggingface.co/papers/{}",
    "https://huggingface.co/papers/{}/",
    "https://huggingface.co/papers/{}#community",
    "https://huggingface.co/papers/{}.md",
    "hf.co/papers/{}",
    "https://www.alphaxiv.org/abs/{}",
    "https://doi.org/10.48550/arXiv.{}",
    "doi:10.48550/arxiv.{}v2",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(number=NEW | OLD)
def test_every_spelling_of_an_arxiv_paper_is_its_id_without_version(
    spelling: str, number: str
) -> None:
    assert parse(spelling.format(number)) == f"arxiv:{number}"
    assert parse(spelling.format(number).upper()) == f"arxiv:{number}"


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("10.1101/2024.01.02.573891", "doi:10.1101/2024.01.02.573891"),
        ("https://doi.org/10.1101/ABC", "doi:10.1101/abc"),
        ("http://dx.doi.org/10.1101/abc.", "doi:10.1101/abc"),
        ("DOI: 10.1016/S0140-6736(05)17709-5", "doi:10.1016/s0140-6736(05)17709-5"),
        ("https://doi.org/10.1002%2Fabc", "doi:10.1002/abc"),
        ("title:0123456789abcdef", "title:0123456789abcdef"),
        ("math.GT/0309136", "arxiv:math/0309136"),
        ("0704.0001", "arxiv:0704.0001"),
    ],
)
def test_other_ids_have_one_form_too(text: str, paper: str) -> None:
    assert parse(text) == paper
    assert parse(paper) == paper


@pytest.mark.parametrize(
    "text",
    [
        "",
        "attention is all you need",
        "2604.074",
        "2613.07413",  # there is no thirteenth month
        "2604.07413 2604.07414",
        "２６０４.０７４１３",  # digits, but of another width
        "notarxiv.org/abs/2604.07413",
        "https://huggingface.co/papers",
        "https://example.org/abs/2604.07413",
        "../../etc/passwd",
        "10.1101/",
        "10.1101/a\x1b[31m",
        "10.1101/\udcff",
        "10.1101/a\0b",
        "\udcff",
        "title:xyz",
        "-1",
    ],
)
def test_what_is_no_paper_is_a_usage_error_that_shows_how(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a paper id; use one like 2604\.07413"):
        parse(text)


@given(st.text())
def test_any_text_is_an_id_that_stays_itself_or_a_usage_error(text: str) -> None:
    try:
        paper = parse(text)
    except UsageError:
        return
    assert parse(paper) == paper


def test_the_version_is_kept_apart() -> None:
    assert split_arxiv("2604.07413v2") == ("2604.07413", 2)
    assert split_arxiv("arXiv:hep-th/9901001") == ("hep-th/9901001", None)
    assert split_arxiv("v2") is None


def test_links_name_papers_also_when_they_are_escaped() -> None:
    assert arxiv_in_url("https://arxiv.org/abs/math%2F0309136v1") == "math/0309136"
    assert arxiv_in_url("https://arxiv.org/list/cs.LG/recent") is None


def test_a_doi_is_lower_case_and_an_arxiv_doi_is_the_arxiv_id() -> None:
    assert normalise_doi("10.1101/ABC") == "10.1101/abc"
    assert normalise_doi("11.1101/ABC") is None
    assert from_doi("10.48550/arXiv.2604.07413v2") == "arxiv:2604.07413"
    assert from_doi("10.48550/arXiv.nonsense") == "doi:10.48550/arxiv.nonsense"


def test_titles_are_equal_without_accents_case_and_signs() -> None:
    assert normalise_title("Schrödinger's  CAT:\n a_Survey") == "schrodingerscatasurvey"
    assert normalise_title("ﬁne") == "fine"
    assert normalise_title("注意力") == "注意力"


def test_a_paper_without_id_is_its_title_and_its_first_author() -> None:
    one = title_id("A Survey", ("Ada Lovelace", "Alan Turing"))

    assert one == title_id("a  survey!", ("A. Lovelace",))
    assert one != title_id("A Survey", ("Alan Turing",))
    assert parse(one) == one
    assert title_id("\udcff", (" ",)).startswith("title:")


@given(st.text(st.characters(max_codepoint=127)))
def test_a_title_in_ascii_is_normalised_as_any_other(title: str) -> None:
    accented = normalise_title(title + "é")

    assert normalise_title(title) + "e" == accented
