"""The installed program, from an empty machine to a ranked table, against a server of our own."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from program import COMMAND, NOWHERE, Home, HuggingFace, item, serving, week

REPLAY = Path(__file__).parents[2] / "shared" / "tools" / "replay.py"


@pytest.fixture
def world() -> Iterator[HuggingFace]:
    with serving(HuggingFace(days=week())) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A machine that has fetched a week, and whose network is gone since."""
    home = Home(tmp_path_factory.mktemp("filled"))
    with serving(HuggingFace(days=week())) as world:
        home.asks(world.url)
        assert home.run("fetch").returncode == 0
    return home.asks(NOWHERE)


# -- the main job -----------------------------------------------------------------------------


def test_from_an_empty_machine_to_a_ranked_list_in_one_command(
    home: Home, world: HuggingFace
) -> None:
    done = home.asks(world.url).run("trending")
    assert (done.returncode, done.stderr) == (0, "")
    first, *_ = lines = done.stdout.splitlines()
    assert len(lines) == 10
    assert first.split("\t")[:3] == ["1", "arxiv:2604.15002", "152"]
    assert len(world.asked) == 6


def test_the_second_look_asks_nobody_and_a_later_one_does(home: Home, world: HuggingFace) -> None:
    home.asks(world.url).run("trending")
    world.asked.clear()
    assert len(home.later(minutes=59).run("trending").stdout.splitlines()) == 10
    assert world.asked == []
    world.days["2026-04-15"].append(item("2604.15003", votes=999, day="2026-04-15"))
    assert "2604.15003" in home.later(minutes=61).run("trending", "-l", "1").stdout
    assert len(world.asked) == 6


def test_offline_after_the_command_asks_nobody_and_tells_the_age(
    home: Home, world: HuggingFace
) -> None:
    home.asks(world.url).run("fetch")
    world.asked.clear()
    later = home.later(hours=5)
    after = later.run("trending", "--offline")
    assert world.asked == []
    assert after.stderr == "Counts are as of 5 hours ago (2026-04-15T12:00:00Z).\n"
    before = later.run("--offline", "trending")
    assert (after.stdout, after.stderr) == (before.stdout, before.stderr)


def test_an_unknown_paper_is_looked_up(home: Home, world: HuggingFace) -> None:
    world.days["2024-01-02"] = [item("2401.00001", "An old one")]
    told = json.loads(home.asks(world.url).run("show", "2401.00001", "--json").stdout)
    assert told["title"] == "An old one"


def test_every_view_agrees_on_a_paper(filled: Home) -> None:
    [daily] = json.loads(filled.run("daily", "2026-04-15", "--offline", "-l", "1", "--json").stdout)
    [trending] = json.loads(filled.run("trending", "--offline", "-l", "1", "--json").stdout)
    shown = json.loads(filled.run("show", daily["arxiv_id"], "--offline", "--json").stdout)
    counted = ("id", "title", "upvotes", "comments", "github_stars", "listed_on", "submitted_by")
    for name in counted:
        assert daily[name] == trending[name] == shown[name]
    assert shown["contributions"] == trending["contributions"]


def test_papers_that_nobody_knows_do_not_hide_those_that_are_found(
    home: Home, world: HuggingFace
) -> None:
    world.days["2024-01-02"] = [item("2401.00001"), item("2401.00002")]
    home.asks(world.url)
    for more in ([], ["2401.99998", "2401.99997", "2401.99996"]):
        asked = ["2401.00002", "2401.99999", "2401.00001", *more]
        done = home.run("show", *asked, "--fields", "arxiv_id")
        assert (done.returncode, done.stdout) == (5, "2401.00002\n2401.00001\n")
        assert [line.split("; ")[0] for line in done.stderr.splitlines()] == [
            f"papertrack: No source knows {number}" for number in ("2401.99999", *more)
        ]


def test_what_is_stored_is_shown_also_where_nobody_answers_for_the_rest(filled: Home) -> None:
    done = filled.run("show", "2401.00001", "2604.15002", "2401.00002", "--fields", "arxiv_id")
    assert (done.returncode, done.stdout) == (5, "2604.15002\n")
    assert done.stderr.startswith(
        "papertrack: 127.0.0.1:9 could not be read (nobody listens there)"
    )
    assert done.stderr.endswith("Left out: 2401.00001, 2401.00002.\n")
    assert done.stderr.count("\n") == 1


