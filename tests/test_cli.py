"""The commands, called as the program calls them, with streams, clock and environment handed in."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from desk import Desk, Done

from papertrack.cli import app, catalogue, global_first
from papertrack.cli.console import columns, default_format, hanging, wrapped, write_file
from papertrack.cli.options import SAID_OF_RANKINGS
from papertrack.errors import PapertrackError
from papertrack.rankings import ORDERS, RANKINGS
from papertrack.render import FORMATS, LINE_FIELDS
from papertrack.render.fields import FIELDS


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command of the live program, by the words that call it."""
    group = group or typer.main.get_command(app)
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


# -- the catalogue ----------------------------------------------------------------------------


def test_the_catalogue_names_every_command_of_every_module() -> None:
    folder = Path(catalogue.__file__).parent
    modules = {path.stem for path in folder.glob("*.py") if "\ndef register(" in path.read_text()}

    modules -= {"outbox"}  # its commands are below `digest`, which takes them in
    assert modules == set(catalogue.COMMANDS), "say in COMMANDS what a module registers"
    for module, names in catalogue.COMMANDS.items():
        assert set(catalogue.registered(module)) == set(names)


def test_a_command_that_is_asked_for_is_the_only_one_that_is_made() -> None:
    group: Any = typer.main.get_command(app)

    assert group.get_command(None, "show").name == "show"
    assert set(group.commands) == {"show"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("trendng", "trending"), ("ls", "papertrack trending"), ("pdf", "papertrack download")),
        *(("config shw", "show"), ("help trendin", "trending"), ("help bookmarks", "saved")),
    ],
)
def test_a_command_that_is_mistyped_or_called_otherwise_elsewhere_is_named(
    desk: Desk, typed: str, meant: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert desk(*typed.split()).code == 2
    assert re.search(rf"Did you\s+mean '[\w ]*{meant}'", capfd.readouterr().err)


def test_what_others_call_a_command_leads_to_one_that_there_is() -> None:
    known = dict(commands())
    for word, meant in catalogue.MEANT.items():
        assert word not in known
        words = [part for part in meant.split() if not part.startswith("-")]
        assert meant == "--version" or {words[0], " ".join(words[:2])} & set(known)


# -- help -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_says_what_it_does_and_so_does_every_option(name: str, command: Any) -> None:
    first = (command.help or "").split("\n")[0]
    assert re.fullmatch(r"[A-Z].{10,}[.]", first), f"{name}: one sentence as its docstring, please"
    for option in command.params:
        said = getattr(option, "help", None)
        assert said, f"{name}: {option.name} has no help"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("trending --offline", "--offline trending"),
        ("trending -l 3 --db x.db --json", "--db x.db trending -l 3 --json"),
        ("show -q --config=a.yaml 1 -v", "-q --config=a.yaml -v show 1"),
        ("show -- --offline", "show -- --offline"),
        ("--demo daily --no-color", "--demo --no-color daily"),
        ("trending --db", "--db trending"),
    ],
)
def test_global_options_work_wherever_they_stand(given: str, read: str) -> None:
    assert " ".join(global_first(given.split())) == read


@pytest.mark.parametrize(
    ("name", "sort", "limit"), [("trending", "score", "20"), ("daily", "upvotes", "all")]
)
def test_help_says_what_each_command_does_where_nothing_is_asked(
    name: str, sort: str, limit: str
) -> None:
    options = {option.name: option for option in dict(commands())[name].params}
    assert (options["sort"].show_default, options["limit"].show_default) == (sort, limit)


def test_help_has_a_word_for_every_ranking_and_the_columns_of_tsv() -> None:
    options = {option.name: option.help for option in dict(commands())["trending"].params}
    assert list(SAID_OF_RANKINGS) == list(RANKINGS)
    assert all(f"{name} ({said})" in options["rank"] for name, said in SAID_OF_RANKINGS.items())
    assert ", ".join(LINE_FIELDS) in options["format"]


# -- faces ------------------------------------------------------------------------------------


