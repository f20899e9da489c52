"""Configured jobs: what stands below ``scheduler:`` (the document of docassemble.Scheduler). Not for: running them (`services.clock.jobs`).

A job's name is its function, ``file.function`` in the folder of tasks or ``package.module.function``; what follows a space is only a name.
The document's own example names one job twice: both run, and the second is told as ``test.heartbeat (2)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.configuration.document import Entry, Node, Scalar, Table, plain
from services.configuration.keys import normal
from services.schedules.words import Declared, Mistake, Overlap, declared

#: Under which name the files of the folder of tasks are imported.
TASKS = "docassemble.Scheduler.tasks"
LEVELS = ("debug", "info", "warning", "error", "critical")
_MORE = ("args", "kwargs", "contextmanager", "retry", "error handler")


@dataclass(frozen=True, slots=True)
class Jobs:
    declared: tuple[Declared, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    level: str = "info"
    error_handler: str | None = None


def read(node: Node) -> Jobs:
    """What stands below ``scheduler:``; each mistake takes away its own job and no other."""
    if not isinstance(node, Table):
        return Jobs(mistakes=(Mistake(node.line, "scheduler: expected names of functions, each with its schedule"),))
    mistakes: list[Mistake] = []
    found: list[Declared] = []
    level, handler = "info", None
    for entry in node.entries:
        if normal(entry.key) == "log level":
            level = _level(entry, mistakes)
        elif normal(entry.key) == "error handler":
            handler = _handler(entry, mistakes)
        else:
            one = _job(entry, _unused(entry.key, found), mistakes)
            if one is not None:
                found.append(one)
    return Jobs(tuple(found), tuple(mistakes), level, handler)


def function_of(name: str) -> tuple[str, str]:
    """Module and function of a job's name. Raises ValueError, whose text completes "expected …"."""
    path = name.partition(" ")[0]
    parts = path.split(".")
    if len(parts) < 2 or not all(part.isidentifier() for part in parts):
        raise ValueError("file.function or package.module.function")
    module = f"{TASKS}.{parts[0]}" if len(parts) == 2 else ".".join(parts[:-1])
    return module, parts[-1]


def _job(entry: Entry, name: str, mistakes: list[Mistake]) -> Declared | None:
    where = f"scheduler: {entry.key}"
    problems: list[Mistake] = []
    if isinstance(entry.value, Table) and _given(entry.value).get("type") == "date":
        line = next(one.line for one in entry.value.entries if normal(one.key) == "type")
        mistakes.append(Mistake(line, f"{where}: type: expected interval or cron; `date` is not supported"))
        return None
    one = declared(entry, name, above="scheduler", problems=problems, more=_MORE, overlap=Overlap.SKIP)
    try:
        function_of(entry.key)
    except ValueError as error:
        problems.append(Mistake(entry.line, f"{where}: expected {error}"))
    if isinstance(entry.value, Table):
        problems.extend(_arguments(entry.value, where))
    mistakes.extend(problems)
    return one if not problems else None


def _arguments(table: Table, where: str) -> list[Mistake]:
    lines = {normal(one.key): one.line for one in table.entries}
    given = _given(table)
    wrong = []
    if given.get("args") is not None and not isinstance(given["args"], list):
        wrong.append(("args", "expected a list"))
    kwargs = given.get("kwargs") or {}
    if not isinstance(kwargs, dict) or not all(str(name).isidentifier() for name in kwargs):
        wrong.append(("kwargs", "expected names of arguments, each with a value"))
    retry = given.get("retry", 0)
    if not isinstance(retry, int) or isinstance(retry, bool) or not 0 <= retry <= 100:
        wrong.append(("retry", "expected how often a job that was killed is tried again"))
    for key, what in (("contextmanager", "Class"), ("error handler", "function")):
        if key in given:
            try:
                function_of(str(given[key]))
            except ValueError:
                wrong.append((key, f"expected file.{what} or package.module.{what}"))
    return [Mistake(lines[key], f"{where}: {key}: {what}") for key, what in wrong]


def _given(table: Table) -> Mapping[str, object]:
    return {normal(one.key): plain(one.value) for one in table.entries}


def _unused(name: str, found: list[Declared]) -> str:
    """The name in the ledger: the same job again has a number."""
    known = {one.name for one in found}
    number, wanted = 1, name
    while wanted in known:
        number += 1
        wanted = f"{name} ({number})"
    return wanted


def _level(entry: Entry, mistakes: list[Mistake]) -> str:
    value = _text(entry, "scheduler: log level", mistakes) or "info"
    if value.lower() not in LEVELS:
        mistakes.append(Mistake(entry.line, f"scheduler: log level: expected {', '.join(LEVELS)}"))
        return "info"
    return value.lower()


def _handler(entry: Entry, mistakes: list[Mistake]) -> str | None:
    value = _text(entry, "scheduler: error handler", mistakes)
    if value is not None:
        try:
            function_of(value)
        except ValueError as error:
            mistakes.append(Mistake(entry.line, f"scheduler: error handler: expected {error}"))
            return None
    return value


def _text(entry: Entry, where: str, mistakes: list[Mistake]) -> str | None:
    if isinstance(entry.value, Scalar) and isinstance(entry.value.value, str):
        return entry.value.value
    mistakes.append(Mistake(entry.line, f"{where}: expected a text"))
    return None
