"""What one step did: the new state is changed in place, everything else is here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from shared.authoring.effects import Effect
from shared.engine.screen import Screen


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What others query about a session without reading its state."""

    multi_user: bool = False
    allow_cron: bool = False
    events: tuple[str, ...] = ()  #: names of events the interview offers (cron_*, incoming_email …)
    title: str | None = None
    tags: tuple[str, ...] = ()
    progress: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """The answer was refused: nothing was stored. `fields` maps variable names to messages; `message` is for the screen."""

    fields: Mapping[str, str] = field(default_factory=_empty)
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The step ended with an error. The user sees a friendly page; `places`, `trail` and `trace` are for the author."""

    type: str
    message: str
    file: str | None = None
    block: str | None = None
    line: int | None = None
    trail: tuple[str, ...] = ()  #: variables being sought, innermost first
    trace: str = ""
    history: tuple[str, ...] = ()  #: what the engine tried, readable, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """How a background step ended. Exactly one of `value` (encoded) and `next_action` counts, or `failure`."""

    ok: bool
    value: bytes | None = None
    kind: str | None = None
    next_action: str | None = None  #: background_response_action
    next_arguments: bytes | None = None
    error_action: str | None = None  #: what background_error_action registered
    error_arguments: bytes | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one step.

    `save` says what to do with the state: ``new`` (a step that Back undoes), ``overwrite`` (same step), ``ignore``
    (throw the state away). Exactly one of `screen`, `rejection` (with the screen shown again in `screen`),
    `failure`, `task`, `commands` (a check-in) says how it ended.
    """

    save: str
    screen: Screen | None = None
    rejection: Rejection | None = None
    failure: Failure | None = None
    task: TaskResult | None = None
    commands: tuple[
        Mapping[str, Any], ...
    ] = ()  #: reply to a check-in: {"value": …, "extra": flash|refresh|javascript|fields|backgroundresponse}
    effects: tuple[Effect, ...] = ()
    flags: Flags = field(default_factory=Flags)
