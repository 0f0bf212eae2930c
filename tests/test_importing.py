"""Import: what files hold comes out, each in its format, and nothing breaks the reader."""

import gzip
import html
import json
import re
import textwrap
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from papertrack.errors import UsageError
from papertrack.identifiers import title_id
from papertrack.importing import Imported, bibtex, imported, read
from papertrack.importing.reference import first_name_first, published
from papertrack.models import Entry, Observation, Paper, Ranked, ReaderState
from papertrack.render import records

AT = datetime(2026, 4, 12, 8, tzinfo=UTC)
DATA = Path(__file__).parent / "data" / "importing"
SHARED = Path(__file__).parents[2] / "shared" / "data"
PASTED = SHARED / "page" / "daily-papers-search.txt"


def load(body: bytes | str, name: str = "f") -> Imported:
    return read(body.encode() if isinstance(body, str) else body, name=name, observed_at=AT)


def example_file(name: str) -> Imported:
    return load((DATA / name).read_bytes(), name)


def refusal(body: bytes | str, name: str = "f") -> str:
    with pytest.raises(UsageError) as caught:
        load(body, name)
    return str(caught.value)


def told(found: Imported) -> list[tuple[str, str]]:
    return [(paper.title, paper.abstract) for paper in found.batch.papers]


# -- pages ----------------------------------------------------------------------------------------


def test_a_saved_page_is_hugging_faces_account_of_its_day() -> None:
    page = example_file("page-2026.html")
    assert (page.format, page.source) == ("saved Daily Papers page", "huggingface")
    assert page.batch.lists == (date(2026, 4, 10),)
    assert told(page)[0] == ("Counting 'Slowly'", 'We count < & > "slowly"; part 1.')
    assert {(one.list_date, one.source) for one in page.batch.listings} == {
        (date(2026, 4, 10), "huggingface")
    }
    counted = {(o.paper_id[-1], o.kind, o.value) for o in page.batch.observations}
    assert counted == {
        *(("1", "upvotes", 10), ("1", "comments", 1), ("1", "github_stars", 78)),
        *(("2", "upvotes", 20), ("2", "comments", 2)),
    }
    assert {o.observed_at for o in page.batch.observations} == {AT}


def test_a_page_of_2024_has_its_day_in_another_field() -> None:
    page = example_file("page-2024.html")
    assert page.batch.lists == (date(2024, 8, 1),)
    assert page.batch.listings[0].list_date == date(2024, 8, 1)


@pytest.mark.parametrize(
    "change",
    [
        ("&quot;periodType&quot;:&quot;day&quot;", "&quot;periodType&quot;:&quot;week&quot;"),
        ("&quot;isTrending&quot;:false", "&quot;isTrending&quot;:true"),
        ("&quot;query&quot;:{}", "&quot;query&quot;:{&quot;q&quot;:&quot;x&quot;}"),
        ("&quot;2026-04-10&quot;", "&quot;soon&quot;"),
    ],
)
def test_only_the_page_of_a_day_is_the_list_of_a_day(change: tuple[str, str]) -> None:
    page = load((DATA / "page-2026.html").read_text().replace(*change))
    assert not page.batch.lists
    assert {one.list_date for one in page.batch.listings} == {date(2026, 4, 10)}


def test_attributes_in_another_order_and_quotes_are_read() -> None:
    text = (DATA / "page-2026.html").read_text()
    props = re.search(r'DailyPapers" data-props="([^"]*)"', text)
    assert props
    turned = f"<div data-props='{props[1]}' class=\"x\" hidden data-target='DailyPapers'>"
    assert told(load(turned)) == told(example_file("page-2026.html"))


def test_a_page_without_papers_is_a_page() -> None:
    page = '<div data-target="DailyPapers" data-props="{&quot;dailyPapers&quot;:[]}">'
    assert load(page).batch.papers == ()


def test_the_json_behind_the_page_is_read() -> None:
    entry = {"paper": {"id": "2604.00001", "title": "T", "upvotes": 3}}
    found = load(json.dumps([entry]))
    assert (found.source, told(found)) == ("huggingface", [("T", "")])


