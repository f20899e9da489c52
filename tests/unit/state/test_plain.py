"""Encoded values as a browser gets them, without their classes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.state import codec
from shared.state.errors import DamagedState, PlainTooLarge
from tests.unit.state.samples import Book, Color, Named, Point, Stack, Thing, registry


def plain(value: Any) -> Any:
    made = codec.to_plain(codec.encode_value(value, registry()))
    json.dumps(made)
    return made


def test_values_become_json() -> None:
    value = {
        "none": None, "n": 1, "big": 2**70, "text": "x", "list": [1, (2, 3)], "day": date(2026, 1, 15), "money": Decimal("1.50"),
        "at": datetime(2026, 1, 15, 10, tzinfo=UTC), 5: "five", "set": {1}, "color": Color.RED, "class": Thing, "point": Point(1, 2), "b": b"\xff",
    }  # fmt: skip
    assert plain(value) == {
        "none": None, "n": 1, "big": str(2**70), "text": "x", "list": [1, [2, 3]], "day": "2026-01-15", "money": "1.50",
        "at": "2026-01-15T10:00:00+00:00", "5": "five", "set": [1], "color": "RED", "class": "Thing", "point": [1, 2], "b": "/w==",
    }  # fmt: skip


def test_objects_become_their_names() -> None:
    book = Book()
    dict.__setitem__(book, "k", [1])
    assert plain([Named(instanceName="user.name"), Thing(a=1), Stack([1, 2]), book]) == [
        "user.name",
        "Thing",
        [1, 2],
        {"k": [1]},
    ]


def test_cycles_are_cut() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    assert plain(loop)[0] == 1


def test_nothing_and_what_is_no_value() -> None:
    assert codec.to_plain(None) is None
    with pytest.raises(DamagedState):
        codec.to_plain(b"x")


def test_what_is_endless_written_out_is_refused() -> None:
    value: list[Any] = []
    for _ in range(40):
        value = [value, value]
    text = ["x" * 100_000] * 50
    for endless in (value, text, list(range(100_001)), {"a": value}):
        with pytest.raises(PlainTooLarge, match="too large"):
            plain(endless)
    assert plain(list(range(90_000)))[-1] == 89_999
