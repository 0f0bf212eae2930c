"""`papertrack schedule`: the crontab or the systemd timers that fetch and mail by themselves."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack import places
from papertrack.cli.catalogue import MAIL, Group
from papertrack.cli.setup import Setup
from papertrack.errors import UsageError

if TYPE_CHECKING:
    from papertrack.schedulers import Scheduler
    from papertrack.schedules.changes import Files
    from papertrack.schedules.jobs import Job

app = typer.Typer(cls=Group, help="Fetch and mail by themselves, from cron or systemd.")

ByCron = Annotated[bool, typer.Option("--cron", help="In the crontab.")]
BySystemd = Annotated[bool, typer.Option("--systemd", help="As timers of systemd, for this user.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.add_typer(app, name="schedule", rich_help_panel=MAIL)


@app.command()
def show(ctx: typer.Context, cron: ByCron = False, systemd: BySystemd = False) -> None:
    """Print the lines or units that `install` writes, and say whether they are there.

    As in: papertrack schedule show --systemd
    """
    from papertrack.schedulers import units_folder
    from papertrack.schedules.changes import SYSTEMD, shown

    setup: Setup = ctx.obj
    kind, jobs = _kind(setup, cron=cron, systemd=systemd), _jobs(setup)
    for name, content in shown(kind, jobs).items():
        head = f"# {units_folder(setup.env) / name}\n" if kind == SYSTEMD else ""
        setup.console.write([head, content])
    _say_whether_installed(setup, kind, jobs)
    _advise(setup, kind)


@app.command()
def install(
    ctx: typer.Context, cron: ByCron = False, systemd: BySystemd = False, yes: Yes = False
) -> None:
    """Write a line or timer for each digest and one for `fetch`; shows the change, and asks first.

    Nobody else's lines are touched. As in: papertrack schedule install --cron
    """
    from papertrack.schedulers import scheduler
    from papertrack.schedules.changes import installed

    setup: Setup = ctx.obj
    kind, jobs = _kind(setup, cron=cron, systemd=systemd), _jobs(setup)
    target = scheduler(kind, setup.env)
    before = target.read()
    after = installed(kind, before, jobs)
    if before == after:
        setup.console.note("It is installed already, as it should be.")
    else:
        _change(setup, target, before, after, yes=yes)
    if not setup.config.digests:
        setup.console.note(
            f"No digest is configured yet, so this only fetches; write one under digests: in "
            f"{setup.config_path} and install again."
        )
    _advise(setup, kind)
    if _is_elsewhere(setup, kind):
        setup.console.note(
            "It is installed in cron and in systemd now; `papertrack schedule remove` with --cron "
            "or --systemd takes one away."
        )


@app.command()
def remove(
    ctx: typer.Context, cron: ByCron = False, systemd: BySystemd = False, yes: Yes = False
) -> None:
    """Take away what `install` wrote, in the crontab and in systemd, and nothing else.

    As in: papertrack schedule remove --yes
    """
    from papertrack.schedulers import scheduler
    from papertrack.schedules.changes import removed

    setup: Setup = ctx.obj
    found = False
    for kind in _kinds_to_remove(setup, cron=cron, systemd=systemd):
        target = scheduler(kind, setup.env)
        before = target.read()
        after = removed(kind, before)
        if before != after:
            found = True
            _change(setup, target, before, after, yes=yes)
    if not found:
        setup.console.note("Nothing of papertrack's is installed there.")


# -- how ----------------------------------------------------------------------------------------


def _kind(setup: Setup, *, cron: bool, systemd: bool) -> str:
    from papertrack.schedulers import usual
    from papertrack.schedules.changes import CRON, SYSTEMD

    if cron and systemd:
        raise UsageError("--cron and --systemd exclude each other; give one of them.")
    if cron or systemd:
        return CRON if cron else SYSTEMD
    return usual(setup.env)


def _kinds_to_remove(setup: Setup, *, cron: bool, systemd: bool) -> list[str]:
    """Those that are asked for, else all that this machine has."""
    from papertrack.schedulers import has
    from papertrack.schedules.changes import CRON, SYSTEMD

    every = not (cron or systemd)
    asked = {CRON: cron or (every and has("crontab", setup.env)), SYSTEMD: systemd or every}
    return [kind for kind, wanted in asked.items() if wanted]


def _jobs(setup: Setup) -> "tuple[Job, ...]":
    import socket

    from papertrack.schedules.jobs import jobs_of

    # The same as in this shell: files that a bare environment would not lead to are named.
    seed = f"{socket.gethostname()} {setup.database_path}"
    return jobs_of(setup.config.digests, (*program(sys.argv[0]), *_files(setup)), seed)


def program(called: str) -> tuple[str, ...]:
    """How to call this program from anywhere: its script, or Python and the module."""
    path = Path(os.path.abspath(called))
    if path.name != "__main__.py" and path.is_file() and os.access(path, os.X_OK):
        return (str(path),)
    return (sys.executable, "-m", "papertrack")


def _files(setup: Setup) -> Iterator[str]:
    from papertrack.schedulers import bare_home

    bare = {"HOME": bare_home()}
    if setup.config_path != places.config_path(None, bare):
        yield from ("--config", str(setup.config_path))
    if setup.database_path != places.database_path(None, bare, setup.config.store.path):
        yield from ("--db", str(setup.database_path))


def _change(
    setup: Setup, target: "Scheduler", before: "Files", after: "Files", *, yes: bool
) -> None:
    """Show what would be different, ask, and make it so."""
    from papertrack.schedules.changes import difference

    setup.console.write(difference(before, after))
    asks = setup.console.is_terminal and sys.stdin.isatty()
    if not yes and not (asks and typer.confirm(f"Change {target.place} so?", err=True)):
        raise UsageError(f"{target.place} was not changed; add --yes to change it so.")
    setup.console.note(target.write(before, after))
    setup.console.detail(f"{target.place} was changed.")


def _say_whether_installed(setup: Setup, kind: str, jobs: "tuple[Job, ...]") -> None:
    from papertrack.schedulers import has, scheduler
    from papertrack.schedules.changes import CRON, installed, removed

    if kind == CRON and not has("crontab", setup.env):
        setup.console.note("There is no crontab command on this machine; see --systemd.")
        return
    there = scheduler(kind, setup.env).read()
    if there == installed(kind, there, jobs):
        setup.console.note("This is installed.")
    elif there == removed(kind, there):
        setup.console.note("This is not installed; `papertrack schedule install` does it.")
    else:
        setup.console.note("Something else is installed; `papertrack schedule install` mends it.")


def _is_elsewhere(setup: Setup, kind: str) -> bool:
    """Whether the other kind has jobs of ours as well."""
    from papertrack.schedulers import has, scheduler
    from papertrack.schedules.changes import CRON, SYSTEMD, removed

    other = CRON if kind == SYSTEMD else SYSTEMD
    if other == CRON and not has("crontab", setup.env):
        return False
    there = scheduler(other, setup.env).read()
    return there != removed(other, there)


def _advise(setup: Setup, kind: str) -> None:
    """What is different from this shell, and what systemd needs besides."""
    from papertrack.schedulers import has
    from papertrack.schedules.changes import SYSTEMD
    from papertrack.schedules.surroundings import PATH, differences

    for sentence in differences(setup.config, setup.env, lambda name: has(name, {"PATH": PATH})):
        setup.console.note(sentence)
    if kind == SYSTEMD:
        setup.console.note(
            "Timers of a user stop when the user logs out; `loginctl enable-linger` keeps them."
        )
