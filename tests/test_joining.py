"""One paper, one record: by whichever of its ids it comes, in whatever order, from whomever."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from builders import NOW, TODAY, dump
from hypothesis import given, settings
from hypothesis import strategies as st

import papertrack.store.migrations  # noqa: F401  (loaded while we may still read files)
from papertrack.identifiers import from_doi, title_id
from papertrack.models import UPVOTES, Entry, Listing, Observation, Paper, ReaderState
from papertrack.reports import Batch
from papertrack.store import MEMORY, Store

TITLE = "Orders that do not commute: a study of joining"
DOI = "10.1101/2026.04.01.123456"
ARXIV, BY_DOI, BY_TITLE = "arxiv:2604.00001", f"doi:{DOI}", title_id(TITLE)
LATER = NOW + timedelta(hours=1)


def told(**fields: Any) -> Paper:
    """A paper as somebody tells of it, under the best id that it has by that."""
    title = fields.setdefault("title", TITLE)
    arxiv_id, doi = fields.get("arxiv_id", ""), fields.get("doi", "")
    own = f"arxiv:{arxiv_id}" if arxiv_id else from_doi(doi) if doi else ""
    return Paper(id=own or title_id(title, fields.get("authors", ())), **fields)


PREPRINT = told(arxiv_id="2604.00001", authors=("Ada Lovelace", "Alan Turing"), abstract="arXiv's.")
COPIED = told(abstract="As it was copied.")  # from a page that names neither id nor authors
JOURNAL = told(doi=DOI, authors=("Lovelace, Ada",), journal="Journal of Orders")
ORDERS = list(permutations([PREPRINT, COPIED, JOURNAL]))


def add(store: Store, source: str, *papers: Paper, **more: Any) -> None:
    store.add(source, Batch(papers=papers, **more), more.pop("at", NOW))


def entry(store: Store, key: str) -> Entry:
    return store.entries([store.find([key])[key]], LATER + timedelta(days=9))[0]


def rows(store: Store, *keys: str) -> int:
    """How many papers these ids name; each of them must name one."""
    found = store.find(keys)
    assert set(found) == set(keys)
    return len(set(found.values()))


def memory() -> Store:
    return Store(MEMORY)


# -- what is proof, and what is evidence ------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
def test_a_title_a_doi_and_an_arxiv_id_are_one_paper_in_any_order(
    store: Store, order: tuple[Paper, ...]
) -> None:
    for number, one in enumerate(order):
        add(store, ("arxiv", "import", "openalex")[number], one)

    by_name = told(authors=("Ada Lovelace",))
    add(store, "feeds", by_name)
    assert rows(store, ARXIV, BY_DOI, BY_TITLE, by_name.id) == 1
    assert entry(store, BY_DOI).paper.id == ARXIV
    assert store.stats().papers == 1


@pytest.mark.parametrize("order", list(permutations([0, 1, 2])))
@pytest.mark.parametrize("at_once", [True, False])
def test_of_one_title_by_several_each_is_found_by_its_author(
    store: Store, order: tuple[int, ...], at_once: bool
) -> None:
    names = ("Ada Lovelace", "Alan Turing", "Emmy Noether")
    papers = [told(arxiv_id=f"2604.0000{n}", authors=(name,)) for n, name in enumerate(names)]
    for some in [[papers[n] for n in order]] if at_once else [[papers[n]] for n in order]:
        add(store, "arxiv", *some)

    for name, paper in zip(names, papers, strict=True):
        again = told(authors=(name,))
        add(store, "feeds", again)
        assert entry(store, again.id).paper.id == paper.id
    assert store.stats().papers == 3


@pytest.mark.parametrize("order", ORDERS)
def test_of_papers_in_one_batch_those_that_are_one_are_one(
    store: Store, order: tuple[Paper, ...]
) -> None:
    for _ in range(2):
        counts = store.add("import", Batch(papers=order), NOW)

    paper = entry(store, BY_TITLE).paper
    assert store.stats().papers == 1
    assert (counts.new, counts.changed) == (0, 0)  # the second time
    assert (paper.id, paper.doi, paper.journal) == (ARXIV, DOI, "Journal of Orders")


def test_an_arxiv_doi_is_the_arxiv_id_and_versions_are_one_paper(store: Store) -> None:
    add(store, "arxiv", PREPRINT)
    add(store, "openalex", told(title="Renamed since", doi="10.48550/arXiv.2604.00001"))

    assert store.stats().papers == 1
    assert entry(store, ARXIV).sources == ("arxiv", "openalex")


def test_an_id_and_its_own_arxiv_id_in_one_batch_are_no_conflict(store: Store) -> None:
    """A record of our own JSON may be called by its DOI and still name its arXiv id."""
    named = replace(PREPRINT, id=BY_DOI, doi=DOI)
    add(store, "import", named, PREPRINT)

    assert rows(store, ARXIV, BY_DOI) == 1


@pytest.mark.parametrize(
    "other",
    [
        told(arxiv_id="2604.00002", authors=("Ada Lovelace",)),
        told(arxiv_id="2604.00002"),
        told(authors=("Grace Hopper",)),
        told(doi="10.1000/other", authors=("Grace Hopper",)),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_papers_that_only_share_a_title_stay_two(
    store: Store, other: Paper, together: bool
) -> None:
    for batch in [(PREPRINT, other)] if together else [(PREPRINT,), (other,)]:
        add(store, "import", *batch)
    add(store, "import", other, PREPRINT)

    assert rows(store, PREPRINT.id, other.id) == store.stats().papers == 2
    assert entry(store, other.id).paper.authors == other.authors


def test_a_copied_title_cannot_be_two_papers_of_one_batch(store: Store) -> None:
    """What the first of them makes of it, the second must not take over."""
    add(store, "import", COPIED)
    second = told(arxiv_id="2604.00002", authors=("Grace Hopper",))
    add(store, "arxiv", PREPRINT, second)

    assert rows(store, ARXIV, second.id) == 2
    assert rows(store, ARXIV, BY_TITLE) == 1


def test_a_doi_that_two_preprints_claim_joins_neither(store: Store) -> None:
    """Five of 13,283 DOIs in 85,000 records of arXiv stand on two papers: a book's, a typo."""
    first, second = (
        told(title=f"Chapter {n} of a book", arxiv_id=f"1508.0267{n}", doi=DOI) for n in (1, 2)
    )
    add(store, "arxiv", first)
    add(store, "arxiv", second)
    add(store, "arxiv", first, second)

    assert rows(store, first.id, second.id) == 2
    assert rows(store, first.id, BY_DOI) == 1


