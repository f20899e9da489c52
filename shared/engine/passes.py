"""The main loop: passes over the ordered blocks until one of them shows a screen.

A missing name is sought and the pass begins again from the first block, so that code always runs from its first line.
Rules: docs logic.md and the engine specification, "Main loop".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from shared.authoring.errors import (
    MISSING,
    CommandSignal,
    ForcedName,
    MessageSignal,
    RerunLogic,
    ResponseSignal,
)
from shared.engine import actions, blocks, dependents, emptychoices, responses, screens, seek
from shared.engine.errors import NoEndpoint, TooManyPasses
from shared.engine.run import Run
from shared.engine.screen import Screen
from shared.language.model import Block, Kind


def assemble(run: Run, *, answers_action: bool = True) -> Screen:
    """Run the logic until there is a screen (a response or a command is one too).

    With `answers_action` False pending actions are left alone. Raises engine errors and whatever author code raises.
    """
    limit = run.request.loop_limit
    for _ in range(limit):
        screen = settle(run, partial(_pass, run, answers_action=answers_action))
        if screen is not None:
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
            work = partial(seek.seek, run, seek.name_missed(error))
        except actions.Pursue as signal:
            work = partial(actions.pursue, run, signal.entry, queued=signal.queued)
        except actions.Gather as signal:
            work = partial(actions.gather, run, signal.name)
        except ForcedName as signal:
            work = partial(actions.force, run, signal)
        except RerunLogic:
            return None
        except (ResponseSignal, CommandSignal, MessageSignal) as signal:
            return responses.screen_of(run, signal)
    raise TooManyPasses(run.request.loop_limit, tuple(run.history[-3:]))


def seeking(run: Run, name: str) -> Callable[[], Screen | None]:
    """The work of seeking `name`, for `settle`."""
    return partial(seek.seek, run, name)


def _pass(run: Run, *, answers_action: bool) -> Screen | None:
    if answers_action and not run.interview.author_processes_actions:
        actions.process(run)
    answered = run.internal["answered"]
    for block in run.interview.ordered:
        initial = block.initial
        if not initial and block.name in answered:
            continue
        if not isinstance(initial, bool):
            initial = bool(run.evaluate(initial))
        if not initial and block.default_role is None:
            mandatory = block.mandatory
            if not (mandatory if isinstance(mandatory, bool) else run.evaluate(mandatory)):
                continue
            if block.name in answered:
                continue
        if not all(run.evaluate(condition) for condition in block.conditions):
            continue
        screen = _ordered(run, block, marks=not initial and block.default_role is None)
        if screen is not None:
            return screen
    last = run.interview.ordered[-1].place if run.interview.ordered else None
    raise NoEndpoint(last)


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
        if block.default_role is not None:
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
