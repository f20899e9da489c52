"""Objects that keep values beyond the session: `DAStore` by keys, `DARedis` with the methods that interviews use of a Redis server.

Source: objects.md, DAStore, DARedis. Whose each area is: ``services/storage.py``. Not for: writing without objects
(`shared.authoring.functions.storage`).
"""

from __future__ import annotations

import fnmatch
from datetime import timedelta
from typing import Any

from shared.authoring.areas import Area, value_of
from shared.authoring.context import current
from shared.authoring.objects.base import DAObject

#: The counter of a number that Redis counts up.
_NUMBER = ""


class DAStore(DAObject):
    """Values by keys, in the area that `base` names: user (the default), interview, session, global, or any name."""

    def get(self, key: str) -> Any:
        """The value, a new copy each time; None if there is none."""
        return value_of(self._area().get(key))

    def set(self, key: str, value: object) -> None:
        self._area().set(key, value)

    def delete(self, key: str) -> None:
        """Nothing happens if there is none."""
        self._area().delete(key)

    def defined(self, key: str) -> bool:
        return self._area().get(key) is not None

    def keys(self) -> list[str]:
        return self._area().listed()

    def is_encrypted(self) -> bool:
        """Whether only its user or session finds it again. At rest everything is sealed."""
        said = self.__dict__.get("encrypted")
        return bool(said) if said is not None else self._base() in ("user", "session")

    def _base(self) -> str:
        return str(self.__dict__.get("base") or "user")

    def _area(self) -> Area:
        return Area.of(self._base())


class DARedis(DAObject):
    """Keys that all interviews of the server share, with the methods of a Redis client that interviews use. Texts come back as bytes."""

    def key(self, key: str) -> str:
        """`key` with the name of the interview before it, so that other interviews' keys are others."""
        return f"{current().request.get('interview')}:{key}"

    def get(self, key: object) -> bytes | None:
        found = _AREA.get(_name(key))
        if found is None:
            return None
        value, counts = found
        text = "" if value is None else str(current().decode(value))
        return str(_number(text) + counts[_NUMBER]).encode() if _NUMBER in counts else text.encode()

    def set(
        self, key: object, value: object, ex: float | timedelta | None = None, px: float | None = None, nx: bool = False
    ) -> bool | None:
        if nx and self.exists(key):
            return None
        seconds = ex.total_seconds() if isinstance(ex, timedelta) else ex
        if seconds is None and px is not None:
            seconds = px / 1000
        text = value.decode() if isinstance(value, bytes) else str(value)
        _AREA.set(_name(key), text, seconds=seconds)
        return True

    def delete(self, *keys: object) -> int:
        there = [key for key in map(_name, keys) if _AREA.get(key) is not None]
        for key in there:
            _AREA.delete(key)
        return len(there)

    def exists(self, *keys: object) -> int:
        return sum(_AREA.get(_name(key)) is not None for key in keys)

    def incr(self, key: object, amount: int = 1) -> int:
        """Two sessions that count at once are both counted."""

        def count() -> int:
            before = _number((self.get(key) or b"0").decode())
            _AREA.change(_name(key), add={_NUMBER: int(amount)})
            return before + int(amount)

        return current().once("incr", (_name(key), int(amount)), count)

    incrby = incr

    def decr(self, key: object, amount: int = 1) -> int:
        return self.incr(key, -int(amount))

    decrby = decr

    def expire(self, key: object, time: float | timedelta) -> bool:
        if not self.exists(key):
            return False
        _AREA.change(_name(key), seconds=time.total_seconds() if isinstance(time, timedelta) else float(time))
        return True

    def keys(self, pattern: str = "*") -> list[bytes]:
        return [key.encode() for key in _AREA.listed() if fnmatch.fnmatchcase(key, pattern)]

    def set_data(self, key: object, data: object, expire: float | None = None) -> None:
        """Keep an object."""
        _AREA.set(_name(key), data, seconds=expire)

    def get_data(self, key: object) -> Any:
        return value_of(_AREA.get(_name(key)))


_AREA = Area("redis", "server")


def _name(key: object) -> str:
    return key.decode() if isinstance(key, bytes) else str(key)


def _number(text: str) -> int:
    try:
        return int(text or "0")
    except ValueError:
        raise ValueError("what is kept under this key is not a number") from None
