"""A runner without children or engine: a step is a Python function of the test. For tests of what services do around a step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from shared.contract.outcome import StepResult
from shared.engine.outcome import Outcome
from shared.engine.request import Request
from shared.runner.ports import Event, HostApi, Limits, Offers
from shared.runner.results import result
from shared.state.codec import decode_value, encode_value
from shared.state.delta import reverse_delta

#: Changes the state (a dict) and says how the step ended.
Script = Callable[[dict[str, Any], Request], Outcome]


class PlainRunner:
    lender = None  #: it has no processes

    def __init__(self, script: Script) -> None:
        self._script = script
        self._lock = threading.Lock()
        self.steps = 0
        self.events: tuple[str, ...] = ()  #: that every interview offers
        self.cancel: threading.Event | None = None  #: of the newest step

    def step(
        self,
        interview: str,
        state: bytes | None,
        request: Request,
        *,
        host: HostApi,
        limits: Limits,
        session: str | None = None,
        keep: bool = True,
        cancel: threading.Event | None = None,
    ) -> StepResult:
        with self._lock:
            self.steps += 1
            self.cancel = cancel
        live = decode_value(state) if state is not None else {}
        outcome = self._script(live, request)
        kept = outcome.save != "ignore" and outcome.failure is None and outcome.rejection is None
        new = encode_value(live) if kept else None
        reverse = reverse_delta(state, new) if state is not None and new is not None and new != state else None
        return result(outcome, before=state, state=new, reverse=reverse, steps=request.steps)

    def forget(self, session: str) -> None:
        pass

    def offers(self, interview: str) -> Offers:
        events = tuple(Event(name=name, file=interview, block=name, line=1) for name in self.events)
        return Offers(events=events, digest="")

    def close(self) -> None:
        pass
