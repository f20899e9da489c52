"""``craft task NAME`` and ``craft schedule:run``, as Masonite's page on task scheduling prints them; also ``parley task``, ``parley schedule:run``.

``schedule:run`` runs what is due in this minute of the project in the working folder, and shows what it prints. A clock that runs the same
classes and the crontab line together run a tick once: both note it in the ledger, if there is a database. There, too, is kept what tasks
send: the system that runs on it sends the mails. Exit status: 0, 1 if a task failed, 2 if something cannot be done.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from services.authorconfig import author_config
from services.cli.buses import named_bus
from services.cli.stores import settings_for
from services.clock import declared
from services.clock.build import Calls, jobs_kind
from services.clock.executor import UNTIL
from services.clock.jobs import JobCall
from services.clock.noting import Scheduled
from services.running import utc_now
from services.schedules.core import Tick
from services.settings import Settings, SettingsError
from services.vaults import sealed
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import Bus, BusError
from shared.bus.queues import with_task_queues
from shared.contract.errors import Busy
from shared.runner.called import Called, CallError, Failed
from shared.runner.ports import Limits
from shared.store.open import open_store
from shared.store.ports import Store, StoreError
from shared.store.records import LedgerEntry

#: A new task, as the page prints it.
_NEW = """from scheduler.Task import Task


class {name}(Task):

    def __init__(self):
        pass

    def handle(self):
        pass
"""


def new_task(name: str, *, folder: Path | None = None, out: TextIO | None = None) -> int:
    """Write ``app/tasks/NAME.py``, never over a file that is there."""
    if not name.isidentifier():
        print(f"craft: {name!r} is no name of a class", file=sys.stderr)
        return 2
    path = (folder or Path.cwd()) / "app" / "tasks" / f"{name}.py"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_NEW.format(name=name))
    except FileExistsError:
        print(f"craft: {path} is there already", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"craft: cannot write {path}: {error.strerror}", file=sys.stderr)
        return 2
    print(f"{path} is there.", file=out or sys.stdout)
    return 0


def run_due(
    *, task: str | None = None, force: bool = False, now: datetime | None = None, out: TextIO | None = None
) -> int:
    """Run what is due in the minute of `now`; with `task` only that one, with `force` also if it is not due."""
    out = out or sys.stdout
    try:
        settings = settings_for(None)
        project = settings.application or Path.cwd()
        settings = replace(settings, application=project)
        if not (project / "config" / "application.py").is_file() and not settings.autoload:
            settings = replace(settings, autoload=("app/tasks",))
        store = _store(settings)
    except (SettingsError, StoreError) as problem:
        print(f"craft: {problem}", file=sys.stderr)
        return 2
    with closing(Calls(settings)) as calls:
        found = declared.tasks(settings, calls)
        for mistake in found.mistakes:
            print(f"craft: {mistake}", file=sys.stderr)
        known = {one.name: one for one in found.calls}
        if task is not None and task not in known:
            print(f"craft: there is no task {task!r}", file=sys.stderr)
            return 2
        due = _due(found.scheduled, now or utc_now())
        chosen = [known[name] for name in known if (task in (None, name)) and (force or name in due)]
        try:
            if store is None:
                failed = [one for one in chosen if not _told(one, _alone(settings, calls, one), out)]
            else:
                with closing(store), closing(_bus(settings)) as bus:
                    jobs = jobs_kind(settings, chosen, calls, store=store, bus=bus, clock=utc_now)
                    longest = timedelta(seconds=settings.job_seconds)
                    kept = _Kept(store, jobs.call, longest=longest, pages=settings.distributed, out=out)
                    failed = [one for one in chosen if not kept.run(one, due.get(one.name))]
        except (StoreError, BusError) as problem:
            print(f"craft: {problem}", file=sys.stderr)
            return 2
        return 1 if failed or (found.mistakes and not known) else 0


def _store(settings: Settings) -> Store | None:
    """The database, if there is one: without one the crontab line is the only clock."""
    if settings.store_uri is None and not (settings.var / "parley.sqlite").exists():
        return None
    if not settings.secret:
        raise SettingsError(
            "PARLEY_SECRET: what tasks send is kept sealed in the database; it needs that of the services"
        )
    return sealed(settings, open_store(settings.database), clock=utc_now)


def _bus(settings: Settings) -> Bus:
    """To the services; where they are another process's own, its clock finds what is kept."""
    return named_bus(settings, name="craft") or InProcessBus(policies=with_task_queues(settings.task_queues))


