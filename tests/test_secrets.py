"""No command tells a secret: not with -v or PAPERTRACK_DEBUG, not if a service repeats it."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from fakes import FakeService, Said, on_loopback
from mailserver import mail_server
from program import Home
from test_cli import commands

KEYED = ("huggingface", "github", "semanticscholar", "openalex")
TOKEN, PASSWORD = "canary-8d1f-token", "canary-77b2-password"
ID = "2604.08626"
#: With what each command is called; without an entry, with nothing.
WORDS = {
    "show": ID,
    "save": ID,
    "unsave": ID,
    "read": ID,
    "unread": ID,
    "hide": ID,
    "unhide": ID,
    "tag": f"{ID} mine",
    "untag": f"{ID} mine",
    "note": f"{ID} hello",
    "mark-seen": ID,
    "fetch": "--since 3d --json",
    "import": "ids.txt",
    "export": "-o out.jsonl",
    "similar": ID,
    "recommend": f"--like {ID}",
    "search": "agent",
    "open": ID,
    "download": ID,
    "digest preview": "morning",
    "digest send": "--json",
    "db backup": "copy.db",
    "db prune": "--older-than 365d",
    "backtest": "",
    "config init": "--stdout",
    "completion": "bash",
}
NAMES = [name for name, _ in commands()]


@dataclass
class Echo(FakeService):
    """Refuses everybody, and repeats all that it was told."""

    def answer(self, target: str, headers: Mapping[str, str]) -> Said:
        super().answer(target, headers)
        told = {"message": f"bad key in {target} {dict(headers)}", "error": str(dict(headers))}
        return Said(json.dumps(told).encode(), status=401)


def configuration(url: str, port: int) -> str:
    sections = {name: {"enabled": True, "base_url": url, "token": TOKEN} for name in KEYED}
    digests = [{"name": "morning", "to": ["me@example.org"], "timezone": "UTC"}]
    mail = {"host": "127.0.0.1", "port": port, "tls": "none", "from": "me@example.org"}
    mail |= {"user": "me", "password_command": "cat password"}
    return json.dumps(
        {"fetch": {"sources": KEYED}, "sources": sections, "digests": digests, "mail": mail}
    )


@pytest.fixture(scope="module")
def services() -> Any:
    with on_loopback(Echo()) as url, mail_server() as server:
        yield configuration(url, server.port)


#: A program lets the system close what it leaves open; here it would be a warning.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", NAMES)
def test_no_command_tells_a_secret(
    name: str,
    own: Desk,
    services: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ids.txt").write_text("2604.99999\n")
    (tmp_path / "config.yaml").write_text(services)
    (tmp_path / "password").write_text(PASSWORD)
    done = own(
        *name.split(),
        *shlex.split(WORDS.get(name, "")),
        env={"PAPERTRACK_DEBUG": "1", "PATH": "/usr/bin:/bin"},
        verbose=True,
        offline=False,
        config_flag=str(tmp_path / "config.yaml"),
    )
    written = capfd.readouterr()
    said = done.out + done.err + written.out + written.err
    said += "".join(
        path.read_bytes().decode("latin-1")
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name not in ("config.yaml", "password")
    )
    assert "canary" not in said
    if name in WORDS:
        assert "No such option" not in said
        assert "Missing argument" not in said


@pytest.mark.parametrize("command", ["fetch -v --json", "digest test -v", "doctor -v"])
def test_nor_does_the_program_when_it_is_to_say_everything(
    command: str, services: str, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    home.configure(services)
    (tmp_path / "password").write_text(PASSWORD)
    done = home.run(*command.split(), PAPERTRACK_DEBUG="1")
    assert done.returncode != 2
    assert "canary" not in done.stdout + done.stderr


def test_the_words_are_those_of_commands_that_there_are() -> None:
    assert set(WORDS) <= set(NAMES)
