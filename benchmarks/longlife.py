"""A digest over five years of lists and ten thousand papers: seconds of work, and memory.

    python benchmarks/longlife.py                  needs the extra test

The store is that of tests/test_long_life.py, which holds its memory and the size of its mail.
"""

import statistics
import sys
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

from common import Verdicts, in_turn, warn_if_editable

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from program import COMMAND, Home, run
from test_long_life import CONFIG, lists

from papertrack.store import Store

PREVIEW = ("digest", "preview")


def main() -> None:
    warn_if_editable()
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.configure(CONFIG.replace("{port}", "25"))
        place = home.path / ".local/share/papertrack/papertrack.db"
        with closing(Store(str(place))) as store:
            for batch in lists():
                store.add("huggingface", batch, datetime.fromisoformat(home.now))
            print(f"{store.stats().papers:,} papers, {place.stat().st_size // 1_000_000} MB")
        memory = run(home, *PREVIEW).megabytes
        times = in_turn({"preview": [*COMMAND, *PREVIEW]}, home.env(), rounds=5)
    verdicts.at_most("digest, CPU s", statistics.median(times["preview"].cpu), 5)
    verdicts.at_most("digest, MB", memory, 200, "{:.0f}")
    verdicts.show()


if __name__ == "__main__":
    main()