def _due(scheduled: Sequence[Scheduled], now: datetime) -> dict[str, datetime]:
    """The ticks of this minute."""
    begins = now.replace(second=0, microsecond=0)
    found = {}
    for one in scheduled:
        at = one.schedule.trigger.next(begins - timedelta(microseconds=1))
        if at is not None and at < begins + timedelta(minutes=1):
            found[one.schedule.name] = at
    return found


class _Kept:
    """Runs tasks as a clock does: each tick is in the ledger once, what they send leaves, what they log is kept."""

    def __init__(
        self, store: Store, call: Callable[[JobCall], Called], *, longest: timedelta, pages: bool, out: TextIO
    ) -> None:
        """`longest` may a task run; `pages`: whether open pages can be told something from here."""
        self._store = store
        self._pages = pages
        self._call = call
        self._longest = longest
        self._out = out

    def run(self, task: JobCall, due: datetime | None) -> bool:
        """Run `task` unless a clock has this tick of it (None: it is not due, but wanted). False if it failed."""
        if due is None:
            return self._told(task, self._call(task))
        until = utc_now() + self._longest + timedelta(minutes=1)
        entry = LedgerEntry(
            schedule=task.name, period=Tick(task.name, due).period, kind="task", due=due, by=f"craft-{os.getpid()}",
            outcome="running", began=utc_now(), detail={UNTIL: until.isoformat()},
        )  # fmt: skip
        if not self._store.ledger.note(entry):
            return True
        called = self._call(task)
        failed = called.failed
        outcome, reason = ("ran", "") if failed is None else ("failed", str(failed.error))
        self._store.ledger.save(replace(entry, outcome=outcome, reason=reason, ended=utc_now(), detail={}))
        return self._told(task, called)

    def _told(self, task: JobCall, called: Called) -> bool:
        if not self._pages and isinstance(called.value, dict) and called.value.get("told"):
            print(f"craft: {task.name}: no open page was told: only the running system reaches them", file=sys.stderr)
        return _told(task, called, self._out)


def _told(task: JobCall, called: Called, out: TextIO) -> bool:
    told = called.value if isinstance(called.value, dict) else {}
    print(told.get("printed") or "", end="", file=out, flush=True)
    failed = called.failed
    if failed is not None:
        print(f"craft: {task.name}: {failed.error}: {failed.type} {failed.message}", file=sys.stderr)
    return failed is None


def _alone(settings: Settings, calls: Calls, call: JobCall) -> Called:
    """Without a database nothing that a task sends could be kept until it has left."""
    given = call.given(
        level=settings.scheduler.level,
        environment=declared.granted(settings),
        path=(str(settings.application),) if settings.application is not None else (),
        container=settings.task_container,
        config=author_config(settings),
        now=utc_now(),
    )
    try:
        called = calls().job(given, limits=Limits(seconds=settings.job_seconds, memory=settings.memory_bytes))
    except Busy as error:
        return Called(failed=Failed(error=CallError.DIED, message=str(error)))
    told = called.value if isinstance(called.value, dict) else {}
    if lost := [what for what in ("mails", "files", "told") if told.get(what)]:
        print(
            f"craft: {call.name}: {', '.join(lost)} not sent: there is no database ({settings.var}, MONGO_URI)",
            file=sys.stderr,
        )
    return called


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="craft", description="Task classes of the project in this folder.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = commands.add_parser("task", help="write app/tasks/NAME.py")
    made.add_argument("name", metavar="NAME")
    run = commands.add_parser("schedule:run", help="run the tasks that are due in this minute")
    run.add_argument("--task", metavar="NAME", help="only this one")
    run.add_argument("--force", action="store_true", help="also if it is not due")
    given = parser.parse_args(arguments)
    if given.command == "task":
        return new_task(given.name)
    return run_due(task=given.task, force=given.force)


if __name__ == "__main__":
    sys.exit(main())
