"""Writing a file of the session, once: a block that runs again after it was interrupted gets the number that it got before."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import Any

from shared.authoring.context import Context
from shared.contract.effects import ForgetFile


class Readers(StrEnum):
    """Who may read a file (documents.md, "Controlling file permissions")."""

    SESSION = "session"
    EVERYBODY = "everybody"  #: while there is the session
    EVERYBODY_FOR_EVER = "everybody for ever"


def digest(content: bytes) -> str:
    """What stands for the contents of a file where it is compared."""
    return sha256(content).hexdigest()


def forget(context: Context, number: int) -> None:
    """Once the step is saved nobody can read this file any more, which everybody could."""
    context.effects.append(ForgetFile(number=number))


def write(context: Context, *, filename: str, mimetype: str, content: bytes, readers: Readers = Readers.SESSION) -> int:
    """The number of a file with this name and content, made now unless the running block has made it."""
    file: Any = {"filename": filename, "mimetype": mimetype, "content": content}
    whom: Any = (filename, mimetype, digest(content))
    if readers is Readers.SESSION:
        return context.once("file", whom, lambda: context.files.write(**file))
    lasting = readers is Readers.EVERYBODY_FOR_EVER
    return context.once("file", (*whom, str(readers)), lambda: context.files.share(**file, lasting=lasting))
