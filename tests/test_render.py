"""What each face shows, and that all of them show the same."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from builders import NOW, entry, paper, ranked, seen

from papertrack.errors import SourceUnavailableError, UsageError
from papertrack.models import CITATIONS, KINDS, UPVOTES, Contribution, Listing, Ranked, ReaderState
from papertrack.render import LINE_FIELDS, health, records
from papertrack.render.fields import FIELDS, chosen
from papertrack.render.page import page, sparkline
from papertrack.render.table import Terminal, compact, fields_table, table
from papertrack.reports import SourceHealth, Stats

LONG = "Scaling Promptable Open-World Detection of Rare Things in the Wild and in the City"
TWO = [
    ranked(entry(paper("2604.08626", title=LONG), votes=(50, 221), stars=12_690, comments=4)),
    ranked(entry(paper("hep-th/9901001"), votes=(9,)), rank=10),
]
#: DESIGN.md, section 3; names are only ever added.
PROMISED = """
id arxiv_id doi title abstract authors categories published_at updated_at version listed_on
submitted_by organization url pdf_url hf_url code_url project_url ai_summary keywords sources
upvotes comments github_stars citations hn_points first_seen_at last_seen_at saved read hidden tags
note rank score contributions seen"""
#: What the page of the paper below tells, a line each.
ON_THE_PAGE = """
Ada Lovelace, Alan Turing
id          2604.07413
published   2026-04-08, version 2 on 2026-04-12
listed      2026-04-15 by akhaliq
from        Ai2
categories  cs.LG stat.ML
keywords    3d, dataset
comment     12 pages
withdrawn   yes; the reason is usually in the comment
upvotes      221  ▁█  +171 since 2026-04-14 12:00
stars        269  seen once, 2026-04-15 12:00
page        https://arxiv.org/abs/2604.07413
pdf         https://arxiv.org/pdf/2604.07413
discussion  https://huggingface.co/papers/2604.07413
code        https://github.com/a/b
  Finds boxes.
  First part.
  Second part.
