"""How a step ended, as it crosses from the child to the services and on.

The engine's own form (`shared.engine.outcome.Outcome`) has the live screen in the place of `DrawnScreen`. Nothing here is believed
before it was read strictly: author code may have found the child's socket.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from shared.contract.effects import Effect, Save
from shared.contract.screen import DrawnScreen


class Flags(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What others query about a session without reading its state."""

    multi_user: bool = False
    allow_cron: bool = False
    events: tuple[str, ...] = ()  #: names of events the interview offers (cron_*, incoming_email …)
    title: str | None = None
    tags: tuple[str, ...] = ()
    progress: int | None = None


class Rejection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer was refused: nothing was stored. `fields` maps variable names to messages; `message` is for the screen."""

    fields: Mapping[str, str] = {}
    message: str | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The step ended with an error. The user sees a friendly page; place, `trail` and `trace` are for the author."""

    type: str
    message: str
    file: str | None = None
    block: str | None = None
    line: int | None = None
    trail: tuple[str, ...] = ()  #: variables being sought, innermost first
    trace: str = ""
    history: tuple[str, ...] = ()  #: what the engine tried, readable, oldest first


class TaskResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a background step ended. Exactly one of `value` (encoded) and `next_action` counts, or `failure`."""

    ok: bool
    value: bytes | None = None
    kind: str | None = None
    next_action: str | None = None  #: background_response_action
    next_arguments: bytes | None = None
    error_action: str | None = None  #: what background_error_action registered
    error_arguments: bytes | None = None
    failure: Failure | None = None


class StepResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A step that ended. At most one of `rejection` (with the screen shown again in `screen`), `refused`, `failure`, `waits`, `task` and
    `commands` says how.

    `change` is a delta from the old state to the new one, where that is much less than `state`: on its way from the child it stands in its
    place. All three are None when `save` is ignore or the step failed. `reverse` is the delta from the new state back to
    the old one (None if nothing changed or there was no old state).
    """

    save: Save
    state: bytes | None = None
    change: bytes | None = None
    reverse: bytes | None = None
    screen: DrawnScreen | None = None
    rejection: Rejection | None = None
    refused: str | None = None  #: why the action that a browser asked for is none; nothing was done
    failure: Failure | None = None
    waits: str | None = (
        None  #: the background task that this step, which nobody looks at, waits for: it is to be run again
    )
    task: TaskResult | None = None
    asked: Failure | None = (
        None  #: a scheduled event did not come to its end: what it would have had to ask for, and where
    )
    sleep: float = 0.0  #: seconds by which a scheduled event wants to hold up the next session
    commands: tuple[bytes, ...] = ()  #: JSON of a `contract.reply.Command` each: the reply to a check-in
    effects: tuple[Effect, ...] = ()
    flags: Flags = Flags()
    seconds: float = 0.0  #: time in the child
    interview_digest: str = ""  #: of the sources the interview was made of; said by the runner, not by the child
