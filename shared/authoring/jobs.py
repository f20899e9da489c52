"""What code without a session has at hand: configured jobs and Task classes. Their log, and the things a Task may ask for in its constructor.

What such code wants done outside is collected in the running `Job`, and leaves with its end. Sources: the document of
docassemble.Scheduler ("Scheduler Logger"), and Masonite's page on task scheduling ("Constructors"). Not for: interviews.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

from shared.contract.effects import SendMail

#: In ascending order.
LEVELS = ("debug", "info", "warning", "error", "critical")
#: Bounds of what is kept of one run: a job may log for ever.
LINES, LINE_LENGTH, BYTES = 2000, 2000, 256 * 1024


@dataclass(slots=True)
class Job:
    """A run of a job, as what it calls sees it."""

    name: str
    level: str = "info"  #: what is below it is not kept
    config: Mapping[str, Any] = field(default_factory=dict)  #: what get_config() gives
    began: datetime = field(default_factory=lambda: datetime.now(UTC))  #: as the service's clock has it
    lines: list[dict[str, Any]] = field(default_factory=list)
    effects: list[SendMail] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    over: int = 0
    left: int = BYTES
    _started: float = field(default_factory=time.monotonic)

    def log(self, level: str, message: str, frame: FrameType | None) -> None:
        if LEVELS.index(level) >= LEVELS.index(self.level):
            self.say(level, message, frame)

    def say(self, level: str, message: str, frame: FrameType | None) -> None:
        text = message if len(message) <= LINE_LENGTH else message[: LINE_LENGTH - 1] + "…"
        self.left -= len(text.encode("utf-8", "replace"))
        if len(self.lines) >= LINES or self.left < 0:
            self.over += 1
            return
        file = frame.f_code.co_filename.rpartition("/")[2] if frame is not None else ""
        at = self.began + timedelta(seconds=time.monotonic() - self._started)
        line = frame.f_lineno if frame is not None else 0
        self.lines.append({"at": at.isoformat(), "level": level, "message": text, "file": file, "line": line})


_running: ContextVar[Job | None] = ContextVar("parley_job", default=None)


class NoJobRunning(RuntimeError):
    """A function of jobs was called outside of one."""


def running_or_none() -> Job | None:
    return _running.get()


def running() -> Job:
    job = _running.get()
    if job is None:
        raise NoJobRunning("this can only be called while a job of the scheduler or a Task is running")
    return job


@contextmanager
def run(job: Job) -> Iterator[Job]:
    token = _running.set(job)
    try:
        yield job
    finally:
        _running.reset(token)


def log(message: object, message_level: str = "info", level: str | None = None) -> None:
    """Write to scheduler.log: ``debug``, ``info``, ``warning``, ``error`` or ``critical`` (which mails the operator, too)."""
    wanted = str(level if level is not None else message_level).lower()
    if wanted not in LEVELS:
        raise ValueError(f"log() expects one of the levels {', '.join(LEVELS)}, not {wanted!r}")
    running().log(wanted, str(message), sys._getframe(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerJobConfig:
    """What an error handler is told of the job that raised, by the names that docassemble.Scheduler has for it."""

    name: str
    type: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    pargs: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    contextmanager: str | None = None
    error_handler: str | None = None


class Task:
    """What Task classes inherit. All options are False unless a class says otherwise: then it never runs."""

    run_every: str | bool = False
    run_at: str | bool = False
    run_every_hour: bool = False
    run_every_minute: bool = False
    twice_daily: tuple[int, int] | bool = False

    def handle(self) -> None:
        """What the class does when it is due; a class that does not say is listed as failed, with this text."""
        raise NotImplementedError(f"{type(self).__name__} has no handle()")


class Request:
    """A request that nobody made: a Task runs without one."""

    def __init__(self) -> None:
        self.params: dict[str, object] = {}

    def input(self, name: str, default: object = None) -> object:
        return self.params.get(name, default)

    def all(self) -> dict[str, object]:
        return dict(self.params)

    def has(self, *names: str) -> bool:
        return all(name in self.params for name in names)

    def user(self) -> None:
        return None


class Mail:
    """Writes mails, which leave by the system's outgoing server once the task has come to its end."""

    def __init__(self) -> None:
        self._to: tuple[str, ...] = ()
        self._subject = ""
        self._sender: str | None = None
        self._reply_to: str | None = None

    def to(self, *addresses: str) -> Mail:
        self._to = tuple(str(one) for one in addresses)
        return self

    def subject(self, subject: str) -> Mail:
        self._subject = str(subject)
        return self

    def send_from(self, address: str) -> Mail:
        self._sender = str(address)
        return self

    def reply_to(self, address: str) -> Mail:
        self._reply_to = str(address)
        return self

    def send(self, message: object) -> None:
        if not self._to:
            raise ValueError("a mail needs an address: mail.to('someone@example.com').send('…')")
        running().effects.append(
            SendMail(
                mail_id=secrets.token_hex(16),
                to=self._to,
                subject=self._subject,
                body=str(message),
                sender=self._sender,
                reply_to=self._reply_to,
            )
        )


class Upload:
    """Keeps files in the system's store."""

    def store(self, content: Any, filename: str = "file", location: str | None = None) -> str:
        """Keep `content` (text, bytes, or something open for reading) under `filename`; the name, as it was given."""
        data = content.read() if hasattr(content, "read") else content
        raw = data.encode() if isinstance(data, str) else bytes(data)
        running().files.append({"filename": str(filename).rpartition("/")[2] or "file", "content": raw})
        return str(filename)


class Broadcast:
    """Tells open pages something; a channel is the id of a session."""

    def channel(self, channel: str, value: object) -> object:
        running().told.append({"session": str(channel), "data": value if isinstance(value, dict) else {"value": value}})
        return value


#: What a Task may ask for in its constructor, by the names of the classes.
CONTAINER = {cls.__name__: cls for cls in (Request, Mail, Upload, Broadcast)}
