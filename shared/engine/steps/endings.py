"""How a step ends: how it is saved, what it wants done, what others may query."""

from __future__ import annotations

from msgspec.structs import replace

from shared.authoring import memory
from shared.contract.effects import DeleteSession, Effect
from shared.contract.screen import Screen
from shared.engine.asking import title
from shared.engine.outcome import Flags, Outcome
from shared.engine.run import Run

#: Commands that erase the session (questions.md, "Special buttons"; functions.md, command()). The others leave it as it is.
EXITS = ("exit", "exit_logout")


def outcome(run: Run, screen: Screen, save: str) -> Outcome:
    """The outcome of a step that ended with a screen, saved as the author or else `save` says."""
    stated = run.context.step.get(memory.SAVE)
    if stated in ("ignore", "overwrite") or (stated == "new" and save != "ignore"):
        save = stated
    if screen.reload or screen.kind == "wait" or screen.command == "wait":
        screen = replace(screen, waits=tuple(run.context.step.get(memory.WAITS, ())))
    return Outcome(save=save, screen=screen, effects=effects(run, screen), flags=flags(run))


def effects(run: Run, screen: Screen | None) -> tuple[Effect, ...]:
    """What the step wants done outside; where it ends in an exit, that the session goes, after everything else."""
    done: tuple[Effect, ...] = tuple(run.context.effects)
    if screen is not None and screen.kind == "command" and screen.command in EXITS:
        return (*done, DeleteSession())
    return done


def flags(run: Run) -> Flags:
    """What others may query about the session."""
    variables, interview = run.namespace, run.interview
    tags = run.internal.get(memory.TAGS)
    if tags is None:
        tags = interview.metadata.get("tags") or ()
    progress = run.internal.get(memory.PROGRESS)
    return Flags(
        multi_user=bool(variables.get("multi_user", False)),
        # `use_cron` is what older interviews, and the first page about scheduled tasks, call it.
        allow_cron=bool(variables.get("allow_cron", False) or variables.get("use_cron", False)),
        events=run.plan.events,
        title=title.plain(run),
        tags=tuple(str(tag) for tag in tags),
        progress=int(progress) if isinstance(progress, int | float) else None,
    )
