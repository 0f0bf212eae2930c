"""`papertrack doctor`: each finding good and bad, with what to do; and no secret in any output."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, SOURCE, paper
from fakes import FakeService, FrozenClock, Said, on_loopback, redirect
from program import NOWHERE, Home

from papertrack.clock import iso
from papertrack.config import Config, DigestConfig
from papertrack.doctor import BAD, GOOD, WARNING, Doctor, Finding, worst
from papertrack.errors import ConfigError, SourceUnavailableError, StoreError
from papertrack.reports import Batch
from papertrack.store import Store

CANARY = "canary-9f3b-never-shown"
DEAD = SourceUnavailableError("It could not be read (nobody listens there); check the network.")


# -- the findings -----------------------------------------------------------------------------


def only(*names: str, **fields: Any) -> Config:
    """These sources and no others, switched on."""
    config = replace(Config(), fetch=replace(Config().fetch, sources=names))
    for name in names:
        section = replace(getattr(config.sources, name), enabled=True, **fields)
        config = replace(config, sources=replace(config.sources, **{name: section}))
    return config


@dataclass
class Machine:
    """What the doctor looks at; an exception is what happens when it does."""

    config: Config | Exception
    store: Store | Exception
    token: str | Exception = ""
    theirs: datetime | Exception | None = None
    mail: str | Exception = ""
    offline: bool = False

    def findings(self) -> dict[str, Finding]:
        def answer(value: Any) -> Any:
            if isinstance(value, Exception):
                raise value
            return value

        doctor = Doctor(
            config=lambda: answer(self.config),
            store=lambda: answer(self.store),
            token=lambda name: answer(self.token),
            reach=lambda url: answer(self.theirs),
            post=lambda: answer(self.mail),
            clock=FrozenClock(NOW),
            offline=self.offline,
        )
        return {one.question: one for one in doctor.findings()}


@pytest.fixture
def machine(store: Store) -> Machine:
    return Machine(only("huggingface"), store)


def test_where_all_is_well_every_finding_says_so(machine: Machine) -> None:
    found = machine.findings()

    assert list(found) == ["config", "store", "huggingface"]
    assert worst(list(found.values())) == GOOD
    assert found["huggingface"].said == "It answers at https://huggingface.co."


def mailing(config: Any, **mail: str) -> Config:
    """The same with a digest, and with a way out for it."""
    digest = DigestConfig(name="morning", to=("you@example.net",))
    return replace(config, digests=(digest,), mail=replace(config.mail, **mail))


def test_mail_is_looked_at_where_there_is_a_digest(machine: Machine) -> None:
    machine.config = mailing(machine.config, from_="me@example.org")
    machine.mail = "smtp.example.org answers."
    assert machine.findings()["mail"] == Finding("mail", GOOD, "smtp.example.org answers.")
    machine.mail = ConfigError("mail.password_file can be read by others; chmod 600 it.")
    assert machine.findings()["mail"] == Finding("mail", BAD, str(machine.mail))


def test_a_digest_without_a_sender_is_found(machine: Machine) -> None:
    machine.config = mailing(machine.config)
    assert machine.findings()["mail"].said.startswith("mail.from is empty")


def test_offline_no_mail_server_is_asked(machine: Machine) -> None:
    machine.config = mailing(machine.config, from_="me@example.org")
    machine.mail, machine.offline = ConfigError("It was asked."), True
    assert machine.findings()["mail"].verdict == GOOD
    machine.config = mailing(machine.config, from_="me@example.org", transport="maildir")
    assert machine.findings()["mail"].verdict == BAD


def test_a_configuration_that_cannot_be_used_is_the_only_finding(machine: Machine) -> None:
    machine.config = ConfigError("config.yaml:3: fetch.max_age: expected a length of time.")

    (found,) = machine.findings().values()
    assert (found.question, found.verdict, found.said) == ("config", BAD, str(machine.config))


def test_a_store_that_cannot_be_opened_stops_no_other_finding(machine: Machine) -> None:
    machine.store = StoreError("It belongs to another program; name another file with --db.")

    found = machine.findings()
    assert (found["store"].verdict, found["store"].said) == (BAD, str(machine.store))
    assert found["huggingface"].verdict == GOOD


def test_a_store_that_is_damaged_is_found(tmp_path: Path, machine: Machine) -> None:
    path = tmp_path / "damaged.db"
    with closing(Store(str(path))) as store:
        store.add(SOURCE, Batch(papers=(paper(),)), NOW)
    body = bytearray(path.read_bytes())
    body[3 * 8192 : 4 * 8192] = bytes(8192)
    path.write_bytes(body)
    machine.store = Store(str(path))

    found = machine.findings()["store"]
    machine.store.close()
    assert found.verdict == BAD
    assert "`papertrack db repair`" in found.said


def test_what_sqlite_finds_wrong_is_told(machine: Machine) -> None:
    class Damaged:
        def size(self) -> int:
            return 8192

        def check(self) -> list[str]:
            return ["row 3 missing from index listings_by_date", "another"]

    machine.store = Damaged()  # type: ignore[assignment]
    assert machine.findings()["store"] == Finding(
        "store",
        BAD,
        "row 3 missing from index listings_by_date; `papertrack db repair` mends it.",
    )


def test_no_source_at_all_is_bad(machine: Machine) -> None:
    machine.config = replace(Config(), fetch=replace(Config().fetch, sources=("github",)))

    assert machine.findings()["sources"].verdict == BAD


@pytest.mark.parametrize("name", ["huggingface", "github"])
def test_a_key_that_only_lifts_limits_may_be_missing(name: str, machine: Machine) -> None:
    machine.config = only(name)
    assert f"{name} key" not in machine.findings()
    machine.token = CANARY
    found = machine.findings()[f"{name} key"]
    assert (found.verdict, CANARY in found.said) == (GOOD, False)


@pytest.mark.parametrize("name", ["semanticscholar", "openalex"])
def test_a_key_without_which_nothing_comes_must_be_there(name: str, machine: Machine) -> None:
    machine.config = only(name)
    found = machine.findings()[f"{name} key"]
    assert (found.verdict, f"sources.{name}.token_command" in found.said) == (BAD, True)


def test_a_command_that_gives_no_key_is_found(machine: Machine) -> None:
    machine.token = ConfigError("sources.huggingface.token_command did not give a token; run it.")

    assert machine.findings()["huggingface key"] == Finding(
        "huggingface key", BAD, str(machine.token)
    )


def test_a_host_that_does_not_answer_is_bad(machine: Machine) -> None:
    machine.theirs = DEAD

    assert machine.findings()["huggingface"] == Finding("huggingface", BAD, str(DEAD))


@pytest.mark.parametrize(
    ("minutes", "verdict"), [(0, GOOD), (9, GOOD), (-9, GOOD), (11, WARNING), (-600, WARNING)]
)
def test_a_clock_that_is_off_is_told(minutes: int, verdict: str, machine: Machine) -> None:
    machine.theirs = NOW + timedelta(minutes=minutes)

    found = machine.findings()["huggingface"]
    assert found.verdict == verdict
    assert ("set your clock" in found.said) == (verdict == WARNING)


def test_arxivs_feeds_live_in_a_place_of_their_own(machine: Machine) -> None:
    machine.config = only("arxiv")
    assert {"arxiv", "arxiv feed"} <= machine.findings().keys()
    machine.config = only("arxiv", feed_url="https://export.arxiv.org")
    assert "arxiv feed" not in machine.findings()


def test_offline_asks_no_host(machine: Machine) -> None:
    machine.offline, machine.theirs = True, DEAD

    assert list(machine.findings()) == ["config", "store"]


def test_the_worst_finding_counts() -> None:
    good, warning, bad = (Finding("q", verdict, "") for verdict in (GOOD, WARNING, BAD))

    assert [worst([]), worst([good, warning]), worst([bad, warning])] == [GOOD, WARNING, BAD]


# -- the command ------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_machine_that_is_well_is_0_and_one_that_is_not_is_1(tmp_path: Path) -> None:
    """The server's clock is this machine's, so the program's has to be, too."""
    home = Home(tmp_path, now=iso(datetime.now(UTC)))
    with on_loopback(FakeService()) as url:
        done = home.asks(url).run("doctor")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            "ok   config               It can be used.",
            "ok   store                It is whole.",
            f"ok   huggingface          It answers at {url}.",
        ]
    done = home.run("doctor", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"]) == (1, "error")
    assert told["findings"][2]["question"] == "huggingface"
    assert "nobody listens there" in told["findings"][2]["said"]


def test_a_clock_that_is_off_is_a_warning_and_no_failure(home: Home) -> None:
    with on_loopback(FakeService()) as url:
        done = home.asks(url).run("doctor", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, "warning")
    assert "unset PAPERTRACK_NOW" in done.stdout


@pytest.mark.parametrize(
    "date", ["", "soon", "Wed, 15 Apr 2026 12:00:00 -0000", "1 Jan 0001 +1400"]
)
def test_a_date_that_is_odd_breaks_nothing(home: Home, date: str) -> None:
    service = FakeService({"/robots.txt": Said(b"", headers={"Date": date})})
    with on_loopback(service) as url:
        done = home.asks(url).run("doctor")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_configuration_is_a_finding(home: Home) -> None:
    home.configure("fetch: {max_age: soon}\n")
    done = home.run("doctor")
    assert (done.returncode, done.stderr) == (4, "")
    assert done.stdout.startswith("BAD  config ")


def test_the_demo_and_offline_ask_nobody(home: Home) -> None:
    home.asks(NOWHERE)
    for words in (["--demo"], ["--offline"]):
        assert home.run("doctor", *words).returncode == 0


# -- secrets ----------------------------------------------------------------------------------

KEYED = ("huggingface", "github", "semanticscholar", "openalex")


@dataclass
class Same(FakeService):
    """Answers everything in one way."""

    always: Said = Said()

    def answer(self, target: str, headers: Mapping[str, str]) -> Said:
        super().answer(target, headers)
        return self.always


def configure(home: Home, url: str, key: Mapping[str, str]) -> None:
    sections = {name: {"enabled": True, "base_url": url, **key} for name in KEYED}
    home.configure(json.dumps({"fetch": {"sources": KEYED}, "sources": sections}))


@pytest.mark.parametrize(
    ("key", "env"),
    [
        ({"token": CANARY}, {}),
        ({"token_command": "cat secret.txt"}, {}),
        ({"token_command": "grep '' secret.txt nowhere.txt"}, {}),  # prints it, and fails
        ({}, {f"PAPERTRACK_{name.upper()}_TOKEN": CANARY for name in KEYED}),
    ],
)
def test_no_output_holds_a_secret(home: Home, key: dict[str, str], env: dict[str, str]) -> None:
    (home.path / "secret.txt").write_text(CANARY)
    service = Same(always=Said(b"no", status=401))
    with on_loopback(service) as url:
        configure(home, url, key)
        commands = [["doctor"], ["fetch", "-v"], ["config", "show"], ["status", "--json"]]
        if "token" not in key:
            del commands[2:]
        for command in commands:
            done = home.run(*command, **env)
            assert CANARY not in done.stdout + done.stderr
            assert "Traceback" not in done.stderr
    sent = [one.headers.get("authorization", "") for one in service.asked]
    assert any(CANARY in one for one in sent) == ("nowhere" not in str(key))


@pytest.mark.parametrize(
    "answer", [Said(b"no", status=500), redirect("https://elsewhere.example/")]
)
def test_no_failure_holds_a_secret(home: Home, answer: Said) -> None:
    service = Same(always=answer)
    with on_loopback(service) as url:
        configure(home, url, {"token": CANARY})
        done = home.run("fetch", "-v", "--json")
    assert done.returncode in (3, 5)
    assert service.asked
    assert CANARY not in done.stdout + done.stderr
