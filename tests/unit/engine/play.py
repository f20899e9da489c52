"""Interviews played in memory: what the user sees and sends, without services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.cli.replay import MemoryFiles, PendingTasks
from shared.contract.screen import Screen
from shared.engine.outcome import Outcome
from shared.engine.request import Action, Answer, CheckIn, Request, Shown
from shared.engine.step import step
from shared.language.model import Interview
from shared.state.session import State

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Play:
    """One session of an interview. `screen` is what the user sees; each method asserts that the step did not fail."""

    def __init__(self, interview: Interview, *, files: MemoryFiles | None = None, **options: Any) -> None:
        self.interview = interview
        self.state = State()
        self.files = files or MemoryFiles()
        self.options = options
        self.steps = 0
        self.outcome: Outcome | None = None
        self.show()

    @property
    def variables(self) -> dict[str, Any]:
        return self.state.variables

    @property
    def screen(self) -> Screen:
        assert self.outcome is not None
        assert self.outcome.screen is not None
        return self.outcome.screen

    @property
    def question(self) -> str:
        return (self.screen.question or "").strip()

    @property
    def fields(self) -> list[str | None]:
        return [field.variable for field in self.screen.fields]

    def request(self, **parts: Any) -> Request:
        self.steps += 1
        given = {"tasks": PendingTasks(), **self.options, **parts}
        browser = {"client": "browser", "session": "session", **given.pop("browser", {})}
        return Request(now=NOW, seed=self.steps, files=self.files, browser=browser, **given)

    def run(self, **parts: Any) -> Outcome:
        """One step, whatever comes of it."""
        return step(self.interview, self.state, self.request(**parts))

    def _keep(self, outcome: Outcome) -> Screen:
        assert outcome.failure is None, f"{outcome.failure.message}\n{outcome.failure.trace}"
        assert outcome.rejection is None, outcome.rejection
        self.outcome = outcome
        return self.screen

    def show(self, **parts: Any) -> Screen:
        return self._keep(self.run(**parts))

    def send(self, values: Mapping[str, Any] | None = None, *, button: Any = None, raw: bool = False) -> Outcome:
        """Answer the screen; a refusal is a result."""
        shown = Shown(**self.screen.shown)
        return self.run(answer=Answer(shown=shown, values=values or {}, button=button, raw=raw))

    def answer(self, values: Mapping[str, Any] | None = None, *, button: Any = None, raw: bool = False) -> Screen:
        return self._keep(self.send(values, button=button, raw=raw))

    def fill(self, *values: Any) -> Screen:
        """Answer the fields of the screen in their order."""
        names = [field.variable for field in self.screen.fields if field.variable]
        return self.answer(dict(zip(names, values, strict=True)))

    def press(self, label: str) -> Screen:
        """Press a button by its label; where it has a value, that is sent for the screen's variable."""
        for index, choice in enumerate(self.screen.buttons):
            if choice.label.strip() == label:
                if choice.has_value and self.screen.fields:
                    return self.answer({str(self.screen.fields[0].variable): choice.value}, button=label)
                return self.answer(button={"index": index, "label": label})
        raise AssertionError(f"no button {label!r}")

    def act(self, name: str, **arguments: Any) -> Screen:
        return self._keep(self.run(action=Action(name=name, arguments=arguments)))

    def refused(self, name: str, **arguments: Any) -> str:
        """Ask for an action that cannot be done, and see that it was not; why."""
        outcome = self.run(action=Action(name=name, arguments=arguments))
        assert outcome.failure is None, outcome.failure
        assert outcome.save == "ignore"
        assert outcome.refused is not None
        return outcome.refused

    def check_in(
        self, action: str | None = None, *, initial: bool = False, changed: str | None = None, **values: str
    ) -> Outcome:
        shown = Shown(**self.screen.shown)
        request = CheckIn(action=action, values=values, initial=initial, changed=changed, shown=shown)
        outcome = self.run(check_in=request)
        assert outcome.failure is None, outcome.failure
        return outcome


def one_field(field: str) -> str:
    """An interview with one field, whose variable is ``v``."""
    lines = "\n".join("    " + line for line in field.splitlines())
    return f"mandatory: True\nquestion: Ask\nfields:\n  - Label: v\n{lines}\n---\nmandatory: True\nquestion: Done"
