"""`papertrack digest send, status, retry, test`: mail that arrives once, or says why not."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.plans import plan_of
from papertrack.cli.setup import Setup
from papertrack.errors import Exit, UsageError
from papertrack.render import counted

if TYPE_CHECKING:
    from papertrack.config import DigestConfig
    from papertrack.digesting import Office
    from papertrack.mailing import Digest, Envelope, Past
    from papertrack.outcomes import Outcome

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Which digests; all by default.")
]
Json = Annotated[bool, typer.Option("--json", help="A report for scripts.")]
#: How many issues of each digest `status` shows.
SHOWN = 3


def register(app: typer.Typer) -> None:
    """Add these commands to `papertrack digest`."""
    app.command()(send)
    app.command()(status)
    app.command()(retry)
    app.command("test")(try_out)


def send(
    ctx: typer.Context,
    names: Names = None,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Only what is due: for cron, as often as you like.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent; send and note nothing.")
    ] = False,
    resend: Annotated[
        bool, typer.Option("--resend", help="The last issue once more, as it was.")
    ] = False,
    json: Json = False,
) -> None:
    """Mail a digest: what waits first, then a new issue if one is due. Never two for one period.

    Says nothing where all is well and nobody looks. Exit code 6 where nothing was delivered, 5
    where some of it was, 75 where another run is at it. As in: papertrack digest send --if-due
    """
    setup: Setup = ctx.obj
    if resend and (if_due or dry_run):
        raise UsageError("--resend sends at once; leave out --if-due and --dry-run.")
    plans = _plans(setup, names)
    office = _office(setup)
    if dry_run:
        for plan in plans:
            setup.console.write([f"{office.foresee(plan)}\n"])
        return
    done = office.resend(plans) if resend else office.send(plans, if_due=if_due)
    _tell(setup, done, json=json)


def retry(ctx: typer.Context, names: Names = None, json: Json = False) -> None:
    """Send every mail that waits or was given up, now and as it was.

    As in: papertrack digest retry
    """
    setup: Setup = ctx.obj
    _tell(setup, _office(setup).retry(_plans(setup, names)), json=json)


def status(
    ctx: typer.Context,
    names: Names = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit code 6 where one is overdue or did not arrive.")
    ] = False,
    json: Json = False,
) -> None:
    """What was mailed to whom, what waits and why, and when the next issue is due.

    As in: papertrack digest status --check
    """
    from papertrack.render import letters
    from papertrack.render.records import dumps
    from papertrack.standing import standing

    setup: Setup = ctx.obj
    outbox, now = setup.store.outbox, setup.clock()
    told = [standing(plan, outbox, now, SHOWN) for plan in _plans(setup, names, sending=False)]
    bad = [one for one in told if one.is_bad]
    if json:
        digests = [letters.standing_record(one) for one in told]
        word = "error" if bad else "ok"
        setup.console.write([dumps({"status": word, "digests": digests}) + "\n"])
    elif not check or setup.console.is_terminal:
        setup.console.report(line for one in told for line in letters.standing_lines(one, now))
    if check:
        for one in bad:
            setup.console.error(letters.complaint(one))
        raise typer.Exit(int(Exit.MAIL if bad else Exit.DONE))


def try_out(
    ctx: typer.Context,
    to: Annotated[
        str, typer.Option("--to", metavar="ADDRESS", help="To somebody else than mail.from.")
    ] = "",
) -> None:
    """Connect, log in, and send a short message to yourself.

    Run it once as cron does, too: env -i HOME="$HOME" papertrack digest test
    """
    from contextlib import closing

    from papertrack.config.mail import mail_address
    from papertrack.render.trial import trial

    setup: Setup = ctx.obj
    office = _office(setup)
    sender = office.sender()
    try:
        recipient = mail_address(to) if to else sender
    except ValueError as error:
        raise UsageError(f"--to: {error}.") from None
    with closing(office.transport()) as transport:
        setup.console.detail(transport.check())
        now = setup.clock()
        number = f"<test.{now:%Y%m%d%H%M%S}@{office.domain()}>"
        reply = transport.deliver(sender, recipient, trial(sender, recipient, number, now))
    setup.console.note(f"A message to {recipient} was taken: {reply}. Look whether it arrives.")


# -- how ----------------------------------------------------------------------------------------


def _plans(
    setup: Setup, names: Sequence[str] | None, *, sending: bool = True
) -> "list[DigestConfig]":
    if sending and (setup.demo or setup.offline):
        raise UsageError(
            "Mail needs the network, which --offline and --demo forbid; `digest preview` shows "
            "what would be mailed."
        )
    if names or not setup.config.digests:
        return [plan_of(setup, name) for name in dict.fromkeys(names or [""])]
    return list(setup.config.digests)


def _office(setup: Setup) -> "Office":
    import socket

    from papertrack.digesting import Office
    from papertrack.outbox import make_transport
    from papertrack.outbox.lock import only_one

    def draft(plan: "DigestConfig", past: "Past") -> "Digest":
        return setup.tracker.draft(plan, past)  # made here, since mostly nothing is due

    def build(digest: "Digest", envelope: "Envelope") -> bytes:
        from papertrack.render.message import build

        setup.close_bars()
        return build(digest, envelope)

    mail = setup.config.mail
    return Office(
        mail=mail,
        outbox=setup.store.outbox,
        clock=setup.clock,
        host=socket.gethostname(),
        draft=draft,
        build=build,
        transport=lambda: make_transport(mail, setup.env),
        lock=lambda: only_one(setup.store.path),
    )


def _tell(setup: Setup, outcomes: "Iterable[Outcome]", *, json: bool) -> None:
    """Each outcome as it comes; then the exit code of all of them."""
    from papertrack.outcomes import exit_code
    from papertrack.render.letters import outcomes_json

    done = []
    for outcome in outcomes:
        setup.close_bars()
        done.append(outcome)
        _tell_one(setup, outcome)
    code = exit_code(done)
    if json:
        setup.console.write(outcomes_json(done, code))
    raise typer.Exit(int(code))


def _tell_one(setup: Setup, outcome: "Outcome") -> None:
    from papertrack.render.letters import day_and_time, undelivered_line

    console, name, due = setup.console, outcome.digest, outcome.next_due
    zone = due.tzinfo if due else None
    if outcome.error:
        console.error(f"{name}: {outcome.error}")
        return
    for letter in outcome.undelivered:
        console.error(undelivered_line(name, outcome.period, letter, zone))
    if outcome.failures and not outcome.letters:
        console.error(f"{name}: {outcome.note} {' '.join(outcome.failures)}")
    elif outcome.note and outcome.letters:
        console.note(f"{name}: {outcome.note}")
    elif outcome.note:
        console.detail(f"{name}: {outcome.note}")
    if outcome.sent and not outcome.undelivered:
        console.detail(
            f"{name}: the issue of {outcome.period} with {counted(outcome.papers, 'paper')} went "
            f"to {counted(outcome.sent, 'recipient')}."
        )
    if due:
        console.detail(f"{name}: the next issue is due {day_and_time(due, zone)}.")
