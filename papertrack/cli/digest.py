"""`papertrack digest`: trending papers by mail."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli import outbox
from papertrack.cli.catalogue import MAIL, Group
from papertrack.cli.console import write_file
from papertrack.cli.plans import plan_of
from papertrack.cli.setup import Setup
from papertrack.errors import UsageError

if TYPE_CHECKING:
    from papertrack.config import DigestConfig
    from papertrack.mailing import Digest

app = typer.Typer(cls=Group, help="Trending papers by mail.")


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.add_typer(app, name="digest", rich_help_panel=MAIL)


@app.command()
def preview(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Which digest; the only one if you have one.")
    ] = "",
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Its HTML, into a file; - is stdout."),
    ] = None,
    eml: Annotated[bool, typer.Option("--eml", help="Print the whole mail, byte by byte.")] = False,
    browser: Annotated[bool, typer.Option("--open", help="Show its HTML in a browser.")] = False,
) -> None:
    """Show a digest as it would be mailed now; nothing is sent and nothing counts as told.

    As in: papertrack digest preview morning --open
    """
    setup: Setup = ctx.obj
    if (html is not None) + eml + browser > 1:
        raise UsageError("--html, --eml and --open exclude each other; give one of them.")
    plan = plan_of(setup, name)
    digest = _draft(setup, plan)
    if html is not None:
        page = _page(setup, plan, digest)
        if str(html) == "-":
            setup.console.write([page])
        else:
            write_file(html, [page])
    elif browser:
        _open(_page(setup, plan, digest))
    elif eml:
        setup.console.write([_mail(setup, plan, digest)])
    else:
        from papertrack.render.issue_text import as_text

        setup.console.page([as_text(digest, _contact(setup, plan))])
    if not digest.worth_sending:
        setup.console.note("This would not be mailed: nothing is new. send_empty changes that.")


def _draft(setup: Setup, plan: "DigestConfig") -> "Digest":
    tracker = setup.tracker
    past = tracker.store.outbox.past(plan.name)
    digest: Digest = tracker.draft(plan, past, look_again=False)
    setup.close_bars()
    return digest


def _contact(setup: Setup, plan: "DigestConfig") -> str:
    return setup.config.mail.contact or setup.config.mail.from_ or plan.to[0]


def _page(setup: Setup, plan: "DigestConfig", digest: "Digest") -> str:
    from papertrack.render.issue_html import as_html

    return as_html(digest, _contact(setup, plan))


def _mail(setup: Setup, plan: "DigestConfig", digest: "Digest") -> str:
    """The mail to the first reader; the Message-ID says that it is a preview."""
    from papertrack.mailing import Envelope
    from papertrack.render.message import build

    mail = setup.config.mail
    sender = mail.from_ or plan.to[0]
    domain = mail.domain or sender.rpartition("@")[2]
    envelope = Envelope(
        sender=sender,
        recipient=plan.to[0],
        message_id=f"<{plan.name}.{digest.period}.preview@{domain}>",
        date=digest.now,
        list_id=f"{plan.name}.papertrack.{domain}",
        unsubscribe=_contact(setup, plan),
    )
    return build(digest, envelope).decode("ascii")


def _open(page: str) -> None:
    """Into a folder that only this user can read, and from there to the browser."""
    import tempfile
    import webbrowser

    path = Path(tempfile.mkdtemp(prefix="papertrack-")) / "digest.html"
    write_file(path, [page])
    if not webbrowser.open(path.as_uri()):
        raise UsageError(f"No browser was found; open {path} yourself.")


outbox.register(app)
