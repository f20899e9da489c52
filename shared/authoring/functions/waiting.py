"""`BackgroundAction`: a background task as one call that gives its value (objects.md, "BackgroundAction")."""

from __future__ import annotations

from shared.authoring.functions.background import BackgroundResult, background_action
from shared.authoring.functions.commands import command
from shared.authoring.functions.users import set_save_status
from shared.authoring.objects.base import DAObject


class BackgroundAction(DAObject):
    """``answer = bg.run('bg_task', additional=value)``: starts the task, has the browser wait, and in the end returns the value.

    What it remembers between those calls is the handle of the task, in ``task``. Subclasses change the methods below
    `ready()`, and ``refresh_seconds``.
    """

    refresh_seconds: object = 4  #: after how long the browser asks again

    def run(self, action: str, ui_notification: str | None = None, /, **kwargs: object) -> object:
        """Start the task, or wait for it (both end the step), or return its value and be ready for another one."""
        if not self.running():
            self.task = background_action(action, ui_notification, **kwargs)
            if not self.task.ready():  # a block that runs again may have had it started long ago
                self.initial_wait()
        if not self.task.ready():
            self.wait()
        result = self.task.result()
        value = self.on_failure(result) if self.task.failed() else self.process_response(result)
        del self.task
        return value

    def running(self) -> bool:
        """Whether a task was started whose value has not been returned yet."""
        return "task" in self.__dict__

    def ready(self) -> bool | None:
        """Whether the started task has ended; None if none was started."""
        return bool(self.task.ready()) if self.running() else None

    def initial_wait(self) -> None:
        """What happens when the task has been started: the browser is told to wait. Ends the step."""
        command("wait", sleep=self.refresh_seconds)

    def wait(self) -> None:
        """What happens while the task has not ended: the browser is told to wait, and nothing is saved. Ends the step."""
        set_save_status("ignore")
        command("wait", sleep=self.refresh_seconds)

    def process_response(self, result: BackgroundResult) -> object:
        """What `run()` returns when the task went well."""
        return result.value

    def on_failure(self, result: BackgroundResult) -> object:
        """What `run()` returns when the task failed."""
        return result.value
