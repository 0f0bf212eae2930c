"""Several accounts of one paper make one paper, whoever spoke first."""

import pytest
from builders import paper
from hypothesis import given
from hypothesis import strategies as st

from papertrack.merging import COMMUNITY_FIELDS, merge, winners
from papertrack.models import PAPER_FIELDS, SOURCES, Paper

WORDS = st.sampled_from(["", "one", "two"])
ACCOUNTS = st.dictionaries(
    st.sampled_from(SOURCES),
    st.builds(
        Paper,
        id=st.just("arxiv:2604.07413"),
        title=WORDS,
        abstract=WORDS,
        organization=WORDS,
        code_url=WORDS,
        authors=st.sampled_from([(), ("Ada",), ("Ada", "Alan")]),
        version=st.sampled_from([None, 1, 2]),
        withdrawn=st.booleans(),
    ),
    min_size=1,
)


@given(ACCOUNTS, st.randoms())
def test_the_order_of_the_accounts_does_not_matter(
    accounts: dict[str, Paper], random: "object"
) -> None:
    names = list(accounts)
    random.shuffle(names)  # type: ignore[attr-defined]

    assert merge("x", {name: accounts[name] for name in names}) == merge("x", accounts)


@given(ACCOUNTS)
def test_merging_what_was_merged_changes_nothing(accounts: dict[str, Paper]) -> None:
    merged = merge("arxiv:2604.07413", accounts)

    assert merge(merged.id, dict.fromkeys(accounts, merged)) == merged
    assert merge(merged.id, {"feeds": merged}) == merged


@given(ACCOUNTS)
def test_every_field_that_anybody_fills_is_somebodys_word(accounts: dict[str, Paper]) -> None:
    merged, won = merge("x", accounts), winners(accounts)

    for name in PAPER_FIELDS:
        said = {getattr(one, name) for one in accounts.values()} - {"", (), None, False}
        assert (name in won) == bool(said)
        if said:
            assert getattr(merged, name) == getattr(accounts[won[name]], name)
            assert getattr(merged, name) in said


@pytest.mark.parametrize(
    ("field", "winner"),
    [("title", "arxiv"), ("abstract", "arxiv"), ("code_url", "huggingface")],
)
def test_arxiv_knows_the_paper_and_hugging_face_what_belongs_to_it(field: str, winner: str) -> None:
    accounts = {
        source: paper(title=source, abstract=source, code_url=source)
        for source in ("huggingface", "arxiv")
    }

    assert getattr(merge("x", accounts), field) == winner
    assert (field in COMMUNITY_FIELDS) == (winner == "huggingface")


def test_where_the_better_source_is_silent_the_next_is_asked() -> None:
    accounts = {"arxiv": paper(abstract=""), "huggingface": paper(abstract="What it says.")}

    assert merge("x", accounts).abstract == "What it says."


def test_the_merged_paper_has_the_id_it_is_asked_for() -> None:
    assert merge("doi:10.1101/a", {"arxiv": paper()}).id == "doi:10.1101/a"
