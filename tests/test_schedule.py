"""`papertrack schedule`: what it writes for cron and systemd, and what it leaves alone."""

import os
import shlex
import shutil
import subprocess
import sys
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import Home

from papertrack.cli.schedule import program
from papertrack.config import Config, DigestConfig
from papertrack.config.mail import MailConfig
from papertrack.errors import PapertrackError
from papertrack.schedules import crontab
from papertrack.schedules.jobs import Job, jobs_of
from papertrack.schedules.surroundings import differences
from papertrack.schedules.units import units

CALL = ("/home/me/.local/bin/papertrack",)
THEIRS = "MAILTO=me@example.org\n# mine\n@daily\tbackup 50\\%\n\n"
DIGESTS = """
digests:
  - {name: morning, to: me@example.org, timezone: UTC}
  - {name: weekly, to: me@example.org, every: week, timezone: UTC}
"""
#: A crontab command that keeps the table in a file, and complains as Debian's does.
CRONTAB = """#!/bin/sh
case $1 in
-l) [ -f "$HOME/table" ] || { echo "no crontab for me" >&2; exit 1; }; cat "$HOME/table" ;;
-r) rm "$HOME/table" ;;
-) cat >"$HOME/table" ;;
esac
"""
SYSTEMCTL = '#!/bin/sh\necho "$@" >>"$HOME/asked"\n'


def plan(name: str, at: str = "07:30") -> DigestConfig:
    return DigestConfig(name=name, to=("me@example.org",), at=time.fromisoformat(at))


def jobs(*plans: DigestConfig) -> tuple[Job, ...]:
    return jobs_of(plans, CALL, "this machine")


class Machine(Home):
    """With commands of its own on the path."""

    def has(self, **programs: str) -> "Machine":
        (self.path / "bin").mkdir(exist_ok=True)
        for name, script in programs.items():
            path = self.path / "bin" / name
            path.write_text(script)
            path.chmod(0o755)
        return self

    def env(self, **more: str) -> dict[str, str]:
        # Nothing of the machine that the tests run on: it may have a crontab or a systemd.
        for tool in ("sh", "cat", "rm"):
            (link := self.path / "bin" / tool).exists() or link.symlink_to(str(shutil.which(tool)))
        return {**super().env(**more), "PATH": str(self.path / "bin")}

    @property
    def table(self) -> str:
        return (self.path / "table").read_text()


@pytest.fixture
def cron(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path).has(crontab=CRONTAB)
    machine.configure(DIGESTS)
    return machine


# -- jobs -----------------------------------------------------------------------------------------


def test_a_digest_is_looked_at_soon_after_its_time_and_every_quarter_of_an_hour() -> None:
    _, digest = jobs(plan("morning", "07:30"))

    assert digest.command == (*CALL, "digest", "send", "morning", "--if-due")
    assert [b - a for a, b in zip(digest.minutes, digest.minutes[1:], strict=False)] == [15] * 3
    assert 2 <= next(minute for minute in digest.minutes if minute >= 30) - 30 <= 4


@given(st.lists(st.integers(0, 59), max_size=14))
def test_no_two_digests_begin_in_the_same_minute_and_none_on_the_hour(minutes: list[int]) -> None:
    plans = [plan(f"d{n}", f"07:{minute:02}") for n, minute in enumerate(minutes)]
    starts = [minute for job in jobs(*plans)[1:] for minute in job.minutes]

    assert len(set(starts)) == len(starts)
    assert 0 not in starts


def test_lists_are_fetched_every_three_hours_at_a_minute_that_stays() -> None:
    fetch, *_ = jobs()
    assert fetch == jobs()[0]
    assert (fetch.command, fetch.hours) == ((*CALL, "fetch"), 3)
    assert fetch.minutes[0] % 2


# -- the crontab ----------------------------------------------------------------------------------


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.booleans())
def test_what_was_installed_is_removed_byte_for_byte(text: str, above: bool) -> None:
    theirs = "".join(f"{line}\n" for line in text.split("\n") if "papertrack" not in line)
    with_ours = crontab.installed(theirs, jobs(plan("morning")))
    later = f"# new\n{with_ours}" if above else f"{with_ours}# new\n"

    assert crontab.removed(with_ours) == theirs
    assert crontab.installed(with_ours, jobs(plan("morning"))) == with_ours
    assert crontab.removed(later) == (f"# new\n{theirs}" if above else f"{theirs}# new\n")


def test_installing_again_replaces_the_block_where_it_stands() -> None:
    before = crontab.installed(THEIRS, jobs(plan("old"))) + "# below\n"
    after = crontab.installed(before, jobs(plan("new")))

    assert after.startswith(THEIRS)
    assert after.endswith(f"{crontab.END}\n# below\n")
    assert "old" not in after


