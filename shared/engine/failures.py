"""From an exception to a `Failure`: what went wrong, where the author wrote it, and what was being sought."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from itertools import groupby

from shared.authoring.errors import Signal
from shared.engine.errors import EngineError
from shared.engine.outcome import Failure
from shared.engine.run import Run
from shared.language.code import place_of
from shared.language.model import Place

#: Frames kept of a traceback.
FRAMES = 30

#: Frames of these are left out of traces: they say nothing to an author.
_SILENT = ("/shared/engine/", "/shared/language/", "/shared/runner/")


def describe(run: Run, error: BaseException) -> Failure:
    """The failure that `error` is, with file, block and line as far as they are known."""
    place = locate(run, error)
    return Failure(
        type=type(error).__name__,
        message=_message(error),
        file=place.file if place is not None else None,
        block=place.block if place is not None else None,
        line=place.line if place is not None else None,
        trail=tuple(reversed(run.trail)),
        trace=trace(error),
        history=tuple(run.history),
    )


def _message(error: BaseException) -> str:
    if isinstance(error, Signal):
        return f"{type(error).__name__} was raised where nothing can answer it. Call the function that raises it in a code block."
    if isinstance(error, MemoryError) and not str(error):
        return "the interview needed more memory than it may have (`memory mb` of the configuration)"
    return str(error) or type(error).__name__


def locate(run: Run, error: BaseException) -> Place | None:
    """The line of author code nearest to the error; else the place the error itself knows; else the block that ran last."""
    if isinstance(error, EngineError) and error.place is not None:
        return error.place
    found: Place | None = None
    frame = error.__traceback__
    while frame is not None:
        place = place_of(frame.tb_frame.f_code.co_filename, frame.tb_lineno)
        found = place if place is not None else found
        frame = frame.tb_next
    if found is None and error.__cause__ is not None and not isinstance(error, EngineError):
        found = locate(run, error.__cause__)
    return found if found is not None else run.place


def trace(error: BaseException) -> str:
    """The traceback with author frames by their interview file; frames of the engine are left out."""
    lines: list[str] = []
    for frame in traceback.extract_tb(error.__traceback__)[-FRAMES:]:
        place = place_of(frame.filename, frame.lineno or 0)
        if place is not None:
            lines.append(f"{place.file}, {place.block}, line {place.line}, in {frame.name}")
        elif not any(ours in frame.filename for ours in _SILENT):
            lines.append(f"{frame.filename.rpartition('/')[2]}, line {frame.lineno}, in {frame.name}")
    return "\n".join([*_counted(lines), f"{type(error).__name__}: {error}"])


def _counted(lines: list[str]) -> Iterator[str]:
    """Lines that repeat one after the other, as in a recursion, once and with their number."""
    for line, same in groupby(lines):
        times = sum(1 for _ in same)
        yield line if times == 1 else f"{line} ({times} times)"
