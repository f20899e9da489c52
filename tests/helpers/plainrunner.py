"""A runner without children or engine: a step is a Python function of the test. For tests of what services do around a step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from shared.engine.outcome import Outcome
from shared.engine.request import Request
from shared.runner.ports import Done, Limits, Outside
from shared.state.codec import decode_value, encode_value
from shared.state.delta import reverse_delta

#: Changes the state (a dict) and says how the step ended.
Script = Callable[[dict[str, Any], Request], Outcome]


class PlainRunner:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._lock = threading.Lock()
        self.steps = 0

    def step(
        self,
        interview: str,
        state: bytes | None,
        request: Request,
        *,
        outside: Outside,
        limits: Limits,
        cancel: Any = None,
    ) -> Done:
        with self._lock:
            self.steps += 1
        live = decode_value(state) if state is not None else {}
        outcome = self._script(live, request)
        kept = outcome.save != "ignore" and outcome.failure is None and outcome.rejection is None
        new = encode_value(live) if kept else None
        reverse = reverse_delta(state, new) if state is not None and new is not None and new != state else None
        return Done(outcome=outcome, state=new, reverse=reverse, interview_digest="plain", seconds=0.0)

    def close(self) -> None:
        pass
