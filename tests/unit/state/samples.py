"""Classes and values for the codec's tests, as an author's module would define them."""

from __future__ import annotations

import enum
import types
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from shared.state.classes import ClassRegistry, loaded_below


class Thing:
    """A plain object; keyword arguments become attributes."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Named(Thing):
    """Hashed and compared by an attribute, as interview objects are by instanceName."""

    def __hash__(self) -> int:
        return hash(self.instanceName)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named) and other.instanceName == self.instanceName


class Slotted:
    __slots__ = ("__hidden", "a", "b")

    def hide(self, value: Any) -> None:
        self.__hidden = value

    def hidden(self) -> Any:
        return self.__hidden


@dataclass(frozen=True)
class Frozen:
    x: int
    y: Any


class Stack(list):  # type: ignore[type-arg]
    pass


class Book(dict):  # type: ignore[type-arg]
    def __iter__(self) -> Any:
        raise AssertionError("the codec must not run an author's method")

    items = keys = values = __iter__  # type: ignore[assignment]


class Bag(set):  # type: ignore[type-arg]
    pass


class Text(str):
    pass


class Count(int):
    pass


class Ratio(float):
    pass


class Money(Decimal):
    pass


class Stamp(datetime):
    pass


class Day(date):
    pass


class Point(NamedTuple):
    x: Any
    y: Any


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Space(types.SimpleNamespace):
    pass


class Oops(ValueError):
    pass


class Eager:
    """Whose methods would do harm if reading or writing a state ran them."""

    def __new__(cls, *args: Any) -> Eager:
        if not args:
            raise AssertionError("made by the author's own __new__")
        return object.__new__(cls)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AssertionError("set by the author's own __setattr__")

    def __getattr__(self, name: str) -> Any:
        raise NameError(f"name '{name}' is not defined")

    def __reduce__(self) -> Any:
        raise AssertionError("asked to reduce itself")


def registry() -> ClassRegistry:
    classes = ClassRegistry(loaded_below(__name__.rpartition(".")[0]))
    classes.register(Named, "docassemble.base.util.Named", aliases=["docassemble.base.core.Named"])
    return classes
