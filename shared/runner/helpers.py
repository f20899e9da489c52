"""Processes of ours that make one thing after the other for whoever asks (documents, texts), and those of them that wait in between.

Each is ``python -m MODULE FD [ARGUMENTS]`` in a process group of its own, which says so on the socket once it is ready. Not for: what they make
(`making`, `marking`), children in which author code runs (`pool`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from typing import Generic, TypeVar

from shared.runner.environment import clean_environment
from shared.runner.wire import Message, Wire


def _live(command: list[str], fd: int, started: Future[subprocess.Popen[bytes]]) -> None:
    """Start a helper, and last as long as it does: "killed with its parent" means the thread that started it (prctl(2)), and whoever
    wanted the helper first may be a thread that ends with the one thing that was made."""
    try:
        process = subprocess.Popen(
            command,
            env=clean_environment(),
            pass_fds=[fd],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
    except BaseException as error:  # it is told to whoever wanted it
        started.set_exception(error)
        return
    started.set_result(process)
    process.wait()


class Helper:
    """One process, asked for one thing at a time."""

    def __init__(self, module: str, *arguments: str, patience: float) -> None:
        """`patience`: seconds for it to be ready."""
        ours, theirs = socket.socketpair()
        started: Future[subprocess.Popen[bytes]] = Future()
        with theirs:
            command = [sys.executable, "-P", "-m", module, str(theirs.fileno()), *arguments]
            threading.Thread(target=_live, args=(command, theirs.fileno(), started), daemon=True, name="helper").start()
            self._process = started.result()
        self._wire = Wire(ours)
        self._patience = patience
        self._ready = False
        self.used = time.monotonic()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, message: Message, *, seconds: float) -> Message:
        """What it answers within `seconds` from when it is ready. Raises `WireError`: then it is of no use any more."""
        if not self._ready:
            self._wire.receive(until=time.monotonic() + self._patience)
            self._ready = True
        until = time.monotonic() + seconds
        self._wire.send(message, until=until)
        reply = self._wire.receive(until=until)
        self.used = time.monotonic()
        return reply

    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End it and all that it started."""
        self._wire.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


Kind = TypeVar("Kind", bound=Helper)


class Spares(Generic[Kind]):
    """Those that wait. Threads may share it; whoever takes one gives it back, or closes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Kind] = []
        self.closed = False

    def take(self) -> Kind | None:
        """One that is alive. One that was ended while it waited is no fault of what comes next."""
        with self._lock:
            while self._waiting:
                helper = self._waiting.pop()
                if helper.alive():
                    return helper
                helper.close()
        return None

    def give(self, helper: Kind) -> None:
        with self._lock:
            if not self.closed and helper.alive():
                self._waiting.append(helper)
                return
        helper.close()

    def waiting(self) -> list[Kind]:
        with self._lock:
            return list(self._waiting)

    def end_unused(self, *, since: float) -> int:
        """End those that nobody used since then (`time.monotonic`); how many it were."""
        with self._lock:
            old = [helper for helper in self._waiting if helper.used < since]
            self._waiting = [helper for helper in self._waiting if helper.used >= since]
        for helper in old:
            helper.close()
        return len(old)

    def close(self) -> None:
        with self._lock:
            self.closed = True
            waiting, self._waiting = self._waiting, []
        for helper in waiting:
            helper.close()
