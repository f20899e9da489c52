"""States that an earlier version wrote still read; later ones are refused; the golden files are what they were."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bson import encode as bson_encode

from shared.state import codec
from shared.state.errors import DamagedState, UnknownFormat
from shared.state.session import State
from shared.state.upgrade import FORMAT, upgrade
from tests.unit.state.samples import Book, Color, Named, Point, Stack, Text, Thing, registry

GOLDEN = Path(__file__).parent / "golden"


def sample() -> State:
    """Every kind of value once. Never change it: add a new one with a new format."""
    user = Named(instanceName="user", name=Named(instanceName="user.name", first="Ada"), age=36)
    shared = [1, 2]
    pair: tuple[Any, ...] = ([],)
    pair[0].append(pair)
    book = Book()
    dict.__setitem__(book, (1, 2), Stack([user]))
    return State(
        {
            "none": None, "yes": True, "int": 5, "long": 2**40, "big": -(2**90), "float": 1.5, "text": "aé漢🎉", "bytes": b"\0\xff",
            "money": Decimal("12.30"), "day": date(2026, 1, 15), "delta": timedelta(days=1, seconds=2, microseconds=3),
            "naive": datetime(2026, 1, 15, 10, 30), "utc": datetime(2026, 1, 15, tzinfo=UTC),
            "fold": datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1), "time": datetime(2026, 1, 1, 7).time(),
            "list": [1, [2, {"a": (3,)}]], "dict": {"a.b": 1, "$c": [2]}, "tagged": {"$r": "1"}, "keys": {1: "a", (1, "b"): "c"}, "set": {1, "a"},
            "frozen": frozenset({2}), "user": user, "alias": user, "one": shared, "two": shared, "pair": pair, "book": book,
            "color": Color.RED, "point": Point(1, [2]), "word": Text("w"), "class": [Thing],
        },
        {"answered": {"Question_1": True}},
    )  # fmt: skip


def described(value: Any, seen: tuple[int, ...] = ()) -> Any:
    """A description to compare by: types, contents and order."""
    if id(value) in seen:
        return "again"
    seen = (*seen, id(value))
    name = type(value).__name__
    if isinstance(value, dict):
        return name, [(described(key, seen), described(part, seen)) for key, part in dict.items(value)]
    if isinstance(value, list | tuple):
        return name, [described(part, seen) for part in value]
    if isinstance(value, set | frozenset):
        return name, sorted(repr(part) for part in value)
    if isinstance(value, Thing):
        return name, described(vars(value), seen)
    return name, repr(value)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("format-*.bson")), ids=lambda path: path.stem)
def test_golden_states_read(path: Path) -> None:
    state = codec.decode(path.read_bytes(), registry())
    assert described(state.variables) == described(sample().variables)
    assert state.internal == {"answered": {"Question_1": True}}
    assert state.variables["alias"] is state.variables["user"]
    assert state.variables["one"] is state.variables["two"]


def test_there_is_a_golden_state_of_every_format() -> None:
    assert {path.name for path in GOLDEN.glob("format-*.bson")} == {f"format-{n}.bson" for n in range(1, FORMAT + 1)}


def test_the_golden_state_is_what_is_written_today() -> None:
    data = (GOLDEN / f"format-{FORMAT}.bson").read_bytes()
    assert codec.encode(sample(), registry()) == data, (
        "the format changed: raise FORMAT, write an upgrade, add a golden file"
    )


def test_a_later_format_is_refused() -> None:
    with pytest.raises(UnknownFormat, match="update all services"):
        codec.decode(bson_encode({"v": FORMAT + 1}))


@pytest.mark.parametrize("version", [None, 0, -1, "1", 1.0, True])
def test_no_format_is_no_state(version: Any) -> None:
    with pytest.raises(DamagedState):
        codec.decode(bson_encode({"v": version}))


def test_upgrades_run_one_after_another() -> None:
    upgrades = {
        1: lambda document: {**document, "steps": ["1 to 2"]},
        2: lambda document: {**document, "steps": [*document["steps"], "2 to 3"]},
    }
    assert upgrade({"v": 1}, upgrades, current=3) == {"v": 3, "steps": ["1 to 2", "2 to 3"]}
    assert upgrade({"v": 2, "steps": []}, upgrades, current=3) == {"v": 3, "steps": ["2 to 3"]}
    assert upgrade({"v": 3}, upgrades, current=3) == {"v": 3}
