"""What `plain` lets pass."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType

import pytest

from shared.store.plain_values import plain


@pytest.mark.parametrize(
    "value",
    [None, True, 1, 1.5, "a", b"a", datetime(2026, 1, 1, tzinfo=UTC), [], (1, "a"), {}, MappingProxyType({"a": [{}]})],
)
def test_plain(value: object) -> None:
    assert plain(value)
    assert plain([{"in": value}])


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 1),
        date(2026, 1, 1),
        time(1),
        Decimal(1),
        {1},
        {1: 2},
        {None: 1},
        bytearray(),
        1j,
        object,
        iter([]),
    ],
)
def test_not_plain(value: object) -> None:
    assert not plain(value)
    assert not plain([{"in": value}])
