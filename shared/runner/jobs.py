"""The child's side of jobs and Task classes: a call with a log, a context around it and what it prints; and finding the classes.

Stands beside `calling`, which makes plain calls. Not for: when a job runs (the clock).
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.authoring import jobs
from shared.contract.effects import to_body
from shared.runner import alarm

#: Bytes of what a job prints that are kept.
_PRINTED = 64 * 1024


class BadJob(ValueError):
    """What should run cannot: the message says which name, and what was expected."""


class _Printed(io.TextIOBase):
    """Keeps the first of what is printed."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._left = _PRINTED

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._left > 0:
            self._kept.append(text[: self._left])
        self._left -= len(text)
        return len(text)

    def text(self) -> str:
        return "".join(self._kept)


def run(given: Mapping[str, Any], find: Callable[[str, str], Any]) -> tuple[dict[str, Any], BaseException | None]:
    """Run the job that `given` describes; what it said, printed and wants done, and what it raised.

    `find` gives a name of a module; it raises what importing that raises.
    """
    os.environ.update({str(name): str(value) for name, value in (given.get("environment") or {}).items()})
    printed = _Printed()
    began = given.get("now")
    now = datetime.fromisoformat(began) if isinstance(began, str) else datetime.now(UTC)
    job = jobs.Job(
        name=str(given["name"]), level=str(given.get("level") or "info"), began=now, config=given.get("config") or {}
    )
    raised: BaseException | None = None
    handled = False
    with jobs.run(job), contextlib.redirect_stdout(printed):  # our own context lies around the operator's
        try:
            with _around(given.get("within"), find):
                _call(given, find)
        except BaseException as error:  # it may raise anything, SystemExit included
            raised = error
            handled = isinstance(error, Exception) and _handled(given, error, find)
    lines = list(job.lines)
    if job.over:
        lines.append({"level": "warning", "message": f"… and {job.over} more lines"})
    told = {
        "lines": lines,
        "printed": printed.text(),
        "mails": [to_body(mail) for mail in job.effects],
        "files": job.files,
        "told": job.told,
        "handled": handled,
    }
    return told, raised


def _call(given: Mapping[str, Any], find: Callable[[str, str], Any]) -> None:
    if given.get("task"):
        made(find(given["module"], given["function"]), _container(given, find)).handle()
        return
    _function(given, find)(*given["args"], **given["kwargs"])


def _handled(given: Mapping[str, Any], error: Exception, find: Callable[[str, str], Any]) -> bool:
    """Whether the operator's own handler has dealt with `error`; one that raises, or is not there, is told in the log."""
    name = given.get("handler")
    if not name:
        return False
    about = jobs.SchedulerJobConfig(
        name=str(given["name"]),
        type=given.get("type"),
        params=dict(given.get("params") or {}),
        pargs=tuple(given.get("args") or ()),
        kwargs=dict(given.get("kwargs") or {}),
        contextmanager=given.get("within"),
        error_handler=str(name),
    )
    try:
        find(*_apart(str(name)))(error, about)
    except Exception as wrong:
        jobs.running().say("error", f"error handler {name}: {type(wrong).__name__}: {wrong}", None)
        return False
    return True


@contextlib.contextmanager
def _around(name: str | None, find: Callable[[str, str], Any]) -> Iterator[None]:
    if not name:
        yield
        return
    manager = _manager(name, find)
    context: Any = manager() if inspect.isclass(manager) else manager
    with context:
        yield


def _manager(name: str, find: Callable[[str, str], Any]) -> Any:
    manager: Any = find(*_apart(name))
    for method in ("__enter__", "__exit__"):
        if not hasattr(manager, method):
            raise BadJob(f"{name} has no {method}")
    return manager


def check(
    given: Mapping[str, Any], find: Callable[[str, str], Any], *, clear: tuple[type[Exception], ...]
) -> dict[str, str]:
    """What is wrong with a job before it ever runs, by the key that is wrong ("" is its name). Imports what it names.

    `find` gives a name of a module; it raises what importing that raises, and `clear`, whose texts say all.
    """
    os.environ.update({str(name): str(value) for name, value in (given.get("environment") or {}).items()})
    wrong: dict[str, str] = {}

    def looked(key: str, look: Callable[[], object]) -> None:
        try:
            look()
        except Exception as error:
            said = str(error).partition("\n")[0]
            wrong[key] = said if isinstance(error, (BadJob, *clear)) else f"{type(error).__name__}: {said}"
        except SystemExit:
            wrong[key] = "importing it ends the process"

    printed = io.StringIO()
    with jobs.run(jobs.Job(name=str(given["name"]))), contextlib.redirect_stdout(printed):
        looked("", lambda: _function(given, find))
        if given.get("within"):
            looked("contextmanager", lambda: _manager(str(given["within"]), find))
        if given.get("handler"):
            looked("error handler", lambda: find(*_apart(str(given["handler"]))))
    return wrong


def _function(given: Mapping[str, Any], find: Callable[[str, str], Any]) -> Any:
    function = find(given["module"], given["function"])
    if inspect.isclass(function):
        raise BadJob(f"{given['module']}.{given['function']} is a class; a job is a function")
    return function


