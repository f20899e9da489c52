"""Runs a function of a module in a child that has no session: configured jobs, Task classes.

Each call has a child of its own, forked from a warm template, behind the walls that steps run behind; nothing that a call leaves behind
is seen by another. (Where what is called is a part of this program, a child may serve several: `Again`.) What goes wrong in the function
is a value, `Failed`; only what goes wrong around it is raised. Not for: interviews (`pool`), when a function is called and what is
recorded of it (the clock).
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.contract.errors import Busy
from shared.language.sources import Root
from shared.runner import isolation
from shared.runner.called import Called, CallError, Failed
from shared.runner.forked import Child
from shared.runner.handles import NoRoom, Template
from shared.runner.loader import Loader
from shared.runner.ports import Limits
from shared.runner.settings import Setup
from shared.runner.wire import Message, Timeout, Unsendable, WireError, pack

log = logging.getLogger(__name__)

#: The module that stands where `shared.runner.engine` stands for interviews.
ENGINE = "shared.runner.calling"

#: Seconds beyond a call's own limit for its answer to arrive.
_GRACE = 0.5

#: How much a description of a failure may hold; a child may send more.
_TEXT, _TRACE = 2000, 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A child serves up to `calls` calls, and waits `seconds` for the next. One whose call failed serves no other.

    Never for code of authors or of operators: what it leaves behind the next call would meet.
    """

    calls: int = 1
    seconds: float = 0.0


