"""Which jobs and Task classes there are, from the settings: each with its schedule and what is called at its ticks.

Task classes are found by importing them, in a child. What is wrong with one is told, with its file, and takes away no other.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
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
from shared.language.sources import Root
from shared.runner.call import CallPool, CallRunner
from shared.runner.ports import Limits

log = logging.getLogger(__name__)

#: Comes with the program: the scheduler's own modules, jobs to try it with, and what Task classes import.
KIT = Path(services.__file__).parents[1] / "demos" / "scheduler"
#: Seconds for importing all Task classes.
_DISCOVERY = Limits(seconds=30.0)


@dataclass(frozen=True, slots=True)
class Found:
    """Schedules, what is called at the ticks of each by its name, and what is wrong with others."""

    scheduled: tuple[Scheduled, ...] = ()
    calls: tuple[JobCall, ...] = ()
    mistakes: tuple[str, ...] = ()


def pool(settings: Settings) -> CallPool:
    """Children for jobs: behind the walls of author code, but with the network, and what the operator grants by name."""
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
    return CallPool(roots=roots, rules=replace(known, network=True, readable=readable))


def _modules(root: Root) -> list[Path]:
    """Packages below a root that hold nothing but modules; those of interviews can be read anyway."""
    if root.package is not None or not root.folder.is_dir():
        return []
    return [one for one in sorted(root.folder.iterdir()) if one.is_dir() and (one / "__init__.py").is_file()]


def jobs(settings: Settings) -> Found:
    """The configured jobs."""
    zone = ZoneInfo(settings.timezone)
    scheduled, calls = [], []
    for one in settings.scheduler.declared:
        module, function = function_of(one.name)
        within = one.more.get("contextmanager")
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
            )
        )
    return Found(tuple(scheduled), tuple(calls))


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
    called = runner().job({"name": "tasks", "discover": wanted, "path": [base] if base else []}, limits=_DISCOVERY)
    if called.failed is not None:
        return Found(mistakes=(f"Task classes: {called.failed.error}: {called.failed.message}",))
    found = called.value if isinstance(called.value, list) else []
    return of_classes([one for one in found if isinstance(one, dict)], ZoneInfo(settings.timezone))


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
