"""The service's side of one zygote and of one template: a process and the socket to it. Which one does what, `pool` decides.

Only plain sockets, subprocess and threading are used, so that eventlet and gevent may patch them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from typing import Any

from shared.runner import failures
from shared.runner.environment import clean_environment
from shared.runner.forked import Child
from shared.runner.forms import BadForm
from shared.runner.ports import Event
from shared.runner.settings import Setup
from shared.runner.wire import Wire, WireError

#: Seconds for what takes milliseconds: forking. Whoever does not answer by then is broken.
_PATIENCE = 20.0

#: Author modules that are watched for changes, at most.
_WATCHED = 1000


class NoRoom(WireError):
    """The machine has no memory, or no room on its disk, for one more child."""


class TemplateGone(Exception):
    """A template ended, or went silent, before it had loaded its interview."""


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

    def ready(self, *, until: float) -> None:
        """Return once it has imported all that its children share. Raises `WireError` if it has not by `until`."""
        with self._lock:
            self._control.send({"ready": True}, until=until)
            self._control.receive(until=until)

    def template(self, interview: str, *, until: float, last_good: bool = False, setup: Setup | None = None) -> Wire:
        """A new template for `interview`, or for its last good version: the socket to it. Raises `WireError` if the zygote is gone.

        `setup`: by this one instead of the zygote's own.
        """
        ours, theirs = socket.socketpair()
        with self._lock:
            try:
                asked = {"interview": interview, "last_good": last_good, "setup": setup and setup.plain()}
                self._control.send(asked, fds=(theirs.fileno(),), until=until)
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


#: Seconds after which an interview that did not load is tried again though its files are the same: one that it includes may have come.
_AGAIN = 5.0


class Template:
    """The process that holds one compiled interview. `stale` once it is to be replaced or is gone: no child of it is used again.

    `broken` says which author modules do not compile. `worked` once a step has found all modules that it imports, `refused` says why
    its first could not. `kept` if the last good version on the disk is this one; `outlives` if it is the only one there is, and goes on.
    """

    def __init__(self, interview: str, control: Wire, *, until: float) -> None:
        self.interview = interview
        self._control = control
        self._lock = threading.Lock()
        self.stale = False
        self.forked = 0  #: children until now
        self.uses = 0  #: children that are alive or being forked; kept by the pool
        self.used = time.monotonic()
        self.memory = 0  #: that its newest child was asked to have; 0: it had none yet
        self.taken: deque[float] = deque()  #: when children were wanted lately (`stock`)
        self.outlives = False
        self.worked = False
        self.kept = False
        self.refused: str | None = None
        self._differs = False
        self._missing = 0.0
        self._checked = 0.0
        self._again = float("inf")
        try:
            message = control.receive(until=until)
            if "errors" in message:
                raise failures.read(message["errors"])
            self.digest: str = message["digest"]
            self.events = tuple(Event(name=n, file=f, block=b, line=line) for n, f, b, line in message["events"])
            self.broken = tuple(map(str, message.get("broken", ())))
            self.warnings = tuple(map(str, message.get("warnings", ())))
            self._sources = {path: (changed, size) for path, changed, size in message["sources"]}
        except (WireError, BadForm) as error:
            raise TemplateGone(f"the process that was to load {interview} ended ({error})") from error
        finally:
            if not hasattr(self, "_sources"):
                control.close()

    def changed(self, *, every: float) -> bool:
        """Whether a source of the interview is not what it was (or the process is gone). Looks at most once in `every` seconds."""
        now = time.monotonic()
        if not self.stale and not self._differs and now - self._checked >= every:
            self._checked = now
            self.stale = not self._there()
            self._differs = now >= self._again or self.sources() != self._sources
        return self.stale or self._differs

    @property
    def read(self) -> dict[str, tuple[int, int]]:
        """The files that it was made of: time and size."""
        return dict(self._sources)

    def sources(self) -> dict[str, Any]:
        """The files of the interview as they are now: time and size."""
        return {path: stamp(path) for path in list(self._sources)}

    def go_on(self, broken: dict[str, Any], *, again: float = _AGAIN) -> None:
        """What the sources have become (`sources()` of then) does not load: take it for unchanged until it changes, or `again` seconds are over."""
        self._sources = {**self._sources, **broken}
        self._again = time.monotonic() + again
        self.outlives = not self.kept
        self._differs = False

    def missing_for(self) -> float:
        """Seconds since this was first asked, because its interview was not there."""
        self._missing = self._missing or time.monotonic()
        return time.monotonic() - self._missing

    def _there(self) -> bool:
        """Whether the process still answers, as far as can be told without asking."""
        if not self._lock.acquire(blocking=False):
            return True  # it is being asked right now
        try:
            return self._control.quiet()
        finally:
            self._lock.release()

    def watch(self, paths: object, roots: tuple[str, ...]) -> None:
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
                self._sources[path] = stamp(path)

    def keep(self) -> bool:
        """Keep what it was made of as the last good version; whether that is done."""
        until = time.monotonic() + _PATIENCE
        try:
            with self._lock:
                self._control.send({"keep": self.interview}, until=until)
                return self._control.receive(until=until).get("kept") is True
        except WireError:
            return False

    def child(self, *, memory: int, rehearsed: bool = False) -> Child:
        """Fork a child; one that is `rehearsed` is for a session to come. Raises `WireError` if the template is gone."""
        ours, theirs = socket.socketpair()
        until = time.monotonic() + _PATIENCE
        try:
            with self._lock:
                asked = {"child": memory, "rehearsed": rehearsed}
                self._control.send(asked, fds=(theirs.fileno(),), until=until, quick=True)
                reply = self._control.receive(until=until)
            if "error" in reply:
                raise NoRoom(reply["error"])
            self.forked += 1
        except WireError:
            ours.close()
            raise
        finally:
            theirs.close()
        child = Child(self, reply["pid"], Wire(ours, ahead=True), memory=memory, folder=str(reply.get("folder", "")))
        child.rehearsed = rehearsed
        return child

    def end(self, pid: int, *, gone: bool = False) -> tuple[int | None, bool]:
        """Kill a child and all it started; one that seems `gone` gets a moment to die of what it dies of.

        Its exit status (a negative one is a signal; None if that is not known), and whether it was alive until then.
        """
        until = time.monotonic() + _PATIENCE
        try:
            with self._lock:
                self._control.send({"end": pid, "gone": gone}, until=until, quick=True)
                reply = self._control.receive(until=until)
        except WireError:
            return None, False
        status = reply.get("status")
        return (status if isinstance(status, int) else None), reply.get("ours") is True

    def close(self) -> None:
        """Let it end, and with it all its children."""
        with self._lock:
            self._control.close()


def stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, -1
    return found.st_mtime_ns, found.st_size
