"""A configuration file against the keys there are: values with their places, and every mistake and doubt at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from services.configuration import upstream
from services.configuration.document import (
    Entry,
    Listing,
    Node,
    NoDocument,
    Scalar,
    Table,
    plain,
    read,
    repeated,
    repeated_below,
)
from services.configuration.keys import Key, Mistakes, normal


@dataclass(frozen=True, slots=True)
class Found:
    """A value as the setting's own check wants it, and the file, line and key that it came from."""

    place: str
    value: object


@dataclass(frozen=True, slots=True)
class Configuration:
    """`problems` keep a system from starting; `warnings` do not. Neither ever holds a value.

    `own` are the top-level keys that neither Parley nor upstream knows: an operator's own values, which interviews get from
    ``get_config()`` (config.md, "Adding your own configuration variables").
    """

    values: Mapping[str, Found] = field(default_factory=dict)
    own: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_file(path: Path, keys: Iterable[Key]) -> Configuration:
    """What the file at `path` says. A file that is none is a problem like any other."""
    try:
        table = read(path)
    except NoDocument as error:
        return Configuration(problems=(str(error),))
    return interpret(table, str(path), keys)


def interpret(table: Table, name: str, keys: Iterable[Key]) -> Configuration:
    """What the content of a file called `name` says."""
    interpreter = _Interpreter(name, tuple(keys))
    interpreter.table(table, ())
    interpreter.take()
    return Configuration(interpreter.values, interpreter.own, tuple(interpreter.problems), tuple(interpreter.warnings))


class _Interpreter:
    def __init__(self, name: str, keys: Sequence[Key]) -> None:
        self._name = name
        self._by_place = {tuple(map(normal, place)): key for key in keys for place in key.places}
        self._groups = {place[:depth] for place in self._by_place for depth in range(1, len(place))}
        self._taken: dict[str, list[tuple[tuple[str, ...], Entry]]] = {}  # by setting
        self._keys = {key.setting: key for key in keys}
        self.values: dict[str, Found] = {}
        self.own: dict[str, object] = {}
        self.problems: list[str] = []
        self.warnings: list[str] = []

    def table(self, table: Table, above: tuple[str, ...]) -> None:
        """Sort the entries of a table at `above` by the key that asks for them."""
        for entry, before in repeated(_normal(table)):
            key = self._by_place.get((*above, entry.key))
            if key is None or key.structure is None or key.takes:
                self.problems.append(f"{self._at(entry.line, above, entry.key)}: is in line {before.line} already")
        for entry in table.entries:
            here = (*above, normal(entry.key))
            if (key := self._by_place.get(here)) is not None:
                self._taken.setdefault(key.setting, []).append((here, entry))
            elif here in self._groups:
                self._group(entry, here)
            else:
                self._unknown(entry, above)

    def _group(self, entry: Entry, here: tuple[str, ...]) -> None:
        node = entry.value
        if isinstance(node, Listing):
            node = self._default(node, here)
        if isinstance(node, Table):
            self.table(node, here)
        elif not (isinstance(node, Scalar) and node.value is None):
            names = ", ".join(sorted({place[len(here)] for place in self._by_place if place[: len(here)] == here}))
            self.problems.append(f"{self._at(entry.line, here)}: expected a mapping with some of the keys {names}")

    def _default(self, listing: Listing, here: tuple[str, ...]) -> Node:
        """Of several configurations the one named ``default``, else the first (config.md, "Using multiple mail configurations")."""
        named = [item for item in listing.items if isinstance(item, Table) and plain(item).get("name") == "default"]
        chosen = (named or listing.items or (Scalar(None, listing.line),))[0]
        if len(listing.items) > 1:
            self.warnings.append(
                f"{self._at(listing.line, here)}: of several only one is used so far, the one in line {chosen.line}"
            )
        if isinstance(chosen, Table):
            return replace(chosen, entries=tuple(one for one in chosen.entries if normal(one.key) != "name"))
        return chosen

    def take(self) -> None:
        """Give each key what was found for it."""
        for setting, found in self._taken.items():
            key = self._keys[setting]
            earlier_places = {tuple(map(normal, place)) for place in key.also}
            earlier = [one for one in found if one[0] in earlier_places]
            current = [one for one in found if one[0] not in earlier_places]
            if (earlier and current) or len({here for here, _ in earlier}) > 1:
                lines = " and ".join(str(entry.line) for _, entry in found)
                self.problems.append(f"{self._name}, lines {lines}: {key.shown} is given under two names")
            elif earlier:
                self._plain(key, *earlier[0])  # a name of earlier versions, in the setting's own unit
            elif key.structure is not None:
                self._structured(key, key.structure, current)
            else:
                self._plain(key, *current[0], parse=key.parse)

    def _plain(
        self, key: Key, here: tuple[str, ...], entry: Entry, *, parse: Callable[[object], object] | None = None
    ) -> None:
        value = self._once(entry, here)
        if value is None:
            return
        place = self._at(entry.line, here)
        try:
            self.values[key.setting] = Found(place, value if parse is None else parse(value))
        except ValueError as error:
            self.problems.append(f"{place}: expected {error}")

    def _structured(
        self, key: Key, structure: Callable[[Node], object], found: Sequence[tuple[tuple[str, ...], Entry]]
    ) -> None:
        first = found[0][1]
        node = Table(tuple(entry for _, entry in found), first.line) if key.takes else first.value
        try:
            value = structure(node)
        except Mistakes as mistakes:
            self.problems.extend(f"{self._name}, line {line}: {what}" for line, what in mistakes.found)
            return
        self.values[key.setting] = Found(self._at(first.line, tuple(map(normal, key.path))), value)

    def _unknown(self, entry: Entry, above: tuple[str, ...]) -> None:
        place, name = self._at(entry.line, above, entry.key), normal(entry.key)
        ours = {here[len(above)] for here in self._by_place if here[: len(above)] == above}
        if not above and name in upstream.NAMES:
            more = f": {upstream.INSTEAD[name]}" if name in upstream.INSTEAD else ""
            self.warnings.append(f"{place}: Parley does not read this key{more}; it is ignored")
            return
        near = get_close_matches(name, ours if above else ours | upstream.NAMES, 1, 0.75)
        if near:
            self.warnings.append(f"{place}: there is no such key; did you mean {near[0]!r}? It is ignored")
        elif above:
            self.warnings.append(f"{place}: there is no such key; it is ignored")
        else:
            self.own[entry.key] = self._once(entry, (entry.key,))
            self.warnings.append(
                f"{place}: there is no such key; interviews get it from get_config() "
                "(below `config:` it would be so without this warning)"
            )

    def _once(self, entry: Entry, here: tuple[str, ...]) -> object:
        """The plain value of an entry whose reader does not ask for keys given twice: there, one is a mistake."""
        for below, before in repeated_below(entry.value):
            self.problems.append(f"{self._at(below.line, here, below.key)}: is in line {before.line} already")
        return plain(entry.value)

    def _at(self, line: int, *path: tuple[str, ...] | str) -> str:
        names = [name for part in path for name in ((part,) if isinstance(part, str) else part)]
        return f"{self._name}, line {line}: {': '.join(names)}"


def _normal(table: Table) -> Table:
    return replace(table, entries=tuple(replace(entry, key=normal(entry.key)) for entry in table.entries))