def test_a_table_on_a_terminal_and_tsv_in_a_pipe(desk: Desk) -> None:
    assert desk("trending", terminal=True).out.startswith("\x1b[1m")
    lines = desk("trending").out.splitlines()
    assert len(lines) == 20
    assert {line.count("\t") for line in lines} == {len(LINE_FIELDS) - 1}
    assert desk("trending").err == ""


@pytest.mark.parametrize(
    ("env", "flags"),
    [
        ({"NO_COLOR": "1"}, {}),
        ({"TERM": "dumb"}, {}),
        ({"TERM": ""}, {}),
        ({}, {"no_color": True}),
    ],
)
def test_there_are_many_ways_to_want_no_colour(
    desk: Desk, env: dict[str, str], flags: dict[str, bool]
) -> None:
    shown = desk("trending", terminal=True, env=env, **flags).out
    assert shown
    assert not re.search(r"\x1b\[[\d;]*[34]\d", shown)


def test_a_dumb_terminal_gets_no_sequence_at_all(desk: Desk) -> None:
    assert "\x1b" not in desk("trending", terminal=True, env={"TERM": "dumb"}).out
    assert "\x1b" not in desk("trending", "-f", "table").out
    assert "\x1b" not in desk("show", "2604.08626", "-f", "table").out


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_the_same_papers(desk: Desk, name: str) -> None:
    shown = desk("trending", "-f", name, "-l", "3").out
    assert all(number in shown for number in desk("trending", "--json", "-l", "3").ids)


def test_json_has_every_field_in_order_and_json_lines_too(desk: Desk) -> None:
    told = desk("trending", "--json").records
    assert all(list(record) == [field.name for field in FIELDS] for record in told)
    assert [json.loads(line) for line in desk("trending", "-f", "jsonl").out.splitlines()] == told
    assert [record["rank"] for record in told] == list(range(1, 21))


def test_a_feed_says_what_it_is_of_and_where_it_lies(desk: Desk) -> None:
    desk("trending", "--match", "agent", "-o", str(desk.home / "feed.xml"))
    told = (desk.home / "feed.xml").read_text()
    assert "<title>papertrack trending: agent</title>" in told
    assert f'rel="self" type="application/atom+xml" href="file://{desk.home}/feed.xml"' in told


def test_csv_has_a_header_and_comes_back(desk: Desk) -> None:
    rows = list(csv.DictReader(io.StringIO(desk("trending", "-f", "csv", "-l", "2").out)))
    assert len(rows) == 2
    assert tuple(rows[0]) == LINE_FIELDS
    assert rows[0]["id"] == "arxiv:2604.08626"


def test_tsv_has_a_header_where_it_is_asked_for(desk: Desk) -> None:
    header, first = desk("trending", "-l", "1", "--header").out.splitlines()
    assert header == "\t".join(LINE_FIELDS)
    assert first + "\n" == desk("trending", "-l", "1").out
    named = desk("show", "2604.08626", "--fields", "id,upvotes", "--header").out
    assert named == "id\tupvotes\narxiv:2604.08626\t221\n"


@pytest.mark.parametrize("name", ["csv", "table"])
def test_what_has_a_header_anyway_has_no_second_one(desk: Desk, name: str) -> None:
    assert desk("trending", "-f", name, "--header") == desk("trending", "-f", name)


def test_the_headings_of_the_table_are_names_of_fields_too(desk: Desk) -> None:
    headings = "#,id,votes,gain,stars,talk,listed,from"
    told = desk("trending", "-l", "1", "--json", "--fields", headings).records
    fields = "rank,id,upvotes,velocity,github_stars,comments,listed_on,organization"
    assert list(told[0]) == fields.split(",")
    assert desk("trending", "--fields", headings).out == desk("trending", "--fields", fields).out


def test_fields_choose_and_order_columns(desk: Desk) -> None:
    line = desk("trending", "-l", "1", "--fields", "upvotes,id").out
    assert line == "221\tarxiv:2604.08626\n"
    [told] = desk("trending", "-l", "1", "--json", "--fields", "upvotes,id").records
    assert told == {"upvotes": 221, "id": "arxiv:2604.08626"}


