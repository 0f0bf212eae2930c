"""How papertrack logs in to a mail server: as whom, and with which secret from where."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from papertrack.commands import first_line
from papertrack.errors import ConfigError

if TYPE_CHECKING:
    from papertrack.config import MailConfig

PASSWORD = "PAPERTRACK_MAIL_PASSWORD"
#: The name under which the system's keyring holds passwords for papertrack.
SERVICE = "papertrack"
_LARGEST = 16_384


@dataclass(frozen=True)
class Login:
    """A user with a password, or with an OAuth access token."""

    user: str = ""
    secret: str = field(default="", repr=False)
    is_token: bool = False


NO_LOGIN = Login()


def login(mail: "MailConfig", env: Mapping[str, str]) -> Login:
    """The login that the configuration describes; NO_LOGIN where it names no user.

    The first that is there counts: token_command, $PAPERTRACK_MAIL_PASSWORD, password_command,
    password_file, the system's keyring. Raises ConfigError, which never repeats a secret.
    """
    if not mail.user:
        return NO_LOGIN
    if mail.token_command:
        token = first_line("mail.token_command", mail.token_command, "a token")
        return Login(mail.user, token, is_token=True)
    secret = env.get(PASSWORD, "")
    if not secret and mail.password_command:
        secret = first_line("mail.password_command", mail.password_command, "a password")
    if not secret and mail.password_file:
        secret = _in_file(mail.password_file, env)
    secret = secret or _in_keyring(mail)
    if not secret:
        raise ConfigError(
            f"mail.user is {mail.user} and there is no password; set mail.password_command or "
            f"mail.password_file, or ${PASSWORD}."
        )
    return Login(mail.user, secret)


def _in_file(name: str, env: Mapping[str, str]) -> str:
    """The first line of a file that nobody else can read."""
    path = os.path.join(env.get("HOME", "~"), name[2:]) if name[:2] == "~/" else name
    try:
        with open(path, encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO) and os.name == "posix":
                raise ConfigError(
                    f"mail.password_file: others can read {path}; `chmod 600 {path}` first, and "
                    "change the password if somebody may have."
                )
            secret = file.read(_LARGEST).partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ConfigError(f"mail.password_file: {path} cannot be read: {reason}.") from None
    if not secret:
        raise ConfigError(f"mail.password_file: {path} is empty; write the password into it.")
    return secret


def _in_keyring(mail: "MailConfig") -> str:
    """The password in the system's keyring; empty where there is none, as under cron."""
    try:
        import keyring
    except ImportError:
        return ""
    try:
        return keyring.get_password(SERVICE, mail.user) or ""
    except Exception:  # its many backends raise what they like
        return ""