def test_what_leads_to_two_papers_that_differ_joins_them_not(store: Store) -> None:
    """A story on Hacker News names no authors, so it contradicts nobody; the papers do."""
    theirs = told(title="A title that is somebody else's", authors=("Grace Hopper",))
    add(store, "arxiv", PREPRINT)
    add(store, "import", theirs)
    add(store, "hackernews", told(arxiv_id="2604.00001", title=theirs.title))

    assert rows(store, ARXIV, theirs.id) == 2


def test_of_two_papers_of_a_title_each_is_found_by_its_first_author(store: Store) -> None:
    namesake = told(arxiv_id="2604.00002", authors=("Grace Hopper",))
    add(store, "arxiv", PREPRINT, namesake)
    add(store, "import", told(authors=("Grace Hopper",), abstract="The second."))

    assert entry(store, namesake.id).sources == ("arxiv", "import")


@pytest.mark.parametrize("title", ["Editorial", "0", "A reply to all"])
def test_a_short_title_joins_nothing(store: Store, title: str) -> None:
    add(store, "import", told(title=title))
    add(store, "arxiv", told(title=title, arxiv_id="2604.00001"))
    add(store, "openalex", told(title=title, doi=DOI))

    assert rows(store, title_id(title), ARXIV, BY_DOI) == 3


@pytest.mark.parametrize(
    "name", ["Ada Lovelace", "A. Lovelace", "Lovelace, A.", "ADA LOVELACE", "Ada Lovelacé Jr."]
)
def test_a_first_author_may_be_spelt_in_many_ways(store: Store, name: str) -> None:
    add(store, "arxiv", PREPRINT)
    add(store, "openalex", told(doi=DOI, authors=(name,)))

    assert rows(store, ARXIV, BY_DOI) == 1


@pytest.mark.parametrize("title", [TITLE.upper(), TITLE.replace(":", " –"), f" {TITLE}. "])
def test_a_title_may_be_spelt_in_many_ways(store: Store, title: str) -> None:
    add(store, "arxiv", PREPRINT)
    add(store, "import", told(title=title))

    assert store.stats().papers == 1


# -- what moves -------------------------------------------------------------------------------


def observed(key: str, value: float, at: Any = NOW, source: str = "huggingface") -> Observation:
    return Observation(paper_id=key, source=source, kind=UPVOTES, value=value, observed_at=at)


