"""Sections: which one the user is in, and the tree that the navigation bar shows.

Rules: docs initial.md ("sections"), modifiers.md ("section"), functions.md ("Functions for working with sections").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.authoring import memory
from shared.authoring.functions.navigation import enter_section
from shared.engine.run import Run
from shared.language.model import Block


def enter(run: Run, block: Block, options: Mapping[str, object]) -> str | None:
    """Take note of the ``section`` that a question names; returns the section that is current then."""
    state = run.internal.get(memory.NAVIGATION)
    stated = options.get("section")
    if stated is not None:
        key = run.value(stated)
        if key is not None:
            enter_section(str(key))
            state = run.internal.get(memory.NAVIGATION)
    return None if not state else state.get("section")


def tree(run: Run) -> tuple[Mapping[str, object], ...]:
    """The sections of the interview, with the current one and those done marked."""
    sections = run.interview.sections
    state = run.internal.get(memory.NAVIGATION) or {}
    own = state.get("sections") or {}
    if not sections and not own:
        return ()
    language = run.context.language
    listed = own.get(language) or own.get("*") or sections.get(language) or sections.get("*") or ()
    visited = state.get("visited") or []
    return tuple(_entry(run, item, state.get("section"), visited) for item in listed)


def _entry(run: Run, item: Any, current: str | None, visited: list[str]) -> Mapping[str, object]:
    inner: Any = ()
    if isinstance(item, str):
        key, label = item, item
    else:
        pairs = [(key, value) for key, value in item.items() if key not in ("subsections", "hidden", "disabled")]
        key, value = pairs[0]
        label, inner = (
            (str(key), value)
            if isinstance(value, list | tuple)
            else (run.render(value) if value is not None else str(key), ())
        )
        inner = item.get("subsections") or inner
    sub = [_entry(run, child, current, visited) for child in inner]
    return {
        "key": str(key),
        "label": str(label),
        "current": str(key) == current or any(child["current"] for child in sub),
        "done": str(key) in visited and str(key) != current,
        "sub": sub,
    }