# -- text copied from a page ----------------------------------------------------------------------


def test_titles_and_abstracts_come_out_of_a_copied_search() -> None:
    found = example_file("search.txt")
    assert [title for title, _ in told(found)] == [
        "Counting Slowly with Very Small Models",
        "Attention, Patience, Results",
    ]
    assert found.batch.papers[0].id == title_id("Counting Slowly with Very Small Models")
    assert told(found)[1][1].startswith("A second invented abstract")
    assert not found.batch.skipped
    assert not found.batch.listings


def test_titles_come_out_of_a_copied_day() -> None:
    assert told(example_file("day.txt")) == [
        ("Counting Slowly with Very Small Models", ""),
        ("Attention, Patience, Results", ""),
    ]


BLOCKS = [line for line in (DATA / "search.txt").read_text().split("\n") if line]
(FIRST, ONE), (SECOND, TWO) = (BLOCKS[5:7], BLOCKS[7:9])


@pytest.mark.parametrize(
    "text",
    [
        "\r\n\r\n".join(BLOCKS),
        "\n".join(BLOCKS),
        "\n\n \n\n".join(BLOCKS),
        "\n\n".join(["Hugging Face", "Some Menu", *BLOCKS, "Company", "© Hugging Face", "TOS"]),
        "\n\n".join("\n".join(textwrap.wrap(block, 72)) for block in BLOCKS),
        f"{FIRST}\n·\n12 authors\n{ONE}\n{SECOND}\n·\n1 author\n{TWO}",
        f"{FIRST}\n12 authors · Jun 6, 2025\n{ONE}\n43\n{SECOND}\n• 3 authors • May 2025\n{TWO}",
        f"{FIRST}\nAda Lovelace, Alan M. Turing\n{ONE}\n{SECOND}\nVincent van Gogh and A. B\n{TWO}",
        f"{FIRST}\n\n{ONE}\n\n12 authors · Jun 6, 2025\n\n{SECOND}\n\n{TWO}\n\n3 authors · Jun 7",
        f"{FIRST}\nhttps://huggingface.co/papers/2301.00001\n{ONE}\n{SECOND}\n2 days ago\n{TWO}",
        f"Submitted by\nx\n4\n{FIRST}\nA Lab\n{ONE}\nSubmitted by y\n1.2k\n{SECOND}\n{TWO}",
    ],
)
def test_a_page_copied_otherwise_gives_the_same(text: str) -> None:
    assert told(load(text)) == [(FIRST, ONE), (SECOND, TWO)]


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}\n\n{TWO}\n\n{ONE}",
        f"Dear reader,\n\n{ONE}\n\n{TWO}",
        f"# Heading\n\n{ONE}\n\n## Another\n\n{TWO}",
        "just\nsome\nwords",
        "id,title\n" + f"1,{ONE}\n" * 3,
    ],
)
def test_prose_is_not_taken_for_a_page(text: str) -> None:
    assert "text copied from a page (" in refusal(text)


# -- bibliographies -------------------------------------------------------------------------------


def papers(found: Imported) -> dict[str, Paper]:
    return {paper.id: paper for paper in found.batch.papers}


def test_bibtex_in_the_ways_people_write_it() -> None:
    found = example_file("library.bib")
    by_id = papers(found)
    arxiv = by_id["arxiv:2301.00001"]
    assert arxiv.title == r"Teaching BERT to Count: A {\"U}bung in $\mathcal{O}(n)$ Patience"
    assert arxiv.authors == ("Ada Müller", "Vincent van Gogh", "Consortium for Slow Models")
    assert arxiv.categories == ("cs.LG",)
    assert arxiv.abstract == r"We count, slowly. It works in 93\% of cases."
    assert (arxiv.url, arxiv.journal) == ("", "")
    dblp = by_id["arxiv:2302.00002"]
    assert dblp.title == "Two Braces Around It All"
    assert dblp.authors == ("José Núñez", "Robert King Jr.", "Tom Smith III")
    assert dblp.published_at == datetime(2023, 2, 1, tzinfo=UTC)
    assert by_id["arxiv:2303.00003"].title == "The Cat Sat"
    assert by_id["arxiv:hep-th/9901001"].title == "Told by a Note"
    acm = by_id["doi:10.1145/1234567.1234_8"]
    assert (acm.journal, acm.keywords) == (
        "ACM Press Proceedings",
        ("graphs", "counting", "patience"),
    )
    assert acm.published_at == datetime(2022, 11, 30, tzinfo=UTC)


