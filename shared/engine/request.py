"""What one step is asked to do, and everything it may know about the world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from shared.authoring.context import Files, Tasks


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Which screen an answer is for: enough to build the same fields again, whatever happened since.

    It travels in the screen as a signed token (``Screen.token``); the interview service verifies it, the engine trusts it.
    `context` holds ``x`` (an instance name) and ``i`` … ``n`` (keys) as they were.
    """

    block: str
    context: Mapping[str, Any] = field(default_factory=_empty)
    variable: str | None = None  #: the name that was sought when it was shown
    action: str | None = None  #: the action of the event stack it was shown for
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the user sent: JSON values as in ``docs/http.md`` (the ANSWER of the corpus protocol).

    `values` maps specific variable names to values; `button` is None for Continue, a label, or
    ``{"index": n, "label": …}`` for a choice that runs a block. With `raw`, values are the strings of an HTML form
    and are coerced by the field's datatype (checkboxes are lists of keys).
    """

    shown: Shown
    values: Mapping[str, Any]
    button: Any = None
    raw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """``url_action`` and kin: run `name` with `arguments`."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=_empty)
    #: Arguments as ``shared.state`` encoded them (a task's); the runner's child decodes them into `arguments`.
    encoded: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """The open page reports: `values` are undecoded strings by variable name; `changed` names a field or is None."""

    action: str | None
    values: Mapping[str, str]
    initial: bool = False
    changed: str | None = None
    shown: Shown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to the engine. At most one of `answer`, `action`, `check_in` is set; none: show the current screen."""

    now: datetime
    seed: int  #: seeds the step's random generator and its ids, so that a step can be replayed
    answer: Answer | None = None
    action: Action | None = None
    check_in: CheckIn | None = None
    mode: str = "foreground"  #: foreground | background | callback | error_callback | cron | email
    #: After Back: what the user had answered at the undone step, offered as defaults.
    prior: Mapping[str, Any] = field(default_factory=_empty)
    lasting: Mapping[str, Any] = field(default_factory=_empty)  #: what `Remember` effects kept: beyond Back's reach
    task_id: str | None = None  #: of the background task this step is, or answers for
    user: Mapping[str, Any] = field(default_factory=_empty)
    #: url_root, interview_url, ip, user_agent, session, client (browser session id), referer, languages, url_args.
    browser: Mapping[str, Any] = field(default_factory=_empty)
    tasks: Tasks | None = None
    files: Files | None = None
    emails: Callable[[str | None], Iterable[Mapping[str, Any]]] | None = (
        None  #: mails received for the session, by key; set in the child
    )
    config: Mapping[str, Any] = field(default_factory=_empty)
    loop_limit: int = 600
