"""The configuration of digests and mail: what a file means, and what is said about a wrong one."""

from datetime import time, timedelta

import pytest

from papertrack import config
from papertrack.config import schema
from papertrack.errors import ConfigError

FULL = """\
topics:
  - name: agents
    any: [agent]
digests:
  - name: morning
    to: [Me@Example.org, you@bücher.example]
    every: Monday
    at: 7:05
    timezone: Europe/Berlin
    window: 3d
    topics: agents
    send_empty: best-unseen
mail:
  host: SMTP.example.org
  tls: TLS
  from: me@example.org
"""


def error(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.parse(text)
    return str(caught.value)


def test_a_digest_is_read_as_it_is_meant() -> None:
    read = config.parse(FULL)
    digest = read.digests[0]
    assert digest.to == ("Me@example.org", "you@xn--bcher-kva.example")
    assert (digest.every, digest.at, digest.window) == ("mon", time(7, 5), timedelta(days=3))
    assert digest.topics == ("agents",)
    assert (read.mail.host, read.mail.tls) == ("smtp.example.org", "tls")
    assert read.mail.from_ == "me@example.org"


WRONG = {
    "name: morning": "name: morning\n    nmae: x",
    "every: Monday": "every: fortnight",
    "at: 7:05": "at: 25:00",
    "timezone: Europe/Berlin": "timezone: Europe/Atlantis",
    "window: 3d": "window: 91d",
    "send_empty: best-unseen": "send_empty: maybe",
    "topics: agents": "topics: agnets",
    "  tls: TLS": "  tls: maybe",
    "  host: SMTP.example.org": "  host: 'a b'",
    "  from: me@example.org": "  from: 'me@example.org\\r\\nBcc: x@y.z'",
}


@pytest.mark.parametrize("right", WRONG)
def test_a_wrong_value_is_named_by_its_key(right: str) -> None:
    said = error(FULL.replace(right, WRONG[right]))
    key = WRONG[right].strip().rpartition("\n")[2].partition(":")[0].strip()
    assert said.startswith("config.yaml:")
    assert key in said


@pytest.mark.parametrize(
    "address", ["me", "-x@y.org", "a b@c.d", "jörg@x.org", "a@b..c", "a@b,c@d.e", "a@-b.c", "@x"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert "mail address" in error(f"mail: {{from: '{address}'}}") or "host" in error(
        f"mail: {{from: '{address}'}}"
    )


def test_mail_to_this_machine_needs_no_dot() -> None:
    assert config.parse("mail: {from: me@localhost, host: '::1'}").mail.from_ == "me@localhost"


def test_a_digest_needs_a_name_and_somebody_to_get_it() -> None:
    assert "digests[0]: a to is missing" in error("digests: [{name: x}]")
    assert "digests[0]: a name is missing" in error("digests: [{to: a@b.c}]")
    assert "the name 'x' is there twice" in error(
        "digests: [{name: x, to: a@b.c}, {name: x, to: a@b.c}]"
    )


def test_what_is_shown_reads_back_as_the_same() -> None:
    read = config.parse(FULL)
    assert config.parse(config.shown(read)) == read


def test_the_example_digest_can_be_used_as_it_stands() -> None:
    head, rest = config.example().split("\ndigests:\n")
    lines = rest.splitlines()
    end = lines.index("")
    text = "\n".join(line.replace("# ", "", 1) for line in lines[:end])
    topics = "topics: [{name: agents, any: [agent]}]"
    assert config.parse(f"{topics}\ndigests:\n{text}").digests == (schema.EXAMPLE_DIGEST,)
    assert head
