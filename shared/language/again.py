"""Compiling again what has changed little: `Earlier` gives the blocks that an earlier compiling made of the same text.

Where lines or blocks were put in above it, a block is moved (`_Move`): its places, and the lines that its code knows. A block that reads
anything but its own text is compiled anew: another file, a `def` further up, the datatype of a module. Whether it does is told from its
text, and in doubt it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import CodeType, MappingProxyType
from typing import Any

from shared.contract.datatypes import WRITTEN
from shared.language.code import filename_for
from shared.language.errors import Problem
from shared.language.findings import Finding
from shared.language.frozen import FrozenDict, FrozenList
from shared.language.model import Block, Interview, Place
from shared.language.text import JoinedText, MakoText, PlainText

_STAY = frozenset({str, int, float, bool, bytes, type(None)})
_ROWS = frozenset({tuple, FrozenList, frozenset})
_OF_CODE = ("source", "place", "code")
_TEXTS: Mapping[type, tuple[str, ...]] = {
    PlainText: ("source", "place"),
    JoinedText: _OF_CODE,
    MakoText: _OF_CODE,
}
#: Keys whose meaning lies elsewhere.
_ELSEWHERE = re.compile(r"\b(?:content file|usedefs|def)\b['\"]?\s*:")
_DATATYPE = re.compile(r"\bdatatype\b['\"]?\s*:\s*(.*)")
#: What the compiler finds between blocks, and finds again.
_BETWEEN = frozenset({Finding.ID_TWICE, Finding.NO_FILE, Finding.TOO_LARGE})


class Earlier:
    """The blocks of `interview`, and what was found in each."""

    def __init__(self, interview: Interview, problems: Iterable[Problem]) -> None:
        made: dict[Place, list[Block]] = {}
        for block in interview.blocks:
            made.setdefault(block.place, []).append(block)
        self._blocks: dict[tuple[str, str, str], list[list[Block]]] = {}
        for place, blocks in made.items():
            self._blocks.setdefault((place.file, blocks[0].source_text, blocks[0].language), []).append(blocks)
        self._problems: dict[tuple[str, int], list[Problem]] = {}
        for problem in problems:
            if problem.finding not in _BETWEEN:
                self._problems.setdefault((problem.place.file, problem.place.number), []).append(problem)

    def blocks(self, text: str, place: Place, language: str) -> tuple[Sequence[Block], Sequence[Problem]] | None:
        """What `text` at `place`, in a part of its file that is in `language`, was made into; None if it is to be compiled."""
        alike = self._blocks.get((place.file, text, language))
        if not alike or _reads_elsewhere(text):
            return None
        # Of several with the same text the first goes first, as they stand in the file.
        made = alike.pop(0)
        was = made[0].place
        problems = self._problems.get((was.file, was.number), [])
        if was == place:
            return made, problems
        move = _Move(was, place)
        return [move(block) for block in made], [move(problem) for problem in problems]


class _Move:
    """Copies of what knows the place `was`, as if it had been compiled at `now`."""

    def __init__(self, was: Place, now: Place) -> None:
        self._now = now
        self._down, self._further = now.line - was.line, now.number - was.number
        self._names = {filename_for(was): filename_for(now)}
        self._places: dict[Place, Place] = {}

    def __call__(self, one: Any) -> Any:
        cls = type(one)
        if cls in _STAY:
            return one
        if cls is Place:
            now = self._now
            return self._places.setdefault(one, Place(now.file, now.block, now.number, one.line + self._down))
        if cls is CodeType:
            return self._code(one)
        if cls in _ROWS:
            return cls(map(self, one))
        if cls in (FrozenDict, MappingProxyType):
            pairs = {key: self(value) for key, value in one.items()}
            return FrozenDict(pairs) if cls is FrozenDict else MappingProxyType(pairs)
        parts = _parts(cls)  # type: ignore[arg-type]
        if parts:
            copy = object.__new__(cls)
            for name in parts:
                object.__setattr__(copy, name, self(getattr(one, name)))
            if cls is Block:  # also one in a choice
                object.__setattr__(copy, "number", one.number + self._further)
            return copy
        return one

    def _code(self, code: CodeType) -> CodeType:
        constants = tuple(self._code(item) if isinstance(item, CodeType) else item for item in code.co_consts)
        name = self._names.get(code.co_filename, code.co_filename)
        line = code.co_firstlineno + self._down
        return code.replace(co_firstlineno=line, co_consts=constants, co_filename=name)


@cache
def _parts(cls: type) -> tuple[str, ...]:
    """What a value of a compiled interview is made of; nothing for one that is whole."""
    if is_dataclass(cls):
        return tuple(part.name for part in fields(cls))
    return _TEXTS.get(cls, ())


def _reads_elsewhere(text: str) -> bool:
    if _ELSEWHERE.search(text):
        return True
    return any(named.strip().strip("'\"") not in WRITTEN for named in _DATATYPE.findall(text))
