"""`papertrack config`: where it is, what it says, whether it is right."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.catalogue import HOUSEKEEPING, Group
from papertrack.cli.setup import Setup
from papertrack.errors import ConfigError, PapertrackError

if TYPE_CHECKING:
    from papertrack.config import Config

app = typer.Typer(cls=Group, help="The configuration: path, show, init, check.")


def register(program: typer.Typer) -> None:
    """Add these commands to the program."""
    program.add_typer(app, name="config", rich_help_panel=HOUSEKEEPING)


@app.command()
def path(ctx: typer.Context) -> None:
    """Print where the configuration is looked for."""
    setup: Setup = ctx.obj
    setup.console.write([f"{setup.config_path}\n"])


@app.command()
def show(ctx: typer.Context) -> None:
    """Print the configuration that is in force, secrets left out."""
    from papertrack.config import shown

    setup: Setup = ctx.obj
    setup.console.write([shown(setup.config)])


@app.command()
def init(
    ctx: typer.Context,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print it, write nothing.")] = False,
) -> None:
    """Write a configuration to start from, every key explained. Never overwrites one."""
    from papertrack.config import example
    from papertrack.places import make_private_folder

    setup: Setup = ctx.obj
    if stdout:
        setup.console.write([example()])
        return
    target = setup.config_path
    try:
        make_private_folder(target.parent)
        descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise PapertrackError(
            f"{target} is there already; edit it, or move it away first."
        ) from None
    except OSError as error:
        raise PapertrackError(
            f"{target} could not be written: {error.strerror}; choose another with --config."
        ) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(example())
    setup.console.note(f"Wrote {target}.")


@app.command()
def check(ctx: typer.Context) -> None:
    """Say whether the configuration can be used; exit code 4 where it cannot."""
    setup: Setup = ctx.obj
    config = setup.config  # reading it is most of the check
    if config.digests and not config.mail.from_:
        raise ConfigError(
            f"{setup.config_path}: mail.from is empty, so no digest can be mailed; set it to an "
            "address of yours."
        )
    try:
        _refuse_unusable(config, setup.env)
    except ConfigError as error:
        raise ConfigError(f"{setup.config_path}: {error}") from None
    there = "is right" if setup.config_path.exists() else "is not there; the defaults are used"
    setup.console.note(f"{setup.config_path} {there}.")


def _refuse_unusable(config: "Config", env: Mapping[str, str]) -> None:
    """Raise ConfigError where what each key says is known and together it is of no use."""
    from papertrack import embedding
    from papertrack.outbox import make_transport

    make_transport(config.mail, env).close()
    folder = embedding.model_folder(config.similarity.model)
    lacking = [name for name in embedding.FILES if folder and not (folder / name).is_file()]
    if lacking:
        raise ConfigError(
            f"similarity.model: {folder} holds no {lacking[0]}; name a folder with a "
            "sentence-transformers model, or leave it empty."
        )
