"""A disk that fails, or is full, under a digest: what is not on it counts as not done.

strace answers the N-th `fdatasync` with EIO, and writes from the N-th on with ENOSPC. Then the disk
is well again and cron runs the digest until nothing is left to do.
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import pytest
from disk import disk
from test_fetch_kills import COUNTS, rows
from traced import KILL, SEND, Fate, Machine, Traced, machine, needs_strace, traced

pytestmark = needs_strace

FETCH = ("fetch", "--since", "2026-04-08")
#: Before the answer to the first mail is heard, and as the second begins.
CUTS = (f"recvfrom:{KILL}:when=8", f"sendto:{KILL}:when=7")


def told(done: Traced) -> None:
    """One sentence with the file and what to do, and no mail begun after the fault."""
    assert done.code == 1
    assert done.stderr.count("\n") == 1
    assert "papertrack.db cannot be used: disk I/O error; make sure" in done.stderr
    assert "MAIL FROM" not in done.after


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine(tmp_path_factory.mktemp("disk")) as made:
        yield made


def refused_sync(on: Machine, call: str, number: int, *minutes: int) -> bool:
    """EIO there; whether the digest came so far."""
    home = on.fresh()
    done = traced(home, SEND, fault=f"{call}:error=EIO:when={number}")
    if not done.met:
        return False
    if done.code:
        told(done)
    else:  # the folder's own entry, and what is copied from the log at the end
        assert len(on.server.taken) == 2
    rows(home, "letters")
    fate = on.ended(home, *minutes)
    assert (fate.lost, fate.bodies, fate.extra <= 1) == (0, 1, True), (call, number)
    return True


@pytest.mark.parametrize("number", [3, 5])
def test_what_the_disk_does_not_confirm_is_not_done_and_no_mail_follows(
    on: Machine, number: int
) -> None:
    assert refused_sync(on, "fdatasync", number, 120)


@pytest.mark.nightly
@pytest.mark.parametrize("call", ["fdatasync", "fsync"])
def test_so_it_is_at_every_sync_of_a_digest(on: Machine, call: str) -> None:
    for number in count(1):
        if not refused_sync(on, call, number):
            break

    assert number > 8 or call == "fsync"  # which SQLite does not use here


@pytest.mark.nightly
@pytest.mark.parametrize("call", ["fdatasync", "fsync"])
@pytest.mark.parametrize("first", [True, False])
def test_so_it_is_at_every_sync_of_a_fetch(on: Machine, call: str, first: bool) -> None:
    """Nothing is told as stored that is not, and the next fetch ends the job."""
    whole = on.fresh()
    assert whole.run(*FETCH).returncode == 0
    wanted = rows(whole, *COUNTS)
    for number in count(1):
        home = on.fresh()
        if first:
            for file in home.path.rglob("papertrack.db*"):
                file.unlink()
        done = traced(home, FETCH, fault=f"{call}:error=EIO:when={number}")
        if not done.met:
            break
        assert done.stderr.count("\n") == (done.code != 0), done.stderr
        assert done.code or rows(home, *COUNTS) == wanted
        assert home.run(*FETCH).returncode == 0
        assert rows(home, *COUNTS) == wanted
    assert number > 1 or call == "fsync"


# -- another disk ------------------------------------------------------------------------------


def test_where_every_other_disk_is_full_the_digest_goes(on: Machine) -> None:
    """Of downloads, caches, temporary files and logs."""
    home = on.fresh()
    with disk(home.path / "full", 64_000) as full:
        for folder in ("cache", "tmp", "papers"):
            (full / folder).mkdir()
        (full / "filler").write_bytes(bytes(1_000))
        with suppress(OSError), (full / "filler").open("ab", buffering=0) as filler:
            while filler.write(bytes(100)):
                pass
        places = {"XDG_CACHE_HOME": str(full / "cache"), "TMPDIR": str(full / "tmp")}
        done = home.run(*SEND, "-v", **places)
        assert (done.returncode, len(on.server.taken)) == (0, 2)
        log = home.later(hours=1).shell(f"papertrack digest status >{full}/log; echo $?")
        assert (log.stdout, log.stderr.count("\n")) == ("1\n", 1)
        assert "Traceback" not in log.stderr
    assert on.ended(home, 120) == Fate(lost=0, extra=0, bodies=1)


# -- a fault in the run that mends a fault ----------------------------------------------------


def resumed(on: Machine, first: str, second: str, *minutes: int) -> bool:
    """Both faults, one in each of two runs; whether the second run came so far."""
    home = on.fresh()
    assert traced(home, SEND, fault=first).code
    done = traced(home.later(minutes=6), SEND, fault=second)
    if not done.met:
        return False
    if "ENOSPC" in second and done.code:
        assert done.stderr.count("\n") == 1
        assert "try again" in done.stderr
        assert "MAIL FROM" not in done.after
    rows(home, "letters")
    fate = on.ended(home, *minutes or (12, 120))
    assert (fate.lost, fate.bodies, fate.extra <= 2) == (0, 1, True), (first, second)
    return True


@pytest.mark.parametrize("second", [f"fdatasync:{KILL}:when=2", "pwrite64:error=ENOSPC:when=10+"])
def test_a_second_fault_while_the_first_is_mended_loses_nothing(on: Machine, second: str) -> None:
    assert resumed(on, CUTS[0], second, 120)


@pytest.mark.nightly
@pytest.mark.parametrize("first", CUTS)
@pytest.mark.parametrize("second", [KILL, "error=ENOSPC"])
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync", "sendto", "recvfrom"])
def test_so_it_is_wherever_they_meet(on: Machine, first: str, second: str, call: str) -> None:
    if second != KILL and call != "pwrite64":
        pytest.skip("a full disk is met where something is written")
    ever = "" if second == KILL else "+"
    for number in count(1):
        if not resumed(on, first, f"{call}:{second}:when={number}{ever}"):
            break
    assert number > 3
