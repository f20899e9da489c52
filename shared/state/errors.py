"""What can be wrong with a state.

    StateError
    ├── CannotStore        a value that no state may hold; `path` says where it is
    │   └── TooDeep        lists and dicts nested in each other beyond `MAX_DEPTH`
    ├── StateTooLarge      the encoded state is over the limit
    ├── DamagedState       bytes that this codec did not write (or that were cut off)
    │   └── UnknownFormat  written by a later version of Parley
    ├── UnknownClass       a class that a stored object needs is gone, renamed or not allowed; `path`, `name`
    └── DamagedDelta       a reverse delta that does not fit the state it is applied to

Messages name the place inside the state and the class, never a value.
"""

from __future__ import annotations


class StateError(Exception):
    """Base of this package's errors."""


class CannotStore(StateError):
    """A value that cannot be kept. `path` is where it is, e.g. ``variables.person.callback``."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path = path
        self.what = what


class TooDeep(CannotStore):
    """Containers nested in each other more deeply than `MAX_DEPTH`."""


class StateTooLarge(StateError):
    """The encoded state has more bytes than allowed. `size` and `limit` are bytes."""

    def __init__(self, size: int, limit: int, largest: str) -> None:
        super().__init__(
            f"the answers of this session take {size} bytes, more than the {limit} allowed; the largest is {largest}. "
            "Keep large contents in files"
        )
        self.size = size
        self.limit = limit


class PlainTooLarge(StateError):
    """A value is larger, written out for others, than they are to be given: what it holds many times counts many times."""


class DamagedState(StateError):
    """The bytes are not a state."""


class UnknownFormat(DamagedState):
    """The state was written by a later version."""


class UnknownClass(StateError):
    """A stored object's class cannot be used. `name` is the class path, `path` where the object is in the state."""

    def __init__(self, name: str, why: str, path: str = "") -> None:
        super().__init__(f"{path}: the class {name} {why}" if path else f"the class {name} {why}")
        self.name = name
        self.why = why
        self.path = path


class DamagedDelta(StateError):
    """The delta was not made for this state."""