def _apart(name: str) -> tuple[str, str]:
    module, _, last = name.rpartition(".")
    return module, last


# ------------------------------------------------------------------ Task classes


def _container(given: Mapping[str, Any], find: Callable[[str, str], Any]) -> dict[str, type[Any]]:
    """What constructors may ask for: ours, and what the operator lists."""
    paths = dict(given.get("container") or {})
    return {**jobs.CONTAINER, **{name: find(*_apart(path)) for name, path in paths.items()}}


def made(cls: type[Any], container: Mapping[str, type[Any]]) -> Any:
    """A Task with what its constructor asks for, by annotation or by name. Raises `BadJob`."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(cls).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        wanted = parameter.annotation if parameter.annotation is not parameter.empty else name
        known = container.get(wanted if isinstance(wanted, str) else getattr(wanted, "__name__", ""))
        if known is not None:
            given[name] = known()
        elif parameter.default is parameter.empty:
            raise BadJob(
                f"{cls.__name__}: nobody knows what the argument {name!r} of its constructor is; "
                f"there are {', '.join(container)}"
            )
    return cls(**given)


_OPTIONS = ("run_every", "run_at", "run_every_hour", "run_every_minute", "twice_daily")


def discover(given: Mapping[str, Any], find: Callable[[str, str], Any]) -> list[dict[str, Any]]:
    """All Task classes: module, name, options; or an error with its file.

    Of the modules in the folders `autoload` below `base`, or else in those of ``AUTOLOAD`` in ``config/application.py`` there; and
    those named one by one in `classes`.
    """
    if place := given.get("place"):
        search = _Search(_container(given, find))
        search.module(place["module"], place["where"], only=place["only"])
        return search.found
    places = _places(given)
    if given.get("only places"):
        return places
    search = _Search(_container(given, find))
    for one in places:
        if "error" in one:
            search.found.append(one)
        else:
            search.module(one["module"], one["where"], only=one["only"])
    return search.found


def _places(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Which modules are looked through, and in them for which class; or an error with its file."""
    base = Path(given["base"]) if given.get("base") else None
    folders = list(given.get("autoload") or ())
    found: list[dict[str, Any]] = []
    if base is not None and not folders and (base / "config" / "application.py").is_file():
        try:
            folders = list(importlib.import_module("config.application").AUTOLOAD)
        except BaseException as error:  # whatever it does when it is imported
            found.append({"error": f"{type(error).__name__}: {error}", "where": "config/application.py"})
    for folder in folders:
        path = Path(folder) if base is None else base / folder
        if not path.is_dir():
            found.append({"error": "there is no such folder", "where": str(folder)})
        found += [{"module": _module_name(file), "where": str(file), "only": ""} for file in sorted(path.glob("*.py"))]
    for name in given.get("classes") or ():
        module, cls = _apart(name)
        found.append({"module": module, "where": name, "only": cls})
    return found


def _module_name(path: Path) -> str:
    """The name by which the file is imported: from the innermost folder of ``sys.path`` above it."""
    above = [Path(entry) for entry in sys.path if entry and path.is_relative_to(entry)]
    root = max(above, key=lambda one: len(one.parts), default=path.parent)
    return ".".join(path.relative_to(root).with_suffix("").parts)


class _Search:
    def __init__(self, container: Mapping[str, type[Any]]) -> None:
        self.found: list[dict[str, Any]] = []
        self._container = container
        self._seen: set[tuple[str, str]] = set()

    def wrong(self, what: str, where: str) -> None:
        self.found.append({"error": what, "where": where})

    def module(self, module: str, where: str, only: str = "") -> None:
        try:
            loaded = importlib.import_module(module)
        except alarm.Rang:  # it never ends, and nobody knows yet which of them it was
            raise
        except BaseException as error:  # whatever it does when it is imported
            self.wrong(f"{type(error).__name__}: {error}", where)
            return
        for name in [only] if only else list(vars(loaded)):
            cls: Any = getattr(loaded, name, None)
            is_task = inspect.isclass(cls) and issubclass(cls, jobs.Task) and cls is not jobs.Task
            if only and not is_task:
                self.wrong(f"{module} has no Task of the name {name}", where)
            elif is_task and cls.__module__ == module and (module, cls.__name__) not in self._seen:
                self._seen.add((module, cls.__name__))
                self._task(cls, module, where)

    def _task(self, cls: type[Any], module: str, where: str) -> None:
        try:
            made(cls, self._container)
        except BadJob as error:
            self.wrong(str(error), where)
            return
        except alarm.Rang:
            raise
        except BaseException as error:  # its constructor may do anything
            self.wrong(f"{cls.__name__}: {type(error).__name__}: {error}", where)
            return
        options = {option: _plain(getattr(cls, option, False)) for option in _OPTIONS}
        self.found.append({"module": module, "name": cls.__name__, "where": where, "options": options})


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return list(value)
    return value if isinstance(value, str | int | float | bool) else repr(value)
