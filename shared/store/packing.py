"""Plain values and times to and from what databases hold.

Mappings are kept as opaque BSON: keys may then hold any text (a dot or a leading ``$`` is refused or misread by some
servers of MongoDB's protocol), and both adapters hold the same bytes. Times are kept to the millisecond, BSON's resolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import bson
from bson.codec_options import CodecOptions
from bson.errors import BSONError, InvalidDocument

from shared.store.checks import EPOCH
from shared.store.ports import BadRecord, StoreError, TooLarge

_OPTIONS: Final[CodecOptions[dict[str, Any]]] = CodecOptions(document_class=dict, tz_aware=True, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def pack(what: str, value: Any, *, limit: int) -> bytes:
    """Encode a plain value. Raises `BadRecord` (an int over 64 bits, text that is not Unicode …) or `TooLarge`."""
    try:
        packed = bson.encode({"v": _thaw(value)}, codec_options=_OPTIONS)
    except (BSONError, InvalidDocument, OverflowError, UnicodeError, RecursionError, ValueError) as error:
        raise BadRecord(f"{what} cannot be stored: {type(error).__name__}: {str(error)[:200]}") from None
    if len(packed) > limit:
        raise TooLarge(f"{what} takes {len(packed)} bytes; the limit is {limit}")
    return packed


def unpack(what: str, packed: bytes) -> Any:
    try:
        return bson.decode(packed, codec_options=_OPTIONS)["v"]
    except (BSONError, KeyError) as error:
        raise StoreError(f"{what} in the database is damaged: {type(error).__name__}") from None


def to_ms(value: datetime) -> int:
    """Milliseconds since 1970 in UTC, rounded down."""
    return (value - EPOCH) // _MILLISECOND


def from_ms(value: int) -> datetime:
    return EPOCH + value * _MILLISECOND


#: Indexes hold times of sessions to a quarter of an hour: one that held them exactly would be written with every answer.
_QUARTER_MS: Final = 15 * 60 * 1000


def quarter_ms(value: datetime) -> int:
    """When its quarter of an hour began, in milliseconds since 1970."""
    return to_ms(value) // _QUARTER_MS * _QUARTER_MS


def quarter(value: datetime) -> datetime:
    """When its quarter of an hour began."""
    return from_ms(quarter_ms(value))


#: What most values are: asking whether they are mappings takes longer than packing them.
_LEAVES: Final = frozenset({str, int, float, bool, type(None), bytes, datetime})


def _thaw(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: one if type(one) in _LEAVES else _thaw(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_thaw(one) for one in value]
    return value
