"""`papertrack doctor`: what is wrong, and how to mend it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.setup import Setup
from papertrack.errors import Exit

if TYPE_CHECKING:
    from papertrack.doctor import Doctor, Finding

PANEL = "Housekeeping"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel=PANEL)(doctor)


def doctor(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Check configuration, store, keys, network, clock and mail; say how to mend what is wrong.

    Exit code 1 where something is, 4 where it is the configuration. As in: papertrack doctor
    """
    from papertrack.doctor import BAD, worst

    setup: Setup = ctx.obj
    findings = []
    for finding in _doctor(setup).findings():
        findings.append(finding)
        if not json:
            setup.console.report([_line(finding)])
    if json:
        _write_json(setup, findings)
    if any(one.question == "config" and one.verdict == BAD for one in findings):
        raise typer.Exit(int(Exit.CONFIG))
    raise typer.Exit(int(Exit.FAILED if worst(findings) == BAD else Exit.DONE))


def _doctor(setup: Setup) -> "Doctor":
    from papertrack.doctor import Doctor
    from papertrack.sources.reach import reach
    from papertrack.sources.tokens import token

    return Doctor(
        config=lambda: setup.config,
        store=lambda: setup.tracker.store,
        token=lambda name: token(name, getattr(setup.config.sources, name), setup.env),
        reach=lambda url: _reached(reach(setup.config, setup.clock, url)),
        post=lambda: _posted(setup),
        clock=setup.clock,
        offline=setup.offline or setup.demo,
    )


def _posted(setup: Setup) -> str:
    """What the way out for mail says of itself."""
    from contextlib import closing

    from papertrack.outbox import make_transport

    with closing(make_transport(setup.config.mail, setup.env)) as transport:
        return transport.check()


def _reached(date: str) -> datetime | None:
    """The time in a Date header, if that is one."""
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(date)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _line(finding: "Finding") -> str:
    from papertrack import text

    mark = {"ok": "ok ", "warning": "!  ", "error": "BAD"}[finding.verdict]
    return f"{mark}  {finding.question:<20} {text.one_line(finding.said)}\n"


def _write_json(setup: Setup, findings: "list[Finding]") -> None:
    from dataclasses import asdict

    from papertrack.doctor import worst
    from papertrack.render.records import dumps

    report = {"status": worst(findings), "findings": [asdict(one) for one in findings]}
    setup.console.write([dumps(report) + "\n"])
