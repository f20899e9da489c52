"""An answer: read against the screen it is for (``reading``), stored (``storing``), and what follows from that.

Nothing is stored unless everything is good; all mistakes are told at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared.authoring import memory
from shared.contract.screen import Screen
from shared.engine.answering import reading
from shared.engine.answering.storing import store
from shared.engine.asking import lists, screens
from shared.engine.doing import actions, responses
from shared.engine.errors import StaleAnswer
from shared.engine.fields import sent
from shared.engine.keeping.runs import ANSWER
from shared.engine.naming import lookup
from shared.engine.naming.names import canonical
from shared.engine.request import Answer, Shown
from shared.engine.run import Run
from shared.language.model import Block, Question


def take(run: Run, answer: Answer) -> Screen | None:
    """Store the answer. Returns a Screen if it was a button that ends the step (restart, exit …).

    Raises `Rejected`, `StaleAnswer`, and whatever author code raises.
    """
    shown = answer.shown
    if shown.block == responses.MESSAGE:
        return responses.pressed(run, shown, answer.button)
    block, question = block_of(run, shown)
    bind(run, shown)
    if shown.variable:
        run.trail[:] = [shown.variable]  # a group that is being gathered is used as far as it has come
    with run.within(block, ANSWER), checking(run):
        command = _taken(run, block, question, answer)
    run.runs.end(block, ANSWER)
    return command


@contextmanager
def checking(run: Run) -> Iterator[None]:
    """Author code that runs meanwhile cannot be run again by itself: the answer would be gone."""
    run.context.step[memory.CHECKING] = True
    try:
        yield
    finally:
        del run.context.step[memory.CHECKING]


def _taken(run: Run, block: Block, question: Question, answer: Answer) -> Screen | None:
    shown = answer.shown
    values = {canonical(name): value for name, value in answer.values.items()}
    shape = question.shape
    command: Screen | None = None
    if shape == "fields":
        stored = reading.of_fields(run, block, question, shown, values)
    elif shape in screens.YESNO:
        stored = reading.of_yesno(run, question, shown, values, answer.button)
    elif shape in screens.CHOICE_SHAPES:
        stored, command = reading.of_choice(run, block, question, shown, values, answer)
        if question.continue_variable and command is None:  # beside `field`: pressing a button is going on, too
            stored = {**stored, reading.specific_name(question.continue_variable, shown): True}
    elif shape == "continue":
        stored = reading.of_one(question, shown, values, True)
    elif shape == "signature":
        stored = reading.of_signature(run, question, shown, values)
    else:
        stored = reading.of_continue(question, shown, values)
    store(run, block, question, stored)
    if shape == "fields" and lists.enabled(run, question):
        lists.after(run, question, shown.context, values.get(lists.DELETE))
    if command is not None:
        return command
    _finish(run, block, shown, set(stored))
    return None


def block_of(run: Run, shown: Shown) -> tuple[Block, Question]:
    """The block that was shown; one embedded in choices by the way that leads to it. Raises `StaleAnswer`."""
    block = run.interview.by_name.get(shown.block)
    for step in filter(None, shown.kind.split("/")):
        built = screens.choices_of(run, block) if block is not None else []
        block = built[int(step)].block if step.isdigit() and int(step) < len(built) else None
    if block is None or block.question is None:
        raise StaleAnswer(f"The question {shown.block} is not in the interview any more. Open the interview again.")
    return block, block.question


def bind(run: Run, shown: Shown) -> None:
    """``x`` and ``i`` … as they were when the screen was made."""
    for name, value in shown.context.items():
        run.namespace[name] = lookup.fetch_or(run.namespace, str(value), value) if name == "x" else value
    if shown.action is not None:
        stack = run.internal["stack"].get(run.client) or ()
        for entry in stack:
            if entry["action"] == shown.action:
                run.context.action = entry["action"]
                run.context.arguments = entry.get("arguments") or {}
                break


def _finish(run: Run, block: Block, shown: Shown, names: set[str]) -> None:
    """The question is answered: a mandatory one is not asked again, actions that waited for it are done."""
    root = run.interview.by_name.get(shown.block, block)
    embedding = root.question is not None and root.question.choices is not None and not names
    if (root.mandatory is not False) and not embedding:
        run.internal["answered"][root.name] = True
    run.runs.answered(root, block)
    sent.forget(run)
    done = {*names, *block.events}
    if shown.variable and shown.variable in names:
        done.add(shown.variable)
    actions.pop_names(run, done)
    run.context.action = None
    run.context.arguments = {}
