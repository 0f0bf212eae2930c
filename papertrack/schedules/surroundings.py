"""What your shell knows and a scheduled run does not."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields

from papertrack.config import Config

#: Where a scheduled run looks for programs: cron's own path on Debian.
PATH = "/usr/bin:/bin"


def differences(
    config: Config, env: Mapping[str, str], finds: Callable[[str], bool]
) -> Iterator[str]:
    """Sentences on what would go wrong, each with what to do.

    `finds` says whether a program is found on PATH above.
    """
    mail = config.mail
    if config.digests and mail.transport == "smtp":
        if mail.user and not (mail.password_command or mail.password_file or mail.token_command):
            yield (
                "A scheduled run does not know $PAPERTRACK_MAIL_PASSWORD; put the password into a "
                "file that only you can read and name it in mail.password_file."
            )
        for key in ("password_command", "token_command"):
            yield from _not_found(f"mail.{key}", getattr(mail, key), finds)
    for source in fields(config.sources):
        yield from _of_source(source.name, getattr(config.sources, source.name), env, finds)
    if env.get("TZ"):
        for plan in config.digests:
            if not plan.timezone:
                yield (
                    f"A scheduled run does not know $TZ, and {plan.name} goes by this machine's "
                    f"clock; set its timezone to {env['TZ'].removeprefix(':')}."
                )


def _of_source(
    name: str, section: object, env: Mapping[str, str], finds: Callable[[str], bool]
) -> Iterator[str]:
    command = getattr(section, "token_command", "")
    variable = f"PAPERTRACK_{name.upper()}_TOKEN"
    if not getattr(section, "enabled", False):
        return
    if env.get(variable) and not (command or getattr(section, "token", "")):
        yield f"A scheduled run does not know ${variable}; set sources.{name}.token_command."
    yield from _not_found(f"sources.{name}.token_command", command, finds)


def _not_found(key: str, command: str, finds: Callable[[str], bool]) -> Iterator[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        return  # running it says so
    if words and "/" not in words[0] and not finds(words[0]):
        yield (
            f"{key} runs {words[0]}, which a scheduled run does not find in {PATH}; write its "
            "whole path."
        )