def test_what_bibtexparser_calls_failed_is_read_all_the_same() -> None:
    found = example_file("library.bib")
    twice = [paper for paper in found.batch.papers if paper.title.startswith("A Key Comes Twice")]
    assert [paper.title[-5:] for paper in twice] == ["First", "econd"]
    assert twice[0].journal == "Journal of Invented Learning"
    assert twice[0].published_at == datetime(1999, 7, 14, tzinfo=UTC)


def test_an_id_in_passing_is_not_the_papers_own() -> None:
    only = next(p for p in example_file("library.bib").batch.papers if p.title == "Only a Page")
    assert only.id == title_id("Only a Page")
    assert (only.url, only.journal) == ("https://example.org/a_b", "")


def test_entries_without_a_title_are_ids_or_skipped() -> None:
    found = example_file("library.bib")
    assert found.ids == ("arxiv:2304.00004",)
    assert found.batch.skipped == (
        "the entry '@article{broken, title = {This entry nev' is broken",
        "entry 'nothing' has no title",
    )


def test_ris_with_its_dialects() -> None:
    found = example_file("library.ris")
    by_id = papers(found)
    journal = by_id["doi:10.5555/invented.1"]
    assert journal.title == "Counting Slowly with Wrapped Titles"
    assert journal.authors == ("Ada Müller", "Martin King Jr.", "Consortium for Slow Models")
    assert journal.url == "https://example.org/paper"
    assert journal.published_at == datetime(2023, 5, 4, tzinfo=UTC)
    zotero = by_id["arxiv:2301.00001"]
    assert (zotero.abstract, zotero.doi) == ("An abstract under another tag.", "")
    assert by_id["arxiv:2302.00002"].title == "One Blank, no End"
    assert found.batch.skipped == ("record 3 has no title",)


def test_csl_of_zotero_and_of_crossref() -> None:
    found = example_file("library.json")
    by_id = papers(found)
    zotero = by_id["doi:10.5555/invented.1"]
    assert (zotero.title, zotero.abstract) == ("Counting Slowly", "We count.")
    assert zotero.authors == ("Vincent van Gogh", "Consortium for Slow Models")
    assert zotero.published_at == datetime(2023, 5, 4, tzinfo=UTC)
    assert by_id["arxiv:2301.00001"].title == "From Crossref"
    assert by_id["arxiv:2302.00002"].title == "Told by Extra"
    assert found.ids == ("doi:10.5555/only.a.doi",)
    assert found.batch.skipped == ("item 5 has no title", "item 6 has no title")


