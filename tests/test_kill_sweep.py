"""kill -9 at each system call of a `digest send`: nothing is lost, and a copy is the same bytes.

strace kills the program when it enters the N-th call of a kind, N = 1, 2, ... until it ends by
itself. After each kill the program runs as cron would run it, until it has nothing to do.
"""

from itertools import count
from pathlib import Path

import pytest
from traced import KILL, SEND, Fate, Machine, machine, needs_strace, traced

CALLS = ("pwrite64", "fdatasync", "sendto", "recvfrom", "connect")
pytestmark = needs_strace


def killed(on: Machine, call: str, number: int, *minutes: int) -> Fate | None:
    """Kill it there and let it go on; None where it ended before it came so far."""
    home = on.fresh()
    done = traced(home, SEND, fault=f"{call}:{KILL}:when={number}")
    return on.ended(home, *minutes) if done.code else None


def sweep(on: Machine) -> dict[str, list[Fate]]:
    """Every call of each kind."""
    found: dict[str, list[Fate]] = {call: [] for call in CALLS}
    for call, fates in found.items():
        for number in count(1):
            fate = killed(on, call, number)
            if fate is None:
                break
            fates.append(fate)
    return found


def table(found: dict[str, list[Fate]]) -> str:
    """The figures of docs/digest.md."""
    rows = [f"{'call':<10} points  lost  extra copies  bodies"]
    for call, fates in found.items():
        extra = f"{sum(one.extra for one in fates)} at {sum(one.extra > 0 for one in fates)}"
        lost, bodies = sum(one.lost for one in fates), max((p.bodies for p in fates), default=1)
        rows.append(f"{call:<10} {len(fates):>6}  {lost:>4}  {extra:>12}  {bodies:>6}")
    return "\n".join(rows)


def _check(fates: list[Fate]) -> None:
    assert fates
    assert {fate.lost for fate in fates} == {0}
    assert {fate.bodies for fate in fates} == {1}
    assert max(fate.extra for fate in fates) <= 1


def test_a_kill_here_and_there_loses_nothing_and_mixes_nothing(tmp_path: Path) -> None:
    with machine(tmp_path) as on:
        at = (("fdatasync", 5), ("sendto", 7), ("recvfrom", 8), ("connect", 1))
        fates = [fate for call, number in at if (fate := killed(on, call, number, 120))]

    _check(fates)


@pytest.mark.nightly
def test_a_kill_at_every_call_loses_nothing_and_mixes_nothing(tmp_path: Path) -> None:
    with machine(tmp_path) as on:
        found = sweep(on)

    print(table(found))
    _check([fate for fates in found.values() for fate in fates])
