"""How long a Tab takes: the answers to a shell, beside the start of `papertrack --version`."""

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import common
from startup import PAPERTRACK, old_papers

from papertrack.store import Store

CONFIG = "topics:\n  - {name: agents, any: [agent]}\n"
#: What is typed before Tab.
TYPED = {
    "a command": ["tren"],
    "an option": ["trending", "--"],
    "a topic": ["trending", "--topic", ""],
    "an id, of the newest": ["show", ""],
    "an id that is begun": ["show", "1000."],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=100_000, help="how many papers to store")
    parser.add_argument("--rounds", type=int, default=21)
    given = parser.parse_args()
    common.warn_if_editable()
    with tempfile.TemporaryDirectory() as home:
        place = Path(home) / "papertrack.db"
        store = Store(str(place))
        for batch in old_papers(given.papers):
            store.add("huggingface", batch, datetime(2025, 12, 31, tzinfo=UTC))
        store.close()
        config = Path(home) / "config.yaml"
        config.write_text(CONFIG)
        env = common.clean_env(Path(home), PAPERTRACK_DB=str(place), PAPERTRACK_CONFIG=str(config))
        asked = ["env", "_PAPERTRACK_COMPLETE=bash", PAPERTRACK]
        run = {what: [*asked, *words] for what, words in TYPED.items()}
        times = common.in_turn(
            {"version": ["env", PAPERTRACK, "--version"], **run}, env, given.rounds
        )
    verdicts = common.Verdicts()
    for what in TYPED:
        ratio = times[what].over(times["version"], "wall")
        verdicts.at_most(f"completing {what} / `papertrack --version`, wall time", ratio, 2.0)
    verdicts.show()


if __name__ == "__main__":
    main()
