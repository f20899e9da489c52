"""A tick of a configured job or of a Task class: one call in a child, and what it said, printed and wants done.

It runs once for each tick: a clock that dies while it runs leaves it ``failed: killed``, and it is not tried again unless its
configuration says so (`retry`). Not for: which jobs there are (`services.schedules`), when (`executor`).
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from services.clock.executor import Progress
from services.runs.reports import RunReports
from shared.bus.messages import Bus, Job, Notification
from shared.contract.effects import SendMail, from_body, to_body
from shared.contract.errors import Busy
from shared.runner.called import Called, CallError, CallRunner, Failed
from shared.runner.ports import Limits
from shared.store.ports import Store, StoreError
from shared.store.records import SCHEDULER, LedgerEntry, OutgoingMail, RunRecord, task_digest

#: Begins the keys by which the same complaint is not mailed twice.
COMPLAINT = "complaint/"

log = logging.getLogger(__name__)

#: What files and runs of jobs belong to, where those of interviews belong to a session.
OWNER = SCHEDULER
#: Seconds between two looks for a process, where all are taken.
_BUSY = 1.0
#: The operator is told of the same thing so often at most.
_HOUR = timedelta(hours=1)
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def _nothing() -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCall:
    """What is called: see `shared.runner.jobs.run`."""

    name: str
    module: str
    function: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    within: str | None = None
    task: bool = False
    retry: int = 0
    handler: str | None = None  #: what is called with an error in place of a mail to the operator
    type: str | None = None  #: what its handler is told besides: ``interval`` or ``cron``, and the words of its trigger
    params: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""  #: file and line

    def given(
        self,
        *,
        level: str,
        environment: Mapping[str, str],
        path: tuple[str, ...],
        container: Mapping[str, str],
        config: Mapping[str, Any],
        now: datetime,
    ) -> dict[str, object]:
        return {
            "name": self.name,
            "module": self.module,
            "function": self.function,
            "args": list(self.args),
            "kwargs": dict(self.kwargs),
            "within": self.within,
            "task": self.task,
            "handler": self.handler,
            "type": self.type,
            "params": dict(self.params),
            "now": now.isoformat(),
            "level": level,
            "environment": dict(environment),
            "path": list(path),
            "container": dict(container),
            "config": dict(config),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Who hears of errors: nobody, if there are no addresses."""

    to: tuple[str, ...] = ()
    silent: bool = False