def test_fields_choose_the_columns_of_a_table_too(desk: Desk) -> None:
    shown = desk("trending", "-l", "1", "-f", "table", "--fields", "upvotes,arxiv_id").out
    assert shown == "upvotes arxiv_id\n    221 2604.08626\n"
    shown = desk("show", "2604.08626", "--fields", "upvotes,id", "-f", "table").out
    assert shown == "upvotes id\n    221 2604.08626\n"


def test_abstract_and_explain_add_to_lines(desk: Desk) -> None:
    line = desk("trending", "-l", "1", "--abstract", "--explain").out
    cells = line.rstrip("\n").split("\t")
    assert len(cells) == len(LINE_FIELDS) + 2
    assert cells[-2].startswith("Describes a detector")
    assert re.match(r"attention \+\d+\.\d \(221 upvotes, ", cells[-1])


def test_the_points_of_the_table_add_up_to_the_scores_of_the_table(desk: Desk) -> None:
    shown = desk("trending", "-f", "table", "--explain").out
    total = 0.0
    scores = 0
    for number, name in re.findall(r"^ +(-?\d+\.\d+)  (\w+)", shown, re.MULTILINE):
        if name == "score":
            assert round(total, 4) == float(number)
            total, scores = 0.0, scores + 1
        else:
            total += float(number)
    assert scores == 20


def test_show_one_is_an_object_and_several_are_an_array(desk: Desk) -> None:
    one = desk("show", "2604.08626", "--json").records
    assert one["arxiv_id"] == "2604.08626"
    assert list(one) == [field.name for field in FIELDS]
    assert desk("show", "2604.14268", "2604.08626", "--json").ids == ["2604.14268", "2604.08626"]
    two = desk("show", "2604.14268", "2604.08626", "-f", "jsonl").out.splitlines()
    assert [json.loads(line)["rank"] for line in two] == [2, 1]


@pytest.mark.parametrize(
    "spelling",
    [
        "2604.08626v2",
        "arXiv:2604.08626",
        "https://arxiv.org/abs/2604.08626",
        "https://huggingface.co/papers/2604.08626",
        "10.48550/arXiv.2604.08626",
    ],
)
def test_show_takes_any_spelling(desk: Desk, spelling: str) -> None:
    assert desk("show", spelling, "-f", "ids").out == "2604.08626\n"


def test_several_papers_say_their_sources_too_and_lines_have_no_room_for_them(desk: Desk) -> None:
    both = desk("show", "2604.14268", "2604.08626", "--sources", "--json").records
    assert [one["accounts"][0]["source"] for one in both] == ["huggingface", "huggingface"]
    done = desk("show", "2604.14268", "--sources", "-f", "tsv")
    assert (done.code, done.err.count("\n")) == (2, 1)


def test_show_on_a_terminal_is_a_page(desk: Desk) -> None:
    shown = desk("show", "2604.08626", "2604.14268", terminal=True).out
    assert "\x1b]8;id=" in shown
    assert "Why it ranks 1 of 40 in the last 7 days" in shown
    assert "Why it ranks 2 of 40 in the last 7 days" in shown


def test_show_in_a_pipe_is_the_same_page_without_colour(desk: Desk) -> None:
    shown = desk("show", "2604.08626").out
    assert shown == desk("show", "2604.08626", "-f", "table").out
    assert shown.startswith("WildDet3D: Scaling Promptable 3D Detection in the Wild\n")
    assert "\x1b" not in shown
    assert 60 < max(map(len, shown.splitlines())) <= 80
    narrow = desk("show", "2604.08626", env={"COLUMNS": "50"}).out.splitlines()
    assert max(len(line) for line in narrow if "://" not in line) <= 50


def test_a_rule_stands_between_pages(desk: Desk) -> None:
    first, second = desk("show", "2604.08626", "2604.14268").out.split(f"\n{'-' * 80}\n")
    assert first == desk("show", "2604.08626").out
    assert second == desk("show", "2604.14268").out


def test_show_gives_lines_where_they_are_asked_for(desk: Desk) -> None:
    line = desk("show", "2604.08626", "-f", "tsv").out
    assert line.split("\t")[:3] == ["1", "arxiv:2604.08626", "221"]
    assert desk("show", "2604.08626", "--fields", "upvotes,doi").out == "221\t\n"


