"""The folder of what the embedded system keeps, and the secret that it makes for itself there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from services import values
from services.settings.errors import SettingsError
from services.values import SECRET_LENGTH

#: Where no variable says it: in the user's home.
DEFAULT = Path("~/.local/state/parley")


def state_folder(environ: Mapping[str, str]) -> Path:
    """Where the embedded system keeps what it keeps, unless told: outside of the program, so that no update touches it.

    The XDG Base Directory Specification says where: ``$XDG_STATE_HOME``, if absolute, else ``~/.local/state``.
    """
    state = Path(environ.get("XDG_STATE_HOME", ""))
    if state.is_absolute():
        return state / "parley"
    try:
        return Path(environ["HOME"], ".local/state/parley") if environ.get("HOME") else DEFAULT.expanduser()
    except RuntimeError:  # a user without a home: services of the distributed system keep nothing there
        return DEFAULT


def make_folder(path: Path) -> None:
    """Make the folder for answers, for nobody else to look into; one that is there stays as it is. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)


def kept_secret(var: Path) -> str:
    """The secret of an embedded system, made on its first start. Two first starts at once agree on one."""
    path = var / "secret"
    try:
        make_folder(var)
        if not path.exists():
            # Written whole before it has its name, so that nobody ever reads half of it.
            draft = var / f"secret.{secrets.token_hex(8)}"
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(SECRET_LENGTH))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return values.secret(path.read_text("ascii").strip())
    except ValueError:
        raise SettingsError(
            f"{path}: expected {SECRET_LENGTH} or more random characters; restore it from a backup"
        ) from None
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot keep the secret there: {error.strerror}. Choose another folder with --var (make run VAR=folder)"
        ) from None
