"""What many tests begin with: a moment, and an empty store."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from builders import NOW
from desk import Desk
from fakes import FrozenClock
from hypothesis import HealthCheck, settings

from papertrack import demo
from papertrack.store import Store

# How long an example takes says how busy the machine is.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# A shell lets what it starts with & ignore Ctrl-C, and nohup the end of its terminal; what is
# tested here would inherit that.
for _number, _usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, _usual)


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


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the sample, made once; whoever writes to it takes a copy."""
    path = tmp_path_factory.mktemp("store") / "papertrack.db"
    moment, batch = demo.load()
    days = (date(2026, 4, 10), *batch.lists)  # the Friday before reaches into a week's window
    store = Store(str(path))
    store.add(demo.SOURCE, replace(batch, lists=days), moment)
    store.close()
    return path


@pytest.fixture
def desk(sample: Path, tmp_path: Path) -> Desk:
    return Desk(tmp_path, sample)


@pytest.fixture
def own(sample: Path, tmp_path: Path) -> Desk:
    """With a store of its own, to write to."""
    path = tmp_path / "own.db"
    path.write_bytes(sample.read_bytes())
    return Desk(tmp_path, path)
