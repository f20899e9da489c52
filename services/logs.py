"""Logs as JSON lines: one event name per line, with ids. What is not known to be harmless is left out, not trusted.

Ours (`shared.*`, `services.*`, `parley.*`) log ``log.info("event_name", extra={"session": …})``: the message is the event's
name (snake_case, constant, no arguments), and the extras have names from `FIELDS`. Anything else is an error in the tests
(tests/unit/test_log_calls.py reads all calls, tests/conftest.py watches those that are made); should it happen all the same,
the field is left out and named. Of other people's libraries the template of the message is written without its arguments,
and of an exception its class and places without its text: those may hold answers, addresses or keys.

The id of a session opens it, so logs have a hash of it (`session_hash`; ``parley session-hash ID`` says it).
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TextIO


def session_hash(session: object) -> str:
    """What stands for a session in logs: 16 hexadecimal digits. Ids are random, so that nobody finds one by trying."""
    return hashlib.sha256(str(session).encode("utf-8", "replace")).hexdigest()[:16]


#: The names of extras, and what may be said under them. Never an answer, an address, a name of a file or a key.
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        # ids
        "session": "of a session (written as its hash)",
        "task": "of a background task",
        "mail": "of a mail",
        "job": "of a job on a queue",
        "entry": "of an entry in an outbox",
        "file": "number of a file of a session",
        "step": "number of a step of a session",
        "version": "of a session",
        "index": "name of an index of the store",
        # what of ours it is about
        "service": "name of a service",
        "outcome": "what became of a tick: ran, late, skipped, failed",
        "method": "name of a call",
        "queue": "name of a queue",
        "queues": "names of queues",
        "interview": "package and path of an interview",
        "source": "file of an interview, as package and path",
        "block": "name of a block of an interview",
        "line": "number of a line of an interview",
        "schedule": "name of a scheduled event",
        "period": "the period of a schedule",
        "kind": "which of several, from a list of our own",
        "part": "which part of a service",
        "route": "pattern of an address of the gateway, without its values",
        # what went wrong
        "error": "class of an exception or kind of an error",
        "where": "places in our source",
        "reason": "words of ours or of the broker",
        "status": "state of a task, status of a reply",
        "code": "what a mail server answered, as a number",
        "text": "what a mail server answered, with addresses made unreadable",
        # how much
        "attempt": "number of an attempt",
        "count": "how many",
        "running": "how many still run",
        "seconds": "how long",
        "bytes": "how large",
        "port": "number of a port",
    }
)
OURS = ("shared", "services", "parley", "__main__")
#: gunicorn's own messages are about processes and ports; its access log is off.
FORMATTED = ("gunicorn.error",)

_EVENT = re.compile(r"[a-z]+(_[a-z]+)*")


class JsonLines(logging.Formatter):
    """``{"time", "level", "event", …fields, "logger"}``; `time` is UTC with milliseconds."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        if _is_ours(record):
            line["event"] = str(record.msg)
            line |= _fields(record)
        elif record.name in FORMATTED:
            line["event"] = record.getMessage()
        else:
            line["event"] = str(record.msg)
        line["logger"] = record.name
        if record.exc_info and record.exc_info[1] is not None:
            line |= _exception(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=_name_only)


def configure(level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Send all logs to `stream` (standard error) as JSON lines; libraries from WARNING on, ours from `level` on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)


def misuse(record: logging.LogRecord) -> str | None:
    """What is wrong with a record of ours, or None. For tests: in production the line is written without what is wrong."""
    if not _is_ours(record):
        return None
    if record.args or not _EVENT.fullmatch(str(record.msg)):
        return f"{record.name}: {record.msg!r} is not the name of an event"
    if unknown := sorted(_given(record).keys() - FIELDS.keys()):
        return f"{record.name}: {record.msg} has extras that services.logs.FIELDS does not know: {', '.join(unknown)}"
    return None


class Guard(logging.Handler):
    """Hands what is wrong with each record of ours to `report`."""

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__()
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        if wrong := misuse(record):
            self._report(wrong)


#: What a bare record has; everything else came with `extra`.
_BARE = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.split(".", 1)[0] in OURS


def _given(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in record.__dict__.items() if key not in _BARE}


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    given = _given(record)
    kept = {key: _short(value) for key, value in given.items() if key in FIELDS}
    if kept.get("session") is not None:
        kept["session"] = session_hash(given["session"])
    left_out = sorted(given.keys() - kept.keys())
    return kept | ({"left_out": left_out} if left_out else {})


def _exception(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    where = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
    return {"error": type(error).__name__, "where": " < ".join(where)}


def _short(value: Any) -> Any:
    """Ids, counts and names: no structure, and nothing that is longer than any of those."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value[:500]
    if isinstance(value, list | tuple):
        return [_short(item) for item in value[:50]]
    return type(value).__name__


def _name_only(value: object) -> str:
    return type(value).__name__
