"""What is installed with papertrack and around it: locked with hashes, with floors, and typed."""

import re
import tomllib
from pathlib import Path

from papertrack import __file__ as where

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "constraints.txt").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def wanted(extra: str) -> set[str]:
    """The packages of an extra, and of those of our own that it names."""
    names: set[str] = set()
    for line in EXTRAS[extra]:
        found = re.match(r"papertrack-cli\[([\w,]+)\]", line)
        if found:
            names |= {name for one in found[1].split(",") for name in wanted(one)}
        else:
            names |= plain([line])
    return names


def plain(lines: list[str]) -> set[str]:
    return {re.match(r"[\w-]+", line)[0].lower().replace("_", "-") for line in lines}  # type: ignore[index]


def test_every_package_of_the_checks_is_locked_with_a_hash() -> None:
    locked = re.findall(r"^([\w.-]+)==[^\s]+(?: ; [^\\\n]+)?((?: \\\n +--hash=\S+)+)", LOCK, re.M)
    names = {name.replace(".", "-") for name, _ in locked}
    assert len(locked) == len(re.findall(r"^[\w.-]+==", LOCK, re.M))
    lacking = (plain(PROJECT["dependencies"]) | wanted("dev")) - names
    assert not lacking, f"run .ci/lock: {', '.join(sorted(lacking))}"
    assert "://" not in LOCK


def test_every_dependency_has_a_floor_that_is_tried() -> None:
    assert all(">=" in line for line in PROJECT["dependencies"])


def test_the_package_is_typed() -> None:
    assert (Path(where).parent / "py.typed").exists()
