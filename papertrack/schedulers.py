"""The door to what runs commands at their time: `crontab`, and `systemctl --user` with its units.

Both are files by name: what is read is compared again before anything is written, and what was
written is read again.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from papertrack.errors import PapertrackError, UsageError
from papertrack.places import make_private_folder
from papertrack.schedules.changes import CRON, CRONTAB, SYSTEMD, Files
from papertrack.schedules.units import LINK, WANTS, is_ours

SECONDS = 60


class Scheduler(Protocol):
    """Something that runs commands at their time."""

    @property
    def place(self) -> str:
        """What it is called in a sentence."""

    def read(self) -> Files:
        """Everything that is there. Raises PapertrackError."""

    def write(self, before: Files, after: Files) -> str:
        """Make it so, where all is still as it was before; what else to know. Raises too."""


@dataclass(frozen=True)
class Cron:
    """The crontab of this user, through the command `crontab`."""

    env: Mapping[str, str]
    place: str = "the crontab"

    def read(self) -> Files:
        done = self._run(["crontab", "-l"])
        if done.returncode and b"no crontab" not in done.stderr.lower():
            raise PapertrackError(f"crontab -l failed: {_said(done)}; nothing was changed.")
        return {CRONTAB: done.stdout.decode("utf-8", "surrogateescape")}

    def write(self, before: Files, after: Files) -> str:
        if self.read() != before:
            raise PapertrackError(
                "The crontab was changed in the meantime; look at the change again."
            )
        wanted = after[CRONTAB]
        command = ["crontab", "-"] if wanted else ["crontab", "-r"]
        done = self._run(command, wanted.encode("utf-8", "surrogateescape"))
        if done.returncode:
            raise PapertrackError(f"{' '.join(command)} failed: {_said(done)}.")
        if self.read() != after:
            raise PapertrackError(
                "The crontab is not what was written to it; look at it with `crontab -l`."
            )
        return ""

    def _run(
        self, command: Sequence[str], given: bytes = b""
    ) -> "subprocess.CompletedProcess[bytes]":
        return _run(command, self.env, given)


@dataclass(frozen=True)
class Systemd:
    """The units of this user's systemd in a folder; those of others are not touched."""

    env: Mapping[str, str]
    folder: Path

    @property
    def place(self) -> str:
        return str(self.folder)

    def read(self) -> Files:
        try:
            return dict(self._found())
        except OSError as error:
            raise PapertrackError(
                f"{error.filename} cannot be read: {error.strerror}; make it readable."
            ) from None

    def write(self, before: Files, after: Files) -> str:
        if self.read() != before:
            raise PapertrackError(f"Units in {self.folder} were changed meanwhile; look again.")
        gone = [name for name in before if name not in after]
        self._systemctl("stop", *_timers(gone))
        try:
            self._store(
                gone,
                {
                    name: text
                    for name, text in after.items()
                    if name not in before or text != before[name]
                },
            )
        except OSError as error:
            raise PapertrackError(
                f"{error.filename} cannot be written: {error.strerror}; make it writable."
            ) from None
        runs = self._systemctl("daemon-reload") and self._systemctl("start", *_timers(after))
        return "" if runs or not after else _LATER

    def _found(self) -> Iterator[tuple[str, str]]:
        """The units that we wrote, and the links that enable them."""
        for path in sorted(self.folder.glob("papertrack-*")):
            if path.suffix in (".service", ".timer") and path.is_file():
                content = path.read_bytes().decode("utf-8", "surrogateescape")
                if is_ours(content):
                    yield path.name, content
        for path in sorted((self.folder / WANTS).glob("papertrack-*.timer")):
            if path.is_symlink():
                yield f"{WANTS}/{path.name}", f"{LINK}{os.readlink(path)}\n"

    def _store(self, gone: Sequence[str], new: Files) -> None:
        for name in new:
            target = self.folder / name
            if target.is_file() and not is_ours(target.read_text("utf-8", "replace")):
                raise PapertrackError(
                    f"{target} is there and not of papertrack's making; move it elsewhere first."
                )
        for name in gone:
            (self.folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # it is not empty, or was never there
            (self.folder / WANTS).rmdir()
        if new:
            make_private_folder(self.folder / WANTS)
        for name, content in new.items():
            target = self.folder / name
            draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
            if content.startswith(LINK):
                draft.symlink_to(content.removeprefix(LINK).rstrip("\n"))
            else:
                draft.write_bytes(content.encode("utf-8", "surrogateescape"))
            draft.replace(target)

    def _systemctl(self, *words: str) -> bool:
        """Whether this user's systemd did it. To stop or start nothing is done at once."""
        if words in (("stop",), ("start",)):
            return True
        if not has("systemctl", self.env):
            return False
        return _run(["systemctl", "--user", *words], self.env).returncode == 0


_LATER = (
    "Nothing runs yet: no systemd answers for this user here. The timers start when the user logs "
    "in where one does."
)


def scheduler(kind: str, env: Mapping[str, str]) -> Scheduler:
    """The one that is asked for by name, `cron` or `systemd`. Raises UsageError without crontab."""
    if kind == SYSTEMD:
        return Systemd(env, units_folder(env))
    if not has("crontab", env):
        raise UsageError(
            "There is no crontab command on this machine; install cron, or say --systemd."
        )
    return Cron(env)


def usual(env: Mapping[str, str]) -> str:
    """`systemd` where our units are, or where there is no crontab but a systemd; else `cron`."""
    if Systemd(env, units_folder(env)).read():
        return SYSTEMD
    return SYSTEMD if has("systemctl", env) and not has("crontab", env) else CRON


def units_folder(env: Mapping[str, str]) -> Path:
    """Where a user's own units are, for systemd.unit(5)."""
    base = env.get("XDG_CONFIG_HOME", "")
    home = Path(base) if os.path.isabs(base) else Path(env.get("HOME") or "/") / ".config"
    return home / "systemd" / "user"


def bare_home() -> str:
    """The home folder that cron and systemd give a run, which is that of the user's account."""
    import pwd

    return pwd.getpwuid(os.getuid()).pw_dir


def has(program: str, env: Mapping[str, str]) -> bool:
    """Whether a program is found there."""
    return shutil.which(program, path=env.get("PATH", os.defpath)) is not None


def _timers(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.endswith(".timer") and "/" not in name]


def _said(done: "subprocess.CompletedProcess[bytes]") -> str:
    """The first line of its complaint."""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].rstrip(".") if lines else f"exit code {done.returncode}"


def _run(
    command: Sequence[str], env: Mapping[str, str], given: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    """Run it to its end, in English. Raises PapertrackError where it cannot be run."""
    try:
        return subprocess.run(
            command,
            input=given,
            env={**env, "LC_ALL": "C"},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise PapertrackError(
            f"{command[0]} could not be run ({type(error).__name__}); run "
            f"`{' '.join(command)}` yourself to see why."
        ) from None