@pytest.mark.parametrize("wrap", ["papers", "items", "references"])
def test_a_list_in_an_object_is_a_list(wrap: str) -> None:
    assert told(load(json.dumps({wrap: [{"type": "book", "title": "T"}]}))) == [("T", "")]


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        ("{BERT} and {GPT}-2", "BERT and GPT-2"),
        ("{{All}}", "All"),
        (r"{\'E}t{\'{e}} \emph{The {BERT}} {\o}", r"{\'E}t{\'{e}} \emph{The BERT} {\o}"),
        (r"$\frac{a}{b}$ {C}", r"$\frac{a}{b}$ C"),
        (r"\frac{a}{b}{C} \{ {D}", r"\frac{a}{b}{C} \{ D"),
        ("a } b { c", "a  b  c"),
        ("costs $5 {A}", "costs $5 {A}"),
    ],
)
def test_only_the_braces_that_keep_capitals_go(tex: str, plain: str) -> None:
    assert bibtex.unbraced(tex) == plain


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jane Doe", "Jane Doe"),
        ("Doe, Jane", "Jane Doe"),
        ("van Gogh, Vincent", "Vincent van Gogh"),
        ("King, Jr., Martin Luther", "Martin Luther King Jr."),
        ("King, Martin Luther, Jr.", "Martin Luther King Jr."),
        ("King, Jr.", "King Jr."),
        ("Doe,", "Doe"),
        ("a, b, c, d", "b c d a"),
        ("", ""),
    ],
)
def test_first_name_first(name: str, expected: str) -> None:
    assert first_name_first(name) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("2023",), "2023-01-01"),
        (("2023", "feb"), "2023-02-01"),
        (("2023", "10~February", "10"), "2023-02-10"),
        (("2023", "2", "30"), "2023-02-01"),
        (("2023/05/04/",), "2023-05-04"),
        (("2023///",), "2023-01-01"),
        (("2020-01/2021-02",), "2020-01-01"),
        (("2023-13",), "2023-01-01"),
        (("in press",), None),
        (("0000",), None),
        (("",), None),
    ],
)
def test_dates(parts: tuple[str, ...], expected: str | None) -> None:
    found = published(*parts)
    assert (found and found.date().isoformat()) == expected


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("eprint = {arXiv:2301.00001v2}", True),
        ("eprint = {2301.00001}, eprinttype = {pubmed}", False),
        ("journal = {arXiv e-prints, arXiv:2301.00001}", True),
        ("journal = {CoRR}, volume = {abs/2301.00001}", True),
        ("doi = {10.48550/ARXIV.2301.00001}", True),
        ("url = {https://huggingface.co/papers/2301.00001}", True),
        ("howpublished = {\\url{http://arxiv.org/pdf/2301.00001.pdf}}", True),
        ("note = {10 pages; arXiv:2301.00001}", True),
        ("note = {See arXiv:2301.00001}", False),
        ("abstract = {arXiv:2301.00001}", False),
        ("eprint = {2301.000012345}", False),
    ],
)
def test_where_an_arxiv_id_may_stand(field: str, named: bool) -> None:
    (paper,) = load(f"@misc{{k, title = {{T}}, {field}}}").batch.papers
    assert (paper.id == "arxiv:2301.00001") is named


# -- ids ------------------------------------------------------------------------------------------


def test_a_list_of_ids_in_any_spelling() -> None:
    found = example_file("ids.txt")
    assert found.ids == (
        *("arxiv:2301.00001", "arxiv:2302.00002", "arxiv:hep-th/9901001", "arxiv:2303.00003"),
        *("arxiv:2304.00004", "doi:10.5555/invented.1"),
    )
    assert not found.batch.papers
    assert found.batch.skipped == ("line 9: 'not an id' does not begin with a paper id",)


def test_the_ids_and_the_tsv_that_papertrack_prints_are_lists_of_ids() -> None:
    ranked = [
        Ranked(entry=Entry(paper=Paper(id=one, title="T")), rank=rank)
        for rank, one in enumerate(("arxiv:2301.00001", "doi:10.5555/a,b", "title:" + "0" * 16), 1)
    ]
    from papertrack.render.fields import BY_NAME

    columns = [BY_NAME["rank"], BY_NAME["id"], BY_NAME["title"]]
    for lines in (records.as_ids(ranked), records.as_tsv(ranked, columns)):
        assert load("".join(lines)).ids == tuple(one.entry.paper.id for one in ranked)


# -- papertrack's own -----------------------------------------------------------------------------

PAPER = Paper(
    id="arxiv:2301.00001",
    arxiv_id="2301.00001",
    title='Counting {\\"U} $x_i$ \u202e<b>',
    abstract="We\\ncount.",
    doi="10.5555/invented.1",
    authors=("Ada Müller", "李四"),
    categories=("cs.LG", "stat.ML"),
    published_at=datetime(2023, 1, 1, 12, tzinfo=UTC),
    updated_at=datetime(2023, 2, 1, tzinfo=UTC),
    version=2,
    organization="Lab",
    code_url="https://github.com/invented/count",
    project_url="https://example.org/p?a=b%20c",
    ai_summary="Counts.",
    keywords=("counting",),
)
OTHERS = (
    Paper(id="doi:10.5555/x", doi="10.5555/x", title="By DOI"),
    Paper(id="doi:10.5555/y", doi="10.5555/y", title="Page", url="https://example.org/y"),
    Paper(id=title_id("By Title"), title="By Title", url="https://example.org/t"),
)
SEEN = datetime(2026, 4, 11, 9, tzinfo=UTC)


