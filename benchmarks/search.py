"""How well `search` finds what people judged relevant, beside what others make of the same words.

    python benchmarks/search.py [FOLDER] [--vectors FOLDER] [--model FOLDER]

FOLDER holds collections in BEIR's layout (../shared/data/relevance): `scifact` and `cacm` with
human judgments, `hf-known` (half-remembered titles: a typo, a plural, a hyphen, a cut word) and
`hf-topics` (the headings of surveys, whose members are to be found). nDCG@10. What is measured is
`papertrack.searching.answer`, which is what the command calls, over a store that was filled as any
other. Constants were chosen on the train split of SciFact and on these collections as a whole; only
another collection can confirm them.

Beside it: FTS5 as most people begin with it (porter, all words), FTS5 with any of the words, and
bm25s (Lucene's BM25, stemmed), which is installed into an environment of its own. With --vectors,
also the embedding extra: `NAME.npy` and `NAME-queries.npy` in the order of the files, made with
--model where they are missing (10 abstracts a second).
"""

import argparse
import gzip
import json
import math
import re
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import common

from papertrack import querying, searching
from papertrack.models import Paper
from papertrack.reports import Batch
from papertrack.similarity.words import STOP
from papertrack.store import Store

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "relevance"
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)
#: Collection: the folder of its corpus, and the least that is wanted without and with vectors.
COLLECTIONS = {
    "scifact": ("scifact", 0.695, 0.74),
    "cacm": ("cacm", 0.46, 0.51),
    "hf-known": ("hf-topics", 0.93, 0.93),
    "hf-topics": ("hf-topics", 0.16, 0.186),
}
OURS, OURS_TOO = "papertrack", "papertrack with vectors"
#: Reads [texts, queries] as JSON from stdin, writes for each query the places of its best ten.
PEER = """
import json, sys, time, bm25s, Stemmer
texts, queries = json.load(sys.stdin)
stem = Stemmer.Stemmer("english")
said = dict(stopwords="en", stemmer=stem, show_progress=False)
index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
index.index(bm25s.tokenize(texts, **said), show_progress=False)
found, took = [], []
for query in queries:
    began = time.perf_counter()
    words = bm25s.tokenize([query], **said)
    places, scores = index.retrieve(words, k=10, show_progress=False)
    found.append([int(p) for p, s in zip(places[0], scores[0]) if s > 0])
    took.append(time.perf_counter() - began)
json.dump([found, took], sys.stdout)
"""


class Judged(NamedTuple):
    """Queries by their ids, and what each of them should find: paper -> gain."""

    queries: Mapping[str, str]
    wanted: Mapping[str, Mapping[str, float]]


class Run(NamedTuple):
    """nDCG@10, and the median of milliseconds a query."""

    quality: float
    ms: float


#: From a query to the ids of papers, best first.
System = Callable[[str], Sequence[str]]


def corpus(folder: Path) -> dict[str, tuple[str, str]]:
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {one["_id"]: (one["title"], one["text"]) for one in map(json.loads, lines)}


def judged(folder: Path, split: str = "test") -> Judged:
    lines = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    queries = {one["_id"]: one["text"] for one in map(json.loads, lines)}
    wanted: dict[str, dict[str, float]] = {}
    for line in (folder / f"qrels-{split}.tsv").read_text().splitlines()[1:]:
        query, paper, gain = line.split("\t")
        wanted.setdefault(query, {})[paper] = float(gain)
    return Judged({key: queries[key] for key in wanted}, wanted)


def ndcg(found: Sequence[str], wanted: Mapping[str, float]) -> float:
    """With linear gains, as trec_eval has it."""
    ideal = sorted((gain for gain in wanted.values() if gain > 0), reverse=True)[:10]
    whole = sum(gain / math.log2(place + 2) for place, gain in enumerate(ideal))
    got = (max(0.0, wanted.get(one, 0.0)) for one in found[:10])
    gained = sum(gain / math.log2(place + 2) for place, gain in enumerate(got))
    return gained / whole if whole else 0.0


def measured(system: System, asked: Judged) -> Run:
    values, took = [], []
    for key, query in asked.queries.items():
        began = time.perf_counter()
        found = system(query)
        took.append(time.perf_counter() - began)
        values.append(ndcg(found, asked.wanted[key]))
    return Run(statistics.fmean(values), 1000 * statistics.median(took))


def filled(path: Path, texts: Mapping[str, tuple[str, str]]) -> Store:
    """A store of these papers; each has an arXiv id, so that no two count as one."""
    store = Store(str(path))
    papers = [
        Paper(id=f"arxiv:{key}", arxiv_id=key, title=title or "-", abstract=abstract)
        for key, (title, abstract) in texts.items()
    ]
    for start in range(0, len(papers), 1000):
        store.add("arxiv", Batch(papers=tuple(papers[start : start + 1000])), MOMENT)
    return store


def ours(store: Store, keys: Mapping[int, str], sense: searching.Sense) -> System:
    def system(query: str) -> Sequence[str]:
        _, hits, _ = searching.answer(store, querying.parse(query), 20, sense=sense)
        return [keys[hit.number] for hit in hits]

    return system


def numbers_of(store: Store, texts: Mapping[str, object]) -> dict[int, str]:
    found = store.find([f"arxiv:{key}" for key in texts])
    return {number: key.removeprefix("arxiv:") for key, number in found.items()}


