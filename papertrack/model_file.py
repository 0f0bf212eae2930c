"""The file that a learned model lies in: arrays one after the other, behind a line that names them.

Read by mapping it into memory, so that a command touches only what it needs. Written beside its
place and moved there, so that nobody ever sees a part of it. It can always be made again: one that
is missing, damaged, or of another version is simply not there.
"""

import json
import mmap
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSION = 1
_MAGIC = b"papertrack model\n"
_ALIGNED = 64
_LONGEST_HEAD = 100_000


@dataclass(frozen=True)
class Part:
    """One array as bytes."""

    name: str
    kind: str  # as numpy writes it: "<f4"
    shape: Sequence[int]
    data: memoryview


def read(path: Path, store: str) -> dict[str, Part] | None:
    """The parts of the model of this store, or None where there is no such model."""
    try:
        with path.open("rb") as file:
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError):  # an empty file cannot be mapped
        return None
    with suppress(ValueError, KeyError, TypeError):
        return _parts(mapped, store)
    return None


def stamp(path: Path) -> str:
    """What changes whenever the file does; empty where there is none."""
    try:
        told = path.stat()
    except OSError:
        return ""
    return f"{told.st_mtime_ns} {told.st_size} {told.st_ino}"


def write(path: Path, store: str, parts: Iterable[Part]) -> None:
    """Put the model in its place. Raises OSError where that cannot be done."""
    written = list(parts)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            head = _head(written, store)
            file.write(head)
            for part in written:
                file.write(bytes(-file.tell() % _ALIGNED))
                file.write(part.data)
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def _head(parts: Sequence[Part], store: str) -> bytes:
    """The line that names the arrays, with a checksum of itself."""
    arrays = [{"name": one.name, "kind": one.kind, "shape": list(one.shape)} for one in parts]
    told = {"version": VERSION, "store": store, "bytes": sum(len(one.data) for one in parts)}
    line = json.dumps({**told, "arrays": arrays}).encode()
    return _MAGIC + b"%08x" % zlib.crc32(line) + line + b"\n"


def _parts(mapped: memoryview, store: str) -> dict[str, Part] | None:
    start = len(_MAGIC)
    top = bytes(mapped[: start + _LONGEST_HEAD])
    end = top.find(b"\n", start)
    line = top[start + 8 : end]
    if not top.startswith(_MAGIC) or end < 0 or int(top[start : start + 8], 16) != zlib.crc32(line):
        return None
    head: Mapping[str, Any] = json.loads(line)
    if head["version"] != VERSION or head["store"] != store:
        return None
    found = {}
    at = end + 1
    for array in head["arrays"]:
        at += -at % _ALIGNED
        length = _length(array["kind"], array["shape"])
        data = mapped[at : at + length]
        if len(data) != length:
            return None
        found[array["name"]] = Part(array["name"], array["kind"], array["shape"], data)
        at += length
    return found if at == len(mapped) else None


def _length(kind: str, shape: Sequence[int]) -> int:
    length = int(kind[2:])
    for size in shape:
        length *= size
    return length
