"""A ledger's entry as plain values and back: what every adapter keeps of it beside what it is found by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from shared.store import checks
from shared.store.packing import pack, unpack
from shared.store.records import LedgerEntry

_NAMES: Final = tuple(one.name for one in fields(LedgerEntry))


def packed(entry: LedgerEntry) -> bytes:
    checks.check_ledger_entry(entry)
    held = {name: getattr(entry, name) for name in _NAMES}
    return pack(f"tick {entry.schedule} {entry.period}", held, limit=checks.EXTRA_BYTES)


def unpacked(data: bytes) -> LedgerEntry:
    held: Mapping[str, Any] = unpack("tick", data)
    return LedgerEntry(**{name: value for name, value in held.items() if name in _NAMES})
