"""Copies of the answers as JSON, for whoever looks at many sessions: ``store_variables_snapshot()``.

A copy goes with its session, and is kept where that session keeps what is its own (``DAStore(base='session')``). With `persistent` it outlives
the session in an area that all interviews read, ``DAStore(base='snapshots')``. There is no SQL database that reports could ask.
Source: functions.md, "Storing interview answer snapshots in unencrypted JSON format in SQL".
"""

from __future__ import annotations

from typing import Final

from shared.authoring.areas import Area
from shared.authoring.context import current
from shared.authoring.functions.variables import all_variables
from shared.authoring.text.simplify import simplified

#: The base of those that outlive their sessions, and what keys begin with in a session's own area.
BASE: Final = "snapshots"
_OWN: Final = "snapshot/"


def store_variables_snapshot(
    data: object = None, include_internal: bool = False, key: str | None = None, persistent: bool = False
) -> None:
    """Keep `data`, or all answers, in place of the snapshot that the session has under `key`.

    It is a dictionary of what the documentation calls columns: ``filename``, ``key`` (the session), ``data``, ``tags`` (`key`), ``modtime``
    (ISO text) and ``persistent``. Raises `TooMuch`.
    """
    context = current()
    session, tags = str(context.request.get("session") or ""), None if key is None else str(key)
    kept = {
        "filename": str(context.request.get("interview") or ""),
        "key": session,
        "data": all_variables(include_internal=include_internal) if data is None else simplified(data),
        "tags": tags,
        "modtime": context.now.isoformat(),
        "persistent": bool(persistent),
    }
    own, lasting = Area("session"), Area.of(BASE)
    area, name = (lasting, f"{session}/{tags or ''}") if persistent else (own, f"{_OWN}{tags or ''}")
    area.set(name, kept)
