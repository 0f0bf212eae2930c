"""The house: who may stand on whom, and which module is the one door to each library."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import Home

from papertrack import demo
from papertrack.store import Store

PACKAGE = Path(__file__).parents[1] / "papertrack"
#: Lowest first. A module stands on its own package and on the floors below.
FLOORS = (
    (
        "words",
        "errors models reports housekeeping archive mailing letters outcomes "
        "identifiers archives clock tex text",
    ),
    (
        "thought",
        "config places merging matching selecting freshness emptiness announcements "
        "ranking rankings preferences similarity digests querying mixing schedules",
    ),
    (
        "doors",
        "commands completing lake sources store outbox schedulers demo importing model_file "
        "answers embedding",
    ),
    (
        "work",
        "drafting delivering digesting standing update freshening intake doctor learning encoding "
        "comparing recommending searching judging tracker",
    ),
    ("faces", "render"),
    ("roof", "cli"),
)
FLOOR_OF = {part: floor for floor, (_, parts) in enumerate(FLOORS) for part in parts.split()}
#: The few that stand beside each other on one floor, in one direction.
STANDS_ON = {
    **{word: {"errors"} for word in ("identifiers", "clock")},
    "reports": {"errors", "models"},
    "mailing": {"models"},
    "letters": {"mailing"},
    "outcomes": {"errors", "letters"},
    "archive": {"models"},
    "text": {"tex"},
    "config": {"rankings", "freshness", "places"},
    "preferences": {"rankings", "freshness"},
    "digests": {"config", "matching"},
    "schedules": {"config"},
    "sources": {"commands"},
    "outbox": {"commands"},
    "importing": {"sources"},
    "selecting": {"matching"},
    "emptiness": {"announcements", "freshness"},
    "ranking": {"rankings", "matching"},
    "similarity": {"matching"},
    "querying": {"similarity"},
    "answers": {"model_file"},
    "comparing": {"learning", "encoding"},
    "recommending": {"comparing"},
    "searching": {"encoding"},
    "digesting": {"delivering"},
    "standing": {"digesting"},
    "tracker": {
        *(
            "drafting",
            "update",
            "freshening",
            "intake",
            "learning",
            "encoding",
            "comparing",
            "recommending",
            "searching",
            "judging",
        ),
    },
    "judging": {"freshening"},
}
#: Each library, and the modules that may know it.
DOORS = {
    "httpx": ("papertrack.sources.client", "papertrack.sources.answers"),
    "rich": ("papertrack.render",),
    "typer": ("papertrack.cli",),
    "yaml": ("papertrack.config",),
    "sqlite3": ("papertrack.store", "papertrack.completing.own"),  # a shell does not wait
    "sqlite_utils": ("papertrack.store",),
    "pylatexenc": ("papertrack.tex",),
    "feedparser": ("papertrack.sources.atom",),
    "bibtexparser": ("papertrack.importing.bibtex", "papertrack.render.bibtex"),
    "rispy": ("papertrack.importing.ris", "papertrack.render.ris"),
    "filelock": ("papertrack.sources.pacing", "papertrack.outbox.lock"),
    "jinja2": ("papertrack.render.issue_html",),
    "pyarrow": ("papertrack.lake",),
    "smtplib": ("papertrack.outbox",),
    "numpy": ("papertrack.similarity", "papertrack.embedding"),
    "threadpoolctl": ("papertrack.similarity.threads",),
    "tokenizers": ("papertrack.embedding",),
    "keyring": ("papertrack.outbox.credentials",),
}
#: `--version` and `python -m papertrack` stand on the doorstep.
DOORSTEP = {"papertrack", "papertrack.__main__"}
LONGEST_FUNCTION = 50


def _modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("papertrack", *path.relative_to(PACKAGE).with_suffix("").parts)
        name = ".".join(part for part in parts if part != "__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = _modules()


def _imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """What is imported when the code runs, inside functions too, and on which line."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: write the whole name, from papertrack..."
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole if whole in MODULES else str(node.module)), node.lineno
        else:
            yield from _imports(node)


def _part(module: str) -> str:
    return module.split(".")[1]


def _stands_well(module: str, on: str) -> bool:
    if module in DOORSTEP or on == "papertrack" or _part(module) == _part(on):
        return True
    here, there = _part(module), _part(on)
    if here == "render":
        return FLOOR_OF[there] == 0
    return FLOOR_OF[there] < FLOOR_OF[here] or there in STANDS_ON.get(here, ())


