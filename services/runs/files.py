"""What runs said, in files of upstream's names in the folder that ``log:`` names (config.md, "log"): worker.log, cron.log …

Rotated by size, seven kept. Processes of one machine may share the folder: each write holds a lock, and opens the file anew, so that no
process goes on writing into one that another has put away.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from services.runs.text import as_text
from shared.store.records import RunRecord

KEPT = 7
SIZE = 5 * 1024 * 1024

#: Those kinds that have a file. Mail is heard of by actions of the worker; what screens said is in the store alone.
FILES = {"worker": "worker.log", "mail": "worker.log", "cron": "cron.log", "scheduler": "scheduler.log"}

#: Put away daily, besides when it has grown (the document of docassemble.Scheduler, "Scheduler Logger").
_DAILY = FILES["scheduler"]

log = logging.getLogger(__name__)


class RunFiles:
    def __init__(self, folder: Path, *, size: int = SIZE) -> None:
        self._folder = folder
        self._size = size

    def write(self, run: RunRecord) -> None:
        """Add `run` to the file of its kind. Never raises: a full disk is told in the log, and the store has the run as well."""
        name = FILES.get(run.kind)
        if name is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._add(self._folder / name, as_text(run).rstrip("\n"))
        except OSError as error:
            log.warning("run_not_written", extra={"kind": run.kind, "error": type(error).__name__})

    def _add(self, path: Path, text: str) -> None:
        lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o640)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.name == _DAILY:
                _put_away(path)
            handler = _Raising(path, maxBytes=self._size, backupCount=KEPT, encoding="utf-8", delay=True)
            try:
                handler.emit(logging.makeLogRecord({"msg": text}))
            finally:
                handler.close()
        finally:
            os.close(lock)


def _put_away(path: Path) -> None:
    """Begin a new file each day (UTC); of those before, `KEPT` are kept."""
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    except FileNotFoundError:
        return
    if written == datetime.now(UTC).date():
        return
    for number in range(KEPT - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{path}.{number}", f"{path}.{number + 1}")
    os.replace(path, f"{path}.1")


class _Raising(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        raise
