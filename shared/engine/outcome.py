"""What one step did: the new state is changed in place, everything else is here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.contract.effects import Effect
from shared.contract.outcome import Failure as Failure
from shared.contract.outcome import Flags as Flags
from shared.contract.outcome import Rejection as Rejection
from shared.contract.outcome import TaskResult as TaskResult
from shared.contract.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one step; `shared.contract.outcome.StepResult` is what of it leaves the child.

    Exactly one of `screen`, `rejection` (with the screen shown again in `screen`), `refused`, `failure`, `task`, `commands` (a check-in)
    says how it ended.
    """

    save: str  #: as `StepResult.save`
    screen: Screen | None = None
    rejection: Rejection | None = None
    refused: str | None = None  #: why what the browser asks for is no action
    failure: Failure | None = None
    waits: str | None = None  #: the background task that a step waits for which nobody looks at: it is to be run again
    task: TaskResult | None = None
    commands: tuple[
        Mapping[str, object], ...
    ] = ()  #: reply to a check-in: {"value": …, "extra": flash|refresh|javascript|fields|backgroundresponse}
    asked: Failure | None = None  #: as `StepResult.asked`
    effects: tuple[Effect, ...] = ()
    flags: Flags = field(default_factory=Flags)
