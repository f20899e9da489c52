"""The process in which author code runs: takes steps from its socket, one at a time, and answers each with one message.

All of them are of one session. Between two steps it keeps the live state it made last, under the number of the step that made it: a
request that names it comes without the bytes, and decoding is saved, too. The state is taken out before a step changes it, and comes back only
under its new number. Of a large one, what a step does not ask for stays in bytes meanwhile (``shared.state.resting``), and only what changed of
it goes back. Every message carries the number of its step.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import threading
import time
import traceback
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from shared.contract.outcome import Failure, StepResult
from shared.engine.outcome import Outcome
from shared.engine.request import Request
from shared.language.code import place_of
from shared.language.model import Place
from shared.runner import alarm, forms, remote, results, said
from shared.runner.wire import Message, Unsendable, Wire, WireError
from shared.state import codec, resting
from shared.state.assembled import Written, difference
from shared.state.errors import CannotStore, StateError, UnknownClass
from shared.state.pieces import Awake
from shared.state.session import State

#: Of a state of more bytes only the change is sent.
_LARGE = 16 * 1024
#: A state of more bytes is not kept: it would fill the memory that the author's code may use.
_KEPT_SIZE = 16 * 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class _Kept:
    made_by: int  #: the number of a step
    raw: Written
    sum: int | None  #: of `raw`, if it is known
    state: State


class _New(NamedTuple):
    raw: Written
    sum: int | None
    state: State
    awake: Awake | None


@lru_cache(maxsize=1)
def modules_before(count: int) -> frozenset[str]:
    """Names of the `count` modules that there are.

    The template asks before it forks: asking touches each of the names, and a child that did would copy the hundreds of pages they lie on.
    """
    return frozenset(sys.modules)


class Child:
    """Serves steps of one interview until its socket closes."""

    def __init__(self, wire: Wire, engine: Any, loaded: Any, *, memory: int) -> None:
        self._wire = wire
        self._engine = engine
        self._loaded = loaded
        self._memory = memory
        self._kept: _Kept | None = None
        self._new: _New | None = None  # made by the step that is being answered
        self._before = modules_before(len(sys.modules))  # nothing of an author's: no author code ran yet
        self._modules = len(self._before)

    def serve(self) -> None:
        sys.stdout = said.Printed()
        while True:
            message = self._wire.receive()
            number = message["step"]
            reply = self._reply(message)
            try:
                self._wire.send({**reply, "step": number}, quick=True)
            except Unsendable as error:
                self._wire.send({**self._failed(error, time.perf_counter()), "step": number})
            self._keep(number)

    def _reply(self, message: Message) -> Message:
        started = time.perf_counter()
        try:
            return self._step(message, started)
        except alarm.Rang as error:
            return {**self._failed(error, started), "over": "time"}
        except MemoryError as error:
            return {**self._failed(self._memory_error(), started, frames_of=error), "retire": True}
        except WireError:
            raise
        except BaseException as error:  # author code may raise anything, SystemExit included
            return self._failed(error, started)

    def _step(self, message: Message, started: float) -> Message:
        ask = remote.Ask(self._wire, message["step"])
        raw, known, state = self._state(message, ask)
        request = self._request(message["request"], ask)
        with alarm.after(message["seconds"], unless=lambda: ask.asking):
            outcome = self._engine.run(self._loaded, state, request)
        new = reverse = change = awake = after = None
        if outcome.save != "ignore" and outcome.failure is None:
            try:
                new, awake = resting.encode(state)
            except StateError as error:
                outcome = dataclasses.replace(self._ended(error), effects=said.of(outcome.effects))
            else:
                if raw is not None and raw != new:
                    reverse, change, after = difference(raw, new, known, wanted=len(new) > _LARGE)
        made = results.result(outcome, before=raw, state=new, change=change, reverse=reverse, steps=request.steps)
        reply: Message = {}
        if made.failure is not None and made.failure.type == "MemoryError":
            failure = msgspec.structs.replace(made.failure, message=str(self._memory_error()))
            made = msgspec.structs.replace(made, failure=failure)
            reply["retire"] = True
        if new is not None:
            self._new = _New(new, after if raw != new else known, state, awake)
        modules = self._new_modules()
        if modules:
            reply["modules"] = modules
        return {**reply, "lacks": self._lacks(), "result": self._timed(made, started)}

    def _lacks(self) -> bool:
        """Whether the modules of the interview cannot be imported: then nothing of the step has begun."""
        imports = getattr(self._engine, "imports", None)  # other engines import nothing
        return imports is not None and not imports(self._loaded)

    def _timed(self, made: StepResult, started: float) -> Message:
        form: Message = forms.write(msgspec.structs.replace(made, seconds=time.perf_counter() - started))
        return form

    def _request(self, form: Message, ask: remote.Ask) -> Request:
        request = forms.read_request(form)
        action = request.action
        if action is not None and action.encoded is not None:
            arguments = codec.decode_value(action.encoded)
            action = dataclasses.replace(
                action,
                arguments={**(arguments if isinstance(arguments, dict) else {}), **action.arguments},
                encoded=None,
            )
        return dataclasses.replace(
            request,
            action=action,
            tasks=remote.RemoteTasks(ask),
            files=remote.RemoteFiles(ask, self._engine.files(self._loaded)),
            mails=remote.RemoteMails(ask),
            visits=remote.RemoteVisits(ask),
            documents=remote.RemoteDocuments(ask),
            storage=remote.RemoteStorage(ask),
            sessions=remote.RemoteSessions(ask),
        )

    def _state(self, message: Message, ask: remote.Ask) -> tuple[Written | None, int | None, State]:
        """The state that the step is to begin with, and its bytes with their sum, if known: the one that is live, or the one that was sent."""
        kept, self._kept = self._kept, None
        has, raw = message["has"], message["state"]
        if has is None:
            return None, None, State()
        if kept is not None and kept.made_by == has:
            return kept.raw, kept.sum, resting.prepare(kept.state, kept.raw)
        if raw is None:
            raw = ask.state()
        return raw, None, resting.prepare(codec.decode(raw), raw)

    def _keep(self, number: int) -> None:
        """Keep what the step made, once its answer has left: nobody waits for this."""
        made, self._new = self._new, None
        # A thread that author code left running could change the state behind our back.
        if made is None or len(made.raw) > _KEPT_SIZE or threading.active_count() > 1:
            return
        resting.rest(made.state, made.awake)
        self._kept = _Kept(number, made.raw, made.sum, made.state)

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
        failure = self._ended(error, frames_of=frames_of).failure
        return {
            "result": self._timed(
                StepResult(save="ignore", failure=failure, effects=said.before(frames_of or error)), started
            ),
            # What took too long, or too much, is not begun again to find out.
            "lacks": None if isinstance(error, alarm.Rang | MemoryError) else self._lacks(),
            "modules": self._new_modules(),  # the mistake may be in one: mending it must be noticed
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
