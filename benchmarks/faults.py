"""What breaks on the wire, of each source and of all: what the user sees, and what was asked.

Prints a Markdown table. The services are the recorded ones of `../shared/tools/replay.py`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import common

REPLAY = common.HERE.parents[1] / "shared" / "tools" / "replay.py"
NOW, DAY = "2026-04-15T12:00:00Z", "2026-04-15"
#: Where each source is asked, as the log has it.
PATHS = {
    "huggingface": "/api/daily_papers",
    "paperswithcode": "/api/v1/papers/trending",
    "arxiv": "(/atom/|/api/query)",
    "hackernews": "/api/v1/search_by_date",
}
ALL = "all four"
FAULTS = (
    "429", "503", "500", "403", "406", "soft", "html", "truncate", "garbage", "reset", "empty",
    "bomb", "hang", "redirect:http://elsewhere.example/",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="one fault")
    faults = tuple(fault for fault in FAULTS if parser.parse_args().only in fault)
    if not REPLAY.exists():
        sys.exit("../shared with the recorded answers is not here")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(PATHS) + 1) as pool:
        rows = pool.map(lambda of: rows_of(Path(folder) / of.split()[0], of, faults), [*PATHS, ALL])
        by_source = dict(zip([*PATHS, ALL], rows, strict=True))
    print("| fault | of | the first line on stderr | exit | requests to it | in all |")
    print("|---|---|---|---:|---:|---:|")
    for number in range(len(faults)):
        for source in by_source:
            print(f"| {' | '.join(by_source[source][number])} |")


def rows_of(folder: Path, source: str, faults: tuple[str, ...]) -> list[tuple[str, ...]]:
    """One run for each fault, against a server of its own."""
    with replay() as url:
        return [row(folder / str(n), url, source, fault) for n, fault in enumerate(faults)]


def row(home: Path, url: str, source: str, fault: str) -> tuple[str, ...]:
    """One fetch of a day by a user who has fetched nothing before."""
    pattern = PATHS.get(source, "^/api|^/atom")
    for order in ("fault?clear=1", f"fault?rule={quote(f'{pattern}={fault}')}", "forget"):
        urlopen(f"{url}/__{order}").close()
    config = home / "config.yaml"
    home.mkdir(parents=True)
    config.write_text(configuration(url), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "papertrack", "--config", str(config), "fetch", "--date", DAY],
        env=common.clean_env(home, PAPERTRACK_NOW=NOW),
        capture_output=True,
        text=True,
        check=False,
    )
    with urlopen(f"{url}/__log") as log:
        asked = json.load(log)
    said = (done.stderr.splitlines() or [""])[0].removeprefix("papertrack: ")
    hit = sum(one["fault"] is not None for one in asked)
    name = fault.partition(":")[0]
    code, shown = str(done.returncode), said.replace(url.partition("//")[2], "HOST")
    return name, source, shortened(shown), code, str(hit), str(len(asked))


def shortened(said: str) -> str:
    """Without what follows the path of an address, and as one cell of a table."""
    words = (word.partition("?")[0] + word[-2:] * ("?" in word) for word in said.split())
    return " ".join(words).replace("|", "\\|")


def configuration(url: str) -> str:
    where: dict[str, dict[str, str]] = {name: {"base_url": url} for name in PATHS}
    where["arxiv"]["feed_url"] = url
    return json.dumps({"sources": where})


@contextmanager
def replay() -> Iterator[str]:
    """The recorded services of that moment; their address."""
    command = [sys.executable, str(REPLAY), "--at", NOW]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