def test_a_paper_that_is_on_no_list_of_the_week_has_no_rank(sample: Path, tmp_path: Path) -> None:
    later = Desk(tmp_path, sample, datetime(2026, 5, 18, 21, tzinfo=UTC))
    assert later("show", "2604.08626", "--fields", "rank,upvotes").out == "\t221\n"
    assert later("show", "2604.08626", "--json").records["rank"] is None


def test_what_is_known_is_shown_and_what_is_not_is_named(desk: Desk) -> None:
    done = desk("show", "2604.14268", "2604.99999", "2604.08626", "2604.99998", "--fields", "votes")
    assert (done.code, done.out) == (5, "50\n221\n")
    first, second = done.err.splitlines()
    assert first.startswith("papertrack: 2604.99999 is not stored, ")
    assert second.startswith("papertrack: 2604.99998 is not stored, ")


def test_who_asks_for_two_papers_gets_an_array_also_where_one_is_unknown(desk: Desk) -> None:
    done = desk("show", "2604.99999", "2604.08626", "--json")
    assert (done.code, done.ids) == (5, ["2604.08626"])


@pytest.mark.parametrize("command", ["trending", "embed"])
def test_a_word_in_place_of_a_number_is_told_in_plain_words(
    desk: Desk, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert desk(*command.split(), "-l", "many").code == 2
    told = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert "'many' is not a whole number, such as 20." in told


def test_where_nothing_is_known_nothing_is_written(desk: Desk) -> None:
    target = desk.home / "paper.json"
    done = desk("show", "2604.99999", "2604.99998", "-o", str(target))
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 2)
    assert not target.exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ("trending --fields titel", "'titel' is not a field. Did you mean title? The fields are: "),
        ("trending -f yaml", "'yaml' is not a format; known: table, tsv, json, jsonl, csv, "),
        ("trending --sort vote", "'vote' is not an order; did you mean upvotes? known: score, "),
        ("trending --rank hott", "'hott' is not a ranking; did you mean hot? known: trending, "),
        ("trending --source arxif", "'arxif' is not a source; did you mean arxiv?"),
        ("trending --topic agents", "'agents' is not a topic; the configuration has none."),
        ("trending --window 7", "'7' is not a length of time; write it like 12h, 7d or 2w."),
        ("trending --window 0d", "--window 0d holds nothing"),
        ("trending --window 91d", "--window 91d is too long; the longest is 90d."),
        ("trending --window 13w", "--window 13w is too long; the longest is 90d."),
        ("trending --date 2026-04-20", "--date 2026-04-20 is in the future; the newest list is th"),
        ("trending --date 14.4.", "'14.4.' is not a day; write it like 2026-04-14, today or yes"),
        ("daily --week 15", "'15' is not a week; write it like 2026-W15."),
        ("daily --month April", "'April' is not a month; write it like 2026-04."),
        ("daily --week 2026-W15 --month 2026-04", "--week and --month exclude each other"),
        ("daily --week --month", "--week and --month exclude each other"),
        ("daily --week=", "'' is not a week; write it like 2026-W15."),
        ("daily today --week 2026-W15", "DATE today and --week exclude each other; give one of"),
        ("daily 2026-04-14 --month 2026-04", "DATE 2026-04-14 and --month exclude each other"),
        ("trending --json -f csv", "--json and -f csv exclude each other; give one of them."),
        ("show 2604.08626 --json -f ids", "--json and -f ids exclude each other"),
        ("trending -f ids --fields id", "-f ids has no choice of fields; leave out --fields, or"),
        ("trending -f ids --header", "--header is for tsv, and ids has none; leave it out"),
        ("show 2604.08626 --json --header", "--header is for tsv, and json has none"),
        ("trending --fields ,", "--fields names no field. The fields are: rank, score, id, "),
        ("trending --fields=", "--fields names no field. The fields are: rank, "),
        ("trending --output=", "--output names no file; give one, or - for stdout."),
        ("trending -o list.yaml", ".yaml is the name of no format; end --output in .json, .jsonl"),
        ('trending --match "', '--match \'"\' holds no word; write it like --match "tool use".'),
        ("trending --match=", "--match '' holds no word"),
        ("trending --match -", "--match '-' holds no word"),
        ("trending --not *", "--not '*' holds no word"),
        ("show x", "'x' is not a paper id; use one like 2604.07413, "),
        ("show 2604.08626 -f yaml", "'yaml' is not a format"),
        ("show 2604.08626 --json --fields nam", "'nam' is not a field. "),
        ("fetch", "fetch asks the network, which --offline and --demo forbid"),
    ],
)
def test_wrong_words_are_told_in_one_sentence_with_those_that_work(
    desk: Desk, args: str, said: str
) -> None:
    done = desk(*args.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"papertrack: {said}")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("name", ["trending", "search", "similar", "recommend"])