class Jobs:
    """A `Kind` of tick."""

    def __init__(
        self,
        calls: Mapping[str, JobCall],
        *,
        runner: Callable[[], CallRunner],
        store: Store,
        bus: Bus,
        reports: RunReports,
        clock: Callable[[], datetime],
        limits: Limits,
        level: str = "info",
        environment: Mapping[str, str] | None = None,
        path: tuple[str, ...] = (),
        container: Mapping[str, str] | None = None,
        config: Mapping[str, Any] | None = None,
        errors: Errors = Errors(),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._calls = calls
        self._runner = runner
        self._store = store
        self._bus = bus
        self._reports = reports
        self._clock = clock
        self._limits = limits
        self._level = level
        self._environment = dict(environment or {})
        self._path = path
        self._container = dict(container or {})
        self._config = dict(config or {})
        self._errors = errors
        self._sleep = sleep

    def resumes(self, entry: LedgerEntry) -> bool:
        call = self._calls.get(entry.schedule)
        return call is not None and _tries(entry) <= call.retry

    def left(self, entry: LedgerEntry) -> int:
        return 1

    def named(self, name: str) -> JobCall | None:
        return self._calls.get(name)

    def run(self, progress: Progress) -> LedgerEntry:
        call = self._calls[progress.entry.schedule]
        tries = _tries(progress.entry) if progress.entry.detail else 0
        while True:
            tries += 1
            if call.retry:  # who goes on with it, should this clock die, must know how often it was begun
                progress.save(detail={"tries": tries})
            called = self.call(call, check=progress.check)
            if called.failed is None or called.failed.error is not CallError.DIED or tries > call.retry:
                break
            progress.check()
        failed = called.failed
        detail = {} if failed is None else _detail(failed)
        reason = "" if failed is None else _reason(failed)
        return replace(progress.entry, outcome="ran" if failed is None else "failed", reason=reason, detail=detail)

    def call(self, call: JobCall, *, check: Callable[[], None] = _nothing) -> Called:
        """Run the job as soon as there is a process for it; what it said is kept, what it wants done is sent.

        `check` is called while it waits, and may raise.
        """
        called = self._called(call, check)
        told: Mapping[str, Any] = called.value if isinstance(called.value, dict) else {}
        self._keep(call, called, told)
        self._send(told)
        return called

    def _called(self, call: JobCall, check: Callable[[], None]) -> Called:
        while True:
            given = call.given(
                level=self._level,
                environment=self._environment,
                path=self._path,
                container=self._container,
                config=self._config,
                now=self._clock(),
            )
            try:
                return self._runner().job(given, limits=self._limits)
            except Busy as error:
                check()
                log.info("job_waits", extra={"schedule": call.name, "reason": str(error)})
                self._sleep(_BUSY)
            except ValueError as error:
                return Called(failed=Failed(error=CallError.NOT_PLAIN, message=str(error)))

    # ------------------------------------------------------------------ what it said

    def _keep(self, call: JobCall, called: Called, told: Mapping[str, Any]) -> None:
        lines = [_line(call.name, one) for one in _mappings(told.get("lines"))]
        printed = told.get("printed")
        if isinstance(printed, str):
            lines += printed.splitlines()[:1000]
        failed = called.failed
        run = RunRecord(
            id=secrets.token_hex(12),
            kind="scheduler",
            at=self._clock(),
            session=OWNER,
            interview=f"{call.module}.{call.function}"[:200],
            what="job",
            name=call.name,
            ok=failed is None,
            lines=tuple(line[:2000] for line in lines[:2000]),
            failure={} if failed is None else {**_detail(failed), "message": failed.message, "trace": failed.trace},
        )
        if lines or failed is not None:
            self._reports.keep(run)
        critical = [one for one in _mappings(told.get("lines")) if one.get("level") == "critical"]
        for one in critical:
            self._complain(call.name, str(one.get("message")), str(one.get("message")))
        if failed is not None and not told.get("handled"):
            text = f"{failed.type or failed.error}: {failed.message}\n\n{failed.trace}"
            self._complain(call.name, f"{failed.error} {failed.type} {failed.file} {failed.line}", text)

    def _complain(self, job: str, what: str, text: str) -> None:
        """A mail to the operator, at most one an hour for the same thing."""
        if self._errors.silent or not self._errors.to:
            return
        digest = hashlib.blake2b(f"{job}\0{what}".encode(), digest_size=12).hexdigest()
        now, key = self._clock(), f"{COMPLAINT}{digest}"
        moment = now.astimezone(UTC).strftime(_MOMENT)
        try:
            last = self._store.schedule.last(key)
            if last is not None and (now - _HOUR).astimezone(UTC).strftime(_MOMENT) < last <= moment:
                return
            if self._store.schedule.move(key, was=last, to=moment, now=now):
                mail = SendMail(
                    mail_id=f"complaint.{digest}.{moment}",
                    to=self._errors.to,
                    subject=f"Error in {job}",
                    body=text[:20_000],
                )
                self._send_mail(mail)
        except StoreError as error:
            log.warning("complaint_not_sent", extra={"error": type(error).__name__})

    # ------------------------------------------------------------------ what it wants done

    def _send(self, told: Mapping[str, Any]) -> None:
        for body in _mappings(told.get("mails")):
            try:
                self._send_mail(from_body(SendMail, body))
            except msgspec.ValidationError as error:
                log.warning("job_mail_refused", extra={"error": type(error).__name__})
        for one in _mappings(told.get("files")):
            content = one.get("content")
            if isinstance(content, bytes):
                self._store.files.put(
                    session=OWNER,
                    filename=str(one.get("filename") or "file")[:200],
                    mimetype="application/octet-stream",
                    content=[content],
                    now=self._clock(),
                )
        for one in _mappings(told.get("told")):
            data = one.get("data")
            self._bus.notify(
                Notification(
                    session=str(one.get("session")), event="broadcast", data=data if isinstance(data, dict) else {}
                )
            )

    def _send_mail(self, mail: SendMail) -> None:
        """As a row, which is tried until it has left; the job that says so may be lost."""
        now = self._clock()
        body = {name: value for name, value in to_body(mail).items() if name != "mail_id"}
        self._store.outgoing.add(
            OutgoingMail(
                id=mail.mail_id,
                session=OWNER,
                body={**body, "automatic": True},
                task=None if mail.task is None else task_digest(mail.task),
                server=mail.server or "",
                created=now,
                due=now,
            )
        )
        self._bus.send(Job(queue="send", id=mail.mail_id, body={"mail": mail.mail_id}))


def _mappings(value: object) -> list[dict[str, Any]]:
    """What a child says may be anything."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _line(job: str, one: Mapping[str, Any]) -> str:
    """A line of scheduler.log: time, level, job, file and line, and what was said."""
    at = f"{str(one['at'])[:19]}Z " if one.get("at") else ""
    place = f" ({one['file']}, line {one['line']})" if one.get("file") else ""
    return f"{at}{str(one.get('level', 'info')).upper()} {job}{place}: {one.get('message', '')}"


def _tries(entry: LedgerEntry) -> int:
    """How often the job of a tick that was begun has been begun."""
    return int(entry.detail.get("tries") or 1)


def _detail(failed: Failed) -> dict[str, object]:
    return {"type": failed.type or str(failed.error), "file": failed.file, "line": failed.line}


def _reason(failed: Failed) -> str:
    if failed.error is CallError.DIED:
        return "killed"
    return f"{failed.error}: {failed.type}" if failed.type else str(failed.error)
