"""``craft task NAME`` and ``craft schedule:run``, as Masonite's page on task scheduling prints them; also ``parley task``, ``parley schedule:run``.

``schedule:run`` runs what is due in this minute of the project in the working folder, and shows what it prints. A clock that runs the same
classes and the crontab line together run a tick once: both note it in the ledger, if there is a database. Exit status: 0, 1 if a task
failed, 2 if something cannot be done.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from services.clock import declared
from services.clock.build import Calls
from services.clock.jobs import JobCall
from services.clock.noting import Scheduled
from services.running import utc_now
from services.schedules.core import Tick
from services.settings import Settings, SettingsError, load
from shared.contract.errors import Busy
from shared.runner.call import Called
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
        settings = load(need_secret=False)
        project = settings.application or Path.cwd()
        settings = replace(settings, application=project)
        if not (project / "config" / "application.py").is_file() and not settings.autoload:
            settings = replace(settings, autoload=("app/tasks",))
        store = _store(settings)
    except (SettingsError, StoreError) as problem:
        print(f"craft: {problem}", file=sys.stderr)
        return 2
    calls = Calls(settings)
    try:
        found = declared.tasks(settings, calls)
        for mistake in found.mistakes:
            print(f"craft: {mistake}", file=sys.stderr)
        known = {one.name: one for one in found.calls}
        if task is not None and task not in known:
            print(f"craft: there is no task {task!r}", file=sys.stderr)
            return 2
        due = _due(found.scheduled, now or utc_now())
        chosen = [name for name in known if (task in (None, name)) and (force or name in due)]
        failed = [name for name in chosen if not _run(settings, calls, known[name], store, due.get(name), out)]
        return 1 if failed or (found.mistakes and not known) else 0
    finally:
        calls.close()
        if store is not None:
            store.close()


def _store(settings: Settings) -> Store | None:
    """The database, if there is one: without one the crontab line is the only clock."""
    if settings.store_uri is None and not (settings.var / "parley.sqlite").exists():
        return None
    return open_store(settings.database)


def _due(scheduled: Sequence[Scheduled], now: datetime) -> dict[str, datetime]:
    """The ticks of this minute."""
    begins = now.replace(second=0, microsecond=0)
    found = {}
    for one in scheduled:
        at = one.schedule.trigger.next(begins - timedelta(microseconds=1))
        if at is not None and at < begins + timedelta(minutes=1):
            found[one.schedule.name] = at
    return found


def _run(
    settings: Settings, calls: Calls, call: JobCall, store: Store | None, due: datetime | None, out: TextIO
) -> bool:
    entry = None
    if store is not None and due is not None:
        entry = LedgerEntry(
            schedule=call.name, period=Tick(call.name, due).period, kind="task", due=due, by=f"craft-{os.getpid()}",
            outcome="running", began=utc_now(),
        )  # fmt: skip
        if not store.ledger.note(entry):
            return True  # a clock has it
    called = _call(settings, calls, call)
    told = called.value if isinstance(called.value, dict) else {}
    print(told.get("printed") or "", end="", file=out, flush=True)
    failed = called.failed
    if failed is not None:
        print(f"craft: {call.name}: {failed.error}: {failed.type} {failed.message}", file=sys.stderr)
    if store is not None and entry is not None:
        reason = "" if failed is None else str(failed.error)
        store.ledger.save(replace(entry, outcome="ran" if failed is None else "failed", reason=reason, ended=utc_now()))
    return failed is None


def _call(settings: Settings, calls: Calls, call: JobCall) -> Called:
    given = call.given(
        level=settings.scheduler.level,
        environment=declared.granted(settings),
        path=(str(settings.application),) if settings.application is not None else (),
        container=settings.task_container,
    )
    try:
        return calls().job(given, limits=Limits(seconds=settings.job_seconds, memory=settings.memory_bytes))
    except Busy as error:
        print(f"craft: {error}", file=sys.stderr)
        return Called()


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
