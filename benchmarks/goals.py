"""Every goal in one table: what the other scripts of this folder measure, gathered.

    python benchmarks/goals.py [FOLDER]

Start-up (S), a fetch (N), output (L) and upkeep (D8, D9) take some ten minutes. What depends on the
size of the store (D2 to D6) is measured where a FOLDER is named, in which snapshots and stores of
10,000 and 100,000 papers are made and kept; D5 and D6 need one of a million or more there, which
scale.py makes. D7, C1 and C2 are counts and live in the tests: test_query_plans.py and
test_store_concurrency.py.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = (["startup.py"], ["fetch.py"], ["output.py"], ["upkeep.py", "--papers", "100000"])
SIZES = ("10000", "100000")


def verdicts(command: list[str]) -> Iterator[str]:
    """The rows of a script's last table; what else it says goes to stderr."""
    words = [sys.executable, str(HERE / command[0]), *command[1:]]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, file=sys.stderr)
    _, found, table = done.stdout.rpartition("| goal |")
    if not found or done.returncode:
        yield f"| {command[0]} | | | FAILED |"
    yield from (row for row in table.splitlines()[2:] if row.startswith("| "))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", help="where stores of different sizes are kept")
    folder = parser.parse_args().folder
    sizes = [["scale.py", folder, "--papers", *SIZES], ["growth.py", folder]] if folder else []
    print("| goal | at most | measured | |\n|---|---:|---:|---|")
    for command in (*SCRIPTS, *sizes):
        for row in verdicts(command):
            print(row, flush=True)


if __name__ == "__main__":
    main()
