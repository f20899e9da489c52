"""Actions: what a link, a button, a check-in or force_ask() wants the interview to do out of turn.

Rules: docs functions.md ("Functions for managing actions", force_ask, force_gather) and the engine specification. Each browser has its own stack
of pending actions in `internal["stack"]`; an entry is ``{"action", "arguments", "context"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.authoring.errors import ForcedName, Signal
from shared.authoring.functions.received import email_object
from shared.engine import builtin_actions, lookup
from shared.engine.names import is_name
from shared.engine.run import Run
from shared.engine.screen import Screen
from shared.language.model import Block

Entry = dict[str, Any]


class Pursue(Signal):
    """Ends the pass in favour of an action. Raised by `process`, met by ``passes``."""

    def __init__(self, entry: Entry, *, queued: bool) -> None:
        super().__init__(entry)
        self.entry = entry
        self.queued = queued


class Gather(Signal):
    """Ends the pass because force_gather() asked for `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def process(run: Run) -> None:
    """``process_action()``: run the action of the request, or else what is pending. Raises what ends the pass.

    Nothing is pending: returns. Sets the action's arguments for ``action_argument()``.
    """
    asked = asked_by(run)
    if asked is not None and not run.action_done:
        run.action_done = True
        entry: Entry = {"action": asked[0], "arguments": dict(asked[1]), "context": {}}
        if run.queueing:
            push(run, [entry], first=True)
        raise Pursue(entry, queued=run.queueing)
    if not run.queueing:
        return
    gather = run.internal["gather"]
    while gather:
        if not lookup.is_defined(run.namespace, gather[0]):
            raise Gather(gather[0])
        gather.pop(0)
    stack = run.internal["stack"].get(run.client)
    if stack:
        raise Pursue(stack[0], queued=True)


#: The argument by which a task names the received mail that started it.
MAIL = "_mail"


def asked_by(run: Run) -> tuple[str, Mapping[str, Any]] | None:
    """The action that the request itself names, with its arguments."""
    request = run.request
    if request.action is None:
        return None
    arguments = request.action.arguments
    if request.mode == "background" and MAIL in arguments:
        arguments = {"email": _received(run, arguments[MAIL])}
    return request.action.name, arguments


def _received(run: Run, mail_id: Any) -> Any:
    """The mail that fired ``incoming_email``, as an object like those of get_emails() (background.md, "Running code … when an e-mail arrives")."""
    for mail in run.context.emails(None):
        if mail["id"] == mail_id:
            return email_object(mail)
    raise LookupError(f"the mail {mail_id} is not one of this session")


def is_builtin(name: Any) -> bool:
    return isinstance(name, str) and name.startswith("_da_")


def pursue(run: Run, entry: Entry, *, queued: bool) -> Screen | None:
    """Do what `entry` says: a Screen to show, or None when it is done and the logic goes on."""
    from shared.engine import seek

    name, arguments = entry["action"], entry.get("arguments") or {}
    run.context.action = name
    run.context.arguments = arguments
    run.note(f"action {name}")
    if is_builtin(name):
        if name not in builtin_actions.LASTING:
            drop(run, entry)
        screen = builtin_actions.run(run, name, arguments)
        drop(run, entry)
        return screen
    bind_context(run, entry.get("context") or {})
    screen = seek.force(run, name) if is_name(name) else None
    if screen is None:
        drop(run, entry)
        if not queued:
            run.context.action = None
    return screen


def bind_context(run: Run, context: Mapping[str, Any]) -> None:
    """Give ``x``, ``i`` … the meaning they had where the action was made."""
    for name, value in context.items():
        run.namespace[name] = lookup.fetch_or(run.namespace, value, value) if name == "x" else value


def gather(run: Run, name: str) -> Screen | None:
    """Seek what force_gather() asked for; a name that no block defines is forgiven."""
    from shared.engine import seek

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
    entries = [entry for action in signal.actions for entry in entries_of(action)]
    context = signal.options.get("context") or {}
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
    push(run, entries, first=True)
    if run.interview.author_processes_actions and entries:
        raise Pursue(entries[0], queued=True)
    return None


def entries_of(action: Any) -> list[Entry]:
    """One item of force_ask() or of a review screen as entries of the stack."""
    if isinstance(action, str):
        return [{"action": action, "arguments": {}}]
    if isinstance(action, Mapping):
        if "action" in action:
            return [{"action": str(action["action"]), "arguments": dict(action.get("arguments") or {})}]
        for word, command in builtin_actions.WORDS.items():
            if word in action:
                return [{"action": command, "arguments": {"variables": builtin_actions.as_list(action[word])}}]
    return []


def push(run: Run, entries: list[Entry], *, first: bool) -> None:
    stacks = run.internal["stack"]
    waiting = stacks.get(run.client, [])
    new: list[Entry] = []
    for entry in entries:
        if entry not in new:
            new.append(entry)
    rest = [entry for entry in waiting if not any(_same(entry, other) for other in new)]
    stacks[run.client] = [*new, *rest] if first else [*rest, *new]


def _same(one: Entry, other: Entry) -> bool:
    return one["action"] == other["action"] and (one.get("arguments") or {}) == (other.get("arguments") or {})


def drop(run: Run, entry: Entry) -> None:
    """Take `entry` off the stack, if it is there."""
    _keep(run, lambda other: other is not entry and other != entry)


def pop_names(run: Run, names: set[str]) -> None:
    """A post set these variables or named these events: the actions that waited for them are done."""
    _keep(run, lambda entry: entry["action"] not in names)


def pop_events(run: Run, block: Block, name: str) -> None:
    """The code of an event has run: it waits no longer."""
    pop_names(run, {name, *block.events})


def _keep(run: Run, wanted: Any) -> None:
    stacks = run.internal["stack"]
    waiting = stacks.get(run.client)
    if not waiting:
        return
    kept = [entry for entry in waiting if wanted(entry)]
    if kept:
        stacks[run.client] = kept
    else:
        del stacks[run.client]
