"""Which jobs and Task classes there are, from the settings: each with its schedule and what is called at its ticks.

Task classes are found by importing them, in a child. What is wrong with one is told, with its file, and takes away no other.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import services
from services.clock.jobs import JobCall
from services.clock.noting import Scheduled
from services.schedules.core import Schedule
from services.schedules.jobs import TASKS, function_of
from services.schedules.tasks import BadOption, trigger
from services.schedules.words import Overlap
from services.settings import Settings
from services.walls import rules
from shared.contract.errors import Busy
from shared.language.sources import Root
from shared.runner.called import Called, CallRunner
from shared.runner.ports import Limits

log = logging.getLogger(__name__)

#: Packages of docassemble lie below a folder of this name.
NAMESPACE = "docassemble"
#: Comes with the program: the scheduler's own modules, jobs to try it with, and what Task classes import.
KIT = Path(services.__file__).parents[1] / "demos" / "scheduler"
#: Seconds for importing all Task classes or jobs, and, where one of them ends the process or never comes to an end, for each.
_DISCOVERY, _EACH = Limits(seconds=10.0), Limits(seconds=5.0)


@dataclass(frozen=True, slots=True)
class Found:
    """Schedules, what is called at the ticks of each by its name, and what is wrong with others."""

    scheduled: tuple[Scheduled, ...] = ()
    calls: tuple[JobCall, ...] = ()
    mistakes: tuple[str, ...] = ()


def pool(settings: Settings) -> CallRunner:
    """Children for jobs: behind the walls of author code, but with the network, and what the operator grants by name."""
    from shared.runner.call import CallPool  # noqa: PLC0415  most installations have no job: their clock needs no processes

    roots: list[Root | Path | str] = []
    granted = [KIT, *map(Path, settings.jobs_may_read)]
    if settings.tasks_folder is not None:
        roots.append(Root(settings.tasks_folder.resolve(), TASKS))
        granted.append(settings.tasks_folder)
    if settings.application is not None:
        granted.append(settings.application)
    roots += [*settings.packages, KIT]
    granted += [place for root in map(Root.of, settings.packages) for place in _modules(root)]
    known = rules(settings)
    readable = (*known.readable, *(str(place.resolve()) for place in granted))
    return CallPool(roots=roots, rules=replace(known, network=True, readable=readable), at_once=settings.job_workers)


def _modules(root: Root) -> list[Path]:
    """Packages below a root that hold nothing but modules; those of interviews can be read anyway."""
    if root.package is not None or not root.folder.is_dir():
        return []
    shared = root.folder / NAMESPACE  # holds packages, and is none itself
    places = [*root.folder.iterdir(), *(shared.iterdir() if shared.is_dir() else ())]
    return [one for one in sorted(places) if (one / "__init__.py").is_file()]


def jobs(settings: Settings) -> Found:
    """The configured jobs."""
    zone = ZoneInfo(settings.timezone)
    scheduled, calls = [], []
    for one in settings.scheduler.declared:
        module, function = function_of(one.name)
        within = one.more.get("contextmanager")
        handler = settings.scheduler.error_handler or one.more.get(
            "error handler"
        )  # that of all goes before a job's own
        scheduled.append(Scheduled(one.schedule(zone), "job", one.overlap))
        calls.append(
            JobCall(
                name=one.name,
                module=module,
                function=function,
                args=tuple(one.more.get("args") or ()),
                kwargs=one.more.get("kwargs") or {},
                within=".".join(function_of(str(within))) if within else None,
                retry=one.more.get("retry", 0),
                handler=".".join(function_of(str(handler))) if handler else None,
                type=one.words.get("type"),
                params={key: value for key, value in one.words.items() if key != "type"},
                where=f"{settings.file}, line {one.line}",
            )
        )
    return Found(tuple(scheduled), tuple(calls))


def wrong(settings: Settings, calls: Sequence[JobCall], runner: Callable[[], CallRunner]) -> tuple[str, ...]:
    """What is wrong with what `calls` name: functions and contexts that are not there, or cannot be imported.

    They stay on their schedule: who mends the file need not start anything anew, and until then each tick is told as failed.
    """
    if not calls:
        return ()
    found: list[str] = []
    for call, problems in zip(calls, _checked(settings, calls, runner), strict=True):
        for key, what in problems.items():
            expected = "a class with __enter__ and __exit__" if key == "contextmanager" else "a function"
            found.append(
                f"{call.where}: scheduler: {call.name}{f': {key}' if key else ''}: expected {expected}: {what}"
            )
    return tuple(found)


def _checked(settings: Settings, calls: Sequence[JobCall], runner: Callable[[], CallRunner]) -> list[Mapping[str, str]]:
    variables = granted(settings)
    given: list[dict[str, object]] = [
        {
            "name": call.name,
            "module": call.module,
            "function": call.function,
            "within": call.within,
            "handler": call.handler,
            "environment": variables,
        }
        for call in calls
    ]
    called = _asked(runner, {"name": "jobs", "check": given}, limits=_DISCOVERY)
    if called.failed is None:
        return _as_told(called, len(given))
    return [one for alone in given for one in _checked_alone(runner, alone)]


def _checked_alone(runner: Callable[[], CallRunner], given: Mapping[str, object]) -> list[Mapping[str, str]]:
    """Of several one ended the process, or never comes to an end."""
    called = _asked(runner, {"name": "jobs", "check": [given]}, limits=_EACH)
    if called.failed is not None:
        return [{"": "importing it ends the process, or never ends"}]
    return _as_told(called, 1)


def _as_told(called: Called, count: int) -> list[Mapping[str, str]]:
    told = called.value if isinstance(called.value, list) else []
    return [one if isinstance(one, dict) else {} for one in told] if len(told) == count else [{}] * count


def _asked(runner: Callable[[], CallRunner], given: Mapping[str, object], *, limits: Limits) -> Called:
    try:
        return runner().job(given, limits=limits)
    except Busy:  # nobody knows
        return Called()


def tasks(settings: Settings, runner: Callable[[], CallRunner]) -> Found:
    """The Task classes that can be found. Nothing is imported where none are asked for."""
    if not (settings.autoload or settings.task_classes or settings.application):
        return Found()
    base = str(settings.application.resolve()) if settings.application is not None else None
    wanted = {
        "base": base,
        "autoload": list(settings.autoload),
        "classes": list(settings.task_classes),
        "container": dict(settings.task_container),
    }
    found = _found(runner, wanted, base, _DISCOVERY)
    if found is None:  # a file ends the process, or never comes to an end: which one?
        places = _found(runner, {**wanted, "only places": True}, base, _DISCOVERY)
        if places is None:
            return Found(mistakes=("config/application.py: importing it ends the process, or never ends",))
        found = [one for place in places for one in _alone(runner, wanted, base, place)]
    return of_classes(found, ZoneInfo(settings.timezone))


def _found(
    runner: Callable[[], CallRunner], wanted: Mapping[str, object], base: str | None, limits: Limits
) -> list[dict[str, Any]] | None:
    called = _asked(runner, {"name": "tasks", "discover": dict(wanted), "path": [base] if base else []}, limits=limits)
    if called.failed is not None:
        return None
    return [one for one in called.value if isinstance(one, dict)] if isinstance(called.value, list) else []


def _alone(
    runner: Callable[[], CallRunner], wanted: Mapping[str, object], base: str | None, place: dict[str, Any]
) -> list[dict[str, Any]]:
    if "error" in place:
        return [place]
    found = _found(runner, {**wanted, "place": place}, base, _EACH)
    if found is None:
        return [{"error": "importing it ends the process, or never ends", "where": place.get("where")}]
    return found


def of_classes(found: list[dict[str, Any]], zone: ZoneInfo) -> Found:
    """From what `shared.runner.jobs.discover` says."""
    scheduled, calls, mistakes = [], [], []
    names: set[str] = set()
    for one in found:
        if "error" in one:
            mistakes.append(f"{one.get('where')}: {one['error']}")
            continue
        module, cls = str(one["module"]), str(one["name"])
        name = cls if cls not in names else f"{module}.{cls}"
        names.add(name)
        try:
            when = trigger(one["options"], zone)
        except BadOption as error:
            mistakes.append(f"{one.get('where')}: {cls}: {error}")
            continue
        calls.append(JobCall(name=name, module=module, function=cls, task=True))
        if when is not None:  # without an option it never runs by itself
            scheduled.append(Scheduled(Schedule(name=name, trigger=when), "task", Overlap.SKIP))
    return Found(tuple(scheduled), tuple(calls), tuple(mistakes))


def granted(settings: Settings, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment variables that jobs get."""
    known = os.environ if environ is None else environ
    return {name: known[name] for name in settings.jobs_environment if name in known}


def tell(mistakes: tuple[str, ...]) -> None:
    for mistake in mistakes:
        log.error("schedule_mistake", extra={"reason": mistake})