def test_help_shows_no_ranking_where_none_is_taken(name: str) -> None:
    command: Any = typer.main.get_command(app).get_command(None, name)  # type: ignore[attr-defined]
    [rank] = [one for one in command.params if one.name == "rank"]
    assert rank.hidden == (name != "trending")


def test_a_format_that_is_said_goes_into_a_file_of_any_name(desk: Desk) -> None:
    target = desk.home / "list.yaml"
    assert desk("trending", "-o", str(target), "-f", "ids").code == 0
    assert target.read_text().count("\n") == 20


def test_of_words_that_are_no_ids_the_others_are_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("2604.08626\nnonsense\n2604.14268\n"))
    done = desk("show", "-", "-f", "ids")
    assert (done.code, done.out) == (5, "2604.08626\n2604.14268\n")
    assert done.err.startswith("papertrack: 'nonsense' is not a paper id; use one like")


def test_windows_reach_from_an_hour_to_ninety_days(desk: Desk) -> None:
    for window in ("1h", "12h", "2w", "90d"):
        assert desk("trending", "--window", window).code == 0


def test_json_may_be_said_twice(desk: Desk) -> None:
    assert desk("trending", "--json", "-f", "json") == desk("trending", "--json")


# -- files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.json", '[\n  {\n    "rank": 1,'),
        ("a.jsonl", '{"rank": 1,'),
        ("a.csv", "rank,id,upvotes,"),
        ("a.tsv", "1\tarxiv:2604.08626\t221\t"),
        ("a.TSV", "1\tarxiv:2604.08626\t221\t"),
        ("a", "1\tarxiv:2604.08626\t221\t"),
    ],
)
def test_a_file_is_in_the_format_of_its_name(desk: Desk, name: str, begins: str) -> None:
    target = desk.home / name
    assert desk("trending", "-o", str(target), terminal=True) == Done(0, "", "")
    assert target.read_text().startswith(begins)


def test_a_named_format_comes_before_the_name_of_the_file(desk: Desk) -> None:
    target = desk.home / "list.json"
    desk("trending", "-f", "table", "-o", str(target), terminal=True)
    assert target.read_text().startswith(" # id")
    assert "\x1b" not in target.read_text()


@pytest.mark.parametrize("args", ["trending", "trending --json", "show 2604.08626"])
def test_a_minus_is_stdout(desk: Desk, args: str) -> None:
    assert desk(*args.split(), "-o", "-") == desk(*args.split())
    assert list(desk.home.iterdir()) == []


def test_a_page_can_go_into_a_file(desk: Desk) -> None:
    target = desk.home / "paper.json"
    desk("show", "2604.08626", "-o", str(target), terminal=True)
    assert json.loads(target.read_text())["arxiv_id"] == "2604.08626"
    desk("show", "2604.08626", "-f", "table", "-o", str(target), terminal=True)
    assert target.read_text().startswith("WildDet3D")
    assert "\x1b" not in target.read_text()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    def broken() -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    target = tmp_path / "list.tsv"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write_file(target, broken())
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("list.tsv", "old")]
    write_file(target, ["new", "er"])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("list.tsv", "newer")]


@pytest.mark.parametrize("name", ["no/such/folder/a.tsv", "file/a.tsv", "folder"])
def test_a_file_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(PapertrackError, match=r"could not be written: .*; choose another place"):
        write_file(tmp_path / name, ["x"])
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    write_file(link, ["gone"])
    assert link.is_symlink()


