"""A coverage-guided fuzzer over the readers of bodies.py; .ci/run and a nightly test run it.

    pip install -e '.[test,fuzz]'
    python tests/fuzz_bodies.py --seconds 30                 all of them, in turn as it likes
    python tests/fuzz_bodies.py --reader 'arxiv oai' --seconds 300 --seeds FOLDER

FOLDER holds recorded answers; what is in it is cut to 20 kB and tried with each reader. It ends
with 0 where nothing was found; a body that breaks a reader is written to the folder it is run in,
and where all are tried its first byte says which.
"""

import argparse
import gzip
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["papertrack"]):
    from bodies import READERS, Reader, tried

LONGEST = 20_000


def recorded(folder: Path) -> Iterator[bytes]:
    """The beginnings of files, unpacked and as they are."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                start = file.read(LONGEST)
            yield start
            if start[:2] == b"\x1f\x8b":
                with suppress(OSError, EOFError, zlib.error), gzip.open(path) as file:
                    yield file.read(LONGEST)


def write_seeds(corpus: Path, readers: Mapping[str, Reader], more: list[bytes]) -> None:
    """Each body once for each reader; its first byte says which, where there are several."""
    several = len(readers) > 1
    for place, (name, reader) in enumerate(readers.items()):
        for number, seed in enumerate([*reader.seeds, *more]):
            head = bytes([place]) if several else b""
            (corpus / f"{name} {number}").write_bytes(head + seed[:LONGEST])


def main() -> None:
    """Fuzz one reader or all; what libFuzzer prints goes to stderr."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", choices=list(READERS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seeds", type=Path)
    given = parser.parse_args()
    readers = {given.reader: READERS[given.reader]} if given.reader else READERS
    chosen = list(readers.values())

    def one(body: bytes) -> None:
        if len(chosen) == 1:
            tried(chosen[0], body)
        elif body:
            tried(chosen[body[0] % len(chosen)], body[1:])

    with tempfile.TemporaryDirectory() as corpus:
        write_seeds(Path(corpus), readers, list(recorded(given.seeds)) if given.seeds else [])
        limits = ["-timeout=20", "-rss_limit_mb=1000", f"-max_len={LONGEST}", "-verbosity=0"]
        atheris.Setup([sys.argv[0], f"-max_total_time={given.seconds}", *limits, corpus], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
