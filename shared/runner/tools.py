"""Runs a program of the machine on one file: in a folder of its own, without network, bounded in time, memory and size.

Where the kernel allows it the program reads only the system and writes only its folder (Landlock); under root it runs as nobody.
Not for: author code (`pool`, `call`), which programs there are (`converting`).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.runner.environment import clean_environment

#: The user under which tools run where the service is root.
NOBODY = 65534
_ERRORS = "errors.txt"
#: Of what a tool says about itself, how much is kept.
_SAID = 2000


class ToolError(Exception):
    """Base: the program gave nothing that counts."""


class ToolTimeLimit(ToolError):
    """It ran longer than allowed and was ended."""


class ToolFailed(ToolError):
    """It ended badly, or without the file it was to make. `said` is the end of its error output, for whoever owns the document."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


class ToolTooLarge(ToolError):
    """What it made is over the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`memory` is the address space of each of its processes, `size` that of each file; bytes."""

    seconds: float
    memory: int
    size: int


def run(
    command: Sequence[str], *, given: tuple[str, bytes], made: str, bounds: Bounds, programs: Sequence[str] = ()
) -> bytes:
    """Run `command` beside a file `given` (name, content); the content of the file `made` that it leaves.

    `programs` are folders outside of the system's own from which it may be started. Raises `ToolError`.
    """
    folder = tempfile.mkdtemp(prefix="parley-tool-")
    try:
        path = Path(folder, given[0])
        path.write_bytes(given[1])
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
            os.chown(path, NOBODY, NOBODY)
        status = _run(command, folder, bounds, programs)
        if status:
            raise ToolFailed(_how(status), _said(folder))
        return _read(Path(folder, made), bounds.size, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str], folder: str, bounds: Bounds, programs: Sequence[str]) -> int:
    order = {
        "command": list(command),
        "programs": list(programs),
        "user": NOBODY,
        "cpu": math.ceil(bounds.seconds) + 1,
        "memory": bounds.memory,
        "size": bounds.size,
    }
    with open(os.path.join(folder, _ERRORS), "wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "shared.runner.launch", json.dumps(order)],
            cwd=folder,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            return process.wait(bounds.seconds)
        except subprocess.TimeoutExpired:
            raise ToolTimeLimit(f"it ran longer than {bounds.seconds:g} seconds and was ended") from None
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # and whatever it started
            process.wait()


def _how(status: int) -> str:
    return f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"


def _said(folder: str) -> str:
    content = Path(folder, _ERRORS).read_bytes()[-_SAID:]
    return content.decode(errors="replace").strip()


def _read(path: Path, limit: int, folder: str) -> bytes:
    try:
        # A link that the tool left could point at what only this service may read; a pipe would never end.
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise ToolFailed("it ended well and made nothing", _said(folder)) from None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise ToolFailed("what it made is no file", _said(folder))
        with open(fd, "rb", closefd=False) as file:
            content = file.read(limit + 1)
    finally:
        os.close(fd)
    if len(content) >= limit:  # at the limit it was cut off, or would have been
        raise ToolTooLarge(f"what it made is over the limit of {limit} bytes")
    return content
