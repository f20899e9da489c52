"""Copies of files on the disk of this process, for author code that wants a path, and how their changes come back.

A copy lives in a temporary directory of the running step. What the author wrote to it becomes a new file of the session
when the step ends (`commit_all`, called by the engine) or when it is asked for (objects.md, "DAFile.path").
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from shared.authoring import filing
from shared.authoring.context import Context, current, current_or_none

#: Key of ``Context.step``.
COPIES = "file copies"


class File(Protocol):
    """A file of the session: what is known of a `DAFile` here."""

    number: int
    filename: str
    mimetype: str


@dataclass(slots=True)
class _Copy:
    file: File
    path: Path
    digest: bytes


@dataclass(slots=True)
class _Copies:
    folder: Path
    by_object: dict[int, _Copy]


def path_of(file: File) -> str:
    """Where the copy of `file` is; made if there is none yet."""
    copies = _copies()
    copy = copies.by_object.get(id(file))
    if copy is None:
        content = current().files.read(file.number)
        copy = _Copy(file, _write(copies.folder, str(file.number), str(file.filename), content), _digest(content))
        copies.by_object[id(file)] = copy
    return str(copy.path)


def path_for(name: str, content: bytes) -> str:
    """A file of the step's directory with this content: for what cannot be changed through it."""
    return str(_write(_copies().folder, _digest(content).hex()[:12], name, content))


def content_of(file: File) -> bytes | None:
    """What the copy of `file` now contains, or None if there is no copy."""
    copy = _copy_of(file)
    return copy.path.read_bytes() if copy is not None and copy.path.is_file() else None


def forget(file: File) -> None:
    """The file has new contents, so its copy is worthless."""
    context = current_or_none()
    copies = context.step.get(COPIES) if context is not None else None
    if copies is not None:
        copies.by_object.pop(id(file), None)


def commit(file: File) -> None:
    """Keep what was written to the copy of `file`."""
    copy = _copy_of(file)
    if copy is not None:
        _commit(current(), copy)


def commit_all(context: Context) -> None:
    """Keep what was written to copies in this step. To be called before the state is encoded."""
    copies = context.step.get(COPIES)
    for copy in list(copies.by_object.values()) if copies is not None else ():
        _commit(context, copy)


def discard_all(context: Context) -> None:
    """Remove the step's directory. To be called when the step is over, however it ended."""
    copies = context.step.pop(COPIES, None)
    if copies is not None:
        shutil.rmtree(copies.folder, ignore_errors=True)


def _commit(context: Context, copy: _Copy) -> None:
    if not copy.path.is_file():
        return
    content = copy.path.read_bytes()
    digest = _digest(content)
    if digest != copy.digest:
        file = copy.file
        file.number = filing.write(context, filename=file.filename, mimetype=file.mimetype, content=content)
        copy.digest = digest


def _copies() -> _Copies:
    step = current().step
    if COPIES not in step:
        step[COPIES] = _Copies(Path(tempfile.mkdtemp(prefix="parley-")), {})
    copies: _Copies = step[COPIES]
    return copies


def _copy_of(file: File) -> _Copy | None:
    context = current_or_none()
    copies = context.step.get(COPIES) if context is not None else None
    return copies.by_object.get(id(file)) if copies is not None else None


def _write(folder: Path, key: str, name: str, content: bytes) -> Path:
    target = folder / key
    target.mkdir(exist_ok=True)
    path = target / (Path(name).name or "file")
    path.write_bytes(content)
    return path


def _digest(content: bytes) -> bytes:
    return sha256(content).digest()