@pytest.mark.parametrize(
    "broken",
    [
        "# BEGIN papertrack\n",
        "# END papertrack\n",
        "# END papertrack\n# BEGIN papertrack\n",
        "# BEGIN papertrack\n# BEGIN papertrack\n# END papertrack\n",
    ],
)
def test_a_broken_block_is_left_to_a_person(broken: str) -> None:
    for change in (crontab.removed, lambda text: crontab.installed(text, jobs())):
        with pytest.raises(PapertrackError, match=r"line 2 is .*crontab -e"):
            change(f"# mine\n{broken}")


def test_a_path_with_blanks_percents_and_quotes_reaches_the_program_as_it_is() -> None:
    odd = "/home/me/100% o'mine $HOME/papertrack"
    line = crontab.block(jobs_of([], (odd,), "")).splitlines()[-2]
    # What cron does to a line before the shell sees it: crontab(5).
    command = line.split(" ", 5)[5].replace("\\%", "%")

    assert "%" not in line.replace("\\%", "")
    assert shlex.split(command) == [odd, "fetch"]


@pytest.mark.parametrize("odd", ["/home/a\nb", "/home/a\\b"])
def test_a_path_that_a_crontab_cannot_hold_is_refused(odd: str) -> None:
    with pytest.raises(PapertrackError, match="crontab cannot hold"):
        crontab.block(jobs_of([], (odd,), ""))


# -- the command ----------------------------------------------------------------------------------


def test_install_shows_the_change_and_writes_it_only_when_told_to(cron: Machine) -> None:
    asked = cron.run("schedule", "install")
    assert not (cron.path / "table").exists()
    done = cron.run("schedule", "install", "--yes")

    assert (asked.returncode, done.returncode) == (2, 0)
    assert "add --yes" in asked.stderr
    assert asked.stdout == done.stdout
    added = [line[1:] for line in done.stdout.splitlines()[3:]]
    assert "".join(f"{line}\n" for line in added) == cron.table
    sends = [line for line in added if "--if-due" in line]
    assert [line.partition("digest send ")[2].split()[0] for line in sends] == ["morning", "weekly"]


def test_remove_restores_the_crontab_as_it_was(cron: Machine) -> None:
    (cron.path / "table").write_text(THEIRS)
    assert cron.run("schedule", "install", "-y").returncode == 0
    assert cron.table.startswith(THEIRS)
    assert cron.run("schedule", "remove", "-y").returncode == 0
    assert cron.table == THEIRS
    assert "Nothing of papertrack's" in cron.run("schedule", "remove", "-y").stderr

    (cron.path / "table").unlink()
    cron.run("schedule", "install", "-y")
    cron.run("schedule", "remove", "-y")
    assert not (cron.path / "table").exists()


def test_show_prints_the_block_and_says_whether_it_is_there(cron: Machine) -> None:
    before = cron.run("schedule", "show")
    cron.run("schedule", "install", "-y")
    after = cron.run("schedule", "show")
    cron.configure(DIGESTS.replace("weekly", "friday"))

    assert before.stdout == after.stdout == cron.table
    assert "is not installed" in before.stderr
    assert "This is installed." in after.stderr
    assert "Something else" in cron.run("schedule", "show").stderr


def test_the_lines_lead_to_the_same_files_from_anywhere(cron: Machine) -> None:
    cron.configure(DIGESTS)
    (cron.path / "mine.yaml").write_text(DIGESTS)
    shown = cron.run("--config", "mine.yaml", "schedule", "show", PAPERTRACK_DB="my.db").stdout
    line = shlex.split(shown.splitlines()[-2].split(" ", 5)[5])

    assert line[:3] == [sys.executable, "-m", "papertrack"]
    assert line[3:7] == [
        *("--config", str(cron.path / "mine.yaml")),
        *("--db", str(cron.path / "my.db")),
    ]


def test_a_crontab_that_cannot_be_read_is_not_overwritten(cron: Machine) -> None:
    cron.has(crontab='#!/bin/sh\necho "you may not use crontab" >&2\nexit 1\n')
    done = cron.run("schedule", "install", "-y")

    assert (done.returncode, done.stdout) == (1, "")
    assert "you may not use crontab; nothing was changed" in done.stderr


def test_a_crontab_that_changes_meanwhile_is_not_overwritten(cron: Machine) -> None:
    cron.has(
        crontab=CRONTAB.replace(
            'cat "$HOME/table" ;;', 'cat "$HOME/table"; echo \'#\' >>"$HOME/table" ;;'
        )
    )
    (cron.path / "table").write_text(THEIRS)
    done = cron.run("schedule", "install", "-y")

    assert done.returncode == 1
    assert "changed in the meantime" in done.stderr
    assert "papertrack" not in cron.table


def test_without_any_scheduler_the_lines_are_shown_and_nothing_is_installed(tmp_path: Path) -> None:
    bare = Machine(tmp_path).has()
    assert "no crontab command" in bare.run("schedule", "show").stderr
    done = bare.run("schedule", "install", "-y")
    assert done.returncode == 2
    assert "install cron, or say --systemd" in done.stderr


