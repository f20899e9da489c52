"""Text files that code names (``content file``): read, compiled as Mako, rendered.

Rules: docs initial.md ("template"), documents.md ("content file").
"""

from __future__ import annotations

from shared.engine.documents import metadata
from shared.engine.run import Run
from shared.language.model import Place
from shared.language.text import compile_text


def render(run: Run, reference: object, place: Place) -> str:
    """The texts of the files that `reference` evaluates to: names, DAFile objects, or a list of these."""
    found = metadata.located(run, reference, place)
    found = getattr(found, "elements", found)
    listed = found if isinstance(found, list | tuple) else [found]
    return "\n".join(run.render(compile_text(_text(run, item), place)) for item in listed)


def _text(run: Run, item: object) -> str:
    if hasattr(item, "slurp"):
        return str(item.slurp())
    _, content = run.context.files.find(str(item), "templates")
    return str(content, "utf-8")
