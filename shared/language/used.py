"""What the compiled pieces of an interview look up: the names a block needs, and where it says so.

Read from the compiled code, so that what a template or a comprehension assigns for itself does not count.
"""

from __future__ import annotations

import dataclasses
import dis
from collections.abc import Collection, Iterator, Mapping
from types import CodeType
from typing import Any

from shared.language.model import Code, Expr, Place

_LOADS = frozenset({"LOAD_NAME", "LOAD_GLOBAL"})
_STORES = frozenset({"STORE_NAME", "STORE_GLOBAL"})


def pieces(thing: object) -> Iterator[Any]:
    """Every `Code`, `Expr` and `Text` in a block, a question, an option …"""
    if isinstance(thing, (str, bytes, int, float, Place)) or thing is None:
        return
    if isinstance(thing, (Code, Expr)) or hasattr(thing, "render"):
        yield thing
    elif isinstance(thing, Mapping):
        for item in thing.values():
            yield from pieces(item)
    elif isinstance(thing, (list, tuple)):
        for item in thing:
            yield from pieces(item)
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from pieces(getattr(thing, field.name))


def lookups(piece: Any) -> Iterator[tuple[str, int]]:
    """The global names that a piece looks up, with the line of each."""
    code = piece.compiled if isinstance(piece, (Code, Expr)) else piece.code
    if code is not None:
        yield from _lookups(code, piece.place.line)


def _lookups(code: CodeType, line: int) -> Iterator[tuple[str, int]]:
    assigned = {step.argval for step in dis.get_instructions(code) if step.opname in _STORES}
    for step in dis.get_instructions(code):
        line = _line_of(step, line)
        if step.opname in _LOADS and step.argval not in assigned:
            yield step.argval, line
    for item in code.co_consts:
        if isinstance(item, CodeType):
            for name, at in _lookups(item, line):
                if name not in assigned:
                    yield name, at


def _line_of(step: dis.Instruction, before: int) -> int:
    """The line of an instruction; what the compiler adds has none and counts as where the one before is."""
    line = step.positions.lineno if step.positions is not None else None
    return before if line is None else line


def named_actions(piece: Any, functions: Collection[str]) -> Iterator[tuple[str, int]]:
    """The texts that a piece gives to one of `functions` as the first argument, with the line of each."""
    code = piece.compiled if isinstance(piece, (Code, Expr)) else piece.code
    if code is not None:
        yield from _named(code, functions, piece.place.line)


def _named(code: CodeType, functions: Collection[str], line: int) -> Iterator[tuple[str, int]]:
    called = False
    for step in dis.get_instructions(code):
        line = _line_of(step, line)
        if step.opname == "PUSH_NULL":  # 3.13 has it between a function and its arguments
            continue
        if called and step.opname == "LOAD_CONST" and isinstance(step.argval, str):
            yield step.argval, line
        called = step.opname in _LOADS and step.argval in functions
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield from _named(item, functions, line)
