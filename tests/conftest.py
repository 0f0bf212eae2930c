"""What many tests begin with: a moment, and an empty store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import NOW
from fakes import FrozenClock

from papertrack.store import Store


@pytest.fixture
def clock() -> FrozenClock:
    """Wednesday, 15 April 2026, noon UTC."""
    return FrozenClock(NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a file of its own."""
    opened = Store(str(tmp_path / "papertrack.db"))
    yield opened
    opened.close()
