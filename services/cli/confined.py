"""Runs something of ours that runs author code in a forked process, behind the walls that author code has anywhere.

What comes back is bytes of bounded size. A wall that this machine lacks is missed, and named to whoever asked: it is an author at work, on
a machine of their own. Not for: services, whose children are `shared.runner.pool`'s.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from select import select

from shared.runner import isolation
from shared.runner.environment import clean_environment
from shared.runner.isolation import WALLS, Rules
from shared.runner.reach import Reach

#: Bytes of address space beyond what this process has; bytes of an answer; seconds.
_MEMORY, _MOST, _SECONDS = 1024 * 1024 * 1024, 64 * 1024 * 1024, 120.0


class Ended(Exception):
    """The process ended without an answer, or took too long, or said too much."""


@dataclass(frozen=True, slots=True)
class Answer:
    content: bytes
    missing: tuple[str, ...]  #: walls that this machine lacks


def confined(work: Callable[[], bytes], *, given: Reach) -> Answer:
    """What `work` gives in a process that reads `given`, writes a folder of its own, and has no network. Raises `Ended`."""
    folder = tempfile.mkdtemp(prefix="parley-confined-")
    if os.geteuid() == 0:
        os.chown(folder, Rules().user, Rules().user)
    reader, writer = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _inside(work, given, folder, writer)
    os.close(writer)
    try:
        said = _read(reader)
    finally:
        os.close(reader)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        shutil.rmtree(folder, ignore_errors=True)
    head, newline, content = said.partition(b"\n")
    if not newline or not content:
        raise Ended("the interview's process ended before it answered")
    missing = [wall for wall in json.loads(head) if wall in WALLS]
    return Answer(content, tuple(missing))


def _inside(work: Callable[[], bytes], given: Reach, folder: str, writer: int) -> None:
    status = 1
    try:
        os.setsid()
        isolation.close_files({writer})
        os.chdir(folder)
        tempfile.tempdir = folder
        kept = clean_environment()
        os.environ.clear()
        os.environ.update(kept)
        namespace = isolation.leave_network()
        rules = Rules(may_miss=WALLS)
        report = isolation.restrict(rules, given=given, folder=folder, memory=_MEMORY, namespace=namespace)
        with open(writer, "wb") as out:
            out.write(json.dumps(report.missing).encode() + b"\n")
            out.write(work())
        status = 0
    finally:  # a forked process must never return into the code of the one it was forked from
        os._exit(status)


def _read(reader: int) -> bytes:
    until = time.monotonic() + _SECONDS
    said = bytearray()
    while select([reader], [], [], max(0.0, until - time.monotonic()))[0]:
        part = os.read(reader, 1 << 20)
        if not part:
            return bytes(said)
        said += part
        if len(said) > _MOST:
            raise Ended(f"the interview's screens have more than {_MOST >> 20} MB")
    raise Ended(f"the interview took longer than {_SECONDS:g} seconds")
