"""The progress bar: set by questions and by set_progress(), and moving by itself where neither says anything.

Rules: docs modifiers.md ("progress"), initial.md ("progress bar").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.authoring import memory
from shared.engine.run import Run

#: The part of the way that one step goes, and where the bar ends.
MULTIPLIER, END = 0.05, 100.0


def meet(run: Run, options: Mapping[str, object]) -> None:
    """A question is shown: its own ``progress`` counts, but does not lead back unless the interview allows that."""
    if "progress" not in options:
        return
    value = run.value(options["progress"])
    if value is None or str(value).strip().lower() in ("none", "null"):
        run.internal[memory.PROGRESS] = None
        return
    number = _number(value)
    if number is None:
        return
    present = run.internal.get(memory.PROGRESS)
    if present is None or number > present or run.truth(run.interview.features.get("progress can go backwards")):
        run.internal[memory.PROGRESS] = number


def advance(run: Run) -> None:
    """An answer was taken: go a part of the way to the end, or with the method ``stepped`` to the next stated value."""
    features = run.interview.features
    if not features.get("progress bar"):
        return
    present = run.internal.get(memory.PROGRESS, 0)
    if present is None:  # hidden until something sets it
        return
    multiplier = _number(features.get("progress bar multiplier"))
    goal = END
    if features.get("progress bar method") == "stepped":
        goal = min((value for value in run.plan.stated_progress if value > present), default=END)
    run.internal[memory.PROGRESS] = present + (goal - present) * (MULTIPLIER if multiplier is None else multiplier)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
