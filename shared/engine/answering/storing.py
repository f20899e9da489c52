"""Giving variables the values that were answered, all of them or none.

What they belong to is made first, and the author's ``validation code`` has the last word.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from shared.authoring.errors import MISSING, ValidationError
from shared.contract.screen import Screen
from shared.engine.answering.rejected import Rejected
from shared.engine.doing import dependents
from shared.engine.errors import StaleAnswer
from shared.engine.naming import lookup
from shared.engine.naming.missing import missing_name
from shared.engine.naming.names import canonical
from shared.engine.outcome import Rejection
from shared.engine.run import Run
from shared.engine.seeking import passes, seek
from shared.language.model import Block, Question

#: How often objects that a field belongs to may have to be made before its value can be stored.
_OWNERS = 20


def store(run: Run, block: Block, question: Question, stored: Mapping[str, object]) -> None:
    """Set the variables; take them back if the author's validation code refuses them."""
    before = {name: lookup.fetch_or(run.namespace, name, lookup.NOTHING) for name in stored}
    watched = dependents.remember(run, stored)
    for name, value in stored.items():
        _assign(run, block, name, value)
    if question.validation_code is not None:
        try:
            run.execute(question.validation_code)
        except MISSING:
            raise
        except ValidationError as error:
            _restore(run, before)
            field = error.field
            raise Rejected(
                Rejection(
                    fields={canonical(field): error.message} if field else {}, message=None if field else error.message
                )
            ) from error
        except Exception as error:
            _restore(run, before)
            raise Rejected(Rejection(message=str(error))) from error
    for name in stored:
        run.internal["dirty"].pop(name, None)
    run.internal["prior"] = {}
    dependents.compare(run, watched)


def _assign(run: Run, block: Block, name: str, value: object) -> None:
    """Set one variable, making the object that it belongs to first if the interview describes it."""
    for _ in range(_OWNERS):
        try:
            lookup.assign(run.namespace, name, value)
            return
        except MISSING as error:
            missed = missing_name(error)
            if missed is None or passes.settle(run, partial(_seek_owner, run, block, missed)) is not None:
                raise
    raise StaleAnswer(f"The variable {name} cannot be set: what it belongs to cannot be defined.")


def _seek_owner(run: Run, block: Block, name: str) -> Screen | None:
    """Have an object made whose attributes were answered; the question that asked for them would only ask again."""
    attempt = (block.number, name)
    run.attempts.append(attempt)
    screen = seek.seek(run, name)
    run.attempts.remove(attempt)
    return screen


def _restore(run: Run, before: Mapping[str, object]) -> None:
    for name, value in before.items():
        if value is lookup.NOTHING:
            lookup.remove(run.namespace, name)
        else:
            lookup.assign(run.namespace, name, value)
