"""Where in author code an effect was called: the lines that lead to it, so that the same line is found again later.

A line is known by its text, so that an edit elsewhere in the block moves nothing. Asked only when an effect is called.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from shared.language.code import place_of
from shared.language.model import Interview

#: Author code runs below this module and nowhere else.
_FLOOR = "shared.engine.step"
_ROOT = Path(__file__).resolve().parents[3]
#: Files that no author wrote.
_OURS = tuple(f"{folder}/" for folder in (_ROOT / "shared", _ROOT / "services", sys.prefix, sys.base_prefix))
#: Frames of their own in Python 3.11 and none later: a session may outlive the change.
_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>"})


def author_frames() -> tuple[FrameType, ...]:
    """The frames of author code that are running, innermost first: of interviews and of authors' modules."""
    return tuple(_frames(sys._getframe(1)))


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        if _is_authors(frame.f_code.co_filename):
            yield frame
        elif frame.f_globals.get("__name__") == _FLOOR:
            return
        frame = frame.f_back


@lru_cache(maxsize=1024)
def _is_authors(filename: str) -> bool:
    return filename.startswith("<interview ") or (filename.startswith("/") and not filename.startswith(_OURS))


def place(interview: Interview, frames: tuple[FrameType, ...]) -> tuple[Any, ...]:
    """The lines of `frames`: text, function, and which of the equal lines of its block; in modules the line of the function."""
    return tuple(_line(interview, frame) for frame in frames if frame.f_code.co_name not in _COMPREHENSIONS)


def _line(interview: Interview, frame: FrameType) -> tuple[object, ...]:
    code = frame.f_code
    at = place_of(code.co_filename, frame.f_lineno)
    if at is None:
        return (Path(code.co_filename).name, code.co_qualname, frame.f_lineno - code.co_firstlineno)
    block = interview.by_name.get(at.block)
    lines = _stripped(block.source_text) if block is not None else ()
    index = at.line - block.place.line + _lead(lines) if block is not None else -1
    if not 0 <= index < len(lines):
        return (at.file, code.co_name, at.line)
    return (lines[index], code.co_name, lines[:index].count(lines[index]))


@lru_cache(maxsize=256)
def _stripped(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n"))


def _lead(lines: tuple[str, ...]) -> int:
    """How many lines stand before the first key of a block: empty ones and comments."""
    return next((number for number, line in enumerate(lines) if line and not line.startswith("#")), 0)
