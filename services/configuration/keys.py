"""What may stand in the file: one `Key` for each setting that a file can give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.configuration.document import Node


class Mistakes(Exception):
    """What a reader of nested values found wrong: pairs of a line (1-based) and what is wrong there."""

    def __init__(self, found: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"line {line}: {what}" for line, what in found))
        self.found = tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting's place in the file.

    `path` is where it stands, ``("mail", "default sender")``; `also` are places where it may stand too (its name in earlier
    versions). `parse` turns the plain value into what the setting's own check expects, or raises ValueError, whose text completes
    "expected …". With `structure` in its place the reader gets the `Node` with its lines, keys given twice included, and
    raises `Mistakes`; with `takes` it gets a table of only these keys of the table at `path`, where others may stand too.
    """

    setting: str
    path: tuple[str, ...]
    also: tuple[tuple[str, ...], ...] = ()
    parse: Callable[[object], object] | None = None
    structure: Callable[[Node], object] | None = None
    takes: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """As people write it: ``mail: default sender``."""
        return ": ".join(self.path)

    @property
    def places(self) -> tuple[tuple[str, ...], ...]:
        """Every place in the file at which something for this key may stand."""
        if self.takes:
            return tuple((*self.path, name) for name in self.takes) + self.also
        return (self.path, *self.also)


def normal(key: str) -> str:
    """A key as it is compared: ``Log-Level``, ``log_level`` and ``log level`` are one."""
    return " ".join(key.replace("_", " ").replace("-", " ").lower().split())
