"""What a request decides about a session, before anything happens: plain values, made by pure functions ``Session -> Change``.

Those are in `requests` (what browsers ask), `callbacks`, `ticks` and `incoming_mail` (what goes on without them). Carrying a change out is
`unit_of_work`'s; how it is written is `commits`'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from services.interview.history import Undone
from shared.contract.outcome import StepResult
from shared.engine.request import Action, Answer, CheckIn, DocumentWanted
from shared.store.records import OutboxEntry, Session


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


class Saving(Enum):
    """What becomes of the session by the step of a change."""

    STEP = "step"  #: as the outcome says: a new step, the same one, or nothing
    BACK = "back"  #: the newest step is gone, even if showing the one below fails
    RESTART = "restart"  #: all steps are gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A step for a child: on which state, and what of its `Request` is not the same for every step."""

    state: bytes | None  #: None: the first step of a session
    steps: int  #: how often Back can go from `state`
    answer: Answer | None = None
    action: Action | None = None
    check_in: CheckIn | None = None
    document: DocumentWanted | None = None
    mode: str = "foreground"
    prior: Mapping[str, object] = field(default_factory=_empty)
    task_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`run` is carried out, and what comes of it saved together with everything else here; without `run` that is saved alone."""

    run: Run | None = None
    saving: Saving = Saving.STEP
    undone: Undone | None = None  #: of Back
    answered: Mapping[str, object] = field(
        default_factory=_empty
    )  #: kept with the new step, so that Back can offer it again
    outbox: tuple[OutboxEntry, ...] = ()  #: effects besides the step's own
    remember: Mapping[str, object] = field(default_factory=_empty)  #: kept beyond the reach of Back
    marks: Mapping[str, str] = field(default_factory=_empty)  #: up to where schedules have been dealt with, by event
    #: Tasks whose response this is, with the result that the end of the step gives them.
    applied: Callable[[StepResult | None], Mapping[str, object]] | None = None
    #: Of the session's record, besides what the step changes.
    fields: Mapping[str, object] = field(default_factory=_empty)
    carries: bool = False  #: where it lost a race and can be put on top of what won it, it is not run again
    accessed: bool = True  #: it is the user who is here


#: What a request makes of the session as it stands; None: it has taken effect before, or has nothing to do here (any more).
Decide = Callable[[Session], Change | None]
