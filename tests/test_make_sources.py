"""From the configuration to sources: which, in which order, with which keys and pauses."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from fakes import FakeService, FrozenClock, on_loopback, said

from papertrack.config import Config
from papertrack.errors import ConfigError, SourceError
from papertrack.models import SOURCES
from papertrack.sources import PAUSES, Source, Wanted, make_sources
from papertrack.sources.reach import reach
from papertrack.sources.tokens import token

CLOCK = FrozenClock(NOW)
CANARY = "canary-9f3b"


def made(config: Config, turns: Path, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    found = make_sources(config, CLOCK, env or {}, turns)
    return {source.name: source for source in found}


def where(config: Config, name: str, **fields: Any) -> Config:
    """The configuration with some keys of one source changed."""
    section = replace(getattr(config.sources, name), **fields)
    return replace(config, sources=replace(config.sources, **{name: section}))


def everything() -> Config:
    config = Config()
    for source in fields(config.sources):
        config = where(config, source.name, enabled=True)
    return config


def prints(what: str) -> str:
    return shlex.join([sys.executable, "-c", f"print({what!r})"])


def test_the_four_that_need_nothing_are_on(tmp_path: Path) -> None:
    assert list(made(Config(), tmp_path)) == [
        "huggingface", "paperswithcode", "arxiv", "hackernews",
    ]  # fmt: skip


def test_each_source_that_is_switched_on_is_made_under_its_name(tmp_path: Path) -> None:
    assert sorted(made(everything(), tmp_path)) == sorted(set(SOURCES) - {"import"})


def test_the_order_is_that_of_the_configuration(tmp_path: Path) -> None:
    wanted = ("arxiv", "github", "huggingface")
    config = replace(Config(), fetch=replace(Config().fetch, sources=wanted))

    assert list(made(config, tmp_path)) == ["arxiv", "huggingface"]  # github is off
    assert list(made(where(config, "github", enabled=True), tmp_path)) == list(wanted)


def test_all_share_one_pool_and_only_those_that_ask_for_pauses_have_a_gate(tmp_path: Path) -> None:
    sources = made(everything(), tmp_path)

    assert len({id(one.client._session()) for one in sources.values()}) == 1
    plain = sources["huggingface"].client.gate
    gated = {name for name, one in sources.items() if one.client.gate is not plain}
    assert gated == set(PAUSES) == {"arxiv", "semanticscholar"}
    assert PAUSES["arxiv"] >= 3
    with sources["arxiv"].client.gate():
        assert [path.name for path in tmp_path.iterdir() if path.suffix == ".pace"] == [
            "arxiv.pace"
        ]
    for one in sources.values():
        one.client.close()


def test_keys_of_the_configuration_reach_the_source(tmp_path: Path) -> None:
    config = where(Config(), "arxiv", categories=("cs.LO",), feed_url="http://127.0.0.1:9")
    arxiv = made(config, tmp_path)["arxiv"]

    assert (arxiv.categories, arxiv.feed_url) == (("cs.LO",), "http://127.0.0.1:9")
    assert arxiv.base_url == "https://export.arxiv.org"


# -- tokens -----------------------------------------------------------------------------------


def test_a_token_comes_from_the_environment_then_the_file_then_a_command(tmp_path: Path) -> None:
    config = where(Config(), "huggingface", token_command=prints("by-command"))
    in_file = where(config, "huggingface", token="in-file")
    env = {"PAPERTRACK_HUGGINGFACE_TOKEN": " in-env\n"}

    assert made(in_file, tmp_path, env)["huggingface"].token == "in-env"
    assert made(in_file, tmp_path)["huggingface"].token == "in-file"
    assert made(config, tmp_path)["huggingface"].token == "by-command"
    assert made(Config(), tmp_path)["huggingface"].token == ""


def test_of_what_a_command_prints_the_first_line_is_the_token() -> None:
    section = replace(Config().sources.github, token_command=prints("\nabc \nlogin: me"))

    assert token("github", section, {}).strip() == "abc"


@pytest.mark.parametrize(
    "command",
    [
        "no-such-program-anywhere",
        shlex.join([sys.executable, "-c", f"print({CANARY!r}); raise SystemExit(1)"]),
        "an 'unclosed quote",
        prints(""),
    ],
)
def test_a_source_whose_token_cannot_be_had_fails_alone(command: str, tmp_path: Path) -> None:
    config = where(Config(), "huggingface", token_command=command)
    with pytest.raises(ConfigError, match="token_command") as failure:
        token("huggingface", config.sources.huggingface, {})
    assert CANARY not in str(failure.value)

    sources: dict[str, Source] = made(config, tmp_path)
    assert list(sources) == list(made(Config(), tmp_path))
    with pytest.raises(SourceError, match="run it yourself"):
        list(sources["huggingface"].fetch(Wanted(), {}))


def test_a_source_without_keys_has_no_token() -> None:
    env = {"PAPERTRACK_ARXIV_TOKEN": CANARY}

    assert token("arxiv", Config().sources.arxiv, env) == ""


def test_a_host_is_reached_by_its_smallest_page() -> None:
    service = FakeService({"/robots.txt": said("", Date="Wed, 15 Apr 2026 12:00:00 GMT")})
    with on_loopback(service) as url:
        assert "2026" in reach(Config(), CLOCK, url)
        assert service.targets == ["/robots.txt"]
    with pytest.raises(SourceError, match="nobody listens there"):
        reach(Config(), CLOCK, url)
