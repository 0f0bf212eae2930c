"""Reads a file of weights in the safetensors format: names, kinds and places, then the numbers."""

import json
import mmap
from pathlib import Path

import numpy as np

from papertrack.embedding.bert import Floats

_KINDS = {"F32": "<f4", "F16": "<f2"}
_LONGEST_HEAD = 10_000_000


def read(path: Path) -> dict[str, Floats]:
    """The arrays of a file as float32, mapped into memory where they are that already.

    Arrays of whole numbers are left out. Raises OSError, and ValueError where this is no such file.
    """
    with path.open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    length = int.from_bytes(data[:8], "little")
    if length > min(len(data) - 8, _LONGEST_HEAD):
        raise ValueError("this is not a safetensors file")
    head = json.loads(bytes(data[8 : 8 + length]))
    body = data[8 + length :]
    found = {}
    for name, told in head.items():
        kind = _KINDS.get(told.get("dtype", ""))
        if kind:
            start, end = told["data_offsets"]
            array = np.frombuffer(body[start:end], kind).reshape(told["shape"])
            found[name.removeprefix("bert.")] = array.astype(np.float32, copy=False)
    return found
