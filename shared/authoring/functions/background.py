"""Background work as interviews see it: starting it, answering from it, and the handle that waits for it.

A handle holds the id of its task and nothing else; every question about the task goes to ``context.tasks``, so results are
never stale and a handle can be saved anywhere in the answers.

Source: background.md, "Background processes for time-consuming code".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.authoring.context import current
from shared.authoring.errors import BackgroundResponse, BackgroundResponseAction, Suspended
from shared.authoring.functions.taskoptions import KINDS, BackgroundOptions, notify_kind, task_options
from shared.authoring.memory import CHECKING, ERROR_ACTION, WAITS
from shared.contract.effects import RevokeTask, StartTask

#: Characters that are kept of what background_progress() says.
_TEXT = 500
_ENDED = ("done", "failed", "revoked")


#: Modes of steps that are run again by themselves when they were suspended.
_RUN_AGAIN = ("foreground", "checkin")


class WaitsForItself(RuntimeError):
    """Code waits for a task that can only end, or start, when this code has ended."""


class BackgroundResult:
    """How a task ended: `value`, and if it failed `error_type`, `error_message`, `error_trace`, `variables`."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        self.ok = bool(view.get("ok"))
        self.value = view.get("value")
        self.error_type = view.get("error_type")
        self.error_message = view.get("error_message")
        self.error_trace = view.get("error_trace")
        self.variables = list(view.get("variables") or [])

    def __str__(self) -> str:
        return str(self.error_message if self.error_type else self.value)


class BackgroundTask:
    """One background task of this session, by its id."""

    def __init__(self, task_id: str) -> None:
        self.id = task_id

    def ready(self) -> bool:
        """Whether the task has ended, well or not."""
        return self._view().get("status") in _ENDED

    @property
    def progress(self) -> float | None:
        """How far it is, from 0 to 1, as it last said by ``background_progress()``; 1 when it has ended, None if it never said."""
        view = self._view()
        told = view.get("progress")
        if view.get("status") in _ENDED:
            return 1.0
        return told.get("fraction") if isinstance(told, Mapping) else None

    def wait(self) -> bool:
        """Wait until the task has ended; True."""
        self._ended()
        return True

    def get(self) -> Any:
        """Wait for the task, and give its value: None if it, or an action it triggered, failed."""
        view = self._ended()
        return view.get("value")

    def result(self) -> BackgroundResult:
        """Wait for the task, and tell how it ended."""
        return BackgroundResult(self._ended())

    def failed(self) -> bool:
        """Wait for the task, and tell whether it raised an error, handled by an error action or not."""
        view = self._ended()
        return bool(view.get("error_type")) or view.get("status") == "failed"

    def revoke(self, terminate: bool = True) -> None:
        """End the task, also while it runs; with ``terminate=False`` only if it has not begun."""
        effects = current().effects
        said = [effect for effect in effects if isinstance(effect, RevokeTask) and effect.task_id == self.id]
        if any(effect.terminate or not terminate for effect in said) or self._view().get("status") in _ENDED:
            return  # it has been said, or there is nothing to end
        for effect in said:
            effects.remove(effect)
        effects.append(RevokeTask(task_id=self.id, terminate=bool(terminate)))

    def _starts_with_this_step(self) -> bool:
        return any(isinstance(effect, StartTask) and effect.task_id == self.id for effect in current().effects)

    def _view(self) -> Mapping[str, object]:
        """How the task stands. One that has not ended is noted: a screen that waits does so for it."""
        context = current()
        view = {"status": "queued"} if self._starts_with_this_step() else context.tasks.view(self.id)
        if view.get("status") not in _ENDED:
            context.step.setdefault(WAITS, {})[self.id] = None
        return view

    def _ended(self) -> Mapping[str, object]:
        view = self._view()
        if view.get("status") in _ENDED:
            return view
        context = current()
        if self.id == context.task:
            raise WaitsForItself(
                "a background task has not ended before its own actions have: what the task gave is among their "
                "arguments, so use action_argument() instead of the methods of its handle"
            )
        if self._starts_with_this_step() and context.mode not in _RUN_AGAIN:
            raise WaitsForItself(
                "a background task starts when the step that asked for it has been saved, so waiting for it in the same "
                "step would never end where no browser can ask again: let the task's own response action go on"
            )
        if context.mode == "background" or context.step.get(CHECKING):
            return context.tasks.wait(self.id, None)
        raise Suspended(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BackgroundTask) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<BackgroundTask {self.id}>"


