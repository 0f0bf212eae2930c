"""How long commands take to start and to answer from the store, beside Python itself and a peer.

The peers: `hf papers ls` asks the same stand-in server over loopback, whose lists papertrack has
read before and answers from its store, which holds a hundred thousand papers more; `papis list`
shows a library of one paper; `sqlite-utils` reads the titles of fifty papers out of the same store.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import common

from papertrack.models import UPVOTES, Listing, Observation, Paper
from papertrack.reports import Batch
from papertrack.store import Store

PEER, PAPIS, SQLITE_UTILS = "huggingface_hub==2.4.0", "papis==0.16", "sqlite-utils==4.2.1"
PAPERTRACK = str(Path(sys.executable).with_name("papertrack"))
BATCH = 1000
FORBIDDEN = (
    "asyncio",
    "feedparser",
    "httpx",
    "importlib.metadata",
    "jinja2",
    "pydantic",
    "sqlite_utils",
    "yaml",
)
MORE_COMMANDS = """
import gc, typer
gc.set_threshold(100_000)  # as in __main__
from papertrack.cli import app, run
def more(a: str = "", b: str = "", c: int = 0, d: bool = False) -> None: "Nothing."
for number in range(60): app.command(f"more-{number}")(more)
run()
"""
LOADED_MODULES = """
import os, sys
def leave(code):
    with open(os.environ["MODULES"], "w") as file: file.write("\\n".join(sys.modules))
    leaving(code)
leaving, os._exit = os._exit, leave
from papertrack.__main__ import main
main()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=100_000, help="how many old papers to store")
    parser.add_argument("--rounds", type=int, default=11)
    given = parser.parse_args()
    common.warn_if_editable()
    with tempfile.TemporaryDirectory() as folder, common.server() as server:
        env = prepared(Path(folder), server, given.papers)
        run = commands(env["PAPERTRACK_DB"])
        print(f"papers listed: {listed(run, env)}\n")
        times = common.in_turn(run, env, given.rounds)
        show(times)
        verdicts = common.Verdicts()
        judge(times, verdicts)
        judge_modules(Path(folder), env, verdicts)
        verdicts.show()


def prepared(folder: Path, server: common.Server, papers: int) -> dict[str, str]:
    """An environment with a store that has just been filled from the server."""
    database = folder / "papertrack.db"
    store = Store(str(database))
    for batch in old_papers(papers):
        store.add("huggingface", batch, datetime(2025, 12, 31, tzinfo=UTC))
    store.close()
    # No configuration while measuring: a file would be parsed by every command.
    config = folder / "fetch-only.yaml"
    config.write_text(f'sources: {{huggingface: {{base_url: "{server.url}"}}}}\n')
    library = folder / "Documents" / "papers" / "one"  # where papis looks
    library.mkdir(parents=True)
    (library / "info.yaml").write_text("title: A paper\nauthor: Ada Example\nref: one\n")
    env = common.clean_env(
        folder,
        PAPERTRACK_DB=str(database),
        HF_ENDPOINT=server.url,
        HF_HOME=str(folder / "hf"),
        HF_HUB_DISABLE_UPDATE_CHECK="1",
        HF_HUB_DISABLE_TELEMETRY="1",
    )
    subprocess.run(
        [PAPERTRACK, "--config", str(config), "fetch", "huggingface", "--since", "14d"],
        check=True,
        env=env,
    )
    return env


