"""What a search finds in a store of a few papers, and what it says beside it."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import pytest
from builders import NOW, SOURCE, paper, seen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from papertrack import searching
from papertrack.models import UPVOTES, Listing
from papertrack.querying import parse
from papertrack.reports import Batch
from papertrack.searching import Found, Wish
from papertrack.selecting import Selection
from papertrack.store import Store

PAPERS: dict[str, dict[str, Any]] = {
    "2501.00001": {
        "title": "Sparse attention for long documents",
        "abstract": "We read whole books. A chain of thought is kept in memory.",
        "authors": ("Yoshua Bengio", "Ada Lovelace"),
        "categories": ("cs.LG", "stat.ML"),
        "code_url": "https://github.com/a/b",
        "published_at": datetime(2025, 1, 6, tzinfo=UTC),
    },
    "2503.00002": {
        "title": "Large-scale world models",
        "abstract": "Transformers dream of worlds; attention is sparse where nothing moves.",
        "authors": ("Grace Hopper",),
        "categories": ("math.AG",),
        "published_at": datetime(2025, 3, 3, tzinfo=UTC),
    },
    "2602.00003": {
        "title": "A survey of transformers",
        "abstract": "Everything on attention, in a hundred pages.",
        "authors": ("Émile Borel",),
        "categories": ("math-ph",),
        "published_at": datetime(2026, 2, 2, tzinfo=UTC),
    },
}


@pytest.fixture
def library(store: Store) -> Store:
    papers = tuple(paper(number, **fields) for number, fields in PAPERS.items())
    votes = tuple(
        seen(UPVOTES, place, number=number) for place, number in enumerate(reversed(PAPERS))
    )
    store.add(SOURCE, Batch(papers=papers, observations=votes), NOW)
    return store


def found(store: Store, typed: str, **wish: Any) -> Found:
    return searching.search(store, parse(typed), Wish(**wish), NOW, lambda pool: [])


def ids(store: Store, typed: str, **wish: Any) -> list[str]:
    """The papers by the last digit of their numbers, in order."""
    return [one.entry.paper.id[-1] for one in found(store, typed, **wish).ranked]


@pytest.mark.parametrize(
    ("typed", "best_first"),
    [
        ("sparse attention", "123"),
        ("documents", "1"),
        ("transformer", "32"),
        ("transf*", "32"),
        ('"sparse attention"', "1"),
        ('"chain of thought" attention', "1"),
        ("attention -survey", "12"),
        ("attention -author:bengio", "32"),
        ("attention -has:code", "32"),
        ("author:bengio", "1"),
        ("author:borel", "3"),
        ('author:"grace hopper"', "2"),
        ("cat:cs.LG", "1"),
        ("cat:stat", "1"),
        ("cat:math", "2"),
        ("cat:math-ph", "3"),
        ("title:attention", "1"),
        ("after:2025-02 attention", "32"),
        ("attention before:2025-03-03", "1"),
        ("-after:2025-02 attention", "1"),
        ("has:code", "1"),
        ("after:2025-01 before:2026", "21"),
        ("-survey", "21"),
        ("2501.00001", "1"),
        ("https://arxiv.org/abs/2501.00001v3 2602.00003", "13"),
        ("Sparse\nattention for\r\n long documents", "123"),
    ],
)
def test_a_question_finds(library: Store, typed: str, best_first: str) -> None:
    assert "".join(ids(library, typed)) == best_first


def test_an_archive_has_all_of_its_classes_and_no_other_archive(store: Store) -> None:
    given = ["cond-mat.mes-hall", "cond-mat", "math.CO", "math-ph", "econ.EM", "neuroscience"]
    papers = tuple(
        paper(f"2501.0000{n}", title="A proof", categories=(one,)) for n, one in enumerate(given)
    )
    store.add(SOURCE, Batch(papers=papers), NOW)
    asked = ["cond-mat", "Math", "econ", "math-ph", "neuroscience", "q-fin"]
    assert {one: "".join(sorted(ids(store, f"proof cat:{one}"))) for one in asked} == {
        "cond-mat": "01",
        "Math": "2",
        "econ": "4",
        "math-ph": "3",
        "neuroscience": "5",
        "q-fin": "",
    }


def test_the_readers_marks_select(library: Store) -> None:
    library.mark(["arxiv:2501.00001"], "saved", NOW)
    library.mark(["arxiv:2602.00003"], "hidden", NOW)
    library.mark(["arxiv:2503.00002"], "read", NOW)
    library.tag(["arxiv:2503.00002"], "To-Read")

    assert ids(library, "attention") == ["1", "2"]
    assert ids(library, "is:hidden") == ["3"]
    assert ids(library, "attention is:saved") == ["1"]
    assert ids(library, "attention is:unread") == ["1"]
    assert ids(library, "is:read") == ["2"]
    assert ids(library, "attention -is:read") == ["1"]
    assert ids(library, "tag:to-read") == ["2"]
    assert ids(library, "attention -tag:to-read") == ["1"]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("author:bengio", "authors: bengio"),
        ("lovelace attention", "title: attention; authors: lovelace"),
        ("zeppelin", "your note: zeppelin"),
        ("journal club", "your tags: journal-club"),
        ("sparse tag:journal-club", "title: sparse; your tags: journal-club"),
    ],
)
def test_the_reason_names_the_words_wherever_they_stand(
    library: Store, typed: str, why: str
) -> None:
    library.note("arxiv:2501.00001", "Compare with the Zeppelin paper.")
    library.tag(["arxiv:2501.00001"], "journal-club")

    (part,) = found(library, typed).ranked[0].contributions

    assert part.reason == why


def test_notes_and_tags_are_searched_and_count_for_much(library: Store) -> None:
    library.note("arxiv:2602.00003", "Compare with the Zeppelin paper; sparse attention?")
    library.tag(["arxiv:2503.00002"], "journal-club")

    assert ids(library, "zeppelin") == ["3"]
    assert ids(library, '"zeppelin paper"') == ["3"]
    assert ids(library, "journal club") == ["2"]
    assert ids(library, "sparse attention")[0] == "3"
    assert ids(library, "zeppelin cat:cs") == []
    assert ids(library, "zeppelin -survey") == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("trasnformers", "Searched for 'transformers' instead of 'trasnformers'."),
        ("atention", "Searched for 'attention' instead of 'atention'."),
        ("longdocuments", "Searched for 'long documents' instead of 'longdocuments'."),
        ("author:bengoi", "Did you mean author:bengio?"),
        ("title:documetns", "Did you mean title:documents?"),
        ('"sparse documents"', 'No paper says "sparse documents" word for word'),
        ("2404.00001", "`papertrack show 2404.00001` looks it up"),
        ("zebra", "No stored paper answers 'zebra'."),
        ('"', "There is no word to look for"),
    ],
)
def test_what_was_changed_or_is_missing_is_said(library: Store, typed: str, said: str) -> None:
    if typed == "longdocuments":  # two papers have to say it
        library.add(SOURCE, Batch(papers=(paper("2602.00004", title="Long documents"),)), NOW)

    assert said in " ".join(found(library, typed).notes)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "is:saved",
            "Only papers that you marked answer is:saved; `papertrack save ID` marks one.",
        ),
        ("attention tag:nope", "answer tag:nope; `papertrack tag TAG ID` tags one."),
        ("zebra", "`--remote` asks Hugging Face as well."),
        ("author:xyzzy", "Without author: and with `--remote` Hugging Face is asked as well."),
        ("cat:q-bio", "`papertrack fetch` brings in more papers."),
    ],
)
def test_what_is_said_beside_nothing_can_help(library: Store, typed: str, said: str) -> None:
    (note,) = found(library, typed).notes
    assert note.endswith(said)


@pytest.mark.parametrize(
    ("typed", "takes"),
    [
        ("has:pdf", "code."),
        ("is:foo", "saved, read, unread, seen or hidden."),
        ("after:yesterday", "2025, 2025-01 or 2025-01-31."),
        ("before:2026-13", "2025, 2025-01 or 2025-01-31."),
    ],
)
def test_a_value_that_a_field_does_not_have_is_said(library: Store, typed: str, takes: str) -> None:
    field = typed.partition(":")[0]
    assert found(library, f"attention {typed}").notes[0] == (
        f"{typed} is not understood, and looked for as words; after {field}: comes {takes}"
    )
    assert found(library, "attention foo:bar tag:x").notes[0].startswith("No stored paper")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("title:managemnt", "title:management"),  # its stem is also that of `managment`
        ("title:detecton", "title:detection"),
        ("author:jonse", "author:jones"),
        ("author:lopze", "author:lopez"),
    ],
)
def test_only_words_that_stand_somewhere_are_suggested(store: Store, typed: str, said: str) -> None:
    one = paper("2602.00004", title="Management of detection", authors=("T. Jones", "D. López"))
    store.add(SOURCE, Batch(papers=(one,)), NOW)

    assert found(store, typed).notes[0].endswith(f"Did you mean {said}?")


def test_a_compound_that_is_known_in_one_word_is_found(library: Store) -> None:
    library.add(SOURCE, Batch(papers=(paper("2602.00004", title="On ecommerce"),)), NOW)

    assert ids(library, "e-commerce") == ["4"]


def test_another_order_is_over_the_papers_that_have_every_word(library: Store) -> None:
    assert ids(library, "sparse attention", order="new") == ["2", "1"]
    assert ids(library, "sparse attention", order="upvotes") == ["1", "2"]
    assert ids(library, "sparse pages", order="new") == ["3", "2", "1"]  # none has both


def test_filters_look_beyond_what_is_shown(library: Store) -> None:
    wish = {"selection": Selection(categories=("math-ph",)), "limit": 1}

    assert ids(library, "attention", **wish) == ["3"]
    nothing = found(library, "documents", selection=Selection(unseen=True, authors=("Turing",)))
    assert nothing.notes == ("Your filters leave none of the 1 papers that match (--author: 1).",)


def test_a_paper_says_what_was_found_in_it(library: Store) -> None:
    one = found(library, "attention worlds").ranked[0]

    assert one.matched == ("world", "worlds", "attention")
    assert one.snippet.startswith("Transformers dream of worlds; attention is")
    assert one.contributions[0].reason == "title: world; abstract: worlds, attention"
    assert one.score == 100.0


def test_a_paper_is_of_its_day_also_where_its_row_is_of_another(store: Store) -> None:
    store.add(SOURCE, Batch(papers=(paper("2001.00001", title="Old news"),)), NOW)
    dated = paper("2001.00001", title="Old news", published_at=datetime(2020, 1, 1, tzinfo=UTC))
    store.add(SOURCE, Batch(papers=(dated,)), NOW)

    assert ids(store, "news after:2020 before:2021") == ["1"]
    assert ids(store, "before:2021") == ["1"]
    assert ids(store, "news after:2021") == []


def test_a_paper_without_a_date_is_of_the_day_of_its_list(store: Store) -> None:
    listing = Listing(
        paper_id="arxiv:2604.07413",
        source=SOURCE,
        list_date=date(2026, 4, 14),
        submitted_at=None,
        submitted_by="",
    )
    store.add(SOURCE, Batch(papers=(paper(),), listings=(listing,)), NOW)

    assert ids(store, "after:2026-04-14 before:2026-04-15") == ["3"]


def test_an_index_that_is_damaged_is_built_anew(library: Store) -> None:
    with closing(sqlite3.connect(library.path)) as connection, connection:
        connection.execute("UPDATE papers_fts_data SET block = x'ffffffff' WHERE id > 10")

    answer = found(library, "documents")

    assert [one.entry.paper.id for one in answer.ranked] == ["arxiv:2501.00001"]
    assert "The search index was damaged; it has been built anew." in answer.notes
    assert ids(Store(library.path), "documents") == ["1"]


#: What means something to a query language, ours or FTS5's.
PIECES = (
    *("AND", "NOT", "NEAR(", "cat:", "author:", '"', "-", "*", "^", "is:hidden", "C++"),
    *("after:2025", "-before:9999-12-31", "tag:x", "title:a*", "{title}:", "trasn"),
)


@settings(
    max_examples=int(os.environ.get("PAPERTRACK_EXAMPLES", "150")),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(
    st.lists(
        st.one_of(
            st.text(st.characters(codec=None), max_size=30),
            st.sampled_from(PIECES),
        ),
        max_size=8,
    )
)
def test_no_text_is_an_error(library: Store, pieces: list[str]) -> None:
    for order in ("relevance", "new"):
        found(library, " ".join(pieces), order=order, limit=5)
        found(library, "".join(pieces), order=order, limit=5)
