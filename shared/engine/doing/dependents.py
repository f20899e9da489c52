"""What follows from a change: ``depends on``, ``on change``, invalidating and reconsidering variables.

Rules: docs logic.md ("depends on", "on change", "reconsider") and functions.md ("invalidate()", "reconsider()"). A change is a
new value in place of another; a first definition is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.authoring.errors import MISSING
from shared.engine.keeping import plain
from shared.engine.naming import lookup
from shared.engine.naming.names import ITERATORS, BadName, Variant, canonical, specific, variants
from shared.engine.run import Run
from shared.language.model import Block

_NOTHING = lookup.NOTHING


def watch(run: Run, block: Block) -> dict[str, object]:
    """The present values of those names of a code block that others depend on; empty for most blocks."""
    plan = run.plan
    if not plan.dependents and not plan.on_change:
        return {}
    context = context_now(run, block.sets)
    return remember(run, [specific(name, context) for name in block.sets])


def remember(run: Run, names: Iterable[str]) -> dict[str, object]:
    """The present values of `names` as far as something depends on them."""
    plan = run.plan
    if not plan.dependents and not plan.on_change:
        return {}
    found = {}
    for name in names:
        if any(variant.name in plan.dependents or variant.name in plan.on_change for variant in _variants(name)):
            found[canonical(name)] = _snapshot(lookup.fetch_or(run.namespace, name, _NOTHING))
    return found


def compare(run: Run, watched: dict[str, object]) -> None:
    """Tell the dependents of those names whose value is not what `watch` or `remember` saw.

    A first value is a change for ``on change`` (docs initial.md), and none for ``depends on`` (docs logic.md).
    """
    for name, old in watched.items():
        new = lookup.fetch_or(run.namespace, name, _NOTHING)
        if new is not _NOTHING and (old is _NOTHING or _snapshot(new) != old):
            changed(run, name, first=old is _NOTHING)


def changed(run: Run, name: str, *, first: bool = False) -> None:
    """`name` has a new value: run its ``on change`` blocks and, unless it is its first, invalidate what depends on it."""
    for variant, block in _matching(run, name, run.plan.on_change):
        with _bound(run, variant):
            _run_on_change(run, block)
    if first:
        return
    run.note(f"{name} has changed")
    for variant, block in _matching(run, name, run.plan.dependents):
        context = _context_of(run, variant)
        for written in block.sets:
            target = canonical(specific(written, context))
            if target != canonical(name):
                invalidate(run, target)


def invalidate(run: Run, name: str) -> None:
    """Forget `name` and what depends on it, but offer its value as the default when it is asked again."""
    value = lookup.fetch_or(run.namespace, name, _NOTHING)
    if value is _NOTHING:
        return
    run.internal["dirty"][canonical(name)] = plain.answerable(value)
    lookup.remove(run.namespace, name)
    for variant, block in _matching(run, name, run.plan.dependents):
        context = _context_of(run, variant)
        for written in block.sets:
            invalidate(run, canonical(specific(written, context)))


def reconsider(run: Run, names: Iterable[str]) -> None:
    """Forget `names` and have them defined again, each once in a step (raises for the first that is missing)."""
    for name in names:
        if name in run.changed:
            continue
        run.changed.add(name)
        lookup.remove(run.namespace, name)
    for name in names:
        lookup.evaluate(run.namespace, name)


def context_now(run: Run, names: Iterable[str]) -> dict[str, object]:
    """What ``x`` and ``i`` … stand for now, as far as `names` use them."""
    context: dict[str, object] = {}
    text = " ".join(names)
    if "x." in text or "x[" in text:
        owner = run.namespace.get("x")
        context["x"] = getattr(owner, "instanceName", None) or "x"
    for iterator in ITERATORS:
        if f"[{iterator}]" in text and iterator in run.namespace:
            context[iterator] = run.namespace[iterator]
    return context


def _run_on_change(run: Run, block: Block) -> None:
    """Errors in ``on change`` code are logged for the author and do not stop the interview (spec)."""
    if block.code is None:
        return
    try:
        run.execute(block.code)
    except MISSING as error:
        run.note(f"the on change code of {block.place.block} ended early: {error}")
    except Exception as error:
        run.note(f"the on change code of {block.place.block} failed: {type(error).__name__}: {error}")


def _variants(name: str) -> tuple[Variant, ...]:
    try:
        return variants(name)
    except BadName:
        return ()


def _matching(run: Run, name: str, index: dict[str, tuple[Block, ...]]) -> Iterator[tuple[Variant, Block]]:
    if not index:
        return
    seen: set[int] = set()
    for variant in _variants(name):
        for block in index.get(variant.name, ()):
            if block.number in seen or (variant.generic is None) != (block.generic is None):
                continue
            if variant.generic is not None:
                owner = lookup.fetch_or(run.namespace, variant.generic)
                if block.generic not in {cls.__name__ for cls in type(owner).__mro__}:
                    continue
            seen.add(block.number)
            yield variant, block


def _context_of(run: Run, variant: Variant) -> dict[str, object]:
    context: dict[str, object] = {}
    if variant.generic is not None:
        context["x"] = variant.generic
    for iterator, source in zip(ITERATORS, variant.iterators, strict=False):
        context[iterator] = lookup.index_value(run.namespace, source)
    return context


class _bound:
    """``x`` and ``i`` … have a variant's values inside, and their own again after."""

    def __init__(self, run: Run, variant: Variant) -> None:
        self.namespace = run.namespace
        self.values: dict[str, object] = {}
        if variant.generic is not None:
            self.values["x"] = lookup.evaluate(run.namespace, variant.generic)
        for iterator, source in zip(ITERATORS, variant.iterators, strict=False):
            self.values[iterator] = lookup.index_value(run.namespace, source)
        self.outer: dict[str, object] = {}

    def __enter__(self) -> None:
        self.outer = {name: self.namespace.get(name, _NOTHING) for name in self.values}
        self.namespace.update(self.values)

    def __exit__(self, *_: object) -> None:
        for name, value in self.outer.items():
            if value is _NOTHING:
                self.namespace.pop(name, None)
            else:
                self.namespace[name] = value


def _snapshot(value: object) -> object:
    """Something that differs if the value was changed in place."""
    elements = getattr(value, "__dict__", {}).get("elements") if not isinstance(value, type) else None
    if isinstance(elements, dict):
        return dict(elements)
    if isinstance(elements, list | set):
        return list(elements)
    if isinstance(value, list | dict | set):
        return value.copy()
    return value
