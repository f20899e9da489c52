"""What ``x`` and ``i`` … ``n`` stand for while a block is used, in a form that can be kept and found again."""

from __future__ import annotations

from typing import Any

from shared.engine.names import ITERATORS
from shared.engine.run import Run
from shared.language.model import Block


def context_of(run: Run, block: Block) -> dict[str, Any]:
    """What ``x`` and the index variables that the block's names use stand for now: plain values, kept with the screen."""
    written = [*block.sets]
    if block.question is not None:
        written.extend(field.variable for field in block.question.fields if field.variable)
    text = " ".join(written)
    context: dict[str, Any] = {}
    if block.generic is not None:
        owner = run.namespace.get("x")
        context["x"] = getattr(owner, "instanceName", None) or "x"
    for iterator in ITERATORS:
        if f"[{iterator}]" in text and iterator in run.namespace:
            context[iterator] = run.namespace[iterator]
    return context
