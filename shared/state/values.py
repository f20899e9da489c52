"""How single immutable values look in BSON: dates, times, Decimals, large ints, zones. No containers, no objects.

What BSON has no type for becomes a small document whose first key is a tag (``{"$d": "2026-01-15"}``).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: Types that BSON gives back exactly as they went in, so that containers of only these need no look at each item.
SCALARS = frozenset({type(None), bool, int, float, str, bytes})

SMALLEST_INT, LARGEST_INT = -(2**63), 2**63 - 1

#: A document of BSON: what its parts are, their reader finds out.
Node = dict[str, Any]


class Unfit(ValueError):
    """This value cannot be written; the message says why. The encoder adds the place."""


def write_zone(node: Node, zone: tzinfo | None) -> Node:
    """Add the time zone to the node of a datetime or time: a zone name, or a fixed offset in seconds with its name."""
    if zone is None:
        return node
    name = getattr(zone, "key", None) or getattr(zone, "zone", None)
    if isinstance(zone, timezone):
        offset = zone.utcoffset(None)
        node["o"] = [offset.days, offset.seconds, offset.microseconds]
        default = timezone(offset)
        if zone.tzname(None) != default.tzname(None):
            node["n"] = zone.tzname(None)
    elif isinstance(name, str):
        node["z"] = name
    else:
        raise Unfit(
            f"a time zone of type {type(zone).__name__} has no name; use zoneinfo.ZoneInfo or datetime.timezone"
        )
    return node


def read_zone(node: Node) -> tzinfo | None:
    if "z" in node:
        try:
            return ZoneInfo(node["z"])
        except ZoneInfoNotFoundError as error:
            raise Unfit(f"the time zone {node['z']!r} is not known on this machine") from error
    if "o" in node:
        offset = timedelta(*node["o"])
        if "n" in node:
            return timezone(offset, node["n"])
        return timezone(offset) if offset else UTC
    return None


def _write_datetime(value: datetime) -> Node:
    node: Node = {"$t": value.replace(tzinfo=None).isoformat()}
    if value.fold:
        node["f"] = 1
    return write_zone(node, value.tzinfo)


def _read_datetime(node: Node) -> datetime:
    return datetime.fromisoformat(node["$t"]).replace(tzinfo=read_zone(node), fold=node.get("f", 0))


def _write_time(value: time) -> Node:
    node: Node = {"$h": value.replace(tzinfo=None).isoformat()}
    if value.fold:
        node["f"] = 1
    return write_zone(node, value.tzinfo)


def _read_time(node: Node) -> time:
    return time.fromisoformat(node["$h"]).replace(tzinfo=read_zone(node), fold=node.get("f", 0))


def write_int(value: int) -> object:
    """An int as BSON can hold it: itself, or its bytes when it needs more than 64 bits."""
    if SMALLEST_INT <= value <= LARGEST_INT:
        return value
    return {"$i": value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)}


WRITERS: dict[type, Callable[[Any], object]] = {
    Decimal: lambda value: {"$n": str(value)},
    datetime: _write_datetime,
    date: lambda value: {"$d": value.isoformat()},
    time: _write_time,
    timedelta: lambda value: {"$l": [value.days, value.seconds, value.microseconds]},
}

READERS: dict[str, Callable[[Node], object]] = {
    "$n": lambda node: Decimal(node["$n"]),
    "$t": _read_datetime,
    "$d": lambda node: date.fromisoformat(node["$d"]),
    "$h": _read_time,
    "$l": lambda node: timedelta(*node["$l"]),
    "$i": lambda node: int.from_bytes(node["$i"], "little", signed=True),
}
