"""Doing what an action asks for: seeking its variable, running a built-in one, queueing what force_ask() names."""

from __future__ import annotations

from collections.abc import Mapping

from shared.authoring.errors import ForcedName
from shared.contract.screen import Screen
from shared.engine.doing import actions, builtin_actions
from shared.engine.keeping.runs import entry_of
from shared.engine.naming.names import is_name
from shared.engine.run import Run
from shared.engine.seeking import seek


def pursue(run: Run, entry: actions.Entry, *, queued: bool) -> Screen | None:
    """Do what `entry` says: a Screen to show, or None when it is done and the logic goes on."""
    name, arguments = entry["action"], entry.get("arguments") or {}
    run.context.action = name
    run.context.arguments = arguments
    run.note(f"action {name}")
    if actions.is_builtin(name):
        if name not in builtin_actions.LASTING:
            actions.drop(run, entry)
        screen = builtin_actions.run(run, name, arguments)
        actions.drop(run, entry)
        return screen
    actions.bind_context(run, entry.get("context") or {})
    if name == _asked(run) and (not is_name(name) or next(seek.candidates(run, name), None) is None):
        run.no_action = name
    run.runs.action = (name, entry_of(run.client, entry))
    try:
        screen = seek.force(run, name) if is_name(name) else None
    finally:
        run.runs.action = None
    run.action_asked = screen
    if screen is None:
        actions.drop(run, entry)
        if not queued:
            run.context.action = None
            run.action_ended = True
    return screen


def _asked(run: Run) -> str | None:
    """The name of the action that the request is about."""
    request = run.request
    if request.check_in is not None:
        return request.check_in.action
    return request.action.name if request.action is not None else None


def gather(run: Run, name: str) -> Screen | None:
    """Seek what force_gather() asked for; a name that no block defines is forgiven."""
    screen = seek.seek(run, name, forgive=True)
    waiting = run.internal["gather"]
    if screen is None and name in waiting:
        waiting.remove(name)
    return screen


def force(run: Run, signal: ForcedName) -> Screen | None:
    """force_ask() and force_gather(): queue what they name ahead of what waits, nothing twice, and begin with it.

    Where nothing may be queued (check-ins, background) the items are pursued at once.
    """
    if signal.gather:
        waiting = run.internal["gather"]
        names = [name for name in signal.actions if isinstance(name, str) and name not in waiting]
        run.internal["gather"] = [*names, *waiting]
        return None
    entries = [entry for action in signal.actions for entry in actions.entries_of(action)]
    given = signal.options.get("context")
    context = given if isinstance(given, Mapping) else {}
    for entry in entries:
        entry.setdefault("context", dict(context))
    if not run.queueing:
        for entry in entries:
            screen = pursue(run, entry, queued=False)
            if screen is not None:
                return screen
        return None
    if signal.options.get("forget_prior"):
        run.internal["stack"].pop(run.client, None)
    actions.push(run, entries, first=True)
    if run.interview.author_processes_actions and entries:
        raise actions.Pursue(entries[0], queued=True)
    return None