def plain(texts: Mapping[str, tuple[str, str]], joint: str, weights: str) -> System:
    """FTS5 and nothing else."""
    ids = list(texts)
    memory = sqlite3.connect(":memory:")
    memory.execute("CREATE VIRTUAL TABLE f USING fts5(title, abstract, tokenize='porter')")
    memory.executemany("INSERT INTO f VALUES (?, ?)", texts.values())

    def system(query: str) -> Sequence[str]:
        words = re.findall(r"[^\W_]+\*?", query)
        if joint == " OR ":
            words = [word for word in words if word.lower() not in STOP] or words
        quoted = (f'"{word.strip("*")}"{" *" * word.endswith("*")}' for word in words)
        found = memory.execute(
            f"SELECT rowid FROM f WHERE f MATCH ? ORDER BY bm25(f, {weights}) LIMIT 10",
            (joint.join(quoted),),
        )
        return [ids[row[0] - 1] for row in found]

    return system


def bm25s(texts: Mapping[str, tuple[str, str]], asked: Judged) -> Run | str:
    """The same by bm25s, or why not."""
    place = common.venv_with("bm25s==0.3.16")
    if isinstance(place, str):
        return place
    subprocess.run([str(place / "pip"), "install", "-q", "PyStemmer"], check=False)
    flat = [" ".join(one) for one in texts.values()]
    given = json.dumps([flat, list(asked.queries.values())])
    done = subprocess.run(
        [str(place / "python"), "-c", PEER],
        check=False,
        input=given,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        return f"bm25s failed: {done.stderr.strip().splitlines()[-1]}"
    ids = list(texts)
    found, took = json.loads(done.stdout)
    values = (
        ndcg([ids[place] for place in places], asked.wanted[key])
        for key, places in zip(asked.queries, found, strict=True)
    )
    return Run(statistics.fmean(values), 1000 * statistics.median(took))


class Remembered:
    """Vectors that were made before, for papers and queries."""

    def __init__(self, vectors: Any, queries: Mapping[str, Any]) -> None:
        self._vectors, self._queries = vectors, queries

    def near(
        self, text: str, numbers: Sequence[int], most: int
    ) -> tuple[dict[int, float], frozenset[int]]:
        return self._vectors.nearest(self._queries[" ".join(text.split())], most), frozenset()


def sense_of(
    arguments: argparse.Namespace, name: str, keys: Mapping[int, str]
) -> searching.Sense | str:
    """What the vectors of a collection know, or why there are none."""
    if not arguments.vectors:
        return "no --vectors, so without the embedding extra"
    import numpy as np

    from papertrack.embedding.vectors import Vectors

    source = COLLECTIONS[name][0]
    texts = corpus(arguments.folder / source)
    lines = (arguments.folder / name / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    queries = [json.loads(line)["text"] for line in lines]
    made = []
    for file, said in (
        (arguments.vectors / f"{source}.npy", [f"{one}. {rest}" for one, rest in texts.values()]),
        (arguments.vectors / f"{name}-queries.npy", queries),
    ):
        if not file.exists():
            if not arguments.model:
                return f"{file} is missing, and no --model is named to make it"
            from papertrack.embedding.encoder import Encoder

            np.save(file, np.asarray(Encoder.load(arguments.model).encode(said), np.float16))
        made.append(np.load(file).astype(np.float32))
    place = {key: row for row, key in enumerate(texts)}
    numbers = sorted(keys)
    rows = made[0][[place[keys[number]] for number in numbers]]
    vectors = Vectors(np.asarray(numbers), np.zeros(len(numbers), np.int32), rows)
    known = {querying.parse(text).said: row for text, row in zip(queries, made[1], strict=True)}
    memory = Remembered(vectors, known)
    return lambda: memory


def runs(arguments: argparse.Namespace, name: str, folder: Path) -> Iterator[tuple[str, Run | str]]:
    texts = corpus(arguments.folder / COLLECTIONS[name][0])
    asked = judged(arguments.folder / name)
    path = folder / f"{COLLECTIONS[name][0]}.db"
    store = Store(str(path)) if path.exists() else filled(path, texts)
    keys = numbers_of(store, texts)
    yield "FTS5, all words", measured(plain(texts, " ", "1, 1"), asked)
    yield "FTS5, any word, title 5:1", measured(plain(texts, " OR ", "5, 1"), asked)
    yield "bm25s, Lucene, stemmed", bm25s(texts, asked)
    yield OURS, measured(ours(store, keys, searching.no_sense), asked)
    sense = sense_of(arguments, name, keys)
    yield (
        OURS_TOO,
        sense if isinstance(sense, str) else measured(ours(store, keys, sense), asked),
    )
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--model", type=Path)
    arguments = parser.parse_args()
    if not (arguments.folder / "scifact").is_dir():
        raise SystemExit(f"{arguments.folder} holds no collections; name their folder.")
    table: dict[str, dict[str, Run | str]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in COLLECTIONS:
            for system, run in runs(arguments, name, Path(scratch)):
                table.setdefault(system, {})[name] = run
                if isinstance(run, str):
                    print(f"{system}, {name}: {run}")
    show(table)


def show(table: Mapping[str, Mapping[str, Run | str]]) -> None:
    print(f"\n| nDCG@10 (ms) | {' | '.join(COLLECTIONS)} |\n|---|{'---:|' * len(COLLECTIONS)}")
    for system, row in table.items():
        cells = (
            "" if isinstance(run, str) else f"{run.quality:.4f} ({run.ms:.0f})"
            for run in row.values()
        )
        print(f"| {system} | {' | '.join(cells)} |")
    print("\n| goal | at least | measured | |\n|---|---:|---:|---|")
    for place, system in ((1, OURS), (2, OURS_TOO)):
        for name, goals in COLLECTIONS.items():
            run, least = table[system][name], float(goals[place])
            figure, verdict = (
                ("", "not measured")
                if isinstance(run, str)
                else (
                    f"{run.quality:.4f}",
                    "met" if run.quality >= least else "MISSED",
                )
            )
            print(f"| {system}, {name} | {least} | {figure} | {verdict} |")


if __name__ == "__main__":
    main()
