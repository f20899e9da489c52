"""``parley schedule``: every schedule with its last tick and its next ones; what became of ticks; pausing, resuming, running by hand.

Reads the ledger, over the store that the settings name (the system may run meanwhile). Without answers: of sessions that fail, where. Exit
status: 0, 1 if what ran failed, 2 if it cannot tell.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
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
#: Sessions that fail are counted up to here.
_COUNTED = 1000


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
        known, mistakes = _known(settings, checked=what == "list")
        if what == "list":
            for line in (*(f"mistake: {one}" for one in mistakes), *_list(settings, store, known)):
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


def _known(settings: Settings, *, checked: bool) -> tuple[dict[str, Scheduled], tuple[str, ...]]:
    """All schedules by their names; and if that is wanted, what is wrong with those that were meant."""
    with closing(Calls(settings)) as calls:
        jobs, tasks = declared.jobs(settings), declared.tasks(settings, calls)
        wrong = declared.wrong(settings, jobs.calls, calls) if checked else ()
    found = [*of_interviews(settings), *jobs.scheduled, *tasks.scheduled]
    return {one.schedule.name: one for one in found}, (*settings.remarks, *wrong, *tasks.mistakes)


def _list(settings: Settings, store: Store, known: dict[str, Scheduled]) -> Iterator[str]:
    now = clock_of(store)()
    paused = {note.removeprefix(PAUSED) for note in store.schedule.notes(PAUSED)}
    for name in [*known, *(other for other in store.ledger.schedules() if other not in known)]:
        one = known.get(name)
        zone = _zone(settings, one)
        kind = one.kind if one is not None else "gone"
        yield f"{name}  ({kind}, {zone.key}{', paused' if name in paused else ''})"
        newest = store.ledger.page(name, limit=1).lines
        yield f"    last: {_tick(newest[0], zone)}" if newest else "    last: none yet"
        if one is not None:
            moments = upcoming(one.schedule, now=now, count=5)
            yield f"    next: {', '.join(_at(moment, zone) for moment in moments) or 'never'}"
        if kind in ("interviews", "gone") and (failing := len(store.ticks.failing(name, limit=_COUNTED))):
            more = " or more" if failing == _COUNTED else ""
            yield f"    failing: {failing}{more} sessions (parley schedule show {name})"


def _zone(settings: Settings, one: Scheduled | None) -> ZoneInfo:
    """In which the times of a schedule are told: its own."""
    own = one.schedule.zone if one is not None else None
    return ZoneInfo(own or settings.timezone)


def _show(settings: Settings, store: Store, name: str, known: Scheduled | None) -> Iterator[str]:
    zone = _zone(settings, known)
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
