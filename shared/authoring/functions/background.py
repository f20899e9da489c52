"""Background work as interviews see it: starting it, answering from it, and the handle that waits for it.

A handle holds the id of its task and nothing else; every question about the task goes to ``context.tasks``, so results are
never stale and a handle can be saved anywhere in the answers.

Source: background.md, "Background processes for time-consuming code".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.authoring.context import current
from shared.authoring.effects import RevokeTask, StartTask
from shared.authoring.errors import BackgroundResponse, BackgroundResponseAction
from shared.authoring.memory import ERROR_ACTION

#: How a result may reach an open page.
KINDS = ("flash", "refresh", "javascript", "fields")
_ENDED = ("done", "failed", "revoked")


class WaitsForItself(RuntimeError):
    """A step waits for a task that can only start when this step has been saved."""


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
        current().effects.append(RevokeTask(task_id=self.id, terminate=bool(terminate)))

    def _starts_with_this_step(self) -> bool:
        return any(isinstance(effect, StartTask) and effect.task_id == self.id for effect in current().effects)

    def _view(self) -> Mapping[str, Any]:
        if self._starts_with_this_step():
            return {"status": "queued"}
        return current().tasks.view(self.id)

    def _ended(self) -> Mapping[str, Any]:
        view = self._view()
        if view.get("status") in _ENDED:
            return view
        if self._starts_with_this_step():
            raise WaitsForItself(
                "a background task starts when the step that asked for it has been saved, so waiting for it in the same "
                "step would never end: ask ready(), and show a screen with reload until it is"
            )
        return current().tasks.wait(self.id, None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BackgroundTask) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<BackgroundTask {self.id}>"


def background_action(action: str, ui_notification: str | None = None, /, **arguments: Any) -> BackgroundTask:
    """Run `action` in the background with these arguments, once this step has been saved; gives its handle.

    The optional second argument says how the result reaches an open page: flash, refresh, javascript, fields, or None
    (also how earlier documentation writes "not at all").
    """
    if not isinstance(action, str) or not action:
        raise TypeError(f"background_action() expects the name of an action in quotation marks, not {action!r}")
    if ui_notification is not None and ui_notification not in KINDS:
        raise ValueError(f"background_action() can report by {', '.join(KINDS)} or None, not {ui_notification!r}")
    context = current()
    task_id = context.new_id("task")
    context.effects.append(
        StartTask(task_id=task_id, action=action, arguments=context.encode(dict(arguments)), ui=ui_notification)
    )
    return BackgroundTask(task_id)


def background_response(*values: Any, **named: Any) -> None:
    """End background or check-in code with a result. Never returns.

    In a check-in a last positional argument of flash, refresh, javascript or fields says what the page does with it.
    """
    kind = None
    if current().mode == "checkin" and values and isinstance(values[-1], str) and values[-1] in KINDS and not named:
        kind = values[-1]
        values = values[:-1]
    raise BackgroundResponse(packed(values, named), kind=kind)


def packed(values: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
    """What the arguments of ``background_response()`` become: none ``{}``, one itself, several a list, named a dict."""
    if named:
        return {"pargs": list(values), "kwargs": dict(named)} if values else dict(named)
    if not values:
        return {}
    return values[0] if len(values) == 1 else list(values)


def background_response_action(action: str, /, **arguments: Any) -> None:
    """End background code by running `action` on the session as it is now, and saving. Never returns."""
    if not isinstance(action, str) or not action:
        raise TypeError(
            f"background_response_action() expects the name of an action in quotation marks, not {action!r}"
        )
    raise BackgroundResponseAction(action, dict(arguments))


def background_error_action(action: str, /, **arguments: Any) -> None:
    """If this background code fails from here on, run `action` with these arguments and what is known of the error."""
    if not isinstance(action, str) or not action:
        raise TypeError(f"background_error_action() expects the name of an action in quotation marks, not {action!r}")
    current().step[ERROR_ACTION] = (action, dict(arguments))
