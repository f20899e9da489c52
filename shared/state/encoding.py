"""From a live object graph to the document that BSON writes.

One pass, breadth first, without recursion. Containers that hold only scalars are handed to BSON as they are. Objects, and
containers that are referred to more than once, stand in flat tables under a number (a label) that they keep for life,
so that a small change of the graph is a small change of the document. Does not live here: reading (`decoding`).

A container that turns out to be shared only on second sight makes the pass start again, knowing it; since labels
are remembered with the state, that happens once per new alias.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import compress
from typing import Any, TypeVar

from bson import encode as bson_encode

from shared.state.classes import ClassRegistry
from shared.state.storable import OPEN_BASES, VALUE_BASES, slots_of, solid_base, why_not
from shared.state.values import SCALARS, WRITERS, Node, Unfit, write_int

#: Lists, dicts and tuples inside each other. Chains of objects may be of any length.
MAX_DEPTH = 100

#: Mutable types whose subclasses are stored as attributes plus items.
HOLDER_BASES: tuple[type, ...] = (list, dict, set)

#: Stands for the name of a variable where something is of none.
_OTHERS = ""

_STR = frozenset({str})
_NONE: frozenset[type] = frozenset()


@dataclass(slots=True)
class Labels:
    """Which live objects have which label. `keep` holds the objects, so that no id is used again while this lives."""

    by_id: dict[int, int] = field(default_factory=dict)
    keep: list[object] = field(default_factory=list)
    next: int = 1

    def copy(self) -> Labels:
        return Labels(dict(self.by_id), list(self.keep), self.next)


class Problem(Exception):
    """Found in mid-pass: `value` cannot be stored. The codec finds its path and raises `CannotStore`."""

    def __init__(self, value: object, why: str, *, deep: bool = False) -> None:
        super().__init__(why)
        self.value = value
        self.why = why
        self.deep = deep


_Container = TypeVar("_Container", list[object], dict[str, object])


class Encoder:
    """One pass over one graph. `careful` looks at every single scalar, to name the one that BSON refused."""

    def __init__(self, classes: ClassRegistry, labels: Labels, *, careful: bool = False) -> None:
        self.classes = classes
        self.known = labels
        self.labels = Labels(next=labels.next)
        self.plain = _NONE if careful else SCALARS
        self.repeated: dict[int, object] = {}
        self._seen: dict[int, object] = {}  # id -> the container, kept alive so that its id stays its own
        self._todo: deque[tuple[list[object] | dict[str, object], Any, int, str | None]] = deque()
        self._owner: str | None = _OTHERS  # of what is being written: a variable
        self._owners: dict[int, str] = {}  # label -> a variable that leads to it
        self._with: dict[str, str] = {}  # variable -> another one that leads to the same label
        self._sets: list[list[object]] = []
        self._objects: dict[str, dict[int, object]] = {}
        self._held: dict[str, dict[int, object]] = {}
        self._shared: dict[int, object] = {}
        self._layouts: dict[type, tuple[str, str]] = {}
        self.node_of: dict[type, Callable[[object, int], object]] = {
            list: self._container,
            dict: self._container,
            tuple: self._container,
            set: self._container,
            frozenset: self._container,
        }

    def document(self, roots: dict[str, dict[str, object]]) -> dict[str, object]:
        """The document for these named dicts. Raises `Problem`."""
        document: dict[str, object] = {}
        for name, root in roots.items():
            self._owner = None if name == "variables" else _OTHERS
            document[name] = self._attributes(root, 0)
        self._work()
        for items in self._sets:
            items.sort(key=lambda node: bson_encode({"": node}))
        document["objects"] = _table(self._objects)
        document["held"] = _table(self._held)
        document["shared"] = {str(label): self._shared[label] for label in sorted(self._shared)}
        document["next"] = self.labels.next
        return document

    def _work(self) -> None:
        todo = self._todo
        plain = self.plain
        while todo:
            out, source, depth, self._owner = todo.popleft()
            if self._owner is None and isinstance(out, dict):  # the variables themselves
                # Hundreds of them are scalars, which are passed by at the speed of C.
                out.update(source)
                others = set(map(type, source.values())) - plain
                for key in compress(source, map(others.__contains__, map(type, source.values()))):
                    self._owner = key
                    out[key] = self.node(source[key], depth)
            elif isinstance(out, dict):
                # Objects' attributes and dicts with plain keys.
                for key, value in source.items():
                    out[key] = value if type(value) in plain else self.node(value, depth)
            else:
                out.extend([value if type(value) in plain else self.node(value, depth) for value in source])

    def _attributes(self, source: dict[str, object], depth: int) -> dict[str, object]:
        """A dict whose keys are names: its node carries no tag."""
        # BSON itself refuses other keys; only then is each one looked at.
        if not self.plain and (not set(map(type, source)) <= _STR or any(map(_unfit_key, source))):
            raise Problem(source, "names of variables and attributes must be plain strings of whole characters")
        if set(map(type, source.values())) <= self.plain:
            return source
        out: dict[str, object] = {}
        self._todo.append((out, source, depth + 1, self._owner))
        return out

    def node(self, value: object, depth: int) -> object:
        """What stands in the document for a value that is no plain scalar."""
        cls = type(value)
        write = self.node_of.get(cls)
        if write is not None:
            return write(value, depth)
        if cls in WRITERS:
            try:
                return WRITERS[cls](value)
            except Unfit as error:
                raise Problem(value, str(error)) from None
        if type(value) is int:
            return write_int(value)
        if cls in SCALARS:
            return self._checked(value)
        if isinstance(value, type):
            path = self.classes.path_of(value)
            if path is None:
                raise Problem(value, why_not(value))
            return {"$k": path}
        return self._object(value, depth)

    def _checked(self, value: object) -> object:
        if type(value) is str:
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise Problem(
                    value, f"a text with half a character (a lone surrogate at {error.start}) cannot be stored"
                ) from None
        return value

    # -- which variables lead to the same

    def _owned(self, label: int) -> None:
        """What is being written leads to `label`."""
        owner = self._owner or _OTHERS
        one, other = self._first_of(self._owners.setdefault(label, owner)), self._first_of(owner)
        if one != other:
            self._with[one] = other

    def _first_of(self, name: str) -> str:
        while name in self._with:
            above = self._with[name]
            self._with[name] = self._with.get(above, above)  # half the way for whoever comes next
            name = above
        return name

    def groups(self, names: Iterable[str]) -> list[tuple[list[str], list[int]]]:
        """The variables `names` with the labels they lead to, those together that lead to the same. Without such as something else leads to."""
        found: dict[str, tuple[list[str], list[int]]] = {}
        for name in names:
            found.setdefault(self._first_of(name), ([], []))[0].append(name)
        found.pop(self._first_of(_OTHERS), None)
        for label, owner in self._owners.items():
            group = found.get(self._first_of(owner))
            if group is not None:
                group[1].append(label)
        return list(found.values())

    # -- containers

    def _container(self, value: object, depth: int) -> object:
        if depth > MAX_DEPTH:
            raise Problem(value, f"lists and dicts are nested more than {MAX_DEPTH} levels deep", deep=True)
        ident = id(value)
        label = self.known.by_id.get(ident)
        if label is None:
            if ident in self._seen and not self._is_plain(value):
                self.repeated[ident] = value
                return None
            self._seen[ident] = value
            return self._inline(value, depth)
        if label not in self._shared:
            self._shared[label] = None  # taken: a cycle comes back to the label, not here
            self._place(value, label)
            self._owned(label)
            self._shared[label] = self._inline(value, 0)
        elif self._owners[label] != self._owner:
            self._owned(label)
        return {"$r": str(label)}

    def _is_plain(self, value: object) -> bool:
        """Immutables of scalars: nobody can tell two equal ones apart but by ``is``, and constants are shared everywhere."""
        return isinstance(value, tuple | frozenset) and set(map(type, value)) <= SCALARS

    def _place(self, value: object, label: int) -> None:
        self.labels.by_id[id(value)] = label
        self.labels.keep.append(value)

    def _inline(self, value: Any, depth: int) -> object:
        cls = type(value)
        if cls is list:
            if set(map(type, value)) <= self.plain:
                return value
            return self._later([], value, depth)
        if cls is dict:
            return self._dict(value, depth)
        out = list(value) if set(map(type, value)) <= self.plain else self._later([], value, depth)
        if cls is tuple:
            return {"$u": out}
        self._sets.append(out)
        return {"$s" if cls is set else "$f": out}

    def _dict(self, value: dict[str, object], depth: int) -> object:
        if not value:
            return value
        if (
            set(map(type, value)) == _STR
            and not _first(value).startswith("$")
            and (self.plain or not any(map(_unfit_key, value)))
        ):
            if set(map(type, value.values())) <= self.plain:
                return value
            return self._later({}, value, depth)
        pairs = [part for item in value.items() for part in item]
        return {"$m": self._later([], pairs, depth)}

    def _later(self, out: _Container, source: object, depth: int) -> _Container:
        self._todo.append((out, source, depth + 1, self._owner))
        return out

    # -- objects

    def _object(self, value: object, depth: int) -> object:
        cls = type(value)
        layout = self._layouts.get(cls)
        if layout is None:
            layout = self._layouts[cls] = self._layout(value)
        kind, path = layout
        if kind == "plain":
            return {"$r": str(self._plain_object(value, path))}
        if kind == "enum" and isinstance(value, enum.Enum):
            return {"$e": path, "n": value.name}
        if kind == "value":
            return self._value_subclass(value, path, depth)
        label = self.labels.by_id.get(id(value))
        if label is None:
            label = self._label(value)
            node: Node = {}
            self._held.setdefault(path, {})[label] = node
            node["a"] = self._attributes(_all_attributes(value), 0)
            if kind in ("list", "dict", "set"):
                node["k"] = kind
                node["i"] = self._items(value, kind)
        elif self._owners[label] != self._owner:
            self._owned(label)
        return {"$r": str(label)}

    def _plain_object(self, value: object, path: str) -> int:
        label = self.labels.by_id.get(id(value))
        if label is None:
            label = self._label(value)
            table = self._objects.get(path)
            if table is None:
                table = self._objects[path] = {}
            table[label] = self._attributes(value.__dict__, 0)
        elif self._owners[label] != self._owner:
            self._owned(label)
        return label

    def _label(self, value: object) -> int:
        """The label it had before, or a new one; from now on it counts as written."""
        ident = id(value)
        label = self.known.by_id.get(ident)
        if label is None:
            label = self.labels.next
            self.labels.next = label + 1
        self.labels.by_id[ident] = label
        self.labels.keep.append(value)
        self._owned(label)
        return label

    def _items(self, value: Any, kind: str) -> list[object]:
        out: list[object] = []
        # The methods of the base: an author's __iter__ or items() must not run here.
        if kind == "dict":
            source = [part for item in dict.items(value) for part in item]
        else:
            source = list((list if kind == "list" else set).__iter__(value))
            if kind == "set":
                self._sets.append(out)
        self._later(out, source, 0)
        return out

    def _value_subclass(self, value: Any, path: str, depth: int) -> object:
        base = next(base for base in VALUE_BASES if isinstance(value, base))
        node: Node = {"$w": path}
        if base is tuple:
            node["v"] = {"$u": self._later([], tuple(tuple.__iter__(value)), depth)}
        else:
            node["v"] = self.node(_plain_value(base, value), depth)
        attributes = _all_attributes(value)
        if attributes:
            node["a"] = self._attributes(attributes, depth)
        return node

    def _layout(self, value: object) -> tuple[str, str]:
        cls = type(value)
        path = self.classes.path_of(cls)
        if path is None:
            raise Problem(value, why_not(value))
        if isinstance(value, enum.Enum):
            return "enum", path
        for base in HOLDER_BASES:
            if isinstance(value, base):
                return base.__name__, path
        if isinstance(value, VALUE_BASES):
            return "value", path
        base = solid_base(cls)
        if base not in OPEN_BASES:
            raise Problem(
                value, f"an object of the class {path} cannot be stored: part of it is inside of a {base.__name__}"
            )
        return ("plain" if not slots_of(cls) and hasattr(value, "__dict__") else "slots"), path


_FIELDS: dict[type, tuple[str, ...]] = {
    datetime: ("year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"),
    time: ("hour", "minute", "second", "microsecond", "tzinfo"),
    date: ("year", "month", "day"),
    timedelta: ("days", "seconds", "microseconds"),
}


def _plain_value(base: object, value: Any) -> object:
    """`value`, an instance of a subclass of `base`, as an instance of `base` itself, without running an author's method."""
    if base in _FIELDS:
        parts = [getattr(base, name).__get__(value) for name in _FIELDS[base]]
        plain = base(*parts)
        return plain.replace(fold=base.fold.__get__(value)) if base in (datetime, time) else plain
    if base is str:
        return str.__str__(value)
    if base is bytes:
        return bytes(memoryview(value))
    if base is Decimal:
        return Decimal(value)
    return float.__pos__(value) if base is float else int.__pos__(value)


def _all_attributes(value: object) -> dict[str, object]:
    attributes = dict(getattr(value, "__dict__", None) or {})
    for name in slots_of(type(value)):
        try:
            attributes[name] = object.__getattribute__(value, name)
        except AttributeError:
            continue
    return attributes


def _first(value: dict[str, object]) -> str:
    for key in value:
        return key
    return ""


def _unfit_key(key: str) -> bool:
    """BSON keys end at the first NUL and must be UTF-8."""
    return "\0" in key or any("\ud800" <= character <= "\udfff" for character in key)


def _table(tables: dict[str, dict[int, object]]) -> dict[str, object]:
    return {path: {str(label): tables[path][label] for label in sorted(tables[path])} for path in sorted(tables)}
