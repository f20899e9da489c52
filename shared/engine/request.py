"""What one step is asked to do, and everything it may know about the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from shared.authoring.context import Documents, Files, Mails, Sessions, Storage, Tasks, Visits

#: The arguments of an action, as a link or a page sent them.
Arguments = Mapping[str, Any]


def _empty() -> Arguments:
    return MappingProxyType({})


#: Names that a screen's token carries.
MOST_FILES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Which screen an answer is for: enough to build the same fields again, whatever happened since.

    It travels in the screen as a signed token (``Screen.token``); the interview service verifies it, the engine trusts it.
    `context` holds ``x`` (an instance name) and ``i`` … ``n`` (keys) as they were.
    """

    block: str
    context: Arguments = field(default_factory=_empty)
    variable: str | None = None  #: the name that was sought when it was shown
    action: str | None = None  #: the action of the event stack it was shown for
    kind: str = ""
    #: Fields of the screen that take files, at most `MOST_FILES` of them; None where the token was made before they stood in it.
    files: tuple[str, ...] | None = None
    language: str | None = None  #: that it was shown in, where it is not the one that a step begins with
    version: int | None = None  #: of the session when it was shown: what was answered since is newer than the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the user sent: JSON values as in ``docs/http.md`` (the ANSWER of the corpus protocol).

    `values` maps specific variable names to values; `button` is None for Continue, a label, or
    ``{"index": n, "label": …}`` for a choice that runs a block. With `raw`, values are the strings of an HTML form
    and are coerced by the field's datatype (checkboxes are lists of keys). `of_page`: a page was answered, so that Continue also
    means what a page means by it: that a list collected on it has no other item.
    """

    shown: Shown
    values: Arguments
    button: Any = None
    raw: bool = False
    of_page: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """``url_action`` and kin: run `name` with `arguments`."""

    name: str
    arguments: Arguments = field(default_factory=_empty)
    #: Arguments as ``shared.state`` encoded them (a task's); the runner's child decodes them into `arguments`, below what is there.
    encoded: bytes | None = None
    save: str | None = None  #: how what it comes to is saved, where whoever asked for it said so


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """The open page reports: `values` are undecoded strings by variable name; `changed` names a field or is None."""

    action: str | None
    values: Mapping[str, str]
    initial: bool = False
    changed: str | None = None
    shown: Shown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWanted:
    """Document `number` of the screen, from 0, in a format that it is offered in; ``png``: its first page as a picture."""

    number: int
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to the engine. At most one of `answer`, `action`, `check_in` is set; none: show the current screen."""

    now: datetime
    seed: int  #: seeds the step's random generator and its ids, so that a step can be replayed
    answer: Answer | None = None
    action: Action | None = None
    check_in: CheckIn | None = None
    mode: str = (
        "foreground"  #: foreground | background | callback | error_callback | cron | email | mail_failed | other
    )
    #: After Back: what the user had answered at the undone step, offered as defaults.
    prior: Arguments = field(default_factory=_empty)
    lasting: Arguments = field(default_factory=_empty)  #: what `Remember` effects kept: beyond Back's reach
    task_id: str | None = None  #: of the background task this step is, or answers for
    user: Arguments = field(default_factory=_empty)
    #: url_root, interview_url, ip, user_agent, session, client (browser session id), referer, languages, url_args.
    browser: Arguments = field(default_factory=_empty)
    tasks: Tasks | None = None
    files: Files | None = None
    mails: Mails | None = None  #: received for the session; set in the child
    visits: Visits | None = None  #: who was here when; set in the child
    documents: Documents | None = None  #: makes documents; set in the child
    #: The file of a document of the screen that is wanted instead of the screen.
    document: DocumentWanted | None = None
    storage: Storage | None = None  #: what is kept beyond the session; set in the child
    sessions: Sessions | None = None  #: other sessions; set in the child
    config: Arguments = field(default_factory=_empty)
    loop_limit: int = 600
    steps: int = 0  #: how often Back can go from `state`