# -- help -------------------------------------------------------------------------------------


def test_help_says_what_the_option_says(home: Home) -> None:
    for words in ([], ["trending"], ["config", "init"]):
        shown, told = home.run("help", *words), home.run(*words, "--help")
        assert (shown.returncode, shown.stderr) == (0, "")
        assert shown.stdout == told.stdout


@pytest.mark.parametrize("words", [[], ["config"], ["db"]])
def test_a_group_without_a_command_says_which_there_are(home: Home, words: list[str]) -> None:
    done = home.run(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == home.run(*words, "--help").stdout


@pytest.mark.parametrize("words", [["trendin"], ["help", "trendin"]])
def test_a_command_that_there_is_not_is_told_with_the_nearest(home: Home, words: list[str]) -> None:
    done = home.run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such command 'trendin'. Did you mean 'trending'?" in done.stderr


@pytest.mark.parametrize("words", [["trending", "--nope"], ["nope"], ["--help"]])
@pytest.mark.parametrize(("args", "env"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"})])
def test_help_and_usage_errors_have_no_colour_either(
    home: Home, words: list[str], args: list[str], env: dict[str, str]
) -> None:
    colour = r"\x1b\[[\d;]*3\d"
    assert not re.search(colour, on_terminal(home, *words, *args, **env).text)
    assert re.search(colour, on_terminal(home, *words).text)


# -- exit codes -------------------------------------------------------------------------------


def test_wrong_usage_is_2(home: Home) -> None:
    for words in (["trending", "--nope"], ["nope"], ["trending", "--fields", "nope"], ["show"]):
        done = home.run(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
    done = home.run("status", PAPERTRACK_NOW="noon")
    assert done.returncode == 2
    assert done.stderr.startswith("papertrack: PAPERTRACK_NOW is 'noon', which is not an ISO time")


def test_a_dead_network_and_an_empty_store_are_3_in_one_sentence(home: Home) -> None:
    done = home.asks(NOWHERE).run("daily")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("papertrack: Nothing is stored yet, and 127.0.0.1:9 could not be")
    assert "`papertrack --demo trending`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_offline_and_an_empty_store_are_3(home: Home) -> None:
    done = home.run("trending", "--offline")
    assert (done.returncode, done.stdout) == (3, "")
    assert "--demo" in done.stderr


def test_a_wrong_configuration_is_4(home: Home) -> None:
    home.configure("fetch:\n  max_age: soon\n")
    done = home.run("trending")
    assert (done.returncode, done.stdout) == (4, "")
    assert "config.yaml:2: fetch.max_age: expected a length of time" in done.stderr


def test_some_days_failing_are_5_and_the_others_are_kept(home: Home, world: HuggingFace) -> None:
    world.broken = {"2026-04-14"}
    done = home.asks(world.url).run("fetch", "--json", "--since", "2026-04-13")
    assert done.returncode == 5
    told = json.loads(done.stdout)
    assert told["status"] == "partial"
    assert (told["sources"][0]["lists"], told["sources"][0]["papers"]) == (2, 4)
    assert "date=2026-04-14" in told["sources"][0]["error"]
    assert done.stderr.startswith("papertrack: huggingface: ")
    shown = home.run("daily", "2026-04-13")
    assert (shown.returncode, len(shown.stdout.splitlines())) == (0, 2)


def test_all_days_failing_are_3_and_status_tells_it(home: Home, world: HuggingFace) -> None:
    world.broken = set(week())
    done = home.asks(world.url).run("fetch", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (3, "error")
    assert re.search(r"^ +failed (a moment|\d+ minutes?) ago:$", home.run("status").stdout, re.M)


def test_a_store_that_is_named_and_not_there_begins_with_a_word(tmp_path: Path) -> None:
    home = Home(tmp_path)
    said = f"There was no store at {tmp_path / 'typo.db'}, so a new one begins there; check --db"
    assert home.run("saved", "--db", "typo.db").stderr.startswith(said)
    assert said not in home.run("saved", "--db", "typo.db").stderr
    done = home.run("trending", "--offline", PAPERTRACK_DB="other.db")
    assert (done.returncode, (tmp_path / "other.db").exists()) == (3, False)
    assert "other.db, and --offline asks nobody; check $PAPERTRACK_DB, or leave" in done.stderr


def test_a_fetch_that_went_well_is_silent(home: Home, world: HuggingFace) -> None:
    done = home.asks(world.url).run("fetch")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "12 new papers" in home.run("fetch", "--full", "-v", PAPERTRACK_DB="new.db").stderr


def test_ctrl_c_while_a_server_hangs_is_130_and_quiet(home: Home, world: HuggingFace) -> None:
    world.hangs = True
    home.asks(world.url)
    with subprocess.Popen(
        [*COMMAND, "trending"], env=home.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert world.reached.wait(20)
        running.send_signal(signal.SIGINT)
        try:
            out, err = running.communicate(timeout=10)  # the server would hang for 30 s
        finally:
            running.kill()
    assert (running.returncode, out.strip()) == (130, b"")
    assert b"Traceback" not in err


# -- streams ----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["trending -f jsonl", "trending --help", "--help"])
def test_a_pipe_that_is_closed_early_is_no_failure(filled: Home, command: str) -> None:
    for reader in (":", "head -1"):
        done = filled.shell(f"papertrack {command} --offline | {reader}; echo ${{PIPESTATUS[0]}}")
        assert done.stdout.splitlines()[-1] == "0"
        assert done.stderr == ""


def test_much_more_than_a_pipe_holds_is_no_failure_either(home: Home, world: HuggingFace) -> None:
    world.days["2026-04-15"] = [item(f"2604.{n:05d}", "x" * 900) for n in range(1, 100)]
    home.asks(world.url).run("fetch", "--date", "2026-04-15")
    done = home.shell("papertrack daily --json --offline | head -1; echo ${PIPESTATUS[0]}")
    assert (done.stdout, done.stderr) == ("[\n0\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("where", ["> /dev/full", "-o /dev/full"])
def test_a_full_disk_is_1_in_one_sentence(filled: Home, where: str) -> None:
    done = filled.shell(f"papertrack trending --offline {where}")
    assert done.returncode == 1
    assert re.fullmatch(r"papertrack: .*No space left on device.*\n", done.stderr)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("papertrack trending --offline >&-", 0),
        ("papertrack trending --offline --help >&-", 0),
        ("papertrack trending --offline -f table 2>&-", 0),
        ("papertrack show nonsense --offline >&- 2>&-", 2),
        ("papertrack show - --offline <&-", 0),
    ],
)
def test_a_stream_that_is_closed_from_the_start_breaks_nothing(
    filled: Home, line: str, code: int
) -> None:
    done = filled.shell(line)
    assert (done.returncode, done.stderr) == (code, "")


def test_odd_bytes_on_stdin_are_no_id(filled: Home) -> None:
    done = filled.shell(r"printf '\xff\xfe' | LC_ALL=C.UTF-8 papertrack show - --offline")
    assert done.returncode == 2
    assert "is not a paper id" in done.stderr


def test_a_terminal_that_knows_no_unicode_gets_question_marks(home: Home) -> None:
    done = home.run("--demo", "show", "2604.08626", "-f", "table", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "221  ???  +171" in done.stdout


def test_ids_travel_from_list_to_list(home: Home, world: HuggingFace) -> None:
    home.asks(world.url).run("fetch")
    line = (
        "papertrack trending -f ids -l 4 | papertrack mark-seen - &&"
        " papertrack trending --unseen -f ids | papertrack show - --fields id,title"
    )
    done = home.shell(line)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 6


# -- a real terminal --------------------------------------------------------------------------


@dataclass(frozen=True)
class Screen:
    """What a program wrote to a terminal of its own."""

    code: int
    text: str


def on_terminal(home: Home, *args: str, width: int = 80, **env: str) -> Screen:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    given = {"TERM": "xterm-256color", "PAGER": "", **env}
    with subprocess.Popen(
        [*COMMAND, *args], env=home.env(**given), stdin=theirs, stdout=theirs, stderr=theirs
    ) as running:
        os.close(theirs)
        written = b""
        while select.select([ours], [], [], 20)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            written += piece
        code = running.wait(20)
    os.close(ours)
    return Screen(code, written.decode().replace("\r\n", "\n"))


def bare(text: str) -> list[str]:
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\", "", text).splitlines()


def test_a_terminal_gets_a_table_of_its_width_with_colours_and_links(home: Home) -> None:
    for width in (60, 132):
        shown = on_terminal(home, "--demo", "trending", width=width)
        assert shown.code == 0
        assert "\x1b[36m2604.08626\x1b[0m" in shown.text
        assert "https://arxiv.org/abs/2604.08626" in shown.text
        assert width - 20 < max(map(len, bare(shown.text))) <= width


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_help_is_wrapped_once_and_fits_in_a_narrow_terminal(home: Home, term: str) -> None:
    told = bare(on_terminal(home, "db", "repair", "--help", width=40, TERM=term).text)
    assert {len(line) for line in told} <= {0, 40}
    assert " dropped. Where pages are damaged, what " in told


def test_columns_sets_the_width_where_it_is_given(home: Home) -> None:
    shown = on_terminal(home, "--demo", "trending", COLUMNS="200")
    assert bare(shown.text)[0].split()[-1] == "authors"


@pytest.mark.parametrize(
    ("args", "env"),
    [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})],
)
def test_a_terminal_without_colour_gets_none(
    home: Home, args: list[str], env: dict[str, str]
) -> None:
    shown = on_terminal(home, "--demo", "trending", *args, **env)
    assert len(bare(shown.text)) > 20
    assert not re.search(r"\x1b\[[\d;]*[34]\d", shown.text)
    if env.get("TERM") == "dumb":
        assert "\x1b" not in shown.text


def test_a_fetch_on_a_terminal_shows_a_bar_and_what_it_did(home: Home, world: HuggingFace) -> None:
    shown = on_terminal(home.asks(world.url), "fetch")
    assert "━" in shown.text
    told = " ".join(bare(shown.text)[-3:])
    assert "huggingface: 6 lists read, 0 unchanged; 12 new papers" in told


# -- the demo ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "trending",
        "trending -f table --explain --abstract",
        "daily",
        "daily --week 2026-W16 --json",
        "show 2604.08626 -f table",
        "status",
        "db stats",
    ],
)
def test_the_demo_needs_no_network_and_leaves_nothing_behind(home: Home, command: str) -> None:
    proxies = {"HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE, "ALL_PROXY": NOWHERE}
    done = home.run("--demo", *command.split(), **proxies)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
    assert home.files == []


def test_the_demo_reads_no_store_of_yours(filled: Home) -> None:
    before = {path: path.read_bytes() for path in filled.files}
    assert "2604.15002" not in filled.run("--demo", "trending", "-l", "99").stdout
    assert {path: path.read_bytes() for path in filled.files} == before


# -- the stand-in for the real services -------------------------------------------------------


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A machine whose Hugging Face is that of 15 April 2026, as it was recorded."""
    if not REPLAY.exists():
        pytest.skip("../shared with the recorded answers is not here")
    port = _free_port()
    with subprocess.Popen(
        [sys.executable, str(REPLAY), "--port", str(port), "--at", "2026-04-15T12:00:00Z"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for(port)
            yield Home(tmp_path_factory.mktemp("replayed")).asks(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    import socket

    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("replay.py does not answer")


def test_a_real_week_is_read_ranked_and_explained(replayed: Home) -> None:
    fetched = json.loads(replayed.run("fetch", "--since", "14d", "--json").stdout)
    assert fetched["status"] == "ok"
    assert fetched["sources"][0]["lists"] == 11
    told = json.loads(replayed.run("trending", "--json").stdout)
    assert len(told) == 20
    assert [one["score"] for one in told] == sorted((o["score"] for o in told), reverse=True)
    for one in told:
        points = sum(part["points"] for part in one["contributions"])
        assert points == pytest.approx(one["score"])
    daily = replayed.run("daily", "2026-04-14", "-f", "ids").stdout.split()
    assert len(daily) > 20
    page = replayed.run("show", told[0]["arxiv_id"], "-f", "table").stdout
    assert "Why it ranks 1 of" in page
