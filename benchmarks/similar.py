"""How well `similar` and `recommend` find what people put together, beside what others do.

    python benchmarks/similar.py [FOLDER] [--model FOLDER] [--vectors FILE.npy]

FOLDER holds `hf-topics` and `hf-submitters` (../shared/data/relevance). The tasks: `members`, one
paper of a hand-made topic list is to find the others; `liked`, five of a topic are liked and the
rest is to be found; `submitters`, what a person put on Daily Papers first is to find what they put
there later. nDCG@10, over all cases and over the even and the odd ones. The constants were chosen
in sight of these cases, so the halves show how far chance reaches, and only another collection can
confirm them. The baselines are TF-IDF (words and pairs) with the cosine to the centre, which is
what papertrack does without numpy, and, where scikit-learn is importable, arxiv-sanity-lite's
linear SVM. With --model, also what the embedding extra adds; encoding the 9,577 papers takes about
20 minutes, and --vectors keeps them in a file for the next run.
"""

import argparse
import gzip
import json
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from papertrack.embedding.encoder import Encoder
from papertrack.embedding.vectors import Vectors
from papertrack.encoding import text_of
from papertrack.models import Paper
from papertrack.similarity.compare import Comparison
from papertrack.similarity.model import Model, learn

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "relevance"
GOALS = {"members": 0.155, "liked": 0.24, "submitters": 0.19}
EMBEDDED_GOALS = {"members": 0.176, "liked": 0.24, "submitters": 0.19}


class Case(NamedTuple):
    liked: list[int]
    pool: list[int]
    wanted: set[int]


System = Callable[[Case], Sequence[int]]


