"""docs/hardening.md names tests; whoever renames one changes the page."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parent / "docs/hardening.md").read_text(encoding="utf-8")
THERE = {
    name
    for path in HERE.glob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| (?!threat|fault)\w", line)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split(" | ")[0][2:40])
def test_every_row_names_tests_that_there_are(row: str) -> None:
    named = re.findall(r"`(test_\w+)`", row)
    assert named
    assert set(named) <= THERE