Why it ranks 3 of 40 in the last 7 days
  25.00  attention: 43 upvotes
  26.40  score"""
COLOR = Terminal(width=80, color=True, links=True)


def lines(width: int, some: list[Ranked] = TWO, **more: bool) -> list[str]:
    return table(some, Terminal(width=width), **more).splitlines()


# -- the table --------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 140, 170, 200, 400])
def test_ids_are_whole_titles_are_whole_and_no_line_is_too_long(width: int) -> None:
    shown = lines(width)
    everything = " ".join(" ".join(shown).split())
    assert "2604.08626" in everything
    assert "hep-th/9901001" in everything
    assert all(word in everything for word in LONG.split())
    assert "…" not in everything
    assert max(map(len, shown)) <= width


@pytest.mark.parametrize("width", [80, 200])
def test_a_title_goes_on_below_its_own_beginning(width: int) -> None:
    long = [ranked(paper(title=f"{LONG}. {LONG}. {LONG}"))]
    header, first, *rest = lines(width, long)
    start = header.index("title")
    assert first[start:].startswith("Scaling")
    assert rest
    assert all(not line[:start].strip() and line[start] != " " for line in rest)


@pytest.mark.parametrize("width", [80, 200])
def test_numbers_end_where_their_header_ends(width: int) -> None:
    header, first, *rest = lines(width)
    last = rest[-1]
    for name, values in {
        "votes": ("221", "9"),
        "stars": ("13k", ""),
        "gain": ("+171", "+22"),
    }.items():
        end = header.index(name) + len(name)
        for line, value in zip((first, last), values, strict=True):
            assert line[:end].endswith(value or " ")
    assert first.startswith(" 1 2604.08626" if width == 80 else " 1  2604.08626")
    assert last.startswith("10 hep-th/9901001" if width == 80 else "10  hep-th/9901001")


def test_a_wider_terminal_shows_more() -> None:
    narrow, wide = lines(40)[0].split(), lines(200)[0].split()
    assert narrow == ["#", "id", "votes", "title"]
    assert [*wide[:5], *wide[-3:]] == [
        *("#", "id", "votes", "gain", "stars"),
        *("title", "from", "authors"),
    ]


def test_a_long_id_goes_on_in_the_next_line_and_loses_nothing() -> None:
    doi = "doi:10.48550/a.very.long.suffix.that.some.publisher.likes/0001"
    shown = lines(60, [ranked(replace(paper(), id=doi, arxiv_id="", doi=doi[4:]))])
    assert "".join(line[2:24].strip() for line in shown[1:]) == doi


def test_what_is_not_known_is_blank_and_not_zero() -> None:
    unknown = [ranked(entry(votes=()))]
    assert lines(80, unknown)[1].split() == ["1", "2604.07413", "Paper", "2604.07413"]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_points_as_printed_add_up_to_the_score_as_printed(width: int) -> None:
    shown = "\n".join(lines(width, explain=True))
    points = [float(n) for n in re.findall(r"(\d+\.\d+)  (?:attention|discussion):", shown)]
    scores = [float(n) for n in re.findall(r"(\d+\.\d+)  score", shown)]
    assert points == [25.0, 1.4] * 2
    assert scores == [26.4] * 2


def test_a_long_reason_goes_on_below_its_own_beginning() -> None:
    part = Contribution(signal="attention", value=1, weight=1, reason=LONG)
    shown = lines(80, [ranked(contributions=(part,))], explain=True)
    start = next(line.index("attention") for line in shown if "attention" in line)
    place = next(n for n, line in enumerate(shown) if "attention" in line)
    assert shown[place + 1][:start].strip() == ""
    assert shown[place + 1][start] != " "


def test_an_abstract_stands_below_its_title() -> None:
    shown = lines(80, [ranked(paper(abstract=r"An $\mathcal{O}(n^2)$ method."))], abstract=True)
    assert any(line.strip() == "An 𝒪(n²) method." for line in shown)


def test_a_withdrawn_paper_says_so() -> None:
    assert "(withdrawn)" in lines(80, [ranked(paper(withdrawn=True))])[1]


def test_colour_means_something() -> None:
    some = [ranked(entry(votes=(9, 12))), ranked(entry(votes=(9, 4)))]
    shown = table(some, COLOR)
    assert re.search(r"\x1b\[36m2604\.07413\x1b\[0m", shown)  # ids are cyan
    assert re.search(r"\x1b\[1;33m12\x1b\[0m", shown)  # votes yellow
    assert re.search(r"\x1b\[32m\+3\x1b\[0m", shown)  # what rises is green
    assert re.search(r"\x1b\[31m-5\x1b\[0m", shown)  # what falls is red


def test_a_title_is_a_link_where_the_terminal_has_them_and_the_blanks_beside_it_are_not() -> None:
    shown = table([ranked(paper(title="T"))], COLOR)
    link = r"\x1b\]8;id=\d+;https://arxiv\.org/abs/2604\.07413\x1b\\"
    assert re.search(rf"{link}\x1b\[1mT\x1b\[0m\x1b\]8;;\x1b\\\n", shown)
    assert "\x1b" not in table(TWO, Terminal(width=80))
    assert "\x1b]8" not in table(TWO, Terminal(width=80, color=True))


def test_without_colour_links_may_stay() -> None:
    shown = table(TWO, Terminal(width=80, links=True))
    assert "\x1b]8;" in shown
    assert not re.search(r"\x1b\[[\d;]*3\dm", shown)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *((None, ""), (0, "0"), (950, "950"), (1000, "1.0k"), (1234, "1.2k"), (9949, "9.9k")),
        *((9951, "10k"), (79_400, "79k"), (999_999, "1000k"), (1_300_000, "1.3M"), (-12, "-12")),
    ],
)
def test_counts_are_short(value: float | None, shown: str) -> None:
    assert compact(value) == shown


def test_the_fields_that_are_asked_for_become_the_columns() -> None:
    shown = fields_table(TWO, chosen("upvotes,id,authors,title", ()), Terminal(width=80))
    header, first, *rest = shown.splitlines()
    assert header.split() == ["upvotes", "id", "authors", "title"]
    assert first.startswith("    221 2604.08626     Ada Lovelace Scaling Promptable")
    assert rest[-1].startswith("      9 hep-th/9901001 Ada Lovelace Paper")
    assert max(map(len, shown.splitlines())) <= 80


def test_many_authors_are_as_in_the_usual_table() -> None:
    many = [ranked(paper(authors=("Ada Lovelace", "Alan Turing", *"ABC")))]
    shown = fields_table(many, chosen("authors", ()), Terminal(width=80))
    assert shown.splitlines()[1] == "Ada Lovelace, Alan Turing +3"
    assert "Ada Lovelace, Alan Turing +3" in table(many, Terminal(width=200))


@pytest.mark.parametrize("width", [40, 80])
def test_many_fields_share_the_room(width: int) -> None:
    shown = fields_table(TWO, FIELDS[: width // 10], Terminal(width=width))
    assert max(map(len, shown.splitlines())) <= width


@pytest.mark.parametrize("width", [40, 80, 200])
def test_fields_that_do_not_fit_make_the_table_wider_and_none_of_them_vanishes(width: int) -> None:
    shown = fields_table(TWO, FIELDS, Terminal(width=width))
    assert shown.split("\n")[0].split() == [field.name for field in FIELDS]


def test_a_title_has_room_also_where_the_fields_beside_it_leave_none() -> None:
    fields = chosen("id,authors,published_at,title", ())
    shown = fields_table(TWO, fields, Terminal(width=40)).splitlines()
    start = shown[0].index("title")
    assert all(word in " ".join(line[start:] for line in shown) for word in LONG.split())


# -- records ----------------------------------------------------------------------------------


def test_a_json_record_has_every_field_in_order_and_null_for_what_is_missing() -> None:
    bare = Ranked(entry=replace(entry(votes=()), listings=(), first_seen_at=None))
    [told] = json.loads("".join(records.as_json([bare])))
    assert list(told) == [field.name for field in FIELDS]
    assert told["upvotes"] is told["velocity"] is told["score"] is told["rank"] is None
    assert told["doi"] is told["organization"] is told["published_at"] is told["note"] is None
    assert told["listed_on"] == told["tags"] == told["contributions"] == []
    assert told["saved"] is told["hidden"] is False


def test_what_scripts_rely_on_is_there_under_its_name() -> None:
    names = [field.name for field in FIELDS]
    assert len(names) == len(set(names))
    assert set(PROMISED.split()) <= set(names)


def test_times_are_utc_with_z_and_counts_are_whole() -> None:
    one = ranked(paper(published_at=datetime(2026, 4, 8, 17, 59, tzinfo=UTC)))
    told = records.record(one)
    assert told["published_at"] == "2026-04-08T17:59:00Z"
    assert told["last_seen_at"] == "2026-04-15T12:00:00Z"
    assert told["listed_on"] == ["2026-04-15"]
    assert repr(told["upvotes"]) == "43"


def test_points_in_json_add_up_to_the_score() -> None:
    told = records.record(ranked())
    assert sum(part["points"] for part in told["contributions"]) == pytest.approx(told["score"])


def test_json_lines_are_the_same_records() -> None:
    together = json.loads("".join(records.as_json(TWO)))
    assert [json.loads(line) for line in records.as_jsonl(TWO)] == together
    assert "".join(records.as_json([])) == "[]\n"


def test_both_kinds_of_json_are_as_the_library_writes_them() -> None:
    class Odd(float):
        """A number of a kind of its own, as numpy has them."""

    odd = entry(paper("2604.08627", title='"\0é\ud800'), votes=(1.5,))
    some = [*TWO, ranked(replace(odd, latest={UPVOTES: Odd(1.5)}), snippet="")]
    told = [json.dumps(records.record(one)) for one in some]
    assert list(records.as_jsonl(some)) == [f"{line}\n" for line in told]
    in_one_line = re.sub(r"\n *", " ", "".join(records.as_json(some)))
    assert in_one_line == f"[ {', '.join(f'{{ {line[1:-1]} }}' for line in told)} ] "


def test_tsv_has_one_line_a_paper_and_no_header() -> None:
    shown = "".join(records.as_tsv(TWO, chosen(None, LINE_FIELDS))).splitlines()
    assert [line.split("\t")[:4] for line in shown] == [
        ["1", "arxiv:2604.08626", "221", "171.0"],
        ["10", "arxiv:hep-th/9901001", "9", "21.6"],
    ]


def test_csv_comes_back_and_no_cell_is_a_formula() -> None:
    one = ranked(paper(title='=cmd|" /C calc"!A0', authors=("A, B", "-C")))
    [row] = csv.DictReader(
        io.StringIO("".join(records.as_csv([one], chosen("id,title,authors,saved,doi", ()))))
    )
    assert row == {
        "id": "arxiv:2604.07413",
        "title": '\'=cmd|" /C calc"!A0',
        "authors": "A, B; -C",
        "saved": "false",
        "doi": "",
    }


def test_ids_are_as_every_command_takes_them_back() -> None:
    doi = replace(paper(), id="doi:10.1101/2026.01.01.1", arxiv_id="")
    assert list(records.as_ids([*TWO, ranked(doi)])) == [
        *("2604.08626\n", "hep-th/9901001\n", "doi:10.1101/2026.01.01.1\n"),
    ]


def test_tex_is_raw_for_programs_and_readable_for_people() -> None:
    one = ranked(paper(title=r"$\mathcal{O}(n^2)$ is enough"))
    fields = chosen("title", ())
    assert records.record(one)["title"] == r"$\mathcal{O}(n^2)$ is enough"
    assert list(records.as_tsv([one], fields)) == ["𝒪(n²) is enough\n"]
    assert "𝒪(n²) is enough" in table([one], Terminal())
    assert "𝒪(n²) is enough" in page(one, (), "", Terminal())


def test_fields_come_in_the_order_that_is_asked_for() -> None:
    assert list(records.record(ranked(), chosen("title, id,", ()))) == ["title", "id"]


@pytest.mark.parametrize("state", [{"seen_at": NOW}, {"read_at": NOW}])
def test_what_was_read_was_seen(state: dict[str, datetime]) -> None:
    one = entry(state=ReaderState(**state))
    assert records.record(ranked(one))["seen"] is True
    assert records.record(ranked())["seen"] is False


def test_tsv_names_its_fields_where_a_header_is_asked_for() -> None:
    fields = chosen("votes,id", ())
    assert list(records.as_tsv([], fields, header=True)) == ["upvotes\tid\n"]


def test_every_heading_of_the_table_is_a_name_that_fields_takes() -> None:
    shown = lines(200)[0].split()
    assert [field.name for field in chosen(",".join(shown), ())][:3] == ["rank", "id", "upvotes"]


def test_an_organization_has_room_in_a_wide_table() -> None:
    name = "American University of Sharjah"
    assert name in lines(140, [ranked(paper(organization=name))])[1]


def test_an_unknown_field_is_told_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as told:
        chosen("id,upvote", ())
    assert "'upvote' is not a field. Did you mean upvotes?" in str(told.value)
    assert all(field.name in str(told.value) for field in FIELDS)


@pytest.mark.parametrize("name", ["id", "title", "upvotes", "organization", "listed_on", "authors"])
def test_every_face_shows_the_same_facts(name: str) -> None:
    one = ranked(paper(organization="Ai2"))
    value = records.record(one)[name]
    bare = str(value[0] if isinstance(value, list) else value).removeprefix("arxiv:")
    fields = chosen(name, ())
    faces = ["".join(records.as_tsv([one], fields)), "".join(records.as_csv([one], fields))]
    faces += [page(one, (seen(UPVOTES, 43),), "", Terminal())]
    faces += [table([one], Terminal(width=200))] if name != "listed_on" else []
    assert all(bare in face for face in faces)


# -- the page of one paper --------------------------------------------------------------------


def shown_page(one: Ranked, width: int = 80, **more: bool) -> str:
    history = (*one.entry.observations, seen(CITATIONS, 3))
    return page(one, history, "3 of 40 in the last 7 days", Terminal(width=width, **more))


def test_a_page_tells_everything_that_is_known() -> None:
    one = ranked(
        entry(
            paper(
                title=LONG,
                abstract="First part.\n\nSecond part.",
                authors=("Ada Lovelace", "Alan Turing"),
                categories=("cs.LG", "stat.ML"),
                published_at=datetime(2026, 4, 8, tzinfo=UTC),
                updated_at=datetime(2026, 4, 12, tzinfo=UTC),
                version=2,
                organization="Ai2",
                code_url="https://github.com/a/b",
                ai_summary="Finds boxes.",
                keywords=("3d", "dataset"),
                comment="12 pages",
                withdrawn=True,
            ),
            votes=(50, 221),
            stars=269,
        )
    )
    shown = shown_page(one)
    assert set(ON_THE_PAGE.splitlines()) <= set(shown.splitlines())
    assert max(map(len, shown.splitlines())) <= 80


def test_counts_stand_in_their_own_order_and_their_digits_below_each_other() -> None:
    shown = shown_page(ranked(entry(votes=(50, 221), comments=4, stars=269)))
    rows = [line for line in shown.splitlines() if " since " in line or "seen once" in line]
    assert [row.split()[0] for row in rows] == ["upvotes", "comments", "stars", "citations"]
    assert [row[:16].rpartition(" ")[2] for row in rows] == ["221", "4", "269", "3"]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_page_fits_and_stays_readable(width: int) -> None:
    shown = shown_page(ranked(paper(abstract=f"{LONG}. " * 9)), width)
    text = [line for line in shown.splitlines() if "://" not in line]
    assert max(map(len, text)) <= min(width, 100)


def test_a_page_has_links_on_a_terminal_only() -> None:
    assert ";https://arxiv.org/abs/2604.07413\x1b\\" in shown_page(ranked(), links=True)
    assert "\x1b" not in shown_page(ranked())


def test_a_dangerous_link_is_not_shown() -> None:
    one = ranked(paper(code_url="javascript:alert(1)", project_url="https://arxiv.org@evil.test/"))
    assert "javascript" not in shown_page(one, color=True, links=True)
    assert "evil" not in shown_page(one, color=True, links=True)


def test_a_sparkline_keeps_first_last_lowest_and_highest() -> None:
    assert sparkline([0, 10, 20, 5]) == "▁▅█▃"
    assert sparkline([7, 7]) == "▁▁"
    long = sparkline(list(range(100)))
    assert (len(long), long[0], long[-1]) == (24, "▁", "█")


def test_every_kind_of_count_can_be_on_a_page() -> None:
    history = [seen(kind, 1) for kind in KINDS]
    shown = page(ranked(), history, "", Terminal())
    assert "Hacker News points" in shown
    assert "What it would rank by" in shown


# -- how the sources fare ---------------------------------------------------------------------

STATS = Stats(
    path="/p.db",
    bytes=8192,
    papers=1234,
    observations=5,
    listings=6,
    lists=7,
    first_list="2026-04-13",
    last_list="2026-04-15",
)


def test_status_says_when_a_source_was_read_and_what_went_wrong() -> None:
    error = SourceUnavailableError("huggingface.co could not be read\x1b[2J")
    ill = SourceHealth(
        source="huggingface",
        last_success_at=datetime(2026, 4, 15, 9, tzinfo=UTC),
        last_error_at=datetime(2026, 4, 15, 11, 30, tzinfo=UTC),
        last_error=str(error),
        failures_in_a_row=2,
        retry_at=datetime(2026, 4, 15, 12, 30, tzinfo=UTC),
        papers=1234,
    )
    shown = "".join(health.lines([ill], STATS, NOW))
    assert "huggingface      read 3 hours ago, 1,234 papers\n" in shown
    assert "2 failures in a row, the last 30 minutes ago" in shown
    once = "".join(health.lines([replace(ill, failures_in_a_row=1)], STATS, NOW))
    assert "\n                 failed 30 minutes ago:\n" in once
    assert "not asked before 2026-04-15T12:30:00Z" in shown
    assert "store            1,234 papers on 7 lists (2026-04-13 to 2026-04-15)\n" in shown
    assert "\x1b" not in shown


def test_status_in_json_has_times_with_z() -> None:
    well = SourceHealth(source="huggingface", last_success_at=NOW, papers=3)
    told = json.loads("".join(health.as_json([well], STATS)))
    assert told["sources"][0]["last_success_at"] == "2026-04-15T12:00:00Z"
    assert told["sources"][0]["last_error_at"] is None
    assert told["store"]["papers"] == 1234


def test_status_of_an_empty_store_says_what_to_do() -> None:
    assert "papertrack fetch" in "".join(health.lines([], STATS, NOW))


def test_a_paper_of_two_lists_shows_the_later_one() -> None:
    twice = entry()
    again = Listing(paper_id=twice.paper.id, source="huggingface", list_date=date(2026, 4, 16))
    both = ranked(replace(twice, listings=(*twice.listings, again)))
    assert "Apr 16" in lines(100, [both])[1]
    assert records.record(both)["listed_on"] == ["2026-04-15", "2026-04-16"]
