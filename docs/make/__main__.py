"""Make what the program itself can tell: reference, man pages, completion, terminal pictures.

python docs/make            write them
python docs/make --check    say which are out of date, and exit 1 where one is
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import manual
import pictures
import reference
import words

from papertrack import completing

DOCS = Path(__file__).parents[1]


def made() -> Iterator[tuple[Path, str]]:
    """Each file and its text."""
    for name, page in reference.PAGES.items():
        yield DOCS / "reference" / f"{name}.md", page()
    yield from ((DOCS / "man" / name, page) for name, page in manual.pages(reference.PROGRAM))
    yield completing.WORDS, words.text(reference.PROGRAM)
    for name, line in pictures.LINES.items():
        yield DOCS / "pictures" / f"{name}.svg", pictures.drawn(name, line)


def main(*, check: bool) -> int:
    """Write every file, or only name those that would change; the exit code."""
    stale = [(path, text) for path, text in made() if not path.exists() or path.read_text() != text]
    for path, text in stale:
        print(f"{path.relative_to(DOCS.parent)} {'is out of date' if check else 'written'}")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
