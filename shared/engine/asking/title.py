"""The title under which a session is listed."""

from __future__ import annotations

from shared.authoring import memory
from shared.engine.asking import screen_parts
from shared.engine.run import Run


def plain(run: Run) -> str | None:
    """The title set by set_title() or the metadata, or None. A title with a missing variable is none yet."""
    stated = (run.internal.get(memory.PARTS) or {}).get("title")
    title = stated if stated is not None else run.interview.metadata.get("title")
    if title is None:
        return None
    try:
        return run.render(screen_parts.in_language(run, title)).strip()
    except Exception:
        return None
