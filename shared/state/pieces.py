"""The bytes of a state in pieces: the elements of its variables and of its objects, and how they are put together again.

A group are variables that share an object or a container, with the labels of all they lead to: nothing outside of it refers to anything of
it. Does not live here: which groups rest, and when (``resting``); what is in an element (``encoding``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bson import encode as bson_encode

from shared.state.encoding import Encoder
from shared.state.stretches import Element, elements, whole
from shared.state.upgrade import FORMAT

#: A group of fewer bytes does not rest: writing it costs about as much as passing it over.
WORTH: Final = 4 * 1024

#: Where the labels of a group stand: ("objects", path of a class), ("held", path) or ("shared", "").
Place = tuple[str, str]
_SHARED: Final[Place] = ("shared", "")
_KINDS: Final = ("objects", "held")


@dataclass(slots=True)
class Group:
    """Elements of BSON: those of variables by name, and those of tables by label."""

    variables: dict[str, bytes] = field(default_factory=dict)
    tables: dict[Place, dict[int, bytes]] = field(default_factory=dict)

    def size(self) -> int:
        members = sum(len(one) for table in self.tables.values() for one in table.values())
        return members + sum(map(len, self.variables.values()))


@dataclass(frozen=True, slots=True)
class Table:
    """What all groups have in one place, in the order of labels."""

    members: dict[int, bytes]
    joined: bytes


@dataclass(frozen=True, slots=True)
class Awake:
    """What was awake when a state was written: its bytes, and who wrote them."""

    data: bytes
    encoder: Encoder

    def groups(self) -> list[Group]:
        """Those that are worth resting."""
        data = self.data
        if len(data) < WORTH:
            return []
        parts = {name_of(one): one for one in elements(data, whole(data))}
        variables = {name_of(one): data[one.start : one.end] for one in elements(data, parts["variables"])}
        tables = [
            (place, {int(name_of(one)): data[one.start : one.end] for one in members})
            for place, members in tables_of(data, parts)
        ]
        where = {label: (place, members) for place, members in tables for label in members}
        found = []
        for names, labels in self.encoder.groups(variables):
            group = Group({name: variables[name] for name in names})
            for label in labels:
                place, members = where[label]
                group.tables.setdefault(place, {})[label] = members[label]
            if group.size() >= WORTH:
                found.append(group)
        return found


def name_of(one: Element) -> str:
    return one.head[1:-1].decode()


def tables_of(data: bytes, parts: dict[str, Element]) -> Iterator[tuple[Place, list[Element]]]:
    for kind in _KINDS:
        for table in elements(data, parts[kind]):
            yield (kind, name_of(table)), elements(data, table)
    shared = elements(data, parts["shared"])
    if shared:
        yield _SHARED, shared


def written(variables: Iterable[bytes], internal: bytes, tables: Mapping[Place, bytes], following: bytes) -> bytes:
    """The bytes of a state of these elements; of tables, what stands inside of them."""
    return b"".join(parts_of(variables, internal, tables, following))


def parts_of(
    variables: Iterable[bytes], internal: bytes, tables: Mapping[Place, bytes], following: bytes
) -> list[bytes]:
    """As `written`, one behind the other: elements and tables as they are, and what stands around them."""
    parts = [_HEAD, *_document("variables", list(variables)), internal]
    for kind in _KINDS:
        places = sorted(place for place in tables if place[0] == kind)
        parts += _document(kind, [part for place in places for part in _document(place[1], [tables[place]])])
    parts += [*_document("shared", [tables.get(_SHARED, b"")]), following, b"\0"]
    return [_length(parts, 4), *parts]


def _document(name: str, parts: list[bytes]) -> list[bytes]:
    return [b"\x03" + name.encode() + b"\0", _length(parts, 5), *parts, b"\0"]


def _length(parts: Iterable[bytes], more: int) -> bytes:
    return (sum(map(len, parts)) + more).to_bytes(4, "little")


def _element(name: str, value: object) -> bytes:
    return bytes(bson_encode({name: value})[4:-1])


_HEAD: Final = _element("v", FORMAT)
NOTHING_INTERNAL: Final = _element("internal", {})
NO_NEXT: Final = _element("next", 0)
