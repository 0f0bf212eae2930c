"""The door to commands of the user's own that print a secret, such as `pass show papertrack`."""

import shlex
import subprocess

from papertrack.errors import ConfigError

SECONDS = 30


def first_line(key: str, command: str, what: str) -> str:
    """The first line that a command of the configuration prints; it is run without a shell.

    Raises ConfigError, naming the key and never what was printed, where it fails or prints nothing.
    """
    try:
        done = subprocess.run(
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ConfigError(
            f"{key} did not give {what}: {_reason(error)}; "
            "run it yourself to see why (it is run without a shell)."
        ) from None
    given = done.stdout.strip().partition("\n")[0]
    if not given:
        raise ConfigError(f"{key} printed nothing; run it yourself to see.")
    return given


def _reason(error: Exception) -> str:
    """Why a command gave nothing, without a word of what it is or printed."""
    if isinstance(error, subprocess.CalledProcessError):
        ended = f"exit code {error.returncode}"
        return ended if error.returncode > 0 else f"it was ended by signal {-error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"it took longer than {SECONDS} seconds"
    if isinstance(error, OSError):
        return f"it could not be started ({error.strerror})"
    return "it cannot be read as a command, or printed no text"
