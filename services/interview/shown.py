"""The keys to other sessions that came with a call (`Entry.others`): known for as long as the call goes on. Not for: what they open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from shared.contract.entry import Entry

_shown: ContextVar[Mapping[str, tuple[str, ...]] | None] = ContextVar("keys to other sessions", default=None)


@contextmanager
def showing(entry: object) -> Iterator[None]:
    """`entry` as a call has it. Raises `BadValue`."""
    known = None if entry is None else dict((entry if isinstance(entry, Entry) else Entry.parse(entry)).others)
    token = _shown.set(known)
    try:
        yield
    finally:
        _shown.reset(token)


def keys_to(session: str) -> tuple[str, ...] | None:
    """The asker's keys to `session`; empty if there are none. None: they were not shown, and can be had by asking again."""
    known = _shown.get()
    return () if known is None else known.get(session)
