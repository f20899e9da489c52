"""``parley cron -type NAME``: run a scheduled event now, in every session that offers it, and wait for it.

A clock that runs does it; without one the embedded system does it by itself. Prints what ``response('text')`` said, one line a session,
and a summary. Exit status: 0, 1 if something failed, 2 if it cannot be done. Source: background.md, "Enabling scheduled tasks".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TextIO

from services.clock.byhand import ask
from services.embedded.lock import FolderLock, InUse
from services.embedded.run import DEMOS
from services.embedded.system import System
from services.logs import configure
from services.running import clock_of
from services.settings import Settings, SettingsError, load, make_folder
from shared.language.sources import Root
from shared.store.open import open_store
from shared.store.ports import Store, StoreError

#: Seconds until a clock has taken what it is asked for; it looks every other second.
PATIENCE = 15.0
#: A clock that has not been seen for so long is none.
_SEEN = timedelta(seconds=30)


def cron(name: str, *, again: bool = False, var: str | None = None, out: TextIO | None = None) -> int:
    out = sys.stdout if out is None else out
    configure(os.environ.get("PARLEY_LOG_LEVEL") or "ERROR")
    try:
        settings = load(_environ(var), need_secret=False, var=var)
        make_folder(settings.var) if settings.store_uri is None else None
        well = _alone(settings, name, again=again, out=out) if settings.store_uri is None else None
        if well is None:
            well = _through_a_clock(settings, name, again=again, out=out)
    except (SettingsError, StoreError, OSError) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    if well is None:
        print("parley: no clock runs that could do it (parley start clock)", file=sys.stderr)
        return 2
    return 0 if well else 1


def _alone(settings: Settings, name: str, *, again: bool, out: TextIO) -> bool | None:
    """By itself; None if the embedded system runs, which then does it."""
    try:
        lock = FolderLock(settings.var)
    except InUse:
        return None
    try:
        packages = tuple(dict.fromkeys((*map(Root.of, settings.packages), DEMOS)))
        system = System(replace(load(_environ(None), var=str(settings.var)), packages=packages, smtp_port=0))
        try:
            system.serve()
            return system.by_hand(name, again=again, tell=lambda line: print(line, file=out, flush=True))
        finally:
            system.stop()
    finally:
        lock.release()


def _through_a_clock(settings: Settings, name: str, *, again: bool, out: TextIO) -> bool | None:
    store = open_store(settings.database)
    try:
        if not _there(store):
            return None
        return ask(
            store.schedule,
            name,
            again=again,
            tell=lambda line: print(line, file=out, flush=True),
            now=clock_of(store)(),
            patience=PATIENCE,
        )
    finally:
        store.close()


def _there(store: Store) -> bool:
    now = clock_of(store)()
    return any(note["seen"] > now - _SEEN for note in store.schedule.notes("service/clock/").values()) or (
        "sqlite" in type(store).__module__  # the embedded system holds the folder: it is there
    )


def _environ(var: str | None) -> Mapping[str, str]:
    """With a folder given the system in it is meant, whatever other commands are set to."""
    return {key: value for key, value in os.environ.items() if var is None or key not in ("AMQP_URI", "MONGO_URI")}