@pytest.mark.parametrize("wrong", ["--fields nope", "-f nope"])
def test_a_wrong_word_leaves_an_old_file_alone(desk: Desk, wrong: str) -> None:
    target = desk.home / "list.tsv"
    target.write_text("old")
    assert desk("trending", "-o", str(target), *wrong.split()).code == 2
    assert target.read_text() == "old"
    assert [path.name for path in desk.home.iterdir()] == ["list.tsv"]


def test_without_a_format_a_file_without_a_suffix_holds_tsv_or_a_page() -> None:
    assert default_format(Path("x"), is_terminal=True) == "tsv"
    assert default_format(Path("x.bib"), is_terminal=True) == "bibtex"
    assert default_format(Path("x.txt"), is_terminal=False, page=True) == "table"
    assert default_format(Path("x.csv"), is_terminal=False, page=True) == "csv"
    assert default_format(None, is_terminal=False, page=True) == "table"
    assert default_format(None, is_terminal=True) == "table"
    assert default_format(None, is_terminal=False) == "tsv"


# -- lists ------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", ["1d", "3d", "7d", "30d"])
def test_a_longer_window_holds_at_least_as_many(desk: Desk, window: str) -> None:
    found = desk("trending", "--window", window, "--limit", "99", "-f", "ids").out.splitlines()
    listed = {"1d": 1, "3d": 17, "7d": 40, "30d": 40}[window]
    assert listed <= len(found) <= 40


@pytest.mark.parametrize("name", list(RANKINGS))
def test_every_ranking_can_be_asked_for(desk: Desk, name: str) -> None:
    scores = [record["score"] for record in desk("trending", "--rank", name, "--json").records]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("name", ORDERS)
def test_every_order_can_be_asked_for(desk: Desk, name: str) -> None:
    told = desk("trending", "--sort", name, "--json").records
    field = {"stars": "github_stars", "new": "listed_on", "citations": "score"}.get(name, name)
    values = [record[field] for record in told if record[field] is not None]
    if name != "new":  # a paper of two lists was new on the first
        assert values == sorted(values, reverse=True)
    assert [record["rank"] for record in told] == list(range(1, 21))


def test_as_of_a_day_counts_are_those_of_then(desk: Desk) -> None:
    then = desk("trending", "--date", "2026-04-15", "--json", "-l", "99").records
    now = {one["id"]: one["upvotes"] for one in desk("trending", "--json", "-l", "99").records}
    assert 0 < len(then) < len(now)
    assert all(one["upvotes"] <= now[one["id"]] for one in then)
    assert any(one["upvotes"] < now[one["id"]] for one in then)


@pytest.mark.parametrize(
    ("args", "days"),
    [
        ("2026-04-14", {"2026-04-14"}),
        ("today", {"2026-04-17"}),
        ("", {"2026-04-17"}),
        ("yesterday", {"2026-04-16"}),
        ("--week 2026-W16", {f"2026-04-{day}" for day in range(13, 18)}),
        ("--month 2026-04", {f"2026-04-{day}" for day in range(13, 18)}),
        ("--week", {f"2026-04-{day}" for day in range(13, 18)}),
        ("--limit 99 --month", {f"2026-04-{day}" for day in range(13, 18)}),
    ],
)
def test_daily_takes_a_day_a_week_or_a_month(desk: Desk, args: str, days: set[str]) -> None:
    told = desk("daily", *args.split(), "--json").records
    assert {day for record in told for day in record["listed_on"]} >= days
    assert all(days & set(record["listed_on"]) for record in told)
    votes = [record["upvotes"] for record in told]
    assert votes == sorted(votes, reverse=True)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ("daily 2026-04-11", "no lists on weekends (2026-04-11)"),
        ("daily 2026-04-20", "There is no list yet for 2026-04-20: it opens at 2026-04-20T01:30"),
        ("trending --match zebra", "All 40 papers of this time were filtered out: 40 by --match."),
        ("trending --match agent --author Curie", "by --author"),
    ],
)
def test_an_empty_list_says_why_and_is_no_failure(desk: Desk, args: str, said: str) -> None:
    done = desk(*args.split())
    assert (done.code, done.out) == (0, "")
    assert said in done.err
    assert desk(*args.split(), "--json").out == "[]\n"
    assert desk(*args.split(), quiet=True).err == ""


