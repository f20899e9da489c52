"""Actions: what a link, a button, a check-in or force_ask() wants the interview to do out of turn.

Rules: docs functions.md ("Functions for managing actions", force_ask, force_gather) and the engine specification. Each browser has its own stack
of pending actions in `internal["stack"]`; an entry is ``{"action", "arguments", "context"}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.authoring import offers
from shared.authoring.errors import Signal
from shared.authoring.functions.received import email_object
from shared.engine.doing import asked as requested
from shared.engine.doing import builtin_actions
from shared.engine.keeping.runs import entry_of
from shared.engine.naming import lookup
from shared.engine.run import Run
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
    """``process_action()``: run the action of the request, or else what is pending. Raises what ends the pass, and `BadAction`.

    Nothing is pending: returns. Sets the action's arguments for ``action_argument()``.
    """
    asked = asked_by(run)
    if asked is not None and not run.action_done and run.request.mode == "foreground" and is_builtin(asked[0]):
        requested.check(run, *asked)
    if asked is not None and not run.action_done and not _may(run, *asked):
        run.action_done = True
        run.note(f"action {asked[0]} refused: it would set what no page of this session offered to set")
    if asked is not None and not run.action_done:
        run.action_done = True
        entry: Entry = {"action": asked[0], "arguments": dict(asked[1]), "context": {}}
        run.runs.forget_action(entry_of(run.client, entry))  # each click is a click
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


def _may(run: Run, name: str, arguments: Mapping[str, object]) -> bool:
    """Whether the request may ask for this: what comes from a browser sets only what it was offered to set."""
    return run.request.mode != "foreground" or offers.offered(run.internal, name, arguments)


#: The argument by which a task names the received mail that started it.
MAIL = "_mail"


def asked_by(run: Run) -> tuple[str, Mapping[str, object]] | None:
    """The action that the request itself names, with its arguments."""
    request = run.request
    if request.action is None:
        return None
    arguments = request.action.arguments
    if request.mode == "background" and MAIL in arguments:
        arguments = {"email": _received(run, arguments[MAIL])}
    return request.action.name, arguments


def _received(run: Run, mail_id: object) -> object:
    """The mail that fired ``incoming_email``, as an object like those of get_emails() (background.md, "Running code … when an e-mail arrives")."""
    mail = run.context.email(str(mail_id))
    if mail is None:
        raise LookupError(f"the mail {mail_id} is not one of this session")
    return email_object(mail)


def is_builtin(name: object) -> bool:
    return isinstance(name, str) and name.startswith("_da_")


def bind_context(run: Run, context: Mapping[str, Any]) -> None:
    """Give ``x``, ``i`` … the meaning they had where the action was made."""
    for name, value in context.items():
        run.namespace[name] = lookup.fetch_or(run.namespace, value, value) if name == "x" else value


def entries_of(action: object) -> list[Entry]:
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


#: Actions that wait for one browser, and browsers for which some do. Every link that is followed leaves one until it is answered, and
#: whoever has the address of a shared session is a browser of it.
_WAITING, _BROWSERS = 500, 500


def push(run: Run, entries: list[Entry], *, first: bool) -> None:
    """Have `entries` wait before (`first`) or after what waits; of too much that waited, what came first is forgotten."""
    stacks = run.internal["stack"]
    if run.client not in stacks:
        for client in list(stacks)[: max(0, len(stacks) - _BROWSERS + 1)]:
            del stacks[client]
    waiting = stacks.get(run.client, [])
    new: list[Entry] = []
    for entry in entries:
        if entry not in new:
            new.append(entry)
    rest = [entry for entry in waiting if not any(_same(entry, other) for other in new)][:_WAITING]
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


def _keep(run: Run, wanted: Callable[[Entry], bool]) -> None:
    stacks = run.internal["stack"]
    waiting = stacks.get(run.client)
    if not waiting:
        return
    kept = [entry for entry in waiting if wanted(entry)]
    if kept:
        stacks[run.client] = kept
    else:
        del stacks[run.client]
