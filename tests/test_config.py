"""The configuration: what a file means, and what is said about one that means nothing."""

import re
import subprocess
import sys
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from hypothesis import example as case
from hypothesis import given
from hypothesis import strategies as st

from papertrack import config
from papertrack.config import Config, Sources, Weights, nodes, reading, schema
from papertrack.errors import ConfigError, Exit
from papertrack.models import SOURCES, Topic
from papertrack.preferences import Preferences, preferences_in

SECRET = "hf_s3cretS3cret"
FULL = """\
# copied from a blog
store: {path: ~/papers.db}
fetch:
  max_age: 90m
  contact: me@example.org
  sources: huggingface
sources:
  huggingface:
    enabled: no
    base_url: HTTP://LocalHost:8080/
    token: hf_abc
topics:
  - name: agents
    any: [agent, "tool use", 12:30, 2310.12340, 0123, no, null]
    authors: Yoshua Bengio
  - {name: vision, categories: [cs.CV]}
ranking:
  weights: {attention: 1e2, momentum: .5}
  half_life: 2w
"""


def error(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.parse(text)
    assert caught.value.exit_code == Exit.CONFIG
    return str(caught.value)


def test_every_value_is_typed_by_its_key() -> None:
    read = config.parse(FULL)
    assert read.store.path == "~/papers.db"
    assert read.fetch.max_age == timedelta(minutes=90)
    assert read.fetch.sources == ("huggingface",)
    assert read.sources.huggingface.enabled is False
    assert read.sources.huggingface.base_url == "http://localhost:8080"
    assert read.ranking.weights == Weights(attention=100.0, momentum=0.5)
    assert read.ranking.half_life == timedelta(days=14)


def test_text_that_yaml_would_take_for_something_else_stays_text() -> None:
    words = ("agent", "tool use", "12:30", "2310.12340", "0123", "no", "null")
    assert config.parse(FULL).topics == (
        Topic(name="agents", any=words, authors=("Yoshua Bengio",)),
        Topic(name="vision", categories=("cs.CV",)),
    )


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "\ufeff", "store:\n", "{}"])
def test_saying_nothing_keeps_the_defaults(text: str) -> None:
    assert config.parse(text) == Config()


@pytest.mark.parametrize(
    "text",
    [
        "fetch: {max_age: }",
        "store: {path: ~}",
        "topics:\n  # - name: x\n",
        "sources:\n  huggingface:\n",
        "ranking: {weights: null}",
    ],
)
def test_a_key_with_nothing_after_it_keeps_its_default(text: str) -> None:
    assert config.parse(text) == Config()


@pytest.mark.parametrize("word", ["yes", "true", "on", "TRUE", "'yes'"])
def test_a_switch_takes_every_yes(word: str) -> None:
    assert config.parse(f"sources: {{huggingface: {{enabled: {word}}}}}") == Config()


def test_a_misspelt_key_is_named_with_its_line_and_the_nearest_one() -> None:
    text = "\n" * 4 + "ranking:\n  weights:\n    attenton: 3\n"
    expected = "config.yaml:7: ranking.weights.attenton is not a key; did you mean attention?"
    assert error(text) == expected


