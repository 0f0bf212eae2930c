"""A coverage-guided fuzzer over every reader of bodies.py; a nightly test runs it for a while.

    pip install -e '.[test,fuzz]'
    python tests/fuzz_bodies.py --reader 'arxiv oai' --seconds 300

It ends with 0 where nothing was found; a body that breaks a reader is written to this folder.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["papertrack"]):
    from bodies import READERS, tried


def main() -> None:
    """Fuzz one reader; what libFuzzer prints goes to stderr."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", choices=list(READERS), required=True)
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    reader = READERS[given.reader]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(reader.seeds):
            Path(corpus, str(number)).write_bytes(seed)
        limits = ["-timeout=10", "-rss_limit_mb=1000", "-max_len=20000", "-verbosity=0"]
        atheris.Setup(
            [sys.argv[0], f"-max_total_time={given.seconds}", *limits, corpus],
            lambda body: tried(reader, body) and None,
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
