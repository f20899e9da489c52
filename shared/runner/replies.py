"""What a child says, checked: it may have been written by author code that found the socket.

Its final reply becomes a `StepResult`, its questions become calls of `ports.HostApi`. Nothing of it is believed that is not looked at here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Final, Protocol

import msgspec

from shared.contract.outcome import StepResult
from shared.contract.tasks import ENDED
from shared.documents.ports import DocumentError
from shared.runner import forms
from shared.runner.ports import Cancelled, HostApi
from shared.runner.wire import MAX_FRAME, Message, Timeout
from shared.state.codec import MAX_SIZE
from shared.state.delta import apply_cuts
from shared.state.errors import DamagedDelta


class Make(Protocol):
    """`shared.runner.making.Making.make`."""

    def __call__(self, order: Mapping[str, object], *, patience: float | None = None) -> bytes: ...


#: What a child may ask, with the types of the arguments.
_ASKS: Mapping[str, tuple[type | UnionType, ...]] = {
    "task": (str, float | int | None),
    "on_progress": (float | None, str),
    "on_error": (str, bytes),
    "file_info": (int,),
    "file_read": (int,),
    "file_write": (str, str, bytes),
    "file_share": (str, str, bytes, bool),
    "emails": (str | None, str),
    "email": (str,),
    "visits": (),
    "make": (dict,),
    "stored": (str, str, str),
    "stored_keys": (str, str, str),
    "session_begin": (str,),
    "session_check": (str, str, str | None),
    "session_variables": (str, str, str | None),
    "session_state": (str, str, str | None),
    "session_question": (str, str, str | None),
    "email_raw": (str,),
    "mail_status": (str,),
}

#: Seconds for which a step waits for a document, before it hears that it is still being made.
PATIENCE: Final = 1.0
#: Seconds of a wait for a task after which the service looks whether the step was cancelled.
_WAIT = 1.0


def done(reply: Message, digest: str, before: bytes | None, known: int | None = None) -> tuple[StepResult, int | None]:
    """The end of a step that began with the state `before`; and the sum of its state, if it is known. Raises `BadForm`.

    `known` is the sum of `before`.
    """
    found = forms.read(StepResult, reply.get("result"))
    state, after = found.state, None
    if found.change is not None:
        if before is None or state is not None:
            raise forms.BadForm("a change of a state, where there is none or a whole one as well")
        try:
            state, after = apply_cuts(before, found.change, known)
        except DamagedDelta as error:
            raise forms.BadForm(str(error)) from None
        if len(state) > MAX_SIZE:
            raise forms.BadForm(f"a state of {len(state)} bytes, more than the {MAX_SIZE} allowed")
    return msgspec.structs.replace(found, state=state, interview_digest=digest), after


def answer(host: HostApi, ask: Message, *, until: float, look: Callable[[], None], make: Make | None = None) -> Message:
    """The answer to a child's question; `make` makes documents. Errors of the store are answers too; raises `BadForm` for what is no question."""
    what, arguments = ask["ask"], ask.get("arguments")
    kinds = _ASKS.get(what) if isinstance(what, str) else None
    if kinds is None or not isinstance(arguments, list) or len(arguments) != len(kinds):
        raise forms.BadForm("a question that no child asks")
    if not all(isinstance(argument, kind) for argument, kind in zip(arguments, kinds, strict=True)):
        raise forms.BadForm(f"a question about {what} with arguments of another type")
    try:
        if what == "task":
            found: object = _task(host, *arguments, until=until, look=look)
        elif what == "make":
            found = _made(make, arguments[0])
        else:
            found = getattr(host, what)(*arguments)
    except (Cancelled, Timeout):
        raise
    except LookupError as error:
        return {"error": str(error), "kind": "LookupError"}
    except Exception as error:  # whatever the store raises: the step hears of it, and may go on
        return {"error": f"{type(error).__name__}: {error}", "kind": type(error).__name__}
    if isinstance(found, bytes) and len(found) > MAX_FRAME - 4096:
        return {"error": f"a file of {len(found)} bytes is too large to be read by an interview", "kind": "ValueError"}
    return {"answer": forms.write(found)}


def _made(make: Make | None, order: Mapping[str, object]) -> Mapping[str, object]:
    """What became of an order of a document: the file, or what is wrong with it, which the step hears of."""
    if make is None:
        return {"kind": "Unsupported", "error": "no documents are made here"}
    try:
        return {"made": make(order, patience=PATIENCE)}
    except DocumentError as error:
        return {"kind": type(error).__name__, "error": str(error)}


def _task(
    host: HostApi, task_id: str, wait: float | None, *, until: float, look: Callable[[], None]
) -> Mapping[str, object]:
    """The task, waited for in short turns, and not beyond the end of the step."""
    now = time.monotonic()
    end = now if wait is None else min(until, now + wait)
    while True:
        left = end - time.monotonic()
        view = host.task(task_id, min(left, _WAIT) if left > 0 else None)
        if view.get("status") in ENDED:
            return view
        if time.monotonic() >= until:
            raise Timeout("the step ended while it waited for a task")
        if left <= 0:
            return view
        look()
