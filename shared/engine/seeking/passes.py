"""The main loop: passes over the ordered blocks until one of them shows a screen.

A missing name is sought and the pass begins again from the first block, so that code always runs from its first line.
Rules: docs logic.md and the engine specification, "Main loop".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from shared.authoring.errors import (
    MISSING,
    BeingMade,
    CommandSignal,
    ForcedName,
    MessageSignal,
    RerunLogic,
    ResponseSignal,
    Suspended,
)
from shared.contract.screen import Screen
from shared.engine.asking import emptychoices, screens
from shared.engine.doing import actions, dependents, responses
from shared.engine.errors import NoEndpoint, TooManyPasses
from shared.engine.run import Run
from shared.engine.seeking import blocks, pursuit, seek
from shared.language.model import Block, Kind, Place


def assemble(run: Run, *, answers_action: bool = True) -> Screen:
    """Run the logic until there is a screen (a response or a command is one too).

    With `answers_action` False pending actions are left alone. Raises engine errors and whatever author code raises.
    """
    limit = run.request.loop_limit
    for _ in range(limit):
        screen = settle(run, partial(_pass, run, answers_action=answers_action))
        if screen is not None:
            _front(run)
            return screen
    raise TooManyPasses(limit, tuple(run.history[-3:]))


def settle(run: Run, work: Callable[[], Screen | None]) -> Screen | None:
    """Do `work`; as long as it ends in a missing name or a signal, do what that asks for instead.

    A Screen, or None when the logic must begin again.
    """
    for _ in range(run.request.loop_limit):
        run.attempts.clear()
        run.trail.clear()
        try:
            return work()
        except MISSING as error:
            work = partial(seek.seek, run, seek.note_missed(run, error))
        except actions.Pursue as signal:
            work = partial(pursuit.pursue, run, signal.entry, queued=signal.queued)
        except actions.Gather as signal:
            work = partial(pursuit.gather, run, signal.name)
        except ForcedName as signal:
            work = partial(pursuit.force, run, signal)
        except RerunLogic:
            return None
        except Suspended as signal:
            if run.request.mode != "foreground":
                raise  # nobody looks at a screen: whoever asked for the step has it run again
            return responses.suspended(run, soon=isinstance(signal, BeingMade))
        except (ResponseSignal, CommandSignal, MessageSignal) as signal:
            return responses.screen_of(run, signal)
    raise TooManyPasses(run.request.loop_limit, tuple(run.history[-3:]))


def seeking(run: Run, name: str) -> Callable[[], Screen | None]:
    """The work of seeking `name`, for `settle`."""
    return partial(seek.seek, run, name)


def _pass(run: Run, *, answers_action: bool) -> Screen | None:
    if answers_action and not run.interview.author_processes_actions:
        actions.process(run)
    ordered = run.interview.ordered
    answered = run.internal["answered"]
    front = _front(run)
    for index in run.plan.always:
        if index >= front:
            break
        screen = _visit(run, ordered[index])
        if screen is not None:
            return screen
    for index in range(front, len(ordered)):
        block = ordered[index]
        if block.name in answered and not block.initial:
            continue
        screen = _visit(run, block)
        if screen is not None:
            return screen
    raise NoEndpoint(ordered[-1].place if ordered else Place(run.interview.name, "", 0, 1))


def _front(run: Run) -> int:
    """How many of the ordered blocks, from the first, are done for good: a long interview does not walk over them again.

    Kept in `internal` with the version of the interview that it counts in; only moves forward, unless a result is forgotten.
    """
    answered, ordered = run.internal["answered"], run.interview.ordered
    version, known = run.internal.get("front") or ("", 0)
    begin = front = known if version == run.plan.version else 0
    while front < len(ordered) and (ordered[front].name in answered or ordered[front].initial is True):
        front += 1
    if front != begin or version != run.plan.version:
        run.internal["front"] = [run.plan.version, front]
    return front


def _visit(run: Run, block: Block) -> Screen | None:
    """Run the block if it has to run in this pass."""
    initial = block.initial
    if not isinstance(initial, bool):
        initial = bool(run.evaluate(initial))
    if not initial and block.default_role is None:
        if block.name in run.internal["answered"]:
            return None
        mandatory = block.mandatory
        if not (mandatory if isinstance(mandatory, bool) else run.evaluate(mandatory)):
            return None
    if not all(run.evaluate(condition) for condition in block.conditions):
        return None
    return _ordered(run, block, marks=not initial and block.default_role is None)


def _ordered(run: Run, block: Block, *, marks: bool) -> Screen | None:
    """Run one block of the pass; mandatory blocks that end without a screen are marked as answered."""
    blocks.prepare(run, block)
    if block.kind is Kind.QUESTION:
        chosen = blocks.embedded(run, block)
        if chosen is not None:
            screen = blocks.run_embedded(run, chosen, root=block.name, path=(run.internal["chosen"][block.name],))
        else:
            screen = None if emptychoices.settle(run, block) else screens.build(run, block)
        if screen is not None:
            return screen
    elif block.kind is Kind.CODE:
        if block.default_role is not None and block.code is None:
            run.namespace.setdefault("role", block.default_role)
        watched = dependents.watch(run, block)
        blocks.run_code(run, block)
        dependents.compare(run, watched)
    else:
        blocks.define(run, block, None)
    blocks.finish(run, block)
    if marks:
        run.internal["answered"][block.name] = True
    return None