def old_papers(number: int) -> Iterator[Batch]:
    """Made-up papers of the years before, each with one listing and one count."""
    first = date(2023, 5, 4)
    for start in range(0, number, BATCH):
        papers, listings, seen = [], [], []
        for place in range(start, min(start + BATCH, number)):
            day = first + timedelta(days=place * 900 // number)
            key = f"arxiv:{1000 + place // 100_000:04}.{place % 100_000:05}"
            moment = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
            papers.append(
                Paper(
                    id=key,
                    arxiv_id=key.removeprefix("arxiv:"),
                    title=f"An old paper with the number {place} and a title of usual length",
                    abstract=f"Paper {place} says what papers say. " * 36,
                    authors=("Ada Example", "Bela Example", "Cleo Example", "Dora Example"),
                    published_at=moment,
                )
            )
            listings.append(
                Listing(paper_id=key, source="huggingface", list_date=day, submitted_at=moment)
            )
            seen.append(
                Observation(
                    paper_id=key,
                    source="huggingface",
                    kind=UPVOTES,
                    value=place % 97,
                    observed_at=moment + timedelta(days=7),
                )
            )
        yield Batch(papers=tuple(papers), listings=tuple(listings), observations=tuple(seen))


def commands(database: str) -> dict[str, Sequence[str]]:
    """What is measured, in the order in which it runs."""
    python = [sys.executable, "-c"]
    trending = ["trending", "--json"]
    found: dict[str, Sequence[str]] = {
        "python -c pass": [*python, "pass"],
        "import typer, rich": [*python, "import typer, rich"],
        "import typer, rich.console, rich.table": [
            *python,
            "import typer, rich.console, rich.table",
        ],
        "papertrack --version": [PAPERTRACK, "--version"],
        "papertrack trending --json": [PAPERTRACK, *trending],
        # As many as the peer lists.
        "papertrack trending --json -l 50": [PAPERTRACK, *trending, "-l", "50"],
        "papertrack trending (table)": [PAPERTRACK, "trending", "--format", "table"],
        "papertrack --help": [PAPERTRACK, "--help"],
        "the same with 60 more commands": [*python, MORE_COMMANDS, *trending],
        "papertrack completion": [
            "env",
            "_PAPERTRACK_COMPLETE=complete_bash",
            "COMP_WORDS=papertrack tr",
            "COMP_CWORD=1",
            PAPERTRACK,
        ],
    }
    return {**found, **peers(database)}


def peers(database: str) -> dict[str, Sequence[str]]:
    """Those of the peers that can be installed."""
    titles = "SELECT key, title FROM papers ORDER BY id DESC LIMIT 50"
    wanted: dict[str, tuple[str, str, Sequence[str]]] = {
        "hf --version": (PEER, "hf", ["--version"]),
        "hf --help": (PEER, "hf", ["--help"]),
        "hf papers ls --json": (PEER, "hf", ["papers", "ls", "--json"]),
        "papis list --all": (PAPIS, "papis", ["list", "--all"]),
        "sqlite-utils query": (SQLITE_UTILS, "sqlite-utils", ["query", database, titles]),
    }
    found = {}
    for name, (requirement, program, words) in wanted.items():
        place = common.venv_with(requirement)
        if isinstance(place, str):
            print(f"{name} is left out: {place}\n")
        else:
            found[name] = [str(place / program), *words]
    return found


def listed(run: Mapping[str, Sequence[str]], env: Mapping[str, str]) -> str:
    """How many papers each side answers with, so that a fast empty answer does not win."""
    found = []
    for name in ("papertrack trending --json -l 50", "hf papers ls --json"):
        if name in run:
            answer = subprocess.run(run[name], check=True, env=env, capture_output=True)
            found.append(f"{len(json.loads(answer.stdout))} by `{name}`")
    return ", ".join(found)


def show(times: Mapping[str, common.Times]) -> None:
    base, libraries = times["python -c pass"], times["import typer, rich"]
    print("| command | wall ms | CPU ms | CPU x `python -c pass` | CPU x `import typer, rich` |")
    print("|---|---:|---:|---:|---:|")
    for name, seen in times.items():
        print(
            f"| {name} | {seen.ms():.0f} | {seen.ms('cpu'):.0f} "
            f"| {seen.over(base):.2f} | {seen.over(libraries):.2f} |"
        )
    print()


#: Goal, what is measured, against what, the most it may be, and by which time.
GOALS = (
    ("S1", "papertrack --version", "python -c pass", 2.0, "cpu"),
    ("S2", "papertrack trending --json", "import typer, rich", 1.5, "cpu"),
    ("S3", "papertrack trending (table)", "import typer, rich.console, rich.table", 1.6, "cpu"),
    ("S3", "papertrack trending (table)", "import typer, rich", 2.3, "cpu"),
    ("S4", "papertrack --help", "import typer, rich", 2.8, "cpu"),
    ("S4", "papertrack completion", "import typer, rich", 1.25, "cpu"),
    ("S5", "papertrack --help", "hf --help", 0.5, "cpu"),
    ("S5", "papertrack --version", "hf --version", 0.15, "cpu"),
    ("S7", "the same with 60 more commands", "papertrack trending --json", 1.2, "cpu"),
    ("peer", "papertrack trending --json -l 50", "hf papers ls --json", 0.5, "wall"),
    ("peer", "papertrack trending --json -l 50", "papis list --all", 1.0, "wall"),
    ("peer", "papertrack trending --json -l 50", "sqlite-utils query", 1.0, "wall"),
)


def judge(times: Mapping[str, common.Times], verdicts: common.Verdicts) -> None:
    for goal, mine, other, limit, what in GOALS:
        figure = times[mine].over(times[other], what) if other in times else None
        verdicts.at_most(f"{goal}: {mine} / {other}, {what}", figure, limit)


def judge_modules(folder: Path, env: Mapping[str, str], verdicts: common.Verdicts) -> None:
    """What `trending --json` has loaded when it ends."""
    path = folder / "modules"
    subprocess.run(
        [sys.executable, "-c", LOADED_MODULES, "trending", "--json"],
        check=True,
        env={**env, "MODULES": str(path)},
        stdout=subprocess.DEVNULL,
    )
    loaded = path.read_text().splitlines()
    heavy = [name for name in loaded if name in FORBIDDEN or name.partition(".")[0] == "rich"]
    if heavy:
        print(f"heavy modules that were loaded: {', '.join(heavy)}\n")
    others = [name for name in loaded if name.partition(".")[0] != "papertrack"]
    what = "modules loaded by trending --json"
    verdicts.at_most(f"S6: {what}", len(loaded), 170, "{:.0f}")
    verdicts.at_most(f"S6: {what}, ours left out", len(others), 170, "{:.0f}")
    verdicts.at_most("S6: of them heavy ones", len(heavy), 0, "{:.0f}")


if __name__ == "__main__":
    main()
