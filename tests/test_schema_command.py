"""What every --json prints is what `papertrack schema` says."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from builders import NOW
from desk import Desk
from jsonschema import Draft202012Validator, FormatChecker
from mailserver import FINE
from program import Home, HuggingFace, serving, week
from test_backtest import history
from test_digest_command import YOU, reader
from test_embedding import write_model
from test_going import CONFIG, WILD

from papertrack.cli import app
from papertrack.cli.shapes import LISTS, PRINTED
from papertrack.reports import Batch
from papertrack.store import Store


def commands_with_json(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Those of the live program."""
    group = group or typer.main.get_command(app)
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if hasattr(command, "commands"):
            yield from commands_with_json(command, (*path, name))
        elif any("--json" in option.opts for option in command.params):
            yield " ".join((*path, name))


def test_there_is_a_schema_of_every_command_that_prints_json() -> None:
    assert set(commands_with_json()) == set(PRINTED), "say in cli/shapes.py what it prints"


@pytest.fixture
def schema(desk: Desk):
    def of(name: str) -> Any:
        told = json.loads(desk("schema", *name.split()).out)
        Draft202012Validator.check_schema(told)
        return told

    return of


@pytest.fixture
def valid(schema):
    """Checks a value, and that it holds no key that the schema does not name."""

    def check(name: str, value: Any) -> None:
        strict = Draft202012Validator(_closed(schema(name)), format_checker=FormatChecker())
        strict.validate(value)
        assert value, "nothing was checked"

    return check


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    more = {"additionalProperties": False} if "properties" in schema else {}
    return {**{name: _closed(one) for name, one in schema.items()}, **more}


LINES = [
    *("trending", "trending --explain", "daily 2026-04-17", "search agent", f"similar {WILD}"),
    *(f"recommend --like-id {WILD} --all", f"show {WILD}", f"show {WILD} 2604.14148"),
    *(f"show {WILD} --sources", "topics", "status", "doctor", "db stats", "db check"),
    *("db optimize", "db repair", "db prune --older-than 1d --yes", "backtest", "saved"),
]


@pytest.mark.parametrize("line", LINES)
def test_what_is_printed_is_what_the_schema_says(own: Desk, valid, line: str) -> None:
    own("save", WILD)
    own("tag", "mine", WILD)
    (own.home / "c.yaml").write_text(CONFIG)
    done = own(*line.split(), "--json", config_flag=str(own.home / "c.yaml"))
    words = [word for word in line.split() if word in " ".join(PRINTED).split()]
    valid(" ".join(words), done.records)


def test_a_chosen_field_is_as_the_schema_of_a_paper_says(desk: Desk, schema) -> None:
    (one, *_) = desk("trending", "--json", "--fields", "id,upvotes,listed_on").records
    told = schema("paper")["properties"]
    for name, value in one.items():
        Draft202012Validator(told[name]).validate(value)


def test_a_fetch_an_import_and_a_digest_are_what_the_schema_says(tmp_path: Path, valid) -> None:
    days = week()
    with reader(tmp_path, FINE, unknown=frozenset([YOU])) as (home, _):
        for line in ("fetch", "digest send", "digest status", "digest retry"):
            valid(line, json.loads(home.run(*line.split(), "--json").stdout))
        (tmp_path / "ids.txt").write_text("2604.15001 2604.99999\nno id\n")
        valid("import", json.loads(home.run("import", "ids.txt", "--json").stdout))
    with serving(HuggingFace(days, broken={"2026-04-14"})) as hub:
        done = Home(tmp_path / "else").asks(hub.url).run("fetch", "--json")
        valid("fetch", json.loads(done.stdout))
        assert done.returncode == 5


def test_a_backtest_and_its_ledger_are_what_the_schema_says(tmp_path: Path, valid) -> None:
    place = tmp_path / "p.db"
    with closing(Store(str(place))) as store:
        for one in history():
            batch = Batch(
                papers=(one.paper,),
                listings=tuple(one.listings),
                observations=tuple(one.observations),
            )
            store.add("huggingface", batch, NOW)
        key = history()[0].paper.id
        store.keep_promise(NOW.date(), "trending", [(key, 5.0, 3.0)], NOW)
    desk = Desk(tmp_path, place, now=NOW + timedelta(days=20))
    report = desk("backtest", "--json", "--rank", "upvotes").records
    assert report["scores"]
    valid("backtest", report)
    valid("backtest", desk("backtest", "--ledger", "--json").records)


def test_embedding_is_what_the_schema_says(own: Desk, tmp_path: Path, valid) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(f"similarity: {{model: '{write_model(tmp_path / 'model')}'}}\n")
    valid("embed", own("embed", "-l", "2", "--json", config_flag=str(config)).records)


def test_csl_is_what_the_schema_says(desk: Desk, valid) -> None:
    valid("csl", desk("trending", "-f", "csl").records)


def test_without_a_name_it_names_them_and_a_wrong_one_is_told(desk: Desk) -> None:
    assert desk("schema").out.split("\n")[:3] == ["paper", "csl", LISTS[0]]
    done = desk("schema", "trendig")
    assert (done.code, "did you mean trending?" in done.err) == (2, True)