def ranked(paper: Paper) -> Ranked:
    counts = {"upvotes": 43.0, "citations": 7.0}
    return Ranked(
        rank=1,
        entry=Entry(
            paper=paper,
            latest=counts,
            last_seen_at=SEEN,
            first_seen_at=SEEN,
            state=ReaderState(saved_at=SEEN, tags=("a", "b"), note="two\nlines"),
        ),
    )


@pytest.mark.parametrize("face", [records.as_json, records.as_jsonl])
def test_what_papertrack_prints_comes_back(face: object) -> None:
    assert callable(face)
    found = load("".join(face([ranked(paper) for paper in (PAPER, *OTHERS)])))
    assert (found.format, found.source) == ("papertrack JSON", "import")
    assert found.batch.papers == (PAPER, *OTHERS)
    assert found.batch.observations[:2] == (
        Observation(paper_id=PAPER.id, source="import", kind="upvotes", value=43, observed_at=SEEN),
        Observation(
            paper_id=PAPER.id, source="import", kind="citations", value=7, observed_at=SEEN
        ),
    )
    state = ReaderState(saved_at=AT, tags=("a", "b"), note="two\nlines")
    assert found.states == {paper.id: state for paper in (PAPER, *OTHERS)}


def test_one_record_of_show_comes_back() -> None:
    assert load(records.dumps(records.record(ranked(PAPER)))).batch.papers == (PAPER,)


def test_lists_of_a_record_are_daily_papers_lists() -> None:
    record = {"id": PAPER.id, "title": "T", "listed_on": ["2026-04-10", "x"], "submitted_by": "me"}
    (listing,) = load(json.dumps(record)).batch.listings
    assert (listing.source, listing.submitted_by) == ("huggingface", "me")
    assert listing.list_date == date(2026, 4, 10)


def test_a_record_of_a_few_fields_is_enough() -> None:
    found = load('[{"id": "arxiv:2301.00001", "saved": true}, {"id": "doi:10.5555/x", "title": 7}]')
    assert found.ids == ("arxiv:2301.00001", "doi:10.5555/x")
    assert found.states == {"arxiv:2301.00001": ReaderState(saved_at=AT)}


def test_counts_of_the_future_are_counts_of_now() -> None:
    record = {"id": PAPER.id, "title": "T", "upvotes": 1, "last_seen_at": "2099-01-01T00:00:00Z"}
    assert load(json.dumps([record])).batch.observations[0].observed_at == AT


def test_a_damaged_line_costs_that_line_only() -> None:
    line = '{"id": "arxiv:2301.00001", "title": "T"}\n'
    found = load(line + '{"id": "arxiv:2301.0')
    assert told(found) == [("T", "")]
    assert found.batch.skipped == ("record 2 has no id that papertrack writes",)


def test_an_empty_list_of_papertrack_is_no_error() -> None:
    assert load("[]\n").batch.papers == ()


# -- every file -----------------------------------------------------------------------------------

UMLAUT = "@misc{k, title = {Übung}, eprint = {2301.00001}}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_encodings(encoding: str) -> None:
    assert told(load(UMLAUT.encode(encoding))) == [("Übung", "")]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "f is empty; save the page as HTML, or export"),
        (b" \n\t", "f is empty; save"),
        (b"%PDF-1.7 ...", "f is a PDF; save the page as HTML, or export BibTeX"),
        (b"\x1f\x8b\x08...", "unpack it first"),
        (b"\x00\x01\x02abc", "f is not a text file; save"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "f is a picture; save"),
        (b"[" * 100_000, "JSON (it is damaged or cut: nested too deeply)"),
        (b'{"a":' * 100_000, "JSON (it is damaged or cut"),
        (b"[" + b"9" * 5000 + b"]", "JSON (it is damaged or cut"),
        (b'{"id": "arxiv:2301.00001", "title": "T"', "JSON (it is damaged or cut"),
        (b'[{"a": 1}]', 'no record with an "id" such as "arxiv:2604.07413"'),
        (b"<!doctype html><p>Hello", 'no data-target="DailyPapers"'),
        (b'<a data-target="DailyPapers" data-props="{&quot;">', "data-props are damaged or cut"),
        (b'<a data-target="DailyPapers" data-props="{}">', "hold no dailyPapers"),
        (b"@string{a = {b}}", "BibTeX (no entry with a title or an id)"),
        (b"@article{a, title = {never closed", "BibTeX (no entry with a title or an id; "),
        (b"TY  - JOUR\nER  - \n", "RIS (no record with a title or an id; "),
        (b"hello", "fewer than half of the lines begin with an id"),
    ],
)
def test_a_file_of_no_format_is_refused_with_what_was_missing(body: bytes, words: str) -> None:
    assert words in refusal(body)


