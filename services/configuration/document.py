"""A YAML file as a tree that knows its lines and keeps keys that were given twice. Not for: what any key means.

Scalars are those of YAML 1.2, as in interviews (`shared.language.scalars`); dates stay the text that they were written as.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from shared.language.scalars import resolve

#: A configuration beyond these is a mistake, or an attack by aliases that multiply.
MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_VALUES = 50_000


class NoDocument(Exception):
    """The file cannot be read or is not YAML; the message names the file and, where there is one, the line."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """`value` is None, a bool, a number or a text."""

    value: object
    line: int


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line ``key: value`` of a table; `key` as it was written."""

    key: str
    value: Node
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; `entries` in the order of the file, also those whose key was there before."""

    entries: tuple[Entry, ...]
    line: int


Node = Scalar | Listing | Table


def plain(node: Node) -> Any:
    """The value as dicts, lists and scalars; of a key given twice the last value."""
    if isinstance(node, Table):
        return {entry.key: plain(entry.value) for entry in node.entries}
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return node.value


def repeated_below(node: Node) -> Iterator[tuple[Entry, Entry]]:
    """As `repeated`, for every table in `node`, however deep."""
    if isinstance(node, Table):
        yield from repeated(node)
        for entry in node.entries:
            yield from repeated_below(entry.value)
    elif isinstance(node, Listing):
        for item in node.items:
            yield from repeated_below(item)


def repeated(table: Table) -> Iterator[tuple[Entry, Entry]]:
    """Each entry whose key was there before, with the first of that key."""
    first: dict[str, Entry] = {}
    for entry in table.entries:
        before = first.setdefault(entry.key, entry)
        if before is not entry:
            yield entry, before


def read(path: Path) -> Table:
    """The content of the file at `path`; an empty file is an empty table. Raises `NoDocument`."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NoDocument(f"cannot read {path}: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise NoDocument(f"{path}: is larger than {MAX_BYTES // 1000} kB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NoDocument(f"{path}, line {line}: this is not UTF-8") from None
    return parse(text, str(path))


def parse(text: str, name: str) -> Table:
    """As `read`, from the text of a file called `name`."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except _TooDeep as error:
        raise NoDocument(f"{name}, line {error.line}: is nested deeper than {MAX_DEPTH}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}, line {mark.line + 1}" if mark else name
        raise NoDocument(f"{place}: this is not YAML ({error.problem or error.context})") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise NoDocument(f"{name}, line {line}: a character that YAML does not allow") from None
    if root is None:
        return Table((), 1)
    node = _Reading(name).node(root, ())
    if isinstance(node, Scalar) and node.value is None:
        return Table((), 1)
    if not isinstance(node, Table):
        raise NoDocument(f"{name}, line {node.line}: expected a mapping from keys to values")
    return node


class _TooDeep(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Loader(yaml.SafeLoader):
    """Ends at what is nested too deep, before the time and the stack that all of it would take."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._depth += 1
        if self._depth > MAX_DEPTH + 1:
            raise _TooDeep(self.peek_event().start_mark.line + 1)  # type: ignore[no-untyped-call]
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


class _Reading:
    def __init__(self, name: str) -> None:
        self._name = name
        self._values = 0

    def node(self, node: yaml.Node, above: tuple[yaml.Node, ...]) -> Node:
        line = node.start_mark.line + 1
        self._values += 1
        if self._values > MAX_VALUES:
            raise NoDocument(f"{self._name}: has more than {MAX_VALUES} values")
        if len(above) > MAX_DEPTH or node in above:
            raise NoDocument(f"{self._name}, line {line}: is nested deeper than {MAX_DEPTH}")
        inside = (*above, node)
        if isinstance(node, yaml.MappingNode):
            return Table(tuple(self._entry(key, value, inside) for key, value in node.value), line)
        if isinstance(node, yaml.SequenceNode):
            return Listing(tuple(self.node(item, inside) for item in node.value), line)
        assert isinstance(node, yaml.ScalarNode)
        return Scalar(_value(node), line)

    def _entry(self, key: yaml.Node, value: yaml.Node, above: tuple[yaml.Node, ...]) -> Entry:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise NoDocument(f"{self._name}, line {line}: a key must be a text")
        return Entry(str(key.value), self.node(value, above), line)


def _value(node: yaml.ScalarNode) -> object:
    if node.style is not None:  # quoted or a block: its text, whatever it looks like
        return node.value
    value = resolve(node.value)
    return node.value if isinstance(value, date) else value
