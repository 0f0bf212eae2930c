"""The reading list: what a reader does with papers, and the papers that were kept."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from papertrack.cli.faces import face_of
from papertrack.cli.ids import Ids, leave, looked_up, read_ids
from papertrack.cli.options import Look, with_look
from papertrack.cli.papers import KEEP, show_list, view_of
from papertrack.cli.setup import Setup
from papertrack.errors import UsageError
from papertrack.render import counted

Tag = Annotated[str, typer.Argument(metavar="TAG", help="One word, such as to-read.")]
LONGEST_TAG, LONGEST_NOTE = 50, 20_000


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (saved, save, unsave, read, unread, hide, unhide, tag, untag, note, mark_seen):
        name = command.__name__.replace("_", "-")
        app.command(name, rich_help_panel=KEEP)(command)


@with_look(sort="saved", limit=None, more_orders=("saved",))
def saved(
    ctx: typer.Context,
    tags: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="Only those with this tag; any of several."),
    ] = None,
    unread: Annotated[bool, typer.Option("--unread", help="Only what you have not read.")] = False,
    *,
    look: Look,
) -> None:
    """Your reading list, last saved first.

    As in: papertrack saved --unread -f bibtex > refs.bib
    """
    setup: Setup = ctx.obj
    view, face = view_of(setup, look), face_of(setup, look)
    names = [_tag(name) for name in tags or ()]
    show_list(setup, setup.tracker.saved(view, names, unread=unread), look, face)


def save(ctx: typer.Context, ids: Ids) -> None:
    """Put papers on your reading list.

    As in: papertrack trending -f ids | fzf -m | papertrack save -
    """
    _mark(ctx.obj, ids, "saved")


def unsave(ctx: typer.Context, ids: Ids) -> None:
    """Take papers off your reading list."""
    _unmark(ctx.obj, ids, "saved")


def read(ctx: typer.Context, ids: Ids) -> None:
    """Mark papers as read."""
    _mark(ctx.obj, ids, "read")


def unread(ctx: typer.Context, ids: Ids) -> None:
    """Mark papers as not read."""
    _unmark(ctx.obj, ids, "read")


def hide(ctx: typer.Context, ids: Ids) -> None:
    """Keep papers out of every list and every digest, until you unhide them."""
    _mark(ctx.obj, ids, "hidden")


def unhide(ctx: typer.Context, ids: Ids) -> None:
    """Let papers appear again."""
    _unmark(ctx.obj, ids, "hidden")


def mark_seen(ctx: typer.Context, ids: Ids) -> None:
    """Count papers as seen, so that --unseen leaves them out.

    As in: papertrack trending --unseen --format ids | papertrack mark-seen -
    """
    _mark(ctx.obj, ids, "seen", ask=False)


def tag(ctx: typer.Context, name: Tag, ids: Ids) -> None:
    """Give papers a tag.

    As in: papertrack tag group-meeting 2604.07413 2604.08626
    """
    setup: Setup = ctx.obj
    word = _tag(name)
    if word.startswith("-"):  # it would be an option to every other command; untag knows old ones
        raise UsageError(
            f"{word!r} is no tag; a tag begins with a letter or a number, such as to-read."
        )
    _do(setup, ids, lambda keys: setup.tracker.store.tag(keys, word), f"tagged {word}")


def untag(ctx: typer.Context, name: Tag, ids: Ids) -> None:
    """Take a tag from papers."""
    setup: Setup = ctx.obj
    word = _tag(name)
    store = setup.tracker.store
    _do(
        setup, ids, lambda keys: store.untag(keys, word), f"no longer tagged {word}", was="were not"
    )


def note(
    ctx: typer.Context,
    paper: Annotated[str, typer.Argument(metavar="ID", help="The paper.")],
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEXT]...", help="The note; - reads it from stdin. Your $EDITOR without it."
        ),
    ] = None,
) -> None:
    """Write a note on a paper; it is searched like the paper. An empty one takes it away.

    As in: papertrack note 2604.07413 "compare table 3 with ours"
    """
    setup: Setup = ctx.obj
    _keeps_marks(setup, "note")
    there, errors = looked_up(setup, read_ids([paper]))
    for key in there:
        written = _note(setup, key, text)
        text_of_it = written.strip()[:LONGEST_NOTE]
        changed = setup.tracker.store.note(key, text_of_it)
        said = "Noted." if text_of_it else "The note is taken away."
        setup.console.detail(said if changed else "The note is as it was.")
    leave(setup, errors, partly=False)


def _note(setup: Setup, key: str, words: Sequence[str] | None) -> str:
    """What is to be noted: said, piped in, or written in an editor that shows what there is."""
    if words:
        return sys.stdin.read(LONGEST_NOTE + 1) if list(words) == ["-"] else " ".join(words)
    if words is not None or not sys.stdin.isatty():
        raise UsageError('note needs a text where there is no terminal: papertrack note ID "..."')
    (shown,) = setup.tracker.show([key])
    return _edited(setup, shown.ranked.entry.state.note)


def _edited(setup: Setup, before: str) -> str:
    """The text as it is when the editor of $VISUAL or $EDITOR is closed."""
    import shlex
    import subprocess
    import tempfile

    editor = shlex.split(setup.env.get("VISUAL") or setup.env.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "note.md")
        with open(path, "w", encoding="utf-8") as file:
            file.write(before)
        try:
            subprocess.run([*editor, path], check=True)
        except (OSError, subprocess.SubprocessError):
            raise UsageError(
                f"{editor[0]} did not end well, so the note is as it was; set $EDITOR to yours."
            ) from None
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(LONGEST_NOTE + 1)


def _mark(setup: Setup, ids: Sequence[str], name: str, *, ask: bool = True) -> None:
    def mark(keys: Sequence[str]) -> int:
        return setup.tracker.store.mark(keys, name, setup.now)

    _do(setup, ids, mark, name, ask=ask)


def _unmark(setup: Setup, ids: Sequence[str], name: str) -> None:
    store = setup.tracker.store
    done = f"no longer {name}"
    _do(setup, ids, lambda keys: store.unmark(keys, name), done, ask=False, was="were not")


def _do(
    setup: Setup,
    ids: Sequence[str],
    change: Callable[[Sequence[str]], int],
    done: str,
    *,
    ask: bool = True,
    was: str = "had been before",
) -> None:
    """Change what is known of these papers, and say of how many it was not so before.

    With `ask`, papers that are not stored are looked up, as `show` does.
    """
    _keeps_marks(setup, done)
    there, errors = looked_up(setup, read_ids(ids), ask=ask)
    changed = change(there)
    same = f"; {len(there) - changed} {was}" if changed < len(there) else ""
    if there:
        setup.console.detail(f"{counted(changed, 'paper')} {done}{same}.")
    leave(setup, errors, partly=bool(there))


def _keeps_marks(setup: Setup, what: str) -> None:
    if setup.demo:
        raise UsageError(f"--demo keeps nothing, so nothing can be {what} there; leave it out.")


def _tag(name: str) -> str:
    """A tag as it is kept: small letters, no blanks. Raises UsageError for one that is none."""
    from papertrack import text

    word = "-".join(text.one_line(name, "").lower().split())
    if not word or len(word) > LONGEST_TAG or any(char in ',;"' for char in word):
        raise UsageError(
            f"{text.one_line(name[:LONGEST_TAG], '')!r} is no tag; a tag is a word of at most "
            f"{LONGEST_TAG} letters, such as to-read."
        )
    return word