def corpus(folder: Path) -> list[Paper]:
    with gzip.open(folder / "hf-topics" / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = map(json.loads, lines)
        return [Paper(id=one["_id"], title=one["title"], abstract=one["text"]) for one in found]


def judged(folder: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (folder / "qrels-test.tsv").read_text().splitlines()[1:]:
        query, paper, _ = line.split("\t")
        found.setdefault(query, set()).add(paper)
    return found


def members(folder: Path, place: dict[str, int]) -> list[Case]:
    """The protocol of `bench_similar.py members`."""
    others: dict[str, set[str]] = {}
    for topic in judged(folder / "hf-topics").values():
        for one in topic:
            others.setdefault(one, set()).update(topic - {one})
    papers = [one for one in sorted(others) if len(others[one]) >= 3]
    if len(papers) > 300:
        random.Random(5).shuffle(papers)
    everything = list(range(len(place)))
    return [
        Case([place[one]], everything, {place[other] for other in others[one]})
        for one in papers[:300]
    ]


def liked(folder: Path, place: dict[str, int]) -> list[Case]:
    """The protocol of `bench_similar.py liked`."""
    chance, cases, everything = random.Random(3), [], list(range(len(place)))
    for topic in judged(folder / "hf-topics").values():
        for _ in range(2 if len(topic) >= 8 else 0):
            chosen = chance.sample(sorted(topic), 5)
            rest = {place[one] for one in topic - set(chosen)}
            cases.append(Case([place[one] for one in chosen], everything, rest))
    return cases


def submitters(folder: Path, place: dict[str, int]) -> list[Case]:
    """The protocol of `bench_similar.py submitters`."""
    listed = dict(
        line.split("\t") for line in (folder / "hf-topics/listed.tsv").read_text().splitlines()
    )
    lines = (folder / "hf-submitters" / "queries.jsonl").read_text().splitlines()
    queries = {one["_id"]: one for one in map(json.loads, lines)}
    return [
        Case(
            [place[paper] for paper in queries[user]["profile"]],
            [place[paper] for paper in place if listed[paper] > queries[user]["after"]],
            {place[paper] for paper in later},
        )
        for user, later in judged(folder / "hf-submitters").items()
    ]


def ndcg(ranked: Sequence[int], case: Case) -> float:
    """nDCG@10; every wanted paper gains the same."""
    shown = [one for one in ranked if one not in case.liked][:10]
    gained = sum(1 / math.log2(n + 2) for n, one in enumerate(shown) if one in case.wanted)
    return gained / sum(1 / math.log2(n + 2) for n in range(min(10, len(case.wanted))))


def ours(model: Model, read: Vectors | None = None) -> System:
    def system(case: Case) -> Sequence[int]:
        best = Comparison.of(model, case.liked, read=read).best(case.pool)
        return [one for one, _ in best[:100]]

    return system


def embedded(papers: Sequence[Paper], model: Path, kept: Path | None) -> Vectors:
    """What an embedding model makes of these papers, out of a file where they are kept."""
    if kept and kept.exists():
        rows = np.load(kept)
    else:
        encoder = Encoder.load(model)
        rows = np.concatenate([encoder.encode([text_of(paper)]) for paper in papers])
        if kept:
            np.save(kept, rows)
    return Vectors.none(rows.shape[1]).with_rows(range(len(rows)), [0] * len(rows), rows)


def cosine(model: Model) -> System:
    """TF-IDF, the cosine to the centre of the likes."""

    def system(case: Case) -> Sequence[int]:
        likes = model.papers.rows.picked(np.array(case.liked))
        centre = np.bincount(likes.columns, likes.weights, len(model.space.vocabulary))
        scores = model.papers.rows.times(centre.astype(np.float32))[case.pool]
        return [case.pool[one] for one in np.argsort(-scores, kind="stable")[:100]]

    return system


def svm(papers: Sequence[Paper]) -> System | None:
    """As arxiv-sanity-lite does it, where scikit-learn is there."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC
    except ImportError:
        return None
    rows = TfidfVectorizer(
        sublinear_tf=True,
        stop_words="english",
        ngram_range=(1, 2),
        min_df=2,
        max_features=50_000,
        strip_accents="unicode",
        dtype=np.float32,
    ).fit_transform([f"{one.title} {one.abstract}".strip() for one in papers])

    def system(case: Case) -> Sequence[int]:
        truth = np.zeros(len(papers), dtype=int)
        truth[case.liked] = 1
        machine = LinearSVC(C=0.01, class_weight="balanced", max_iter=3000).fit(rows, truth)
        scores = machine.decision_function(rows)[case.pool]
        return [case.pool[one] for one in np.argsort(-scores, kind="stable")[:100]]

    return system


def report(name: str, task: str, system: System, cases: Sequence[Case]) -> float:
    started = time.perf_counter()
    found = [ndcg(system(case), case) for case in cases]
    each = 1000 * (time.perf_counter() - started) / len(cases)
    halves = f"{np.mean(found[::2]):.3f} | {np.mean(found[1::2]):.3f}"
    print(f"| {task} | {name} | {np.mean(found):.3f} | {halves} | {each:.0f} |", flush=True)
    return float(np.mean(found))


def judge(goals: Mapping[str, float], reached: Mapping[str, float], with_what: str) -> None:
    for task, goal in goals.items():
        verdict = "met" if reached[task] >= goal else "MISSED"
        print(f"| nDCG@10 on {task}{with_what} | {goal} | {reached[task]:.3f} | {verdict} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--model", type=Path, help="folder of an embedding model")
    parser.add_argument("--vectors", type=Path, help="where its vectors of the papers are kept")
    given = parser.parse_args()
    papers = corpus(given.folder)
    place = {one.id: number for number, one in enumerate(papers)}
    started = time.perf_counter()
    model = learn(enumerate(papers))
    print(f"{len(papers):,} papers learned in {time.perf_counter() - started:.1f} s\n")
    systems = {"papertrack": ours(model), "TF-IDF cosine": cosine(model)}
    if given.model or given.vectors:
        read = embedded(papers, given.model, given.vectors)
        systems["papertrack with an embedding model"] = ours(model, read)
    machine = svm(papers)
    if machine is None:
        print("scikit-learn is not importable, so the linear SVM is left out.\n")
    else:
        systems["TF-IDF LinearSVC C=.01"] = machine
    print("| task | system | nDCG@10 | even | odd | ms a case |\n|---|---|---:|---:|---:|---:|")
    reached: dict[str, dict[str, float]] = {name: {} for name in systems}
    for task, cases_of in (("members", members), ("liked", liked), ("submitters", submitters)):
        cases = cases_of(given.folder, place)
        for name, system in systems.items():
            reached[name][task] = report(name, task, system, cases)
    print("\n| goal | at least | measured | |\n|---|---:|---:|---|")
    judge(GOALS, reached["papertrack"], "")
    for name in systems:
        if name.endswith("model"):
            judge(EMBEDDED_GOALS, reached[name], ", embedded")


if __name__ == "__main__":
    main()
