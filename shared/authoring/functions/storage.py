"""Records that all interviews share, and data stashed for a while.

Source: functions.md, "write_record(), read_records(), and delete_record()", "Temporarily stashing encrypted data".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from shared.authoring.areas import Area, checked, value_of
from shared.authoring.context import current

STASH_SECONDS: Final = 90 * 24 * 3600  #: functions.md, stash_data: 90 days


def write_record(key: str, data: object) -> int:
    """Keep `data` beside what is kept under `key` already; gives its number. Everybody's: all interviews can read it."""
    context = current()
    area = Area("records", checked("the key", key))
    encoded = context.encode(data)

    def write() -> int:
        written = context.step.setdefault("records written", [])
        # Microseconds: records come in the order in which they were written, and JavaScript can hold the number.
        number = int(context.now.timestamp() * 1_000_000) + len(written)
        written.append(number)
        area.change(f"{number:020d}", value=encoded)
        return number

    return context.once("write_record", (key, hashlib.blake2b(encoded, digest_size=12).hexdigest()), write)


def read_records(key: str) -> dict[int, Any]:
    """What was written under `key`, by number."""
    area = Area("records", checked("the key", key))
    found = {int(one): area.get(one) for one in area.listed()}
    return {number: value_of(kept) for number, kept in found.items() if kept is not None}


def delete_record(key: str, id: int) -> None:
    """Nothing happens if there is no such record."""
    Area("records", checked("the key", key)).delete(f"{int(id):020d}")


# ------------------------------------------------------------------ stash


def stash_data(data: Mapping[str, object], expire: float | None = None) -> tuple[str, str]:
    """Keep a dictionary for `expire` seconds; gives the key and the secret without which nobody finds it again."""
    if not isinstance(data, Mapping):
        raise TypeError(f"stash_data() keeps a dictionary, not {type(data).__name__}")
    context = current()
    encoded = context.encode(dict(data))
    seconds = STASH_SECONDS if expire is None else _seconds("expire", expire)

    def stash() -> list[str]:
        key, secret = context.new_id("stash"), context.new_id("stash secret")
        Area("stash").change(_stashed(key, secret), value=encoded, seconds=seconds)
        return [key, secret]

    whom = (hashlib.blake2b(encoded, digest_size=12).hexdigest(), seconds)
    key, secret = context.once("stash_data", whom, stash)
    return key, secret


def retrieve_stashed_data(key: str, secret: str, delete: bool = False, refresh: bool | float = False) -> Any:
    """The dictionary that was stashed; None if it is not there (any more), or the secret is another."""
    area, name = Area("stash"), _stashed(key, secret)
    found = area.get(name)
    if found is None:
        return None
    if delete:
        area.change(name, delete=True)
    elif refresh:
        area.change(name, seconds=STASH_SECONDS if refresh is True else _seconds("refresh", refresh))
    return value_of(found)


def _stashed(key: object, secret: object) -> str:
    return hashlib.sha256(f"{key}\n{secret}".encode()).hexdigest()


def _seconds(what: str, given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or given <= 0:
        raise ValueError(f"{what} is a number of seconds greater than 0, not {given!r}")
    return float(given)
