"""What the bundled sample costs: a process that loads it against one with an empty store."""

import sys
import tempfile
from pathlib import Path

import common

EMPTY = """
from papertrack import demo
from papertrack.store import MEMORY, Store
store = Store(MEMORY)
"""
LOADED = f"""{EMPTY}
moment, batch = demo.load()
store.add(demo.SOURCE, batch, moment)
"""
PAPERTRACK = Path(sys.executable).with_name("papertrack")


def main() -> None:
    common.warn_if_editable()
    commands = {
        "empty": [sys.executable, "-c", EMPTY],
        "sample": [sys.executable, "-c", LOADED],
        "--demo trending --json": [str(PAPERTRACK), "--demo", "trending", "--json"],
    }
    with tempfile.TemporaryDirectory() as folder:
        times = common.in_turn(commands, common.clean_env(Path(folder)))
    for name, measured in times.items():
        print(f"{name:24} {measured.ms():6.0f} ms wall, {measured.ms('cpu'):6.0f} ms CPU")
    print()
    verdicts = common.Verdicts()
    beyond = times["sample"].beyond(times["empty"])
    verdicts.at_most("loading the sample beyond an empty store, ms wall", beyond, 50, "{:.0f}")
    verdicts.show()


if __name__ == "__main__":
    main()