def background_action(
    action: str, ui_notification: str | BackgroundOptions | None = None, /, **arguments: object
) -> BackgroundTask:
    """Run `action` in the background with these arguments, as soon as this step has been saved; gives its handle.

    A block that runs again after it was interrupted gets the handle of the task that it has started already.

    The optional second argument says how the result reaches an open page: flash, refresh, javascript, fields, or None
    (also how earlier documentation writes "not at all"); or ``background_options(…)``.
    """
    _action_name("background_action", action)
    given = ui_notification if isinstance(ui_notification, BackgroundOptions) else None
    ui = given.notify if given is not None else notify_kind(ui_notification)
    context = current()
    options = task_options(context.interview, action, given.given if given is not None else {})

    def start() -> str:
        task_id = context.new_id("task")
        encoded = kept("background_action", arguments)
        run_after = given.run_after if given is not None else 0.0
        context.effects.append(
            StartTask(task_id=task_id, action=action, arguments=encoded, ui=ui, options=options, run_after=run_after)
        )
        return task_id

    whom = (action, ui if given is None else repr(given), arguments)
    return BackgroundTask(context.once("background_action", whom, start))


def _action_name(function: str, action: object) -> None:
    if not isinstance(action, str) or not action:
        raise TypeError(f"{function}() expects the name of an action in quotation marks, not {action!r}")


def kept(function: str, arguments: Mapping[str, object]) -> bytes:
    """The arguments as they are kept. Raises TypeError that names the one that cannot be."""
    encode = current().encode
    try:
        return encode(dict(arguments))
    except Exception as error:
        for name, value in arguments.items():
            try:
                encode(value)
            except Exception as why:
                kind = type(value).__name__
                raise TypeError(f"{function}() cannot keep the argument {name!r}, a {kind}: {why}") from error
        raise


def background_progress(fraction: float | None = None, text: object = "") -> None:
    """Show on a screen that waits for this background action how far it is: `fraction` of 1, and what it is doing.

    Of Parley's own; does nothing outside of a background action.
    """
    if fraction is not None and (isinstance(fraction, bool) or not isinstance(fraction, int | float)):
        raise TypeError(f"background_progress() expects a number from 0 to 1, not {fraction!r}")
    context = current()
    if context.mode == "background":
        share = None if fraction is None else min(1.0, max(0.0, float(fraction)))
        context.tasks.on_progress(share, str(text)[:_TEXT])


def background_response(*values: object, **named: object) -> None:
    """End background or check-in code with a result. Never returns.

    In a check-in a last positional argument of flash, refresh, javascript or fields says what the page does with it.
    """
    kind = None
    if current().mode == "checkin" and values and isinstance(values[-1], str) and values[-1] in KINDS and not named:
        kind = values[-1]
        values = values[:-1]
    raise BackgroundResponse(packed(values, named), kind=kind)


def packed(values: tuple[object, ...], named: Mapping[str, object]) -> object:
    """What the arguments of ``background_response()`` become: none ``{}``, one itself, several a list, named a dict."""
    if named:
        return {"pargs": list(values), "kwargs": dict(named)} if values else dict(named)
    if not values:
        return {}
    return values[0] if len(values) == 1 else list(values)


def background_response_action(action: str, /, **arguments: object) -> None:
    """End background code by running `action` on the session as it is now, and saving. Never returns."""
    _action_name("background_response_action", action)
    raise BackgroundResponseAction(action, dict(arguments))


def background_error_action(action: str, /, **arguments: object) -> None:
    """If this background code fails from here on, run `action` with these arguments and what is known of the error."""
    _action_name("background_error_action", action)
    context = current()
    context.step[ERROR_ACTION] = (action, dict(arguments))
    if context.mode == "background":
        context.tasks.on_error(action, kept("background_error_action", arguments))
