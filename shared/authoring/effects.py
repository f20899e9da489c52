"""What a step wants to happen outside: plain, frozen, encodable. They leave with the state, in its outbox.

No effect carries an object of the interview: `arguments` and values are already encoded by ``shared.state``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTask:
    """Run `action` in the background. `ui` is how the result reaches an open page: None, flash, refresh, javascript, fields."""

    task_id: str
    action: str
    arguments: bytes  #: encoded dict
    ui: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeTask:
    task_id: str
    terminate: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail:
    """A mail to be sent by the system. Addresses are RFC 5322 strings; `attachments` are file numbers of the session."""

    mail_id: str
    to: tuple[str, ...]
    subject: str
    body: str
    html: str | None = None
    sender: str | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: str | None = None
    attachments: tuple[int, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAddress:
    """Make `address` (a local part) receive mail for this session: ``interview_email()``."""

    address: str
    key: str | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyBrowser:
    """Tell open pages of the session something now. `event` is the SSE event name, `data` plain JSON."""

    event: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSession:
    """The session ends with this step: exit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remember:
    """Keep `value` (plain data) under `key` with the session, where neither Back nor a restart undoes it. Read as ``Request.lasting``."""

    key: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMessage:
    message: str
    priority: str = "log"


Effect = StartTask | RevokeTask | SendMail | OpenAddress | NotifyBrowser | DeleteSession | Remember | LogMessage
