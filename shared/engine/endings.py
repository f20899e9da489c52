"""How a step ends: how it is saved, what it wants done, what others may query."""

from __future__ import annotations

from shared.authoring import memory
from shared.engine import title
from shared.engine.outcome import Flags, Outcome
from shared.engine.run import Run
from shared.engine.screen import Screen


def outcome(run: Run, screen: Screen, save: str) -> Outcome:
    """The outcome of a step that ended with a screen, saved as the author or else `save` says."""
    stated = run.context.step.get(memory.SAVE)
    if stated in ("ignore", "overwrite") or (stated == "new" and save != "ignore"):
        save = stated
    return Outcome(save=save, screen=screen, effects=tuple(run.context.effects), flags=flags(run))


def flags(run: Run) -> Flags:
    """What others may query about the session."""
    variables, interview = run.namespace, run.interview
    tags = run.internal.get(memory.TAGS)
    if tags is None:
        tags = interview.metadata.get("tags") or ()
    progress = run.internal.get(memory.PROGRESS)
    return Flags(
        multi_user=bool(variables.get("multi_user", False)),
        allow_cron=bool(variables.get("allow_cron", False)),
        events=run.plan.events,
        title=title.plain(run),
        tags=tuple(str(tag) for tag in tags),
        progress=int(progress) if isinstance(progress, int | float) else None,
    )
