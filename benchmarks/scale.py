"""What everything costs against the number of papers: a table, verdicts and docs/scale.svg.

    python benchmarks/scale.py FOLDER [--papers 10000 100000 1000000 3000000] [--draw FILE.svg]

Snapshots and stores are made in FOLDER where they are missing (11 GB and an hour for 3 million), so
that a run may be repeated. Figures are CPU seconds, which a busy machine changes least. The drawing
needs matplotlib.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from common import HERE, Verdicts, clean_env

from papertrack import querying
from papertrack.models import Listing, Observation, Paper
from papertrack.reports import Batch
from papertrack.store import Store, bm25, searching, titles, wide

SIZES = (10_000, 100_000, 1_000_000, 3_000_000)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIELDS = "words and fields"
#: Ten of a kind, some in titles and some hardly ever there.
SEARCHES = {
    "a rare word": [
        *("superconductivity", "neutrino", "sarcasm", "blockchain", "tokamak"),
        *("dialect", "glaucoma", "malware", "origami", "meson"),
    ],
    "a word of a field": [
        *("entropy", "distillation", "galaxies", "retrieval", "speech"),
        *("segmentation", "diffusion", "privacy", "plasma", "fairness"),
    ],
    "a word of everybody": [
        *("learning", "language", "network", "model", "data"),
        *("training", "system", "energy", "analysis", "quantum"),
    ],
    "2 words": [
        *("quantum energy", "graph learning", "training field", "language model", "neural network"),
        *("image data", "robot control", "galaxy evolution", "graph theory", "optimal policy"),
    ],
    "3 words": [
        *("graph neural network", "language data analysis", "quantum field theory"),
        *("large language model", "deep reinforcement learning", "time series prediction"),
        *("medical image segmentation", "dark matter model", "speech recognition system"),
        "efficient training method",
    ],
    "4 words": [
        *("model system training energy", "exploiting vision language modules"),
        *("multi agent reinforcement learning", "retrieval augmented language generation"),
        *("convolutional neural network image", "low energy effective theory"),
        *("graph attention network prediction", "quantum error correction code"),
        *("open source large model", "adaptive control of systems"),
    ],
    FIELDS: [
        *("language model cat:cs", "diffusion cat:cs.CV", "graph author:wang", "learning -deep"),
        *("quantum cat:quant-ph after:2020", "model after:2026-01", "energy before:2000"),
        *('"language model" vision', "title:network graph", "entropy cat:math -survey"),
    ],
}
COMMANDS = {
    "trending": "trending --offline --json",
    "daily": "daily --week 2026-W47 --offline --json",
    "show": "show 2004.40001 --offline --json",
    "status": "status",
    "search": "search model --offline --json",
}


def made(folder: Path, papers: int) -> Path:
    """The store of so many papers, imported by the program, with a month of lists."""
    whole, store = folder / f"{papers}.json", folder / f"{papers}.db"
    if not store.exists():
        # In a process of its own: what this one holds would count as memory of those it starts.
        written = [str(HERE / "snapshot.py"), str(whole), "--papers", str(papers)]
        taken_in = ["-m", "papertrack", "--db", str(store), "import", str(whole)]
        for command in ([] if whole.exists() else [written]) + [taken_in]:
            subprocess.run([sys.executable, *command], check=True, env=clean_env(folder))
    _list(store)
    return store


def _list(path: Path) -> None:
    """The Daily Papers of a month, the same load at every size."""
    with closing(Store(str(path))) as store:
        if store.lists_read("huggingface"):
            return
        found = store._connection.execute(
            "SELECT key, title FROM papers ORDER BY id DESC LIMIT 1800"
        )
        papers = [Paper(id=key, arxiv_id=key[6:], title=title) for key, title in found]
        for day in range(30):
            some, at = papers[day * 60 : day * 60 + 60], NOW - timedelta(days=day, hours=6)
            listings = (
                Listing(paper_id=one.id, source="huggingface", list_date=at.date(), submitted_at=at)
                for one in some
            )
            seen = (
                Observation(
                    paper_id=one.id,
                    source="huggingface",
                    kind="upvotes",
                    value=(place * 7 + hours) % 90 + hours,
                    observed_at=min(at + timedelta(hours=hours), NOW),
                )
                for place, one in enumerate(some)
                for hours in (1, 9, 24, 48)
            )
            batch = Batch(
                papers=tuple(some),
                listings=tuple(listings),
                observations=tuple(seen),
                lists=(at.date(),),
            )
            store.add("huggingface", batch, NOW)


def cpu(call: Callable[[], object], rounds: int = 3) -> float:
    """The least CPU time of some rounds, in milliseconds."""
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        call()
        taken.append(1000 * (time.process_time() - began))
    return min(taken)


def searches(path: Path) -> dict[str, float]:
    """Milliseconds for the first twenty; of the true twenty the share kept, and the others' worth.

    That is the score of what takes the place of others, over the score of those.
    """
    figures: dict[str, float] = {}
    with closing(Store(str(path))) as store:
        for kind, typed in SEARCHES.items():
            queries = [querying.parse(text) for text in typed]
            times = [cpu(lambda q=query: store.search(q, 21)) for query in queries]  # type: ignore[misc]
            figures[f"search, {kind}"] = max(times)
            if kind == FIELDS:  # to FTS5 an author counts like a word, to us it selects
                continue
            kept, worth = zip(*(_kept(store, query) for query in queries), strict=True)
            figures[f"kept, {kind}"] = statistics.mean(kept)
            figures[f"worth, {kind}"] = statistics.mean(worth)
    return figures


def _kept(store: Store, query: querying.Query) -> tuple[float, float]:
    """The share of the true first twenty that is found, and what the others are worth to those."""
    connection = store._connection
    hits = searching.search(connection, query, 20)
    if all(hit.exact for hit in hits):
        return 1.0, 1.0
    usual = wide.WIDE, searching.DEPTH
    wide.WIDE, searching.DEPTH = 10**9, 20_000  # titles count for all that come near the best
    try:
        true = {hit.number for hit in searching.search(connection, query, 20)}
    finally:
        wide.WIDE, searching.DEPTH = usual
    part = {hit.number for hit in hits}
    if part == true:
        return 1.0, 1.0
    scores = bm25.scores(connection, part | true, titles.questions(connection, query))
    put, gone = (statistics.mean(scores[n] for n in some) for some in (part - true, true - part))
    return len(part & true) / len(true), put / gone


def adding(path: Path) -> float:
    """Milliseconds to add 300 new papers in the usual way, the median of seven days."""
    taken = []
    with closing(Store(str(path))) as store:
        texts = store._connection.execute(
            "SELECT title, abstract FROM papers ORDER BY id LIMIT 2100"
        ).fetchall()
        first = int(time.time()) % 10_000_000
        for day in range(7):
            papers = tuple(
                Paper(
                    id=f"doi:10.5555/{first}.{day}.{number}",
                    doi=f"10.5555/{first}.{day}.{number}",
                    title=f"{title} {first}",
                    abstract=abstract,
                    authors=("Ada One",),
                    published_at=NOW,
                )
                for number, (title, abstract) in enumerate(texts[day * 300 : day * 300 + 300])
            )
            batch = Batch(papers=papers)
            taken.append(cpu(lambda b=batch: store.add("openalex", b, NOW), 1))  # type: ignore[misc]
    return statistics.median(taken)


def weight(path: Path) -> float:
    """Bytes a paper; earlier runs have added some."""
    with closing(Store(str(path))) as store:
        return path.stat().st_size / bm25.whole(store._connection).papers


def commands(path: Path, folder: Path) -> dict[str, float]:
    """CPU milliseconds of whole commands, start-up and all, and the most memory of any, in MB."""
    env = clean_env(folder, PAPERTRACK_NOW=NOW.isoformat(), PAPERTRACK_DB=str(path))
    figures: dict[str, float] = {}
    most = 0
    for name, command in COMMANDS.items():
        taken = []
        for _ in range(3):
            null = os.open(os.devnull, os.O_RDWR)
            words = [sys.executable, "-m", "papertrack", *command.split()]
            actions = [(os.POSIX_SPAWN_DUP2, null, stream) for stream in (0, 1, 2)]
            process = os.posix_spawn(sys.executable, words, env, file_actions=actions)
            _, _, used = os.wait4(process, 0)
            os.close(null)
            taken.append(1000 * (used.ru_utime + used.ru_stime))
            most = max(most, used.ru_maxrss)
        figures[f"`{name}`"] = min(taken)
    return figures | {"memory, MB": most / 1000}


def verdicts(all_of: dict[int, dict[str, float]]) -> None:
    least, most = all_of[min(all_of)], all_of[max(all_of)]
    told = Verdicts()
    told.at_most("bytes a paper", most["bytes a paper"], 3_000, "{:.0f}")
    for name in (name for name in most if name.startswith("search,")):
        told.at_most(f"{name}, ms", most[name], max(150.0, 3 * least[name]), "{:.0f}")
    for name in ("`trending`", "`daily`", "`show`"):
        told.at_most(f"{name} / at the smallest", most[name] / least[name], 1.5)
    added = most["adding 300, ms"] / least["adding 300, ms"]
    told.at_most("D2: adding 300 / at the smallest", added, 1.6)
    told.at_most("memory of any, MB", most["memory, MB"], 150, "{:.0f}")
    told.show()


def draw(all_of: dict[int, dict[str, float]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    sizes = sorted(all_of)
    axes.set_prop_cycle(color=pyplot.colormaps["tab20"].colors)
    for line, kind in (("--", "`"), ("-", "search,"), (":", "adding")):
        for name in (name for name in all_of[sizes[0]] if name.startswith(kind)):
            label, course = name.strip("`"), [all_of[size][name] for size in sizes]
            axes.plot(sizes, course, marker="o", linestyle=line, label=label)
    axes.set(xscale="log", yscale="log", xlabel="papers in the store", ylabel="CPU milliseconds")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, ncol=2, bbox_to_anchor=(1.02, 1), loc="upper left")
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--papers", type=int, nargs="+", default=SIZES)
    arguments.add_argument("--draw", type=Path)
    asked = arguments.parse_args()
    asked.folder.mkdir(exist_ok=True)
    kept = asked.folder / "figures.json"
    all_of: dict[int, dict[str, float]] = {}
    for papers in sorted(asked.papers):
        path = made(asked.folder, papers)
        figures = {"bytes a paper": weight(path)}
        figures |= commands(path, asked.folder) | searches(path)
        figures["adding 300, ms"] = adding(path)
        all_of[papers] = figures
        kept.write_text(json.dumps(all_of))
        print(f"{papers:,} papers measured", file=sys.stderr)
    show(all_of)
    verdicts(all_of)
    if asked.draw:
        draw(all_of, asked.draw)


def show(all_of: dict[int, dict[str, float]]) -> None:
    sizes: Sequence[int] = sorted(all_of)
    print(f"| | {' | '.join(f'{size:,}' for size in sizes)} |\n|---|{'---:|' * len(sizes)}")
    for name in all_of[sizes[0]]:
        form = "{:.2f}" if name.startswith(("kept", "worth")) else "{:.0f}"
        print(f"| {name} | {' | '.join(form.format(all_of[size][name]) for size in sizes)} |")
    print()


if __name__ == "__main__":
    main()
