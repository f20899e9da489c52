"""Keys of sessions in memory: for tests, and what follows from one key of the installation.

Not for keys that outlive their process, which stand wrapped in slots of their session's record: `held`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from shared.store.records import Session
from shared.vault.ports import KeyAway
from shared.vault.sealing import Key


class NoSlots:
    """Of `ports.Keyring`, what there is to do where sessions have no slots: nothing."""

    @contextmanager
    def work(self, *, publishing: bool = False) -> Iterator[None]:
        yield

    def begin(self, session: str) -> None: ...

    def offer(self, session: str, keys: Iterable[Key]) -> None: ...

    def unlock(self, session: Session) -> None: ...

    def settled(self, session: Session, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return fields

    def ticket(self, session: str, work: str) -> bytes:
        return b""

    def task_ticket(self, session: str, work: str) -> bytes:
        return b""

    def redeem(self, session: str, work: str, ticket: bytes) -> None: ...

    def forget(self, session: str) -> None: ...

    def lenient(self, session: str) -> bool:
        return False


class MemoryKeys(NoSlots):
    """Implements `ports.SessionKeys`. Threads may share it."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}

    def to_write(self, session: str) -> Key:
        # One of two threads that make a key at once wins, and both get that one.
        return self._keys.get(session) or self._keys.setdefault(session, Key.random())

    def to_read(self, session: str) -> Key:
        try:
            return self._keys[session]
        except KeyError:
            raise KeyAway("the key of this session is not here") from None

    def forget(self, session: str) -> None:
        self._keys.pop(session, None)


class InstallationKeys(NoSlots):
    """Implements `ports.SessionKeys`: each session's key follows from one of the installation's, which so opens them all."""

    def __init__(self, root: Key) -> None:
        self._root = root

    def to_write(self, session: str) -> Key:
        return Key.derived(self._root.exposed(), purpose=f"parley installation 1 {session}")

    to_read = to_write