def test_a_refusal_names_the_file_and_cannot_write_to_the_terminal() -> None:
    message = refusal("hello", "a\x1b[2J\nb.txt")
    assert "\x1b" not in message
    assert message.startswith("a\ufffd[2J b.txt holds no papers")


def test_a_file_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papertrack.importing.files.MAX_BODY", 10)
    assert "split it" in refusal("x" * 11)


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"@misc{{k{n}, title = {{T{n}}}}}\n" for n in range(9)),
        "".join(f"TY  - GEN\nTI  - T{n}\nER  - \n" for n in range(9)),
        json.dumps([{"type": "book", "title": f"T{n}"} for n in range(9)]),
        json.dumps([{"id": f"arxiv:2301.0000{n}", "title": "T"} for n in range(9)]),
        "".join(f"2301.0000{n}\n" for n in range(9)),
        "".join(f"A title {n}\n{'word ' * 60}\n" for n in range(9)),
    ],
)
def test_papers_after_the_most_are_left_out(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imported, "MAX_PAPERS", 5)
    found = load(body)
    assert len(found.batch.papers) + len(found.ids) == 5
    assert found.batch.skipped == ("what follows the first 5 entries is left out",)


def test_texts_of_a_paper_are_cut() -> None:
    authors = " and ".join(f"A{n} B" for n in range(20_000))
    body = f"@misc{{k, title={{{'t ' * 4000}}}, abstract={{{'a' * 99_000}}}, author={{{authors}}}}}"
    (paper,) = load(body).batch.papers
    assert (len(paper.title), len(paper.abstract)) == (1_000, 50_000)
    assert len(paper.authors) == 10_000


def test_an_entry_that_is_too_long_is_left_out_and_its_neighbours_are_not() -> None:
    long = f"@misc{{long, title={{L}}, abstract={{{'a' * 600_000}}}}}\n"
    found = load(f"@misc{{a, title={{A}}}}\n{long}@misc{{b, title={{B}}}}\n")
    assert [title for title, _ in told(found)] == ["A", "B"]
    assert found.batch.skipped[0].startswith("the entry '@misc{long")


def test_names_of_names_cannot_grow() -> None:
    strings = f"@string{{a = {{{'x' * 5_000}}}}}\n"
    entry = f"@misc{{k, title={{T}}, journal={' # '.join('a' * 9_999)}}}"
    (paper,) = load(strings + entry).batch.papers
    assert len(paper.journal) == 1_000


def test_a_large_library_is_read_whole_across_its_parts() -> None:
    body = "@string{j = {The Journal}}\n" + "".join(
        f"@misc{{k{n}, title={{Title {n}}}, journal=j, abstract={{{'word ' * 200}}}}}\n"
        for n in range(1500)
    )
    found = load(body)
    assert [title for title, _ in told(found)] == [f"Title {n}" for n in range(1500)]
    assert {paper.journal for paper in found.batch.papers} == {"The Journal"}


def test_a_paper_is_taken_once_with_its_abstract() -> None:
    entry = "@misc{k, title={T}, eprint={2301.00001}%s}\n"
    found = load(entry % "" + entry % ", abstract={A}" + entry % "")
    assert told(found) == [("T", "A")]
    assert found.batch.skipped == (
        "entry 'k' is a paper that the file holds already (arxiv:2301.00001)",
    )


