"""Two processes that fetch arXiv in a loop: the smallest spacing of two requests, as served.

For ten minutes, or as long as told; against the recorded services of `../shared/tools/replay.py`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import common
from faults import NOW, PATHS, REPLAY, configuration, replay

PROCESSES = 2
#: What arXiv asks for.
SECONDS = 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    end = time.monotonic() + 60 * parser.parse_args().minutes
    if not REPLAY.exists():
        sys.exit("../shared with the recorded answers is not here")
    with tempfile.TemporaryDirectory() as folder, replay() as url:
        (Path(folder) / "config.yaml").write_text(configuration(url), encoding="utf-8")
        loops = [Loop(Path(folder), number) for number in range(PROCESSES)]
        while time.monotonic() < end:
            for loop in loops:
                loop.keep_going()
            time.sleep(0.05)
        for loop in loops:
            loop.process.wait()
        with urlopen(f"{url}/__log") as log:
            asked = json.load(log)
    runs = ", ".join(str(loop.runs) for loop in loops)
    print(f"runs of the {PROCESSES} processes: {runs}; papers asked of arXiv in each\n")
    report([one["time"] for one in asked if one["path"].startswith(tuple(FEEDS))])


FEEDS = PATHS["arxiv"].strip("()").split("|")


class Loop:
    """Fetches arXiv again and again, each time into a new store, so that there is much to ask."""

    def __init__(self, home: Path, number: int) -> None:
        self.home, self.number, self.runs = home, number, 0
        self.start()

    def start(self) -> None:
        self.runs += 1
        store = self.home / f"{self.number}-{self.runs}.db"
        words = ["--config", str(self.home / "config.yaml"), "--db", str(store)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "papertrack", *words, "fetch", "huggingface", "arxiv"],
            env=common.clean_env(self.home, PAPERTRACK_NOW=NOW),
            stdout=subprocess.DEVNULL,
        )

    def keep_going(self) -> None:
        if self.process.poll() is not None:
            if self.process.returncode:
                sys.exit(f"a fetch ended with {self.process.returncode}")
            self.start()


def report(times: list[float]) -> None:
    gaps = sorted(later - sooner for sooner, later in pairwise(times))
    print(f"{len(times)} requests to arXiv in {times[-1] - times[0]:.0f} s; spacing:")
    print(
        f"smallest {gaps[0]:.3f} s, median {gaps[len(gaps) // 2]:.3f} s, largest {gaps[-1]:.3f} s"
    )
    verdicts = common.Verdicts()
    verdicts.at_most("what arXiv asks for / the smallest spacing", SECONDS / gaps[0], 1.0)
    verdicts.show()


if __name__ == "__main__":
    main()