def test_a_topic_of_the_configuration_filters(desk: Desk) -> None:
    config = desk.home / "config.yaml"
    config.write_text("topics: [{name: boxes, any: [3d detection]}]")
    found = desk("trending", "--topic", "boxes", "--json", config_flag=str(config)).ids
    assert found == ["2604.08626"]


def test_who_watches_is_told_that_there_are_more(desk: Desk) -> None:
    assert desk("trending", watched=True).err == "20 of 40 papers; --limit shows more.\n"
    assert desk("trending", "--json", watched=True, quiet=True).err == ""
    for args in (["trending", "-l", "5"], ["trending", "--match", "agent"], ["daily"]):
        assert desk(*args, watched=True).err == ""


def test_a_list_that_was_never_read_is_no_empty_list(desk: Desk) -> None:
    done = desk("daily", "2026-04-09")
    assert (done.code, done.out) == (3, "")
    assert "never read" in done.err
    assert "40 papers are stored, the last list is that of 2026-04-17" in done.err


# -- messages ---------------------------------------------------------------------------------


def test_a_message_is_wrapped_for_who_watches_and_whole_for_a_file(desk: Desk) -> None:
    args, env = ("trending", "--match", "zebra"), {"COLUMNS": "40"}
    lines = desk(*args, watched=True, env=env).err.splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 40
    assert desk(*args, env=env).err == " ".join(lines) + "\n"


@pytest.mark.parametrize(
    "command",
    ["status", "doctor", "db stats", "db check", "db repair", "db prune --older-than 2d -n"],
)
def test_no_report_breaks_a_word_on_a_narrow_terminal(desk: Desk, command: str) -> None:
    whole = desk(*command.split()).out
    narrow = desk(*command.split(), terminal=True, env={"COLUMNS": "40"}).out
    assert all(len(line) <= 40 or str(desk.store) in line for line in narrow.splitlines())
    assert narrow.split() == whole.split()


def test_the_lines_of_a_report_go_on_below_their_second_column() -> None:
    line = "store            40 papers on 5 lists (2026-04-13 to 2026-04-17)"
    assert hanging(line, 40).splitlines() == [
        "store            40 papers on 5 lists",
        "                 (2026-04-13 to",
        "                 2026-04-17)",
    ]
    assert hanging("ok   https://example.org/a-long-address", 30).splitlines() == [
        "ok   https://example.org/a-long-address"
    ]


def test_a_command_in_a_message_is_never_torn() -> None:
    line = "Nothing is stored; `papertrack --demo trending` shows a sample without any network."
    assert wrapped(line, 30).splitlines() == [
        "Nothing is stored;",
        "`papertrack --demo trending`",
        "shows a sample without any",
        "network.",
    ]
    assert wrapped("https://export.arxiv.org/api/query-of-all failed", 20).splitlines() == [
        "https://export.arxiv.org/api/query-of-all",
        "failed",
    ]


@pytest.mark.parametrize(("said", "width"), [("132", 132), ("", 80), ("0", 80), ("wide", 80)])
def test_columns_says_how_wide_a_line_is(said: str, width: int) -> None:
    assert columns(io.StringIO(), {"COLUMNS": said}) == width


# -- seen -------------------------------------------------------------------------------------


