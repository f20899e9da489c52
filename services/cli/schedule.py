"""``parley schedule``: every schedule with its last tick and its next ones; what became of ticks; pausing, resuming, running by hand.

Reads the ledger, over the store that the settings name (the system may run meanwhile). Without answers: of sessions that fail, where. Exit
status: 0, 1 if what ran failed, 2 if it cannot tell.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from services.cli.cron import _environ, cron
from services.clock import declared
from services.clock.build import Calls, of_interviews
from services.clock.noting import PAUSED, Scheduled
from services.logs import session_hash
from services.running import clock_of
from services.schedules.core import upcoming
from services.settings import Settings, SettingsError, load
from shared.store.open import open_store
from shared.store.ports import Store, StoreError
from shared.store.records import LedgerEntry

#: Ticks that ``show`` prints, and sessions that fail.
_SHOWN = 20


def schedule(
    what: str = "list",
    name: str | None = None,
    *,
    again: bool = False,
    var: str | None = None,
    out: TextIO | None = None,
) -> int:
    out = sys.stdout if out is None else out
    if what == "run":
        return cron(str(name), again=again, var=var, out=out)
    try:
        settings = load(_environ(var), need_secret=False, var=var)
        if settings.store_uri is None and not (settings.var / "parley.sqlite").exists():
            raise SettingsError(f"there is no database in {settings.var}; --var names the folder of `parley run`")
        store = open_store(settings.database)
    except (SettingsError, StoreError) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    try:
        known = _known(settings)
        if what == "list":
            for line in _list(settings, store, known):
                print(line, file=out)
            return 0
        if name not in {*known, *store.ledger.schedules()}:
            print(f"parley: there is no schedule {name!r}", file=sys.stderr)
            return 2
        if what == "show":
            for line in _show(settings, store, str(name), known.get(str(name))):
                print(line, file=out)
        elif what == "pause":
            store.schedule.note(f"{PAUSED}{name}", {"at": clock_of(store)()})
            print(f"{name} pauses: its ticks are skipped until `parley schedule resume {name}`", file=out)
        else:
            store.schedule.forget(f"{PAUSED}{name}")
            print(f"{name} goes on", file=out)
        return 0
    except StoreError as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    finally:
        store.close()


def _known(settings: Settings) -> dict[str, Scheduled]:
    calls = Calls(settings)
    try:
        found = [
            *of_interviews(settings),
            *declared.jobs(settings).scheduled,
            *declared.tasks(settings, calls).scheduled,
        ]
    finally:
        calls.close()
    return {one.schedule.name: one for one in found}


def _list(settings: Settings, store: Store, known: dict[str, Scheduled]) -> Iterator[str]:
    zone, now = ZoneInfo(settings.timezone), clock_of(store)()
    paused = {note.removeprefix(PAUSED) for note in store.schedule.notes(PAUSED)}
    for remark in settings.remarks:
        yield f"mistake: {remark}"
    for name in [*known, *(other for other in store.ledger.schedules() if other not in known)]:
        one = known.get(name)
        kind = one.kind if one is not None else "gone"
        yield f"{name}  ({kind}, {settings.timezone}{', paused' if name in paused else ''})"
        newest = store.ledger.page(name, limit=1).lines
        yield f"    last: {_tick(newest[0], zone)}" if newest else "    last: none yet"
        if one is not None:
            moments = upcoming(one.schedule, now=now, count=5)
            yield f"    next: {', '.join(_at(moment, zone) for moment in moments) or 'never'}"


def _show(settings: Settings, store: Store, name: str, known: Scheduled | None) -> Iterator[str]:
    zone = ZoneInfo(settings.timezone)
    page = store.ledger.page(name, limit=_SHOWN)
    for entry in page.lines:
        yield _tick(entry, zone)
        for interview, error in dict(entry.detail.get("interviews") or {}).items():
            yield f"    {interview}: {error}"
        if entry.detail.get("file"):
            yield f"    {entry.detail.get('type')} in {entry.detail['file']}, line {entry.detail.get('line')}"
    if not page.lines:
        yield f"{name}: no tick yet"
    if known is None or known.kind == "interviews":
        for mark in store.ticks.failing(name, limit=_SHOWN):
            error = mark.error
            place = ", ".join(str(error[key]) for key in ("file", "block") if error.get(key))
            line = f", line {error['line']}" if error.get("line") else ""
            trail = f", while seeking {', '.join(map(str, error['trail']))}" if error.get("trail") else ""
            times = f"{mark.failures} times in a row"
            yield f"session {session_hash(mark.session)} {mark.outcome} {times}: {error.get('type')} in {place}{line}{trail}"


def _tick(entry: LedgerEntry, zone: ZoneInfo) -> str:
    parts = [_at(entry.due, zone), entry.outcome]
    if entry.count > 1:
        parts.append(f"{entry.count} ticks from {_at(entry.first or entry.due, zone)} on")
    if entry.reason:
        parts.append(f"({entry.reason})")
    if entry.began is not None:
        parts.append(f"lag {(entry.began - entry.due).total_seconds():.0f} s")
        if entry.ended is not None:
            parts.append(f"took {(entry.ended - entry.began).total_seconds():.1f} s")
    parts += [f"{what} {number}" for what, number in entry.counts.items()]
    return "  ".join(parts)


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"
