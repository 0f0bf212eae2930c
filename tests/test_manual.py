"""What is made from the live program: man pages that render well, and the words of completion."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from papertrack import completing

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs" / "make"))
import manual  # noqa: E402
import reference  # noqa: E402
import words  # noqa: E402

RENEW = "run `python docs/make`: a command or an option is new, or gone"
PAGES = sorted((ROOT / "docs" / "man").glob("*.1"))


def test_they_are_up_to_date() -> None:
    made = {f"docs/man/{name}": page for name, page in manual.pages(reference.PROGRAM)}
    assert {str(page.relative_to(ROOT)) for page in PAGES} == set(made), RENEW
    for name, page in made.items():
        assert (ROOT / name).read_text(encoding="utf-8") == page, RENEW
    assert completing.WORDS.read_text(encoding="utf-8") == words.text(reference.PROGRAM), RENEW


@pytest.mark.parametrize(
    "command",
    [
        ["mandoc", "-T", "lint", "-W", "warning"],
        ["groff", "-man", "-ww", "-z", "-Tutf8"],
        ["man", "--warnings", "-l", "-P", "cat"],
    ],
    ids=lambda command: command[0],
)
def test_every_page_renders_without_a_warning(command: list[str]) -> None:
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        [*command, *PAGES], capture_output=True, text=True, timeout=120, check=False
    )
    warnings = done.stderr if command[0] != "mandoc" else done.stdout + done.stderr
    assert (warnings, done.returncode) == ("", 0)


def test_a_page_names_the_options_the_example_and_the_exit_codes() -> None:
    trending = (ROOT / "docs/man/papertrack-trending.1").read_text(encoding="utf-8")
    assert ".B \\-w, \\-\\-window TIME\nHow far back" in trending
    assert ".EX\npapertrack trending \\-\\-window 3d" in trending
    assert ".SH EXIT STATUS\n.TP\n.B 0\nDone" in (ROOT / "docs/man/papertrack.1").read_text()
