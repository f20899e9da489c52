"""Saved states and their deltas: what was damaged is refused with an error of the codec's own, and nothing in it is executed."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import bson

from shared.state import codec, delta, errors
from shared.state.session import State
from tests.fuzz.driver import ODD, Report, drive, mangled
from tests.unit.state.samples import Bag, Book, Color, Point, Stack, Thing, registry


def _graph(dice: random.Random) -> dict[str, Any]:
    held: list[Any] = [Thing(a=1), Stack(), Book(), Bag(), [], {}, Point(1, 2), Color.RED, {1, 2}, (1, "a")]

    def value() -> Any:
        plain = (
            None,
            True,
            5,
            2**70,
            1.5,
            float("nan"),
            b"x",
            Decimal("1.2"),
            datetime(2026, 1, 2, tzinfo=UTC),
            dice.choice(ODD),
        )
        return dice.choice([*plain, *held])

    for one in held:
        if isinstance(one, list):
            one.extend(value() for _ in range(3))
        elif isinstance(one, dict):
            one.update({"k": value(), "l": value()})
        elif isinstance(one, Thing):
            one.b = value()
    return {f"v{number}": value() for number in range(6)}


def _other_values(dice: random.Random, document: Any) -> Any:
    """`document` with some value changed to one of another kind: still BSON, and no state."""
    if isinstance(document, dict) and document:
        key = dice.choice(list(document))
        wanted = (
            _other_values(dice, document[key])
            if dice.random() < 0.7
            else dice.choice([None, -1, 2**40, "x", [], {}, [[[]]], b"", 1.5])
        )
        return {**document, (key if dice.random() < 0.9 else dice.choice(ODD).replace("\0", "")): wanted}
    if isinstance(document, list) and document:
        at = dice.randrange(len(document))
        return [*document[:at], _other_values(dice, document[at]), *document[at + 1 :]]
    return dice.choice([None, 0, -1, 2**40, "shared.runner", "os:system", [], {}, {"$r": 0}, {"$r": -1}, b"\x00"])


def run(*, count: int, seed: int, first: int = 0) -> Report:
    known = registry()

    def case(dice: random.Random) -> str:
        good = codec.encode(State(_graph(dice), {"answered": {}}), known)
        before = codec.encode(State(_graph(dice), {}), known)
        if dice.random() < 0.5:
            bad = mangled(dice, good)
        else:
            bad = bson.encode(_other_values(dice, bson.decode(good)))
        ended = "refused"
        try:
            codec.decode(bad, known)
            ended = "read"
        except errors.StateError:
            pass
        try:
            delta.apply_delta(good, mangled(dice, delta.reverse_delta(before, good)))
        except errors.StateError:
            pass
        return ended

    return drive(case, count=count, seed=seed, first=first)
