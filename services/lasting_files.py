"""When files that outlast their sessions were last of use: that is when they were read, and when their session went.

Not for: their removal (`services.clock.sweeps`), which looks at nothing else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from shared.store.ports import Files
from shared.store.readers import for_everybody
from shared.store.records import FileInfo

#: A file that is read all day is written down once.
NOTED: Final = timedelta(days=1)


def note_use(files: Files, info: FileInfo, *, now: datetime) -> None:
    """The file is being read. Nothing happens to one that goes with its session. Raises `StoreError`."""
    if info.used is not None and now - info.used >= NOTED:
        files.use(info.number, now=now)


def release(files: Files, session: str, *, now: datetime) -> None:
    """`session` goes: the time that its files outlast it begins. Raises `StoreError`."""
    for file in files.of_session(for_everybody(session, lasting=True)):
        files.use(file.number, now=now)
