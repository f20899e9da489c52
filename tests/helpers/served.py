"""An interview of other people's packages on a whole system: the embedded one, with its store, its documents and its walls.

Looks like a replayed session (`services.cli.replay.Session`) to whoever answers its screens. A page that only waits (for a document, a
task, a command that goes on by itself) is looked at again, as a browser does, and is no screen.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from services.embedded.system import System
from services.settings import load
from shared.contract.errors import CallFailed, StepFailed
from shared.contract.screen import Screen
from shared.engine.outcome import Failure, Outcome, Rejection
from tests.helpers.embedded import NoScreen, Visit

#: Commands that lead on to another screen. A ``refresh`` does, too, but the reference counted it as the end.
_LEAD_ON: Final = frozenset({"continue"})
#: Seconds for which a page that waits is looked at again; then it is the screen.
_PATIENCE: Final = 20.0


class Served:
    """`close` ends the system."""

    def __init__(self, roots: Iterable[Path], interview: str, *, var: Path) -> None:
        packages = ":".join(map(str, roots))
        given: dict[str, Any] = {"var": str(var), "packages": packages, "smtp_port": 0, "port": 0, "log_level": "ERROR"}
        self._system = System(load({}, **given, foreground_seconds=60))
        self._system.start()
        self._interview = interview
        self._visit: Visit | None = None

    def close(self) -> None:
        self._system.stop()

    def show(self) -> Outcome:
        try:
            self._visit = Visit(self._system, self._interview)
        except CallFailed as error:
            return _failed(error)
        return self._shown()

    def answer(self, screen: Screen, given: Mapping[str, Any]) -> Outcome:
        assert self._visit is not None
        values = {name: _sent(value) for name, value in (given.get("set") or {}).items()}
        try:
            self._visit.answer(values, button=given.get("button"))
        except CallFailed as error:
            return _failed(error)
        return self._shown()

    def _shown(self) -> Outcome:
        visit = self._visit
        assert visit is not None
        until = time.monotonic() + _PATIENCE
        while True:
            told = visit.reply
            if told.get("failure"):
                return Outcome(save="ignore", failure=msgspec.convert(told["failure"], Failure))
            if told.get("rejected"):
                return Outcome(save="ignore", rejection=msgspec.convert(told["rejected"], Rejection))
            screen = msgspec.convert(told["screen"], Screen)
            if time.monotonic() > until or not _only_waits(screen):
                return Outcome(save="ignore", screen=screen)
            time.sleep(0.2)
            try:
                visit.show()
            except NoScreen:  # the reply says why
                continue
            except CallFailed as error:
                return _failed(error)


def _only_waits(screen: Screen) -> bool:
    return bool(screen.waits) or screen.kind == "wait" or screen.command in _LEAD_ON


def _sent(value: Any) -> Any:
    """A file of the policy's is uploaded, whatever it is."""
    if isinstance(value, Mapping):
        for kind in ("file", "signature"):
            if kind in value:
                return {"upload": value[kind]["name"]}
    return value


def _failed(error: CallFailed) -> Outcome:
    found = error.failure if isinstance(error, StepFailed) else None
    return Outcome(save="ignore", failure=found or Failure(type=error.kind, message=str(error)))
