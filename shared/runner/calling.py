"""The child's side of calls: the engine of a pool that runs no interviews, and the process that makes one call.

Stands where `shared.runner.engine` stands, with the same functions; `child` is what is different.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.authoring import modules
from shared.language.sources import Root, Sources
from shared.runner import alarm, engine, jobs, reach
from shared.runner.called import CallError
from shared.runner.plainly import NotPlain, plainly
from shared.runner.reach import Reach
from shared.runner.wire import Message, Unsendable, Wire

#: First names of modules that are not an operator's, wherever they lie.
_OURS = ("shared", "services", "tests")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Where modules are found. Nothing is compiled, so nothing becomes stale: each call imports anew."""

    sources_of: Sources
    roots: tuple[str, ...]
    digest: str = ""
    sources: tuple[tuple[str, int, int], ...] = ()


def prepare() -> None:
    engine.prepare()


def warm() -> None:
    engine.warm()


def load(name: str, roots: Iterable[str]) -> Loaded:
    roots = tuple(roots)
    modules.install(roots)
    return Loaded(Sources(roots), roots)


def readable(loaded: Loaded, given: Iterable[str], *, guarded: Iterable[str] = ()) -> Reach:
    """All packages: which of them a call is into is not known yet, and the operator wrote it."""
    roots = tuple(map(Root.of, given))
    return reach.of(reach.packages(roots), lone=reach.lone(roots), guarded=guarded)


def child(wire: Wire, loaded: Loaded, *, memory: int) -> Caller:
    return Caller(wire, loaded, memory=memory)


class _NoSuch(Exception):
    def __init__(self, error: CallError, message: str) -> None:
        super().__init__(message)
        self.error = error


class Caller:
    """Makes the calls it is asked for (the service asks each child for one)."""

    def __init__(self, wire: Wire, loaded: Loaded, *, memory: int) -> None:
        self._wire = wire
        self._loaded = loaded
        self._memory = memory

    def serve(self) -> None:
        while True:
            message = self._wire.receive()
            number = message["step"]
            reply = self._reply(message)
            try:
                self._wire.send({**reply, "step": number})
            except Unsendable as error:
                self._wire.send({**_failed(CallError.NOT_PLAIN, str(error)), "step": number})

    def _reply(self, message: Message) -> Message:
        seconds = float(message["seconds"])
        if "job" in message:
            return self._job(message["job"], seconds)
        try:
            with alarm.after(seconds, unless=lambda: False):
                function = self._function(message["module"], message["function"])
                return {"value": plainly(function(*message["args"], **message["kwargs"]))}
        except BaseException as error:  # it may raise anything, SystemExit included
            return self._failure(error, seconds)

    def _job(self, given: Mapping[str, Any], seconds: float) -> Message:
        """A job: what it said and wants done comes back however it ended, as far as it came."""
        try:
            for folder in given.get("path") or ():
                if folder not in sys.path:
                    sys.path.insert(0, folder)
            with alarm.after(seconds, unless=lambda: False):
                if "discover" in given:
                    return {"value": plainly(jobs.discover(given["discover"], self._named))}
                if "check" in given:
                    checked = [jobs.check(one, self._named, clear=(_NoSuch,)) for one in given["check"]]
                    return {"value": plainly(checked)}
                told, raised = jobs.run(given, self._named)
        except BaseException as error:  # it may raise anything, SystemExit included
            return self._failure(error, seconds)
        value: Message = {"value": plainly(told)}
        return value if raised is None else {**value, **self._failure(raised, seconds)}

    def _named(self, module: str, name: str) -> object:
        if self._loaded.sources_of.module(module) is None and not _is_there(module):
            raise _NoSuch(CallError.NO_MODULE, f"there is no module {module} in the packages")
        return self._function(module, name, anywhere=True)

    def _failure(self, error: BaseException, seconds: float) -> Message:
        if isinstance(error, _NoSuch):
            return _failed(error.error, str(error))
        if isinstance(error, NotPlain):
            return _failed(CallError.NOT_PLAIN, str(error))
        if isinstance(error, alarm.Rang):
            text = f"it ran longer than the {seconds:g} seconds allowed and was stopped"
            return _failed(CallError.TIME_LIMIT, text, **self._place(error))
        if isinstance(error, MemoryError):
            text = f"it needs more memory than the {self._memory // 1024 // 1024} MB allowed"
            return _failed(CallError.MEMORY, text, **self._place(error))
        trace = "".join(traceback.format_exception(error, limit=-50))[-8000:]
        return _failed(CallError.RAISED, _text(error), type=type(error).__name__, trace=trace, **self._place(error))

    def _function(self, module: str, name: str, *, anywhere: bool = False) -> Callable[..., object]:
        """The function. Raises `_NoSuch`, and whatever importing the module raises."""
        below = anywhere or self._loaded.sources_of.module(module) is not None
        if module.partition(".")[0] in _OURS or not below:
            raise _NoSuch(CallError.NO_MODULE, f"there is no module {module} in the packages")
        found = getattr(importlib.import_module(module), name, None)
        if not callable(found):
            what = "nothing of that name" if found is None else f"a {type(found).__name__}, which cannot be called"
            raise _NoSuch(CallError.NO_FUNCTION, f"{module}.{name}: the module has {what}")
        function: Callable[..., object] = found
        return function

    def _place(self, error: BaseException) -> dict[str, object]:
        """The innermost line of the packages' own in the traceback."""
        place: dict[str, object] = {}
        for frame in traceback.extract_tb(error.__traceback__):
            root = next((root for root in self._loaded.roots if frame.filename.startswith(f"{root}/")), None)
            if root is not None and not frame.filename[len(root) + 1 :].startswith(tuple(f"{one}/" for one in _OURS)):
                place = {"file": frame.filename[len(root) + 1 :], "line": frame.lineno or 0}
        return place


def _is_there(module: str) -> bool:
    """Raises whatever importing the packages around it raises."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            return False
        raise


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # its own __str__ may raise
        return type(error).__name__


def _failed(error: CallError, message: str, **more: object) -> Message:
    return {"failed": {"error": str(error), "message": message[:2000], **more}}
