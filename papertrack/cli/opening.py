"""`papertrack open`: from a list to the page, the PDF or the code."""

from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.ids import Ids, leave, looked_up, read_ids
from papertrack.cli.papers import READ
from papertrack.cli.setup import Setup
from papertrack.errors import PapertrackError, UsageError

if TYPE_CHECKING:
    from papertrack.models import Paper

#: More tabs at once are an accident.
MOST = 20


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("open", rich_help_panel=READ)(open_papers)


def open_papers(
    ctx: typer.Context,
    ids: Ids,
    pdf: Annotated[bool, typer.Option("--pdf", help="The PDF.")] = False,
    code: Annotated[bool, typer.Option("--code", help="The repository.")] = False,
    hf: Annotated[bool, typer.Option("--hf", help="The page at Hugging Face.")] = False,
    project: Annotated[bool, typer.Option("--project", help="The project's page.")] = False,
) -> None:
    """Open papers in your browser; where there is none, print their addresses.

    As in: papertrack trending -f ids | fzf | papertrack open - --pdf
    """
    setup: Setup = ctx.obj
    wanted = {"pdf": pdf, "code": code, "hf": hf, "project": project}
    chosen = [name for name, asked in wanted.items() if asked] or ["page"]
    named = read_ids(ids)
    pages = len(named.keys) * len(chosen)
    if pages > MOST:
        raise UsageError(f"That would be {pages} pages; open at most {MOST}.")
    there, errors = looked_up(setup, named)
    opened = False
    for shown in setup.tracker.show(there) if there else []:
        for name in chosen:
            url = address(shown.ranked.entry.paper, name)
            opened |= bool(url)
            if not url:
                errors.append(_lacks(shown.ranked.entry.paper, name))
            elif not browsed(setup, url):
                setup.console.write([f"{url}\n"])
    leave(setup, errors, partly=opened)


def address(paper: "Paper", name: str) -> str:
    """Where a paper's page, PDF, code, discussion or project is; only http and https go out."""
    from papertrack.text import safe_url

    urls = {
        "page": paper.page_url,
        "pdf": paper.pdf_url,
        "code": paper.code_url,
        "hf": paper.hf_url,
        "project": paper.project_url,
    }
    return safe_url(urls[name])


def browsed(setup: Setup, url: str) -> bool:
    """Whether a browser took it: one of a desktop, or the one that $BROWSER names."""
    import sys

    env = setup.env
    desktop = env.get("DISPLAY") or env.get("WAYLAND_DISPLAY") or sys.platform == "darwin"
    if not (env.get("BROWSER") or (desktop and setup.console.is_terminal)):
        return False
    import webbrowser

    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False


def _lacks(paper: "Paper", name: str) -> PapertrackError:
    what = {"pdf": "PDF", "code": "code", "hf": "page at Hugging Face", "project": "project page"}
    short = paper.id.partition(":")[2]
    return PapertrackError(
        f"{short} has no {what.get(name, 'page')} that is known; `papertrack show {short}` has all."
    )
