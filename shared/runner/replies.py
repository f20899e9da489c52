"""What a child says, checked: it may have been written by author code that found the socket.

Its final reply becomes a `Done`, its questions become calls of `ports.Outside`. Nothing of it is believed that is not looked at here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from shared.engine.outcome import Outcome
from shared.runner import forms
from shared.runner.ports import Cancelled, Done, Outside
from shared.runner.wire import MAX_FRAME, Message, Timeout

#: What a child may ask, with the types of the arguments.
_ASKS: Mapping[str, tuple[Any, ...]] = {
    "task": (str, float | int | None),
    "file_info": (int,),
    "file_read": (int,),
    "file_write": (str, str, bytes),
    "emails": (str | None,),
}

#: Seconds of a wait for a task after which the service looks whether the step was cancelled.
_WAIT = 1.0

_ENDED = ("done", "failed", "revoked")


def done(reply: Message, digest: str) -> Done:
    """The end of a step. Raises `BadForm`."""
    state, reverse, seconds = reply.get("state"), reply.get("reverse"), reply.get("seconds")
    if not isinstance(state, bytes | None) or not isinstance(reverse, bytes | None) or not isinstance(seconds, float):
        raise forms.BadForm("the reply of the child has another form than agreed")
    outcome = forms.read(Outcome, reply.get("outcome"))
    return Done(outcome=outcome, state=state, reverse=reverse, interview_digest=digest, seconds=seconds)


def answer(outside: Outside, ask: Message, *, until: float, look: Callable[[], None]) -> Message:
    """The answer to a child's question. Errors of the store are answers too; raises `BadForm` for what is no question."""
    what, arguments = ask["ask"], ask.get("arguments")
    kinds = _ASKS.get(what) if isinstance(what, str) else None
    if kinds is None or not isinstance(arguments, list) or len(arguments) != len(kinds):
        raise forms.BadForm("a question that no child asks")
    if not all(isinstance(argument, kind) for argument, kind in zip(arguments, kinds, strict=True)):
        raise forms.BadForm(f"a question about {what} with arguments of another type")
    try:
        if what == "task":
            found: Any = _task(outside, *arguments, until=until, look=look)
        elif what == "emails":
            found = list(outside.emails(*arguments))
        else:
            found = getattr(outside, what)(*arguments)
    except (Cancelled, Timeout):
        raise
    except LookupError as error:
        return {"error": str(error), "kind": "LookupError"}
    except Exception as error:  # whatever the store raises: the step hears of it, and may go on
        return {"error": f"{type(error).__name__}: {error}", "kind": type(error).__name__}
    if isinstance(found, bytes) and len(found) > MAX_FRAME - 4096:
        return {"error": f"a file of {len(found)} bytes is too large to be read by an interview", "kind": "ValueError"}
    return {"answer": forms.plain(found)}


def _task(
    outside: Outside, task_id: str, wait: float | None, *, until: float, look: Callable[[], None]
) -> Mapping[str, Any]:
    """The task, waited for in short turns, and not beyond the end of the step."""
    now = time.monotonic()
    end = now if wait is None else min(until, now + wait)
    while True:
        left = end - time.monotonic()
        view = outside.task(task_id, min(left, _WAIT) if left > 0 else None)
        if view.get("status") in _ENDED:
            return view
        if time.monotonic() >= until:
            raise Timeout("the step ended while it waited for a task")
        if left <= 0:
            return view
        look()