@pytest.mark.parametrize("module", MODULES)
def test_a_module_stands_on_its_own_package_and_the_floors_below(module: str) -> None:
    if module not in DOORSTEP:
        assert _part(module) in FLOOR_OF, f"give {module} a place in FLOORS of this test"
    for name, line in _imports(MODULES[module]):
        if name.partition(".")[0] == "papertrack":
            assert _stands_well(module, name), (
                f"{module}, line {line}, imports {name}, which is not below it. Move what is "
                "needed down to a floor that both stand on, or hand it in as an argument."
            )


@pytest.mark.parametrize("module", MODULES)
def test_each_library_has_one_door(module: str) -> None:
    for name, line in _imports(MODULES[module]):
        doors = DOORS.get(name.partition(".")[0], (module,))
        assert any(f"{module}.".startswith(f"{door}.") for door in doors), (
            f"{module}, line {line}, imports {name}; only {' and '.join(doors)} may. Put what you "
            "need of it there, in our own words."
        )


def test_nobody_imports_in_a_circle() -> None:
    known = {
        name: {on for on, _ in _imports(tree) if on in MODULES and on != name}
        for name, tree in MODULES.items()
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"a circle: {' -> '.join((*path, module))}; cut it somewhere"
        if module not in done:
            for on in sorted(known[module]):
                visit(on, (*path, module))
            done.add(module)

    for module in known:
        visit(module, ())


@pytest.mark.parametrize("module", MODULES)
def test_no_function_is_longer_than_a_screen(module: str) -> None:
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            assert length <= LONGEST_FUNCTION, (
                f"{module}.{node.name} has {length} lines; take a part of it out and name it"
            )


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module: str) -> None:
    assert ast.get_docstring(MODULES[module]), f"{module} needs a docstring: what is it there for?"


def test_the_rules_notice_what_they_forbid() -> None:
    tree = ast.parse("def f():\n    from papertrack.store import Store\n    import httpx")
    assert [name for name, _ in _imports(tree)] == ["papertrack.store", "httpx"]
    assert not _stands_well("papertrack.ranking", "papertrack.store")
    assert not _stands_well("papertrack.render.table", "papertrack.config.schema")
    assert not _stands_well("papertrack.store.rows", "papertrack.sources")
    assert not _stands_well("papertrack.update", "papertrack.tracker")
    assert _stands_well("papertrack.tracker", "papertrack.update")


# -- what a command wakes ---------------------------------------------------------------------

#: No command that reads the store may need these.
HEAVY = {
    *("httpx", "feedparser", "sqlite_utils", "yaml", "jinja2", "pydantic", "asyncio"),
    *("importlib.metadata", "rich.markdown", "pylatexenc", "numpy", "tokenizers"),
}
#: Runs the program and tells on stderr which modules it has loaded when it leaves.
REPORTING = """
import json, os, sys
leave = os._exit
def report(code):
    print(json.dumps(sorted(sys.modules)), file=sys.stderr, flush=True)
    sys.stdout.flush()
    leave(code)
os._exit = report
from papertrack.__main__ import main
main()
report(0)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    moment, batch = demo.load()
    made = Home(tmp_path_factory.mktemp("home"), "2026-04-17T20:00:00Z")
    store = Store(str(made.path / "papertrack.db"))
    store.add(demo.SOURCE, batch, moment)
    store.close()
    return made


def loaded(home: Home, command: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", REPORTING, *command.split()],
        env=home.env(PAPERTRACK_DB=str(home.path / "papertrack.db")),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "command",
    [
        "trending --json --offline",
        "trending -f table --offline",
        "daily --offline --explain",
        "show 2604.08626 --offline -f table",
        "search agent -f table",
        "status",
        "trending -f ids --offline --match agent",
        "config path",
    ],
)
def test_a_reading_command_wakes_nothing_heavy(home: Home, command: str) -> None:
    modules = loaded(home, command)
    assert not HEAVY & modules, "import it inside the function that needs it"
    if "table" not in command:
        assert not {name for name in modules if name.partition(".")[0] == "rich"}
    # typer is 106 of these, the interpreter 33; of our own each is small, and there are some fifty
    others = {name for name in modules if name.partition(".")[0] != "papertrack"}
    assert len(others) <= (235 if "table" in command else 170)


def test_asking_for_the_version_wakes_nearly_nothing(home: Home) -> None:
    assert not {"typer", "dataclasses", "papertrack.cli"} & loaded(home, "--version")
