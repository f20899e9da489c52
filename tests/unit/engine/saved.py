"""Interviews played as the services play them: a session is bytes between its steps, and a step counts only if it was saved.

So what a lost race, a kill, a refusal, Back and a restart do to a session can be played without services.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.cli.replay import MemoryFiles
from shared.contract.effects import Effect, Remember, SendMail, StartTask
from shared.contract.screen import Screen
from shared.engine.outcome import Outcome
from shared.engine.request import Action, Answer, CheckIn, Request, Shown
from shared.engine.step import step
from shared.language.model import Interview
from shared.language.sources import Sources
from shared.runner.engine import registry
from shared.state import classes, codec
from shared.state.session import State
from tests.unit.engine.play import NOW


@dataclass
class SavedTasks:
    """`Tasks`: those in `ended` have ended, all others wait."""

    ended: dict[str, Any] = field(default_factory=dict)

    def view(self, task_id: str) -> Mapping[str, Any]:
        if task_id in self.ended:
            return {"status": "done", "ok": True, "value": self.ended[task_id]}
        return {"status": "queued", "ok": None, "value": None}

    def wait(self, task_id: str, timeout: float | None) -> Mapping[str, Any]:
        assert task_id in self.ended, "waited for a task that has not ended"
        return self.view(task_id)

    def on_progress(self, fraction: float | None, text: str) -> None:
        pass

    def on_error(self, action: str, arguments: bytes) -> None:
        assert action


class Saved:
    """One session. `left` are the effects that left it, each with the commit of a step."""

    def __init__(self, interview: Interview, sources: Sources) -> None:
        self.interview = interview
        self.classes = registry(sources)
        self.states: list[bytes] = []  #: one for each step that Back can undo
        self.left: list[Effect] = []
        self.lasting: dict[str, Any] = {}
        self.files = MemoryFiles()
        self.tasks = SavedTasks()
        self.steps = 0
        self.screen: Screen | None = None
        self.show()

    # ------------------------------------------------------------------ what left

    @property
    def mails(self) -> list[str]:
        """Receivers and subjects of the mails that were sent."""
        return [f"{', '.join(mail.to)}: {mail.subject}" for mail in self.left if isinstance(mail, SendMail)]

    @property
    def started(self) -> list[str]:
        """The actions of the tasks that were started."""
        return [task.action for task in self.left if isinstance(task, StartTask)]

    @property
    def count(self) -> int:
        return len(self.mails) + len(self.started)

    @property
    def state(self) -> State:
        return codec.decode(self.states[-1], self.classes)

    @property
    def question(self) -> str:
        assert self.screen is not None
        return (self.screen.question or self.screen.command or "").strip()

    # ------------------------------------------------------------------ steps

    def run(self, *, lost: bool = False, client: str = "browser", **parts: Any) -> Outcome:
        """One step. With `lost` it loses a race, or its process is killed before the commit: nothing of it counts."""
        self.steps += 1
        request = Request(
            now=NOW + timedelta(minutes=self.steps),
            seed=self.steps,
            files=self.files,
            tasks=self.tasks,
            browser={"client": client},
            lasting=self.lasting,
            **parts,
        )
        state = self.state if self.states else State()
        standard = classes.standard()
        classes.use(self.classes)  # as a child process does, for what is encoded during a step
        try:
            outcome = step(self.interview, state, request)
        finally:
            classes.use(standard)
        if not (lost or outcome.failure is not None or outcome.rejection is not None):
            self._commit(outcome, state)
        return outcome

    def _commit(self, outcome: Outcome, state: State) -> None:
        if outcome.save == "new" or (outcome.save == "overwrite" and not self.states):
            self.states.append(codec.encode(state, self.classes))
        elif outcome.save == "overwrite":
            self.states[-1] = codec.encode(state, self.classes)
        self.left.extend(outcome.effects)
        self.lasting.update({effect.key: effect.value for effect in outcome.effects if isinstance(effect, Remember)})
        if outcome.screen is not None:
            self.screen = outcome.screen

    def good(self, outcome: Outcome) -> Outcome:
        assert outcome.failure is None, f"{outcome.failure.message}\n{outcome.failure.trace}"
        assert outcome.rejection is None, outcome.rejection
        return outcome

    def show(self, **parts: Any) -> Outcome:
        return self.good(self.run(**parts))

    def send(self, *values: Any, **parts: Any) -> Outcome:
        """Answer the fields of the screen in their order; a refusal is a result."""
        assert self.screen is not None
        names = [item.variable for item in self.screen.fields if item.variable]
        given = dict(zip(names, values or [True] * len(names), strict=True))
        if self.screen.continue_variable:
            given = {self.screen.continue_variable: True}
        return self.run(answer=Answer(shown=Shown(**self.screen.shown), values=given), **parts)

    def fill(self, *values: Any, **parts: Any) -> Outcome:
        return self.good(self.send(*values, **parts))

    def act(self, name: str, *, mode: str = "foreground", client: str = "browser", **arguments: Any) -> Outcome:
        return self.good(self.run(action=Action(name=name, arguments=arguments), mode=mode, client=client))

    def check_in(self, action: str) -> Outcome:
        assert self.screen is not None
        request = CheckIn(action=action, values={}, shown=Shown(**self.screen.shown))
        return self.good(self.run(check_in=request))

    def back(self) -> Outcome:
        assert len(self.states) > 1
        self.states.pop()
        return self.show()

    def restart(self) -> Outcome:
        self.states.clear()
        return self.show()


#: Opens a session of the interview given as text, to which `ASKS` is added.
Open = Callable[[str], Saved]

#: Two questions, an end and a background action.
ASKS = """
---
question: First?
fields:
  - First: first
---
question: Second?
fields:
  - Second: second
---
event: last
question: The end
---
event: asked
code: |
  background_response(42)
"""


def block(code: str) -> str:
    """One mandatory code block."""
    return "mandatory: True\ncode: |\n" + "\n".join(f"  {line}" for line in code.strip("\n").split("\n"))
