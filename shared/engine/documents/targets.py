"""Templates that a check-in fills into a place of the open page: ``template`` blocks with a ``target``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared.authoring.errors import BackgroundResponse
from shared.engine.naming import lookup
from shared.engine.run import Run
from shared.language.model import Block


@contextmanager
def put_aside(run: Run) -> Iterator[None]:
    """Meanwhile no template with a ``target`` is defined, so that each is come to anew; those that are not are as they were afterwards."""
    names = [name for block in run.interview.blocks if block.options.get("target") is not None for name in block.sets]
    aside = {name: run.namespace.pop(name) for name in names if name in run.namespace}
    try:
        yield
    finally:
        for name, value in aside.items():
            run.namespace.setdefault(name, value)


def fill_target(run: Run, block: Block, name: str) -> None:
    """A template with a ``target`` that a check-in comes to answers it with its HTML (docs background.md, "target").

    Either the check-in names it, or the code that it names refers to it.
    """
    target = block.options.get("target")
    if target is None or run.context.mode != "checkin" or run.queueing:
        return
    template = lookup.evaluate(run.namespace, name)
    raise BackgroundResponse({"target": target, "content": template.content_as_html()}, "backgroundresponse")
