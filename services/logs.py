"""Logs as JSON lines: one event name per line, with ids. What is not known to be harmless is left out, not trusted.

Ours (`shared.*`, `services.*`, `parley.*`) log ``log.info("event_name", extra={"session": …})``: the message is the event's
name, and of the extras only the names in `HARMLESS` are written. Of other people's libraries the template of the message is
written without its arguments, and of an exception its class and places without its text: those may hold answers, addresses
or keys.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

#: Extras that are ids, names of our own things, counts and times.
HARMLESS = frozenset(
    """
    service method queue queues session task mail job message request interview step version file number
    attempt attempts seconds count bytes status kind error where reason news event_kind period schedule
    pid port path running waiting dead signal exit origin worker missing action
    """.split()  # noqa: SIM905 (forty words read better than forty strings)
)
OURS = ("shared", "services", "parley", "__main__")
#: gunicorn's own messages are about processes and ports; its access log is off.
FORMATTED = ("gunicorn.error",)


class JsonLines(logging.Formatter):
    """``{"time", "level", "event", …ids, "logger"}``; `time` is UTC with milliseconds."""

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.split(".", 1)[0] in OURS
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        if ours:
            line["event"] = str(record.msg)
            line |= _ids(record)
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


#: What a bare record has; everything else came with `extra`.
_BARE = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def _ids(record: logging.LogRecord) -> dict[str, Any]:
    given = {key: value for key, value in record.__dict__.items() if key not in _BARE}
    kept = {key: _short(value) for key, value in given.items() if key in HARMLESS}
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
