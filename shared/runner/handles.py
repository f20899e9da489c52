"""The service's side of one zygote, one template, one child: a process and the socket to it. Which one does what, `pool` decides.

Only plain sockets, subprocess and threading are used, so that eventlet and gevent may patch them.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from shared.runner import failures
from shared.runner.ports import ChildDied, RunnerError
from shared.runner.settings import Setup
from shared.runner.wire import Message, Wire, WireError

#: Seconds for what takes milliseconds: forking. Whoever does not answer by then is broken.
_PATIENCE = 20.0

#: Environment variables that children may see; everything else (credentials above all) stays behind.
_PASSED = ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONHOME", "VIRTUAL_ENV")

#: Author modules that are watched for changes, at most.
_WATCHED = 1000


def clean_environment() -> dict[str, str]:
    """The environment of the zygote: where Python and its packages are, the language, and nothing else."""
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    environment["PYTHONPATH"] = here
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment.setdefault("LANG", "C.UTF-8")
    return environment


class NoRoom(WireError):
    """The machine has no memory, or no room on its disk, for one more child."""


class Zygote:
    """The warm process from which all templates are forked."""

    def __init__(self, setup: Setup) -> None:
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "shared.runner.zygote", str(theirs.fileno())],
                env=clean_environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        finally:
            theirs.close()
        self._control = Wire(ours)
        self._lock = threading.Lock()
        self._control.send(setup.plain())

    @property
    def pid(self) -> int:
        return self._process.pid

    def template(self, interview: str, *, until: float) -> Wire:
        """A new template for `interview`: the socket to it. Raises `WireError` if the zygote is gone."""
        ours, theirs = socket.socketpair()
        with self._lock:
            try:
                self._control.send({"interview": interview}, fds=(theirs.fileno(),), until=until)
                self._control.receive(until=until)
            except WireError:
                ours.close()
                raise
            finally:
                theirs.close()
        return Wire(ours)

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Template:
    """The process that holds one compiled interview. `stale` once a source changed: no child of it is used again."""

    def __init__(self, interview: str, control: Wire, *, until: float) -> None:
        self.interview = interview
        self._control = control
        self._lock = threading.Lock()
        self.stale = False
        self.uses = 0  #: children that are alive or being forked; kept by the pool
        self.used = time.monotonic()
        self._checked = 0.0
        try:
            message = control.receive(until=until)
            if "errors" in message:
                raise failures.read(message["errors"])
            self.digest: str = message["digest"]
            self._sources = {path: (changed, size) for path, changed, size in message["sources"]}
        except WireError as error:
            raise RunnerError(f"the interview {interview} could not be loaded: {error}") from error
        finally:
            if not hasattr(self, "_sources"):
                control.close()

    def changed(self, *, every: float) -> bool:
        """Whether a source of the interview is not what it was (or the process is gone). Looks at most once in `every` seconds."""
        now = time.monotonic()
        if not self.stale and now - self._checked >= every:
            self._checked = now
            self.stale = not self._there() or any(_stamp(path) != stamp for path, stamp in list(self._sources.items()))
        return self.stale

    def _there(self) -> bool:
        """Whether the process still answers, as far as can be told without asking."""
        if not self._lock.acquire(blocking=False):
            return True  # it is being asked right now
        try:
            return self._control.quiet()
        finally:
            self._lock.release()

    def watch(self, paths: Any, roots: tuple[str, ...]) -> None:
        """Watch author modules too. `paths` comes from a child: only files below `roots` count."""
        if not isinstance(paths, list):
            return
        below = tuple(f"{root}{os.sep}" for root in roots)
        for path in paths:
            if (
                isinstance(path, str)
                and path.startswith(below)
                and path not in self._sources
                and len(self._sources) < _WATCHED
            ):
                self._sources[path] = _stamp(path)

    def child(self, *, memory: int) -> Child:
        """Fork a child. Raises `WireError` if the template is gone."""
        ours, theirs = socket.socketpair()
        until = time.monotonic() + _PATIENCE
        try:
            with self._lock:
                self._control.send({"child": memory}, fds=(theirs.fileno(),), until=until)
                reply = self._control.receive(until=until)
            if "error" in reply:
                raise NoRoom(reply["error"])
        except WireError:
            ours.close()
            raise
        finally:
            theirs.close()
        return Child(self, reply["pid"], Wire(ours), memory=memory)

    def end(self, pid: int) -> int | None:
        """Kill a child and all it started; its exit status (a negative one is a signal), None if that is not known."""
        until = time.monotonic() + _PATIENCE
        try:
            with self._lock:
                self._control.send({"end": pid}, until=until)
                status = self._control.receive(until=until)["status"]
        except WireError:
            return None
        return status if isinstance(status, int) else None

    def close(self) -> None:
        """Let it end, and with it all its children."""
        with self._lock:
            self._control.close()


class Child:
    """A process for one interview, running at most one step at a time."""

    def __init__(self, template: Template, pid: int, wire: Wire, *, memory: int) -> None:
        self.template = template
        self.pid = pid
        self.memory = memory
        self.busy = True
        self._ended = False
        self._status: int | None = None
        self.used = time.monotonic()
        self.report: dict[str, Any] | None = None
        self._wire = wire
        #: States it has ready: what brings a session back to the child it was with.
        self.ready: OrderedDict[int, None] = OrderedDict()

    def settle(self, look: Callable[[], None]) -> None:
        """Wait until it is ready for its first step: forking must not count as the author's time. Raises `WireError`."""
        if self.report is None:
            first = self._wire.receive(until=time.monotonic() + _PATIENCE, look=look)
            if "ready" not in first:
                raise WireError(f"it could not be set apart from the rest: {first.get('broken')}")
            self.report = first["ready"] if isinstance(first["ready"], dict) else {}

    def exchange(
        self, message: Message, *, until: float, look: Callable[[], None], answer: Callable[[Message], Message]
    ) -> Message:
        """Send a step and return its reply, answering what the child asks meanwhile. Raises `WireError`."""
        self._wire.send(message, until=until)
        while True:
            reply = self._wire.receive(until=until, look=look)
            if "ask" not in reply:
                return reply
            self._wire.send(answer(reply), until=until)

    def there(self) -> bool:
        """Whether it waits for a step. False if it died, or wrote something that nobody asked for."""
        return self.report is None or self._wire.quiet()

    def end(self) -> int | None:
        """Kill it; its exit status if known. May be called again."""
        if not self._ended:
            self._ended = True
            with contextlib.suppress(OSError):
                self._wire.close()
            self._status = self.template.end(self.pid)
        return self._status

    def died(self, error: Exception) -> ChildDied:
        """The error for a step whose child is gone or lies; kills what may be left of it."""
        status = self.end()
        if status is None or status == 0:
            how = "ended"
        elif status < 0:
            how = f"was ended by signal {-status}"
        else:
            how = f"ended with status {status}"
        return ChildDied(
            f"the process that ran the interview's code {how} before it answered ({error}); nothing of this step is kept"
        )


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, -1
    return found.st_mtime_ns, found.st_size