class CallPool:
    """Children for calls into the packages below `roots`, at most `at_once` at a time; one more waits `busy_seconds`."""

    def __init__(
        self,
        *,
        roots: Iterable[Root | Path | str],
        at_once: int = 4,
        busy_seconds: float = 20.0,
        rules: isolation.Rules | None = None,
        engine: str = ENGINE,
        again: Again | None = None,
        lender: Loader | None = None,
    ) -> None:
        """`lender`: of a pool that is closed after this one, whose zygote is the parent of this one's processes, too."""
        self._lender = lender
        self._again = again or Again()
        self._waiting: list[tuple[Child, int]] = []  # each with the calls that it has served
        self._tidying: threading.Timer | None = None
        self._folder = tempfile.mkdtemp(prefix="parley-calls-")
        os.chmod(self._folder, 0o711)  # noqa: S103  (children, of another user, pass through to their own)
        self._setup = Setup(
            roots=tuple(str(Root.of(root)) for root in roots),
            folder=self._folder,
            engine=engine,
            # The operator wrote what is called, or chose it: the network is open to it.
            rules=rules or isolation.Rules(network=True),
        )
        self._free = threading.Semaphore(at_once)
        self._busy_seconds = busy_seconds
        self._lock = threading.Lock()
        self._closed = False
        self._loader: Loader | None = None
        self._template: Template | None = None
        isolation.hide_memory()  # children of the same user must not read this process's secrets from /proc

    def call(
        self,
        module: str,
        function: str,
        *,
        args: Sequence[object],
        kwargs: Mapping[str, object],
        limits: Limits,
        last: bool = False,
    ) -> Called:
        """See `called.CallRunner.call`. `last`: the child serves no call after this one."""
        given = {"module": module, "function": function, "args": list(args), "kwargs": dict(kwargs)}
        return self._called(given, f"{module}.{function}", limits, last=last)

    def job(self, given: Mapping[str, object], *, limits: Limits) -> Called:
        """See `CallRunner.job`."""
        return self._called({"job": dict(given)}, str(given.get("name", "")), limits)

    def _called(self, given: Message, name: str, limits: Limits, *, last: bool = False) -> Called:
        message = {**given, "seconds": float(limits.seconds)}
        try:
            pack(message)
        except Unsendable as error:
            raise ValueError(f"the arguments of {name} are not plain: {error}") from None
        if not self._free.acquire(timeout=self._busy_seconds):
            raise Busy("all processes for calls are busy; try again in a moment")
        try:
            return self._run(message, limits, last=last)
        finally:
            self._free.release()

    @property
    def forked(self) -> int:
        """Children of the template that there is."""
        return 0 if self._template is None else self._template.forked

    @property
    def waiting(self) -> int:
        """Children that wait for another call."""
        return len(self._waiting)

    def close(self) -> None:
        """End all children. Calls that are running fail as `DIED`."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, []
            if self._tidying is not None:
                self._tidying.cancel()
            template, loader = self._template, self._loader
            self._template = self._loader = None
        for child, _ in waiting:
            child.end()
        if template is not None:
            template.close()
        if loader is not None:
            loader.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    # -- one call

    def _run(self, message: Message, limits: Limits, *, last: bool) -> Called:
        child, served = self._child(limits.memory)
        well, started = False, 0.0
        try:
            child.settle(_nothing)
            started = time.monotonic()
            reply = child.exchange(
                message, until=started + limits.seconds + _GRACE, look=_nothing, answer=_answers_nothing
            )
            called = _called(reply, seconds=time.monotonic() - started)
            well = called.failed is None
            return called
        except Timeout:
            if not started:
                raise Busy(f"a process for a call did not get ready: {child.died(Timeout())}") from None
            return Called(failed=_over_time(limits), seconds=time.monotonic() - started)
        except WireError as error:
            died = child.died(error)
            if not started:
                raise Busy(f"a process for a call did not get ready: {died}") from None
            log.warning("call_died", extra={"reason": str(died)})
            failed = Failed(error=CallError.DIED, message=str(died)[:_TEXT])
            return Called(failed=failed, seconds=time.monotonic() - started)
        finally:
            if last or not (well and self._keep(child, served + 1)):
                child.end()

    def _keep(self, child: Child, served: int) -> bool:
        """Whether the child waits for another call."""
        if served >= self._again.calls or not child.tidy():
            return False
        child.used = time.monotonic()
        with self._lock:
            if self._closed or child.template is not self._template:
                return False
            self._waiting.append((child, served))
            self._tidy_later()
        return True

    def _tidy_later(self) -> None:
        """With the lock held: in a while end those that wait for too long."""
        if self._tidying is None and self._waiting and not self._closed:
            self._tidying = threading.Timer(self._again.seconds, self._tidy)
            self._tidying.daemon = True
            self._tidying.start()

    def _tidy(self) -> None:
        before = time.monotonic() - self._again.seconds
        with self._lock:
            self._tidying = None
            old = [one for one in self._waiting if one[0].used <= before]
            self._waiting = [one for one in self._waiting if one[0].used > before]
            self._tidy_later()
        for child, _ in old:
            child.end()

    def _child(self, memory: int) -> tuple[Child, int]:
        """One that waits, or a fresh one; and how many calls it has served."""
        while True:
            with self._lock:
                child, served = self._waiting.pop() if self._waiting else (None, 0)
            if child is None:
                return self._fresh(memory), 0
            if child.memory == memory and child.there():
                return child, served
            child.end()

    def _fresh(self, memory: int) -> Child:
        """A fresh child. A template that is gone is replaced once."""
        for attempt in (1, 2):
            template = self._ready()
            try:
                return template.child(memory=memory)
            except NoRoom as error:
                raise Busy(f"no process could be started for a call: {error}") from None
            except WireError as error:
                with self._lock:
                    if self._template is template:
                        self._template = None
                template.close()
                if attempt == 2:
                    raise Busy(f"no process could be started for a call: {error}") from None
        raise AssertionError("the loop ends by itself")

    def _ready(self) -> Template:
        with self._lock:
            if self._closed:
                raise Busy("the service is stopping")
            if self._template is None:
                self._loader = self._loader or Loader(self._setup, lender=self._lender)
                self._template = self._loader.load("calls")
            return self._template


def _nothing() -> None: ...


def _answers_nothing(ask: Message) -> Message:
    return {"error": "a call has no session: there is nothing to ask for"}


def _over_time(limits: Limits) -> Failed:
    return Failed(
        error=CallError.TIME_LIMIT, message=f"it ran longer than the {limits.seconds:g} seconds allowed and was ended"
    )


def _called(reply: Message, *, seconds: float) -> Called:
    """What a child says; it may say anything."""
    failed = reply.get("failed")
    if failed is None:
        return Called(value=reply.get("value"), seconds=seconds)
    if not isinstance(failed, dict) or failed.get("error") not in list(CallError):
        return Called(failed=Failed(error=CallError.DIED, message="it answered what is no answer"), seconds=seconds)
    texts = {name: str(failed.get(name, ""))[:_TEXT] for name in ("message", "type", "file")}
    line = failed.get("line")
    return Called(
        value=reply.get("value"),
        failed=Failed(
            error=CallError(failed["error"]),
            line=line if isinstance(line, int) else 0,
            trace=str(failed.get("trace", ""))[-_TRACE:],
            **texts,
        ),
        seconds=seconds,
    )