WRONG = {
    "nothing: 1": ":1: nothing is not a key; the keys here are store, fetch, sources, topics, ",
    "fetch:\n  max_age: soon": ":2: fetch.max_age: expected a length of time such as 90m, 1h or ",
    "fetch: {max_age: [1h]}": ":1: fetch.max_age: expected a length of time such as 90m, 1h or 7d, "
    "found a list.",
    "fetch: {max_age: 999999d}": "expected a length of time",
    "fetch:max_age": ":1: expected keys (store, fetch, sources, topics, ranking, similarity, "
    "digests, mail), found text; is a blank missing after a colon?",
    "fetch: [a]": ":1: fetch: expected keys (max_age, contact, sources), found a list.",
    "fetch: {sources: [huggingfac]}": "'huggingfac' is not a source; there is huggingface, ",
    "fetch: {sources: [huggingface, huggingface]}": "each source can be named once",
    "fetch: {sources: [huggingface, '']}": ":1: fetch.sources: an item is empty.",
    "fetch: {contact: é}": "ASCII",
    "store:\n  path: a\n  path: b": ":3: store.path: this is there twice, first on line 2.",
    "store: {path: {a: b}}": ":1: store.path: expected text, found keys.",
    'store: {path: "\\e]0;"}': ":1: the character U+001B cannot be in a value",
    'store: {path: "a\\nb"}': ":1: the character U+000A cannot be in a value",
    "sources: {huggingface: {enabled: maybe}}": "enabled: expected yes or no, found 'maybe'.",
    "topics: agents": ":1: topics: expected a list, each item with a name, found text.",
    "topics: [agents]": ":1: topics[0]: expected keys (name, any, all, none, authors, categories, ",
    "topics: [{any: a}]": ":1: topics[0]: a name is missing.",
    "topics: [{name: , any: a}]": ":1: topics[0]: a name is missing.",
    "topics: [{name: a}]": ":1: topics[0]: a topic needs at least one of any, all, none, ",
    "topics:\n- {name: a, any: b}\n- {name: a, any: c}": ":3: topics[1]: the name 'a' is there",
    "ranking: {weights: {code: -1}}": "weights.code: a weight is a number from 0 to 1000.",
    "ranking: {weights: {code: 1001}}": "a weight is a number from 0 to 1000.",
    "ranking: {weights: {code: nan}}": "expected a number, found 'nan'.",
    "ranking: {weights: {code: 1_0}}": "expected a number, found '1_0'.",
    "ranking: {weights: {code: 1e999}}": "a weight is a number from 0 to 1000.",
    "ranking: {half_life: 0d}": ":1: ranking.half_life: this must be longer than nothing.",
    "a: &x 1": ":1: anchors and aliases are not used here",
    "a: *x": ":1: anchors and aliases are not used here",
    "a: !!python/name:os.system x": ":1: tags are not used here",
    "a: 1\n---\nb: 2": "a second document starts; keep one.",
    "a: [": ":1: this is not YAML: ",
    "store:\n\tpath: x": ":2: this is not YAML: ",
    "fetch: {max_age: 1h": ":1: this is not YAML: did not find expected ',' or '}'.",
    "[a]: b": ":1: a key must be a word.",
    "[" * 50_000: "this is nested too deeply.",
    "- " * 50_000: "this is nested too deeply.",
    "a\0b": ":1: the character U+0000 cannot be in a configuration.",
    "\n\ud800": ":2: the character U+D800 cannot be in a configuration.",
    "#" * 1_000_001: "larger than 1 MB",
    "%YAML " + "9" * 5000 + ".1\n---\na": "config.yaml",
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: repr(text[:30]))
def test_what_is_wrong_is_said_in_one_sentence(text: str) -> None:
    said = error(text)
    assert said.startswith("config.yaml")
    assert WRONG[text] in said
    assert "\n" not in said


def test_what_is_no_yaml_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("yaml.CSafeLoader")  # the other loader quotes what it found
    assert error("a: !secret!x y").endswith(": found undefined tag handle this.")
    assert error("a: [b, c}").endswith(": expected ',' or ']', but got '}'.")


@pytest.mark.parametrize(
    "address",
    [
        "huggingface.co",
        "ftp://huggingface.co",
        "https://",
        "https://host/path",
        "https://host?x=1",
        "https://me:pass@host",
        "https://host:0",
        "https://host:99999",
        "https://ho st",
        "https://a..b",
    ],
)
def test_a_base_url_is_scheme_and_host_only(address: str) -> None:
    said = error(f"sources: {{huggingface: {{base_url: '{address}'}}}}")
    assert "must be http or https and a host" in said
    assert "pass" not in said


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "https://[::1]:80", "http://a_b"])
def test_a_stand_in_server_can_be_named(address: str) -> None:
    read = config.parse(f"sources: {{huggingface: {{base_url: '{address}/'}}}}")
    assert read.sources.huggingface.base_url == address


@pytest.mark.parametrize(
    "section",
    [
        f"token: [{SECRET}]",
        f"token: {{{SECRET}: x}}",
        f"token: '{SECRET} é'",
        f"token: *{SECRET}",
        f"token: &{SECRET}",
        f"token: !{SECRET}!x y",
        f'token: "{SECRET}',
        f"token: '{SECRET}' x",
        f"token: @{SECRET}",
        f"token: {SECRET}: {SECRET}",
        f"token {SECRET}: x",
        f"token:{SECRET}",
        f"{{token {SECRET}}}",
        f"tokn: {SECRET}",
        f"enabled: no\n    token:{SECRET}",
        f'token: "{SECRET}\\e"',
    ],
)
@pytest.mark.parametrize("fast", [True, False])
def test_no_error_tells_a_token(section: str, fast: bool) -> None:
    with patch.object(yaml, "CSafeLoader", yaml.CSafeLoader if fast else yaml.SafeLoader):
        assert SECRET not in error(f"sources:\n  huggingface:\n    {section}\n")


def test_a_token_is_neither_shown_nor_in_the_repr() -> None:
    read = config.parse(f"sources: {{huggingface: {{token: {SECRET}}}}}")
    assert read.sources.huggingface.token == SECRET
    assert SECRET not in config.shown(read) + repr(read)
    assert 'token: "***"' in config.shown(read)


def test_the_example_loads_to_exactly_the_defaults() -> None:
    assert config.parse(config.example()) == Config()


