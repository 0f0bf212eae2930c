"""The roof: commands, global options, and the one place where errors become exit codes."""

import errno
import io
import os
import re
import sys
from contextlib import suppress
from typing import Annotated, Any, NoReturn

import typer

from papertrack import __version__
from papertrack.cli import stopping
from papertrack.cli.catalogue import Catalogue
from papertrack.cli.console import Console
from papertrack.cli.setup import Setup
from papertrack.errors import Exit, PapertrackError

#: What typer says of it, in one version or another.
_NO_NUMBER = r"is not a valid int(eger)?( range)?"


class Program(Catalogue):
    """Turns what went wrong into one sentence on stderr and an exit code."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        return super().parse_args(ctx, global_first(args))

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            said, told = error.message, "is not a whole number, such as 20"
            error.message = re.sub(_NO_NUMBER, told, said)
            raise
        except PapertrackError as error:
            setup = ctx.obj if isinstance(ctx.obj, Setup) else Setup()
            setup.close()
            setup.console.error(str(error))
            raise typer.Exit(int(error.exit_code)) from None
        finally:
            if isinstance(ctx.obj, Setup):
                ctx.obj.close()


def global_first(args: list[str]) -> list[str]:
    """Global options work wherever they stand: `trending --offline` is `--offline trending`."""
    first: list[str] = []
    rest: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in _SWITCHES or word.startswith(tuple(f"{name}=" for name in _VALUED)):
            first.append(word)
        elif word in _VALUED:
            first += [word, *(value for value in [next(words, None)] if value is not None)]
        else:
            rest.append(word)
    return first + rest


_SWITCHES = frozenset(
    ["--offline", "--demo", "--no-color", "--no-pager", "--quiet", "-q", "--verbose", "-v"]
)
_VALUED = ("--config", "--db")
#: Commands that fill a store, so that it may be a new one without a word.
_BEGINNING = ("fetch", "import")

app = typer.Typer(
    cls=Program,
    name="papertrack",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"papertrack {__version__}")
        raise typer.Exit


@app.callback()
def start(
    ctx: typer.Context,
    config_file: Annotated[
        str | None, typer.Option("--config", metavar="FILE", help="The configuration.")
    ] = None,
    db_file: Annotated[
        str | None, typer.Option("--db", metavar="FILE", help="The database.")
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody; show what is stored.")
    ] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="A bundled sample, no network, nothing is kept.")
    ] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour.")] = False,
    no_pager: Annotated[
        bool, typer.Option("--no-pager", help="No pager for what is longer than the screen.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Errors only.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Print the version."),
    ] = False,
) -> None:
    """What should I read today? Trending papers, ranked and explained.

    [bold]papertrack --demo trending[/bold]            a first look, without any network
    [bold]papertrack trending --window 3d[/bold]       what the field is reading now
    [bold]papertrack show 2604.07413[/bold]            everything known of a paper
    [bold]papertrack save 2604.07413[/bold]            onto your reading list
    [bold]papertrack search "sparse attention"[/bold]  what you have ever seen, offline
    [bold]papertrack trending --json[/bold]            every field, for scripts
    """
    if ctx.obj is None:
        ctx.obj = Setup(
            console=Console(quiet=quiet, verbose=verbose, no_color=no_color, pager=not no_pager),
            config_flag=config_file,
            db_flag=db_file,
            offline=offline,
            demo=demo,
            begins=ctx.invoked_subcommand in _BEGINNING,
        )


def run() -> NoReturn:
    """The console script: nothing but sentences reaches the user, and a closed pipe is no error."""
    _tolerant_streams()
    _known_width()
    stopping.heed()
    if "--no-color" in sys.argv:
        os.environ["NO_COLOR"] = "1"  # help and usage errors are drawn before an option is read
    try:
        app()
    except KeyboardInterrupt:
        _leave(Exit.INTERRUPTED)
    except SystemExit as done:
        if isinstance(done.__context__, BrokenPipeError):  # typer calls this a failure
            _leave(Exit.DONE)
        _leave(done.code if isinstance(done.code, int) else 0)
    except OSError as error:
        _unwritten(error)
        _leave(Exit.FAILED)
    except Exception as error:
        if stopping.is_interrupt(error):
            _leave(Exit.INTERRUPTED)
        _bug(error)
        _leave(Exit.FAILED)
    _leave(Exit.DONE)


def _tolerant_streams() -> None:
    """A title in a script that the terminal's encoding lacks is shown with `?`, not an error.

    A stream that the caller has closed (`>&-`) is like one that leads nowhere.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.StringIO())
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _known_width() -> None:
    """Rich draws help 80 columns wide on a dumb terminal, unless width and height are told."""
    if os.environ.get("TERM") in ("dumb", "unknown"):
        with suppress(OSError, ValueError):  # no terminal
            width, height = os.get_terminal_size(sys.stdout.fileno())
            os.environ.setdefault("COLUMNS", str(width))
            os.environ.setdefault("LINES", str(height))


def _unwritten(error: OSError) -> None:
    Console().error(f"{error.strerror or error}; the output could not be written.")


def _bug(error: Exception) -> None:
    if os.environ.get("PAPERTRACK_DEBUG"):
        import traceback

        traceback.print_exc()
    Console().error(
        f"this is a bug in papertrack ({type(error).__name__}: {error}); "
        "please report it with the output of the same command under PAPERTRACK_DEBUG=1."
    )


def _leave(code: int) -> NoReturn:
    """Leave at once: a thread that waits for a dead server must not hold up Ctrl-C."""
    try:
        sys.stdout.flush()
    except ValueError:
        pass  # it was closed on the way
    except OSError as error:
        if error.errno != errno.EPIPE and not code:  # with a code, the reason was told
            _unwritten(error)
            code = Exit.FAILED
    sys.stderr.flush()
    os._exit(stopping.exit_code(int(code)))