def test_ids_feed_back_and_what_is_seen_is_left_out(
    own: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = own("trending", "-f", "ids", "-l", "3").out
    monkeypatch.setattr("sys.stdin", io.StringIO(first))
    assert own("mark-seen", "-") == Done(0, "", "")
    later = own("trending", "--unseen", "-f", "ids", "-l", "99").out.splitlines()
    assert len(later) == 37
    assert not set(first.split()) & set(later)
    monkeypatch.setattr("sys.stdin", io.StringIO(first))
    assert own("show", "-", "--json").ids == first.split()


def test_one_id_on_stdin_still_gives_an_array(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("2604.08626\n"))
    assert desk("show", "-", "--json").ids == ["2604.08626"]


def test_known_papers_are_seen_and_unknown_ones_named(own: Desk) -> None:
    done = own("mark-seen", "2604.08626", "2604.99999", "2604.14268")
    assert (done.code, done.out) == (5, "")
    assert "2604.99999" in done.err
    seen = own("show", "2604.08626", "2604.14268", "2604.14148", "--fields", "seen").out
    assert seen.split() == ["true", "true", "false"]


def test_only_known_papers_can_be_seen(own: Desk) -> None:
    done = own("mark-seen", "2604.99999")
    assert (done.code, done.out) == (1, "")
    assert "`papertrack show 2604.99999` looks it up" in done.err


# -- housekeeping -----------------------------------------------------------------------------


def test_status_says_how_things_are(desk: Desk) -> None:
    shown = desk("status")
    assert "store            40 papers on 6 lists (2026-04-10 to 2026-04-17)\n" in shown.out
    assert desk("status", "--json").records["store"]["papers"] == 40


def test_db_says_where_the_store_is_and_how_large(desk: Desk) -> None:
    assert desk("db", "path").out == f"{desk.store}\n"
    assert re.search(r"^papers +40$", desk("db", "stats").out, re.MULTILINE)
    assert desk("db", "stats", "--json").records["lists"] == 6


def test_a_digest_that_could_not_be_mailed_is_no_right_configuration(desk: Desk) -> None:
    path = desk.home / "config.yaml"
    path.write_text("digests: [{name: morning, to: me@example.org}]")
    done = desk("config", "check", config_flag=str(path))
    assert (done.code, done.err.count("\n")) == (4, 1)
    assert f"{path}: mail.from is empty, so no digest can be mailed; set it" in done.err
    path.write_text("digests: [{name: morning, to: me@example.org}]\nmail: {from: me@example.org}")
    assert desk("config", "check", config_flag=str(path)).code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mail: {host: smtp.example.org, tls: none}", "mail.tls is none and smtp.example.org is"),
        ("mail: {transport: maildir}", "mail.maildir is empty; name the folder"),
        ("similarity: {model: nowhere}", "similarity.model: nowhere holds no config.json; name a"),
    ],
)
def test_what_would_only_fail_at_its_first_use_is_no_right_configuration(
    desk: Desk, text: str, said: str
) -> None:
    path = desk.home / "config.yaml"
    path.write_text(text)
    done = desk("config", "check", config_flag=str(path))
    assert (done.code, done.err.count("\n")) == (4, 1)
    assert f"{path}: {said}" in done.err


def test_config_can_be_found_made_shown_and_checked(desk: Desk) -> None:
    path = desk.home / ".config" / "papertrack" / "config.yaml"
    assert desk("config", "path").out == f"{path}\n"
    assert desk("config", "check") == Done(0, "", f"{path} is not there; the defaults are used.\n")
    assert desk("config", "init").err == f"Wrote {path}.\n"
    assert desk("config", "check").err == f"{path} is right.\n"
    assert desk("config", "init", "--stdout").out == path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    again = desk("config", "init")
    assert (again.code, "is there already" in again.err) == (1, True)
    path.write_text("fetch: {max_age: 3h}\nsources: {huggingface: {token: hf_secret}}")
    shown = desk("config", "show").out
    assert "max_age: 3h" in shown
    assert "hf_secret" not in shown


@pytest.mark.parametrize(
    "command", ["config check", "config show", "trending", "status", "db path"]
)
def test_a_wrong_configuration_is_told_with_file_and_line(desk: Desk, command: str) -> None:
    config = desk.home / "config.yaml"
    config.write_text("fetch:\n  max_agee: 3h\n")
    setup = {"config_flag": str(config)} | ({"db_flag": None} if command == "db path" else {})
    if command == "db path":
        desk.store = Path("")
        setup.pop("db_flag")
    done = desk(*command.split(), **setup)
    assert done.code == 4
    assert f"{config}:2: fetch.max_agee is not a key; did you mean max_age?" in done.err


def test_what_is_stale_is_shown_with_its_age(sample: Path, tmp_path: Path) -> None:
    later = Desk(tmp_path, sample, datetime(2026, 4, 18, 21, tzinfo=UTC))
    done = later("trending")
    assert len(done.out.splitlines()) == 20
    assert done.err == "Counts are as of 1 day ago (2026-04-17T20:00:00Z).\n"
    assert later("trending", quiet=True).err == ""