def test_the_example_topic_loads_once_it_is_uncommented() -> None:
    head, rest = config.example().split("\ntopics:\n")
    topic, _, rest = rest.partition("\n\n")
    text = f"{head}\ntopics:\n{topic.replace('# ', '')}\n\n{rest}"
    assert config.parse(text) == replace(Config(), topics=(schema.EXAMPLE_TOPIC,))


def test_the_example_file_is_up_to_date() -> None:
    path = Path(__file__).parent.parent / "config.example.yaml"
    assert path.read_text(encoding="utf-8") == config.example(), (
        "run `papertrack config init --stdout > config.example.yaml`"
    )


def test_what_is_shown_loads_to_the_same() -> None:
    read = config.parse(FULL.replace("    token: hf_abc\n", ""))
    assert config.parse(config.shown(read)) == read
    assert config.parse(config.shown(Config())) == Config()


@given(st.text())
def test_any_path_survives_being_shown(path: str) -> None:
    try:
        read = config.parse(config.shown(replace(Config(), store=config.StoreConfig(path=path))))
    except ConfigError:
        return
    assert read.store.path == path.strip()


def test_every_part_of_a_topic_has_its_sentence() -> None:
    assert list(schema.TOPIC_DOCS) == [part.name for part in fields(Topic)]


def test_every_section_is_a_source_that_the_house_knows() -> None:
    assert {source.name for source in fields(Sources)} <= {*SOURCES} - {"import"}


def test_a_source_can_have_keys_of_its_own() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Arxiv(config.KeyedConfig):
        categories: tuple[str, ...] = field(default=("cs.LG",), metadata=schema.doc("Which."))

    node = nodes.compose("{token: x, categories: cs.CL}", "config.yaml")
    assert node
    base = Arxiv(base_url="https://arxiv.org")
    assert reading._section(node, "sources.arxiv", base) == replace(
        base, token="x", categories=("cs.CL",)
    )


def test_without_a_file_the_defaults_hold_unless_it_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "none" / "config.yaml"
    assert config.load(path, required=False) == Config()
    with pytest.raises(ConfigError, match=r"none/config\.yaml does not exist; .*config init"):
        config.load(path, required=True)


def test_a_file_is_read_and_named_in_errors(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(FULL)
    assert config.load(path, required=True) == config.parse(FULL)
    path.write_text("stor: 1")
    with pytest.raises(ConfigError, match=re.escape(f"{path}:1: stor is not a key; did you mean")):
        config.load(path, required=True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# a\n# \xff\n", ":2: this is not UTF-8"),
        ("# a".encode("utf-16"), ":1: this is not UTF-8"),
        (b"#" * 1_000_001, "larger than 1 MB"),
        ("#é".encode() * 500_000, "larger than 1 MB"),
    ],
)
def test_a_file_that_is_not_text_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        config.load(path, required=False)


@pytest.mark.parametrize("name", [".", "file/config.yaml", "loop", "nul\0", "x" * 300])
def test_a_place_that_cannot_be_read_is_not_a_missing_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ConfigError, match="cannot be read: "):
        config.load(tmp_path / name, required=False)


def test_without_a_file_yaml_is_not_imported() -> None:
    code = (
        "import sys, pathlib; from papertrack import config;"
        "config.load(pathlib.Path('/nowhere/config.yaml'), required=False);"
        "print({'yaml', 'textwrap', 'difflib'} & set(sys.modules) or 'light')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert ran.stdout.strip() == b"light"


def holds(text: str) -> None:
    for loader in (yaml.CSafeLoader, yaml.SafeLoader):
        with patch.object(yaml, "CSafeLoader", loader):
            try:
                read = config.parse(text)
            except ConfigError:
                continue
            assert isinstance(read, Config)


@given(st.text())
@case('"\\UFFFFFFFF"')
@case('"\\ud800"')
@case("%TAG ! !\n---\n")
@case("? a\n? b")
@case("<<: {a: b}")
@case("\x85")
@case("- \u2028")
def test_any_text_is_a_configuration_or_an_error(text: str) -> None:
    holds(text)


PIECES = [*re.split(r"(\W)", FULL), *"[]{}-?:,&*!|>%@#'\"\\~\n\t", "  ", "\n  ", "---", "<<", "é"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_pieces_of_yaml_are_a_configuration_or_an_error(text: str) -> None:
    holds(text)


@given(st.integers(0, len(FULL)), st.integers(0, 20), st.sampled_from(PIECES) | st.text(max_size=3))
def test_any_slip_in_a_file_is_a_configuration_or_an_error(at: int, cut: int, slip: str) -> None:
    holds(FULL[:at] + slip + FULL[at + cut :])


def test_without_a_file_lists_go_by_what_the_configuration_says_by_default() -> None:
    assert preferences_in(Config()) == Preferences()
    assert list(asdict(Config().ranking.weights)) == list(Preferences().weights)