def test_joining_keeps_everything_of_both(store: Store) -> None:
    days = [TODAY - timedelta(days=n) for n in (2, 1, 0)]
    for one, source, mine in ((COPIED, "import", days[:2]), (JOURNAL, "openalex", days[1:])):
        listings = tuple(
            Listing(paper_id=one.id, source="huggingface", list_date=day, submitted_by="ak")
            for day in mine
        )
        store.add(source, Batch(papers=(replace(one, title=f"{source}'s title"),)), NOW)
        seen = observed(one.id, len(source), NOW + timedelta(hours=len(source)))
        store.add("huggingface", Batch(listings=listings, observations=(seen,)), NOW)
    store.set_states(
        {
            BY_TITLE: ReaderState(saved_at=LATER, read_at=NOW, tags=("a", "b"), note="The first."),
            BY_DOI: ReaderState(
                saved_at=NOW, hidden_at=NOW, seen_at=NOW, tags=("b", "c"), note="Two."
            ),
        }
    )
    assert rows(store, BY_TITLE, BY_DOI) == 2

    store.join(BY_DOI, BY_TITLE)

    assert rows(store, BY_TITLE, BY_DOI) == store.stats().papers == 1
    known = entry(store, BY_TITLE)
    assert [one.list_date for one in known.listings] == days
    assert [one.value for one in store.history(store.find([BY_DOI])[BY_DOI])] == [6, 8]
    assert known.sources == ("openalex", "import")
    assert known.state == ReaderState(
        saved_at=NOW, read_at=NOW, hidden_at=NOW, seen_at=NOW,
        tags=("a", "b", "c"), note="Two.\nThe first.",
    )  # fmt: skip
    assert known.paper.abstract == "As it was copied."


def test_what_each_said_is_the_same_before_and_after_joining(store: Store) -> None:
    """A field in which an account agrees with its row is not written twice; rows differ."""
    add(store, "import", COPIED)
    add(store, "hackernews", told(arxiv_id="2604.00001", title="Orders don't commute [pdf]"))
    add(store, "semanticscholar", replace(PREPRINT, abstract=""))

    said = store.accounts(store.find([ARXIV])[ARXIV])
    assert said["import"][0] == replace(COPIED, id=ARXIV)
    assert said["hackernews"][0].title == "Orders don't commute [pdf]"
    assert entry(store, ARXIV).paper.abstract == "As it was copied."


def test_of_two_accounts_of_one_source_the_later_speaks_and_the_earlier_fills_in(
    store: Store,
) -> None:
    store.add("import", Batch(papers=(replace(JOURNAL, title="As it was called first"),)), NOW)
    store.add("import", Batch(papers=(COPIED,)), LATER)
    store.join(BY_TITLE, BY_DOI)

    paper = entry(store, BY_DOI).paper
    assert (paper.title, paper.abstract) == (TITLE, "As it was copied.")
    assert (paper.doi, paper.journal, paper.authors) == (DOI, JOURNAL.journal, JOURNAL.authors)


def test_one_file_does_not_take_back_what_another_said(store: Store) -> None:
    add(store, "import", JOURNAL)
    add(store, "import", COPIED)

    paper = entry(store, BY_DOI).paper
    assert (paper.abstract, paper.journal) == ("As it was copied.", "Journal of Orders")


def test_listings_and_counts_of_the_batch_that_joins_may_name_any_of_the_ids(
    store: Store,
) -> None:
    add(store, "import", COPIED)
    add(store, "openalex", replace(JOURNAL, title="Another title altogether"))
    keys = (BY_TITLE, BY_DOI, ARXIV)
    listings = [
        Listing(paper_id=key, source="huggingface", list_date=TODAY - timedelta(days=n))
        for n, key in enumerate(keys)
    ]
    seen = [observed(key, n, NOW + timedelta(hours=n)) for n, key in enumerate(keys)]
    counts = store.add(
        "huggingface",
        Batch(
            papers=(replace(PREPRINT, doi=DOI),), listings=tuple(listings), observations=tuple(seen)
        ),
        NOW,
    )

    assert (counts.listings, counts.observations) == (3, 3)
    assert len(entry(store, BY_TITLE).listings) == 3


def test_old_ids_work_through_a_chain_of_joins(store: Store) -> None:
    keys = []
    for number in range(4):
        one = told(title=f"The title of its draft number {number}")
        keys.append(one.id)
        add(store, "import", one)
    for kept, gone in zip(keys[1:], keys, strict=False):
        store.join(kept, gone)
    store.join(keys[0], keys[3])  # one already
    add(store, "arxiv", told(arxiv_id="2604.00001", title="The title of its draft number 0"))

    assert rows(store, ARXIV, *keys) == store.stats().papers == 1
    assert entry(store, keys[0]).paper.id == ARXIV


