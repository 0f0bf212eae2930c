"""What a disk holds when the power goes: a model of it, fed with the calls that strace saw.

What was written before a file's last sync is there. Of what came after it each sector may be there
or not, in any order; the same is true of a file's removal and of its new length. (A disk that lies
about a sync, or tears a sector, is out of reach of any database.)
"""

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
#: What a run has to be watched with.
WATCH = (
    *("-y", "-s", "100000", "-e"),
    "trace=pwrite64,fdatasync,fsync,ftruncate,unlink,sendto,recvfrom",
)
_WRITE = re.compile(r'pwrite64\(\d+<([^>]*)>, ("(?:[^"\\]|\\.)*"), \d+, (\d+)')
_SYNC = re.compile(r"f(?:data)?sync\(\d+<([^>]*)>")
_LENGTH = re.compile(r"ftruncate\(\d+<([^>]*)>, (\d+)")
_REMOVED = re.compile(r'unlink\("([^"]*)"')


@dataclass
class _File:
    """As it is on the disk for certain, and what has been asked for since."""

    body: bytearray | None = None  # None where there is none
    pending: list[tuple[int, bytes] | int | None] = field(default_factory=list)

    def ask(self, change: tuple[int, bytes] | int | None) -> None:
        """Sectors at a place, a new length, or the end of the file."""
        if not isinstance(change, tuple):
            self.pending.append(change)
            return
        start, data = change
        while data:
            size = SECTOR - start % SECTOR
            self.pending.append((start, data[:size]))
            start, data = start + size, data[size:]

    def sync(self) -> None:
        self.body, self.pending = self.as_of(self.pending), []

    def as_of(self, changes: list[tuple[int, bytes] | int | None]) -> bytearray | None:
        body = None if self.body is None else bytearray(self.body)
        for change in changes:
            if change is None:
                body = None
                continue
            body = bytearray() if body is None else body
            if isinstance(change, int):
                body[:] = body[:change].ljust(change, b"\0")
            else:
                start, data = change
                body[:] = body.ljust(start + len(data), b"\0")
                body[start : start + len(data)] = data
        return body


@dataclass
class Disk:
    """The files of one folder whose names begin with that of the store; not its shared memory."""

    store: Path
    files: dict[str, _File] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Path) -> "Disk":
        """As it lies there now."""
        disk = cls(store)
        for name in (str(store), f"{store}-wal"):
            there = Path(name)
            body = bytearray(there.read_bytes()) if there.exists() else None
            disk.files[name] = _File(body)
        return disk

    def take(self, line: str) -> bool:
        """One line of strace's log; whether it did something to the disk."""
        if found := _WRITE.search(line):
            data = ast.literal_eval(f"b{found[2]}")
            return self._ask(found[1], (int(found[3]), data))
        if found := _LENGTH.search(line):
            return self._ask(found[1], int(found[2]))
        if found := _REMOVED.search(line):
            return self._ask(found[1], None)
        if (found := _SYNC.search(line)) and found[1] in self.files:
            self.files[found[1]].sync()
            return True
        return False

    def _ask(self, name: str, change: tuple[int, bytes] | int | None) -> bool:
        if name not in self.files:
            return False
        self.files[name].ask(change)
        return True

    def cut(self, place: Path, chance: random.Random | None = None) -> Path:
        """The store as it may be found after a power cut now; without `chance` with as little as
        the disk has promised."""
        for name, file in self.files.items():
            kept = [one for one in file.pending if chance and chance.random() < 0.5]
            left = place / Path(name).name
            body = file.as_of(kept)
            left.unlink(missing_ok=True)
            if body is not None:
                left.write_bytes(body)
        (place / f"{self.store.name}-shm").unlink(missing_ok=True)
        return place / self.store.name


def moments(disk: Disk, calls: str) -> Iterator[str]:
    """Each moment that matters: what was just done to the disk, or said or heard on a socket."""
    for line in calls.splitlines():
        if disk.take(line) or "sendto(" in line or "recvfrom" in line:
            yield line