def test_without_a_digest_it_only_fetches_and_says_so(tmp_path: Path) -> None:
    machine = Machine(tmp_path).has(crontab=CRONTAB)
    done = machine.run("schedule", "install", "-y")

    assert "No digest is configured yet" in done.stderr
    assert next(line for line in machine.table.splitlines() if line[:1] != "#").endswith(" fetch")


# -- systemd --------------------------------------------------------------------------------------


def test_timers_are_written_enabled_and_taken_away_again(tmp_path: Path) -> None:
    machine = Machine(tmp_path).has(systemctl=SYSTEMCTL)
    machine.configure(DIGESTS)
    folder = tmp_path / ".config" / "systemd" / "user"
    folder.mkdir(parents=True)
    (folder / "papertrack-of-mine.service").write_text("[Service]\nExecStart=/bin/true\n")
    before = sorted(folder.rglob("*"))

    assert machine.run("schedule", "install", "-y").returncode == 0
    enabled = sorted((folder / "timers.target.wants").iterdir())
    assert [link.resolve().name for link in enabled] == [link.name for link in enabled]
    assert "Persistent=true" in (folder / "papertrack-digest-morning.timer").read_text()
    assert "installed already" in machine.run("schedule", "install").stderr
    assert machine.run("schedule", "remove", "-y").returncode == 0

    assert sorted(folder.rglob("*")) == before
    timers = "papertrack-digest-morning.timer papertrack-digest-weekly.timer papertrack-fetch.timer"
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [" ".join(sorted(line.split()[2:])) for line in asked if " st" in line] == [timers] * 2
    assert asked.count("--user daemon-reload") == 2


def test_a_digest_that_is_gone_takes_its_timer_along(tmp_path: Path) -> None:
    machine = Machine(tmp_path).has(systemctl=SYSTEMCTL)
    machine.configure(DIGESTS)
    machine.run("schedule", "install", "--systemd", "-y")
    machine.configure(DIGESTS.replace("weekly", "friday"))
    machine.run("schedule", "install", "--systemd", "-y")

    names = {path.name for path in (tmp_path / ".config" / "systemd").rglob("papertrack-*")}
    assert names == {
        f"papertrack-{job}.{kind}"
        for job in ("fetch", "digest-morning", "digest-friday")
        for kind in ("service", "timer")
    }


def test_a_unit_of_somebody_else_is_not_written_over(tmp_path: Path) -> None:
    machine = Machine(tmp_path).has(systemctl=SYSTEMCTL)
    folder = tmp_path / ".config" / "systemd" / "user"
    folder.mkdir(parents=True)
    (folder / "papertrack-fetch.timer").write_text("[Timer]\n")
    done = machine.run("schedule", "install", "--systemd", "-y")

    assert done.returncode == 1
    assert "not of papertrack's making" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["papertrack-fetch.timer"]


def test_where_no_systemd_answers_it_is_said_when_timers_start(tmp_path: Path) -> None:
    machine = Machine(tmp_path).has(systemctl="#!/bin/sh\nexit 1\n")
    done = machine.run("schedule", "install", "--systemd", "-y")

    assert done.returncode == 0
    assert "Nothing runs yet" in done.stderr
    assert "enable-linger" in done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
def test_systemd_itself_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    odd = tmp_path / '100% "o\'mine" $HOME \\ x'
    odd.mkdir()
    (odd / "papertrack").symlink_to("/bin/true")
    for name, content in units(jobs_of([plan("a.b_c")], (str(odd / "papertrack"),), "")).items():
        if "/" not in name:
            (tmp_path / name).write_text(content)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *map(str, tmp_path.glob("papertrack-*"))],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


# -- what is different there ----------------------------------------------------------------------


def _told(config: Config, **env: str) -> str:
    return " ".join(differences(config, env, lambda name: name == "pass"))


def test_what_a_scheduled_run_will_not_know_is_said_at_once() -> None:
    mail = MailConfig(user="me", password_command="passage show x", from_="me@example.org")
    digests = (plan("morning"),)

    assert "mail.password_file" in _told(Config(digests=digests, mail=MailConfig(user="me")))
    assert "mail.password_command runs passage, " in _told(Config(digests=digests, mail=mail))
    assert "set its timezone to Asia/Tokyo" in _told(Config(digests=digests), TZ=":Asia/Tokyo")
    token = _told(Config(), PAPERTRACK_HUGGINGFACE_TOKEN="x")
    assert token.endswith("set sources.huggingface.token_command.")


def test_where_all_is_in_the_configuration_nothing_is_said() -> None:
    mail = MailConfig(user="me", password_command="pass show x", from_="me@example.org")
    assert _told(Config(digests=(plan("morning"),), mail=mail)) == ""
    assert _told(Config(), TZ="Asia/Tokyo") == ""


def test_the_program_is_named_so_that_it_is_found_from_anywhere(tmp_path: Path) -> None:
    script = tmp_path / "papertrack"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)

    assert program(str(script)) == (str(script),)
    assert program("/x/papertrack/__main__.py") == (sys.executable, "-m", "papertrack")
