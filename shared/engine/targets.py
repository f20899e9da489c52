"""Templates that a check-in fills into a place of the open page: ``template`` blocks with a ``target``."""

from __future__ import annotations

from shared.authoring.errors import BackgroundResponse
from shared.engine import lookup
from shared.engine.run import Run
from shared.language.model import Block


def fill_target(run: Run, block: Block, name: str) -> None:
    """A template with a ``target`` that a check-in asks for answers it with its HTML (docs background.md, "target")."""
    target = block.options.get("target")
    if target is None or run.context.mode != "checkin" or run.context.action != name:
        return
    template = lookup.evaluate(run.namespace, name)
    raise BackgroundResponse({"target": target, "content": template.content_as_html()}, "backgroundresponse")