def test_a_paper_known_by_its_doi_goes_by_its_arxiv_id_when_that_appears(store: Store) -> None:
    add(store, "openalex", JOURNAL)
    assert entry(store, BY_DOI).paper.id == BY_DOI
    add(store, "semanticscholar", replace(PREPRINT, doi=DOI, title="Its title of 2025"))

    assert entry(store, BY_DOI).paper.id == ARXIV
    assert entry(store, ARXIV).paper.arxiv_id == "2604.00001"


def test_an_id_that_only_an_alias_knew_becomes_the_papers_own(store: Store) -> None:
    """An arXiv id in an alias: of a title paper that was joined, whose row stayed another's."""
    add(store, "import", COPIED)
    add(store, "openalex", replace(JOURNAL, title="Something else in its journal"))
    store.join(BY_TITLE, BY_DOI)  # keeps the worse id
    add(store, "openalex", JOURNAL)

    assert entry(store, BY_TITLE).paper.id == BY_DOI
    assert rows(store, BY_TITLE, BY_DOI) == 1


def test_joining_again_changes_nothing(store: Store) -> None:
    for one, source in ((COPIED, "import"), (JOURNAL, "openalex"), (PREPRINT, "arxiv")):
        add(store, source, one)
    before = dump(store._connection)
    for one, source in ((COPIED, "import"), (JOURNAL, "openalex"), (PREPRINT, "arxiv")):
        add(store, source, one)
    store.join(ARXIV, BY_TITLE)

    assert dump(store._connection) == before


# -- field by field ---------------------------------------------------------------------------


def test_an_earlier_version_does_not_take_the_place_of_a_later_one(store: Store) -> None:
    """Also where the batch that brings it joins two rows."""
    second = replace(PREPRINT, version=2, abstract="Of version 2.")
    add(store, "arxiv", second)
    add(store, "import", replace(COPIED, title="Its title in the first version"))
    first = replace(second, version=1, abstract="Of version 1.")
    add(store, "arxiv", first)
    add(store, "arxiv", replace(first, title="Its title in the first version"))

    paper = entry(store, ARXIV).paper
    assert (paper.version, paper.abstract, paper.title) == (2, "Of version 2.", TITLE)
    assert store.stats().papers == 1


def test_of_two_versions_in_one_batch_the_later_stays(store: Store) -> None:
    versions = [replace(PREPRINT, version=n, abstract=f"Of version {n}.") for n in (2, 1)]
    add(store, "arxiv", versions[0], replace(versions[1], id=BY_DOI, doi=DOI))

    assert entry(store, ARXIV).paper.abstract == "Of version 2."


def test_where_the_better_source_takes_its_word_back_the_next_one_is_heard(store: Store) -> None:
    add(store, "huggingface", replace(PREPRINT, abstract="Hugging Face's."))
    add(store, "arxiv", PREPRINT)
    assert entry(store, ARXIV).paper.abstract == "arXiv's."
    add(store, "arxiv", replace(PREPRINT, abstract=""))

    assert entry(store, ARXIV).paper.abstract == "Hugging Face's."


ACCOUNTS = st.builds(
    told,
    title=st.sampled_from([TITLE, TITLE.lower(), f"{TITLE}."]),
    arxiv_id=st.sampled_from(["", "2604.00001"]),
    doi=st.sampled_from(["", DOI]),
    authors=st.sampled_from([(), ("Ada Lovelace",), ("Lovelace, A.", "Alan Turing")]),
    abstract=st.sampled_from(["", "One.", "Two."]),
    version=st.sampled_from([None, 1, 2]),
    code_url=st.sampled_from(["", "https://github.com/a/b", "https://github.com/c/d"]),
)


@settings(max_examples=60, deadline=None)
@given(
    accounts=st.tuples(ACCOUNTS, ACCOUNTS, ACCOUNTS),
    order=st.permutations(["arxiv", "huggingface", "openalex"]),
)
def test_the_order_in_which_sources_tell_of_a_paper_changes_nothing(
    accounts: tuple[Paper, ...], order: list[str]
) -> None:
    by_source = dict(zip(("arxiv", "huggingface", "openalex"), accounts, strict=True))
    papers = []
    for sources in (by_source, order):
        store = memory()
        for source in sources:
            add(store, source, by_source[source])
        (found,) = set(store.find([one.id for one in accounts]).values())
        papers.append(store.entries([found], LATER)[0].paper)
        store.close()

    assert papers[0] == papers[1]
