"""The steps of a session that Back undoes. Each is kept as the delta from its state back to the state before it, with what
the user had answered, so that Back can offer it again. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from shared.contract.jsonvalue import JsonMap
from shared.engine.request import Shown
from shared.state.codec import decode_value, encode_value
from shared.state.delta import apply_delta, reverse_delta
from shared.store.records import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What Back found: the state before, and what had been answered at the step it undid."""

    state: bytes
    answered: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was answered at a step, to which screen, and the version of the session that it made."""

    at: int
    values: Mapping[str, object]
    screen: str | None = None  #: `screen_of` what was answered; None: no screen, or unknown
    button: object = None


def pack(delta: bytes, answered: Answered) -> bytes:
    kept = {"answered": dict(answered.values), "at": answered.at, "screen": answered.screen, "button": answered.button}
    return encode_value({"delta": delta, **kept})


def answered_at(step: Step) -> Answered:
    return _answered(decode_value(step.delta), step)


def undo(state: bytes, step: Step) -> Undone:
    """The state below `step`."""
    packed = decode_value(step.delta)
    return Undone(state=apply_delta(state, packed["delta"]), answered=packed["answered"])


def replaced(old: bytes, new: bytes, top: Step, *, uid: int) -> Step:
    """`top` once its state is `new` instead of `old`: its delta must still lead to the state below it."""
    undone = undo(old, top)
    return Step(
        uid=uid,
        number=top.number,
        delta=pack(reverse_delta(undone.state, new), answered_at(top)),
        previous=top.previous,
    )


def screen_of(shown: Shown) -> str:
    """What tells one screen of a session from another, whatever was sought when it was shown."""
    return json.dumps([shown.block, shown.kind, shown.action, shown.context], sort_keys=True, default=str)


def same_screen(one: Shown, other: Shown) -> bool:
    """Whether `screen_of` says the same of both."""
    return (one.block, one.kind, one.action) == (other.block, other.kind, other.action) and (
        one.context == other.context or screen_of(one) == screen_of(other)
    )


def _answered(packed: JsonMap, step: Step) -> Answered:
    """Steps of before have no more than the values."""
    return Answered(
        at=packed.get("at", step.uid),
        values=packed["answered"],
        screen=packed.get("screen"),
        button=packed.get("button"),
    )