PIECES = st.sampled_from(
    [
        *(
            b"@article{k, title = {T}, ",
            b"@string{a = b}",
            b"author = {A and {B",
            b"}\n",
            b'"',
            b"#",
        ),
        *(b"TY  - JOUR\n", b"TI  - T\n", b"UR  - a;b\n", b"ER  - \n", b"      more\n", b"KW  - \n"),
        *(b'[{"id": "arxiv:2301.00001", "title": ', b'"T"}', b"]", b'{"paper": {"id": ', b"null"),
        *(b'"authors": [7, "x"]', b'"type": "b", "title": [', b'"issued": {"date-parts": [[', b","),
        *(
            b'data-target="DailyPapers" data-props="',
            b"{&quot;dailyPapers&quot;:[",
            b"&quot;",
            b'">',
        ),
        *(b"2301.00001\n", b"10.5555/x,", b"Submitted by\n", b"12 authors\n", b"\xff\xfe", b"\x00"),
        *(b"Title\n", b"word " * 60 + b".\n", b"\xe9", b"\xed\xa0\x80", b"\\", b"$", b"{", b"\r"),
    ]
)


@given(st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=12).map(b"".join)))
@settings(max_examples=300, deadline=None)
@example(b"TY  - A\nUR  - x\nER  - \nTY  - A\n   more\nTI  - T\n")
@example(b"@a{b, title = {x}, eprint")
@example(b"@misc{(,}\n@(")
def test_any_bytes_are_papers_or_a_usage_error(body: bytes) -> None:
    try:
        found = load(body)
    except UsageError:
        return
    assert isinstance(found, Imported)
    json.dumps([told(found), found.ids], ensure_ascii=False).encode()


# -- the recorded pages ---------------------------------------------------------------------------

PAGES = sorted((SHARED / "hf" / "pages").glob("*.html.gz"))
needs_pages = pytest.mark.skipif(not PAGES, reason="../shared/data/hf/pages is not here")


@needs_pages
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_recorded_pages_come_out_whole(path: Path) -> None:
    body = gzip.decompress(path.read_bytes())
    day = date.fromisoformat(path.name[:10])
    found = load(body)
    props = re.search(rb'data-target="DailyPapers" data-props="([^"]*)"', body)
    assert props
    entries = json.loads(html.unescape(props[1].decode()))["dailyPapers"]
    assert [p.arxiv_id for p in found.batch.papers] == [e["paper"]["id"] for e in entries]
    assert {one.list_date for one in found.batch.listings} == {day}
    assert found.batch.lists == (day,)
    votes = [o.value for o in found.batch.observations if o.kind == "upvotes"]
    assert votes == [entry["paper"]["upvotes"] for entry in entries]
    assert not found.batch.skipped


@needs_pages
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_text_of_recorded_pages_gives_their_titles(path: Path) -> None:
    body = gzip.decompress(path.read_bytes())
    page = re.sub(r'(?s)<(script|style|svg).*?</\1>|data-props="[^"]*"', "", body.decode())
    lines = re.sub(r"(?i)</?(?:div|article|h\d|p|a|li|ul|button|label|main)\b[^>]*>", "\n", page)
    text = html.unescape(re.sub(r"(?s)<[^>]*>", "", lines))
    assert {title for title, _ in told(load(text))} == {title for title, _ in told(load(body))}


@pytest.mark.skipif(not PASTED.exists(), reason="../shared/data/page is not here")
@pytest.mark.parametrize("change", [(b"", b""), (b"\n", b"\r\n"), (b"\n\n", b"\n")])
def test_the_82_papers_of_the_copied_page(change: tuple[bytes, bytes]) -> None:
    body = PASTED.read_bytes()
    lines = [line for line in body.decode().split("\n") if line][5:]
    expected = [pair for n, pair in enumerate(pairwise(lines)) if n % 2 == 0]
    found = load(body.replace(*change) if change[0] else body)
    assert told(found) == expected
    assert len(found.batch.papers) == 82
    assert not found.ids
    assert not found.batch.skipped
