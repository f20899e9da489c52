"""The process in which author code runs: takes steps from its socket, one at a time, and answers each with one message.

Between two steps it keeps the live states it made last, by the bytes they were encoded to: when a request comes with exactly these
bytes, decoding is saved. A state is taken out before a step changes it, and comes back only under its new bytes.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import threading
import time
import traceback
from collections import OrderedDict
from typing import Any

from shared.engine.outcome import Failure, Outcome
from shared.engine.request import Request
from shared.language.code import place_of
from shared.language.model import Place
from shared.runner import alarm, forms, remote
from shared.runner.wire import Message, Unsendable, Wire, WireError
from shared.state import codec
from shared.state.delta import reverse_delta
from shared.state.errors import CannotStore, StateError, UnknownClass
from shared.state.session import State

#: Live states kept. A session's next request usually comes to the same child; more would only hold memory.
_KEPT = 4

#: States of more bytes are not kept: few of them would fill the memory that the author's code may use.
_KEPT_SIZE = 1024 * 1024


class Child:
    """Serves steps of one interview until its socket closes."""

    def __init__(self, wire: Wire, engine: Any, loaded: Any, *, memory: int) -> None:
        self._wire = wire
        self._engine = engine
        self._loaded = loaded
        self._memory = memory
        self._states: OrderedDict[bytes, State] = OrderedDict()
        self._before = frozenset(sys.modules)  # nothing of an author's: no author code ran yet
        self._modules = len(self._before)

    def serve(self) -> None:
        while True:
            message = self._wire.receive()
            reply = self._reply(message)
            try:
                self._wire.send(reply)
            except Unsendable as error:
                self._wire.send(self._failed(error, time.perf_counter()))

    def _reply(self, message: Message) -> Message:
        started = time.perf_counter()
        try:
            return self._step(message["state"], message["request"], message["seconds"], started)
        except alarm.Rang as error:
            return {**self._failed(error, started), "over": "time"}
        except MemoryError as error:
            reply = {**self._failed(self._memory_error(), started, frames_of=error), "retire": True}
            self._states.clear()
            return reply
        except WireError:
            raise
        except BaseException as error:  # author code may raise anything, SystemExit included
            return self._failed(error, started)

    def _step(self, raw: bytes | None, form: Message, seconds: float, started: float) -> Message:
        state = self._states.pop(raw, None) if raw is not None else State()
        if state is None:
            assert raw is not None
            state = codec.decode(raw)
        ask = remote.Ask(self._wire)
        request = self._request(form, ask)
        with alarm.after(seconds, unless=lambda: ask.asking):
            outcome = self._engine.run(self._loaded, state, request)
        reply: Message = {"state": None, "reverse": None}
        if outcome.save != "ignore" and outcome.failure is None:
            try:
                new = codec.encode(state)
            except StateError as error:
                outcome = self._ended(error)
            else:
                reply["state"] = new
                if raw is not None and raw != new:
                    reply["reverse"] = reverse_delta(raw, new)
                self._keep(new, state)
        reply["outcome"] = forms.write(outcome)
        if outcome.failure is not None and outcome.failure.type == "MemoryError":
            failure = dataclasses.replace(outcome.failure, message=str(self._memory_error()))
            reply["outcome"] = forms.write(dataclasses.replace(outcome, failure=failure))
            reply["retire"] = True
        modules = self._new_modules()
        if modules:
            reply["modules"] = modules
        reply["seconds"] = time.perf_counter() - started
        return reply

    def _request(self, form: Message, ask: remote.Ask) -> Request:
        request = forms.read(Request, form)
        action = request.action
        if action is not None and action.encoded is not None:
            arguments = codec.decode_value(action.encoded)
            action = dataclasses.replace(
                action, arguments=arguments if isinstance(arguments, dict) else {}, encoded=None
            )
        return dataclasses.replace(
            request,
            action=action,
            tasks=remote.RemoteTasks(ask),
            files=remote.RemoteFiles(ask, self._engine.files(self._loaded)),
            emails=remote.emails(ask),
        )

    def _keep(self, raw: bytes, state: State) -> None:
        # A thread that author code left running could change the state behind our back.
        if len(raw) > _KEPT_SIZE or threading.active_count() > 1:
            return
        kept = codec.storable(state.variables)
        if kept is not state.variables:
            for name in [name for name in state.variables if name not in kept]:
                del state.variables[name]
        self._states[raw] = state
        while len(self._states) > _KEPT:
            self._states.popitem(last=False)

    def _new_modules(self) -> list[str]:
        """Files of author modules loaded since last asked: a change of one must reach running interviews."""
        if len(sys.modules) == self._modules:
            return []
        self._modules = len(sys.modules)
        roots = tuple(f"{root}/" for root in self._engine.module_roots(self._loaded))
        installed = (f"{sys.prefix}/", f"{sys.base_prefix}/")  # an environment may well lie below a root
        files = [
            getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name not in self._before
        ]
        return [f for f in files if isinstance(f, str) and f.startswith(roots) and not f.startswith(installed)][:500]

    def _memory_error(self) -> MemoryError:
        return MemoryError(f"the interview's code needs more memory than the {self._memory // 1024 // 1024} MB allowed")

    def _failed(self, error: BaseException, started: float, *, frames_of: BaseException | None = None) -> Message:
        return {
            "state": None,
            "reverse": None,
            "outcome": forms.write(self._ended(error, frames_of=frames_of)),
            "modules": self._new_modules(),  # the mistake may be in one: mending it must be noticed
            "seconds": time.perf_counter() - started,
        }

    def _ended(self, error: BaseException, *, frames_of: BaseException | None = None) -> Outcome:
        """The outcome of a step that `error` ended outside of the engine, at the place in the interview where that was."""
        trace = ""
        trail: tuple[str, ...] = ()
        if isinstance(error, CannotStore | UnknownClass):
            place, trail = self._engine.place_of(self._loaded, _variable(error.path)), trail
        else:
            place, trail = _where(frames_of or error)
            if place is None:
                trace = "".join(traceback.format_exception(error, limit=-50))[-8000:]
        failure = Failure(
            type=type(error).__name__ if not isinstance(error, alarm.Rang) else "TimeLimit",
            message=str(error)[:2000],
            file=place.file if place else None,
            block=place.block if place else None,
            line=place.line if place else None,
            trail=trail,
            trace=trace,
        )
        return Outcome(save="ignore", failure=failure)


def _variable(path: str) -> str:
    """The name of the variable in a path such as ``variables.person.callback`` or ``variables.people[3]``."""
    return re.match(r"(?:variables\.)?(\w*)", path).group(1)  # type: ignore[union-attr]  # matches anything


def _where(error: BaseException) -> tuple[Place | None, tuple[str, ...]]:
    """The innermost line of an interview in the traceback of `error`, and what the engine was seeking then."""
    place, trail = None, ()
    step = error.__traceback__
    while step is not None:
        place = place_of(step.tb_frame.f_code.co_filename, step.tb_lineno) or place
        run = step.tb_frame.f_locals.get("run") if place is None else None
        trail = tuple(reversed(getattr(run, "trail", ()))) or trail
        step = step.tb_next
    return place, trail
