"""Questions that have nothing to choose from: they are not asked, their variables are set to nothing.

Rules: docs fields.md ("code", "checkboxes", "object"): an empty list of choices makes the variable None, or an empty group.
"""

from __future__ import annotations

from typing import Final

from shared.contract.datatypes import INPUT_TYPES, NOTES
from shared.engine.asking import screens
from shared.engine.fields import choices, coercion, fields
from shared.engine.keeping.runs import CHOICES
from shared.engine.naming import contexts, lookup
from shared.engine.naming.names import canonical, specific
from shared.engine.run import Run
from shared.language.model import Block, Field, Question

#: Input types, and shapes of questions, into which what is not among the choices can be typed.
_TYPED: Final = frozenset(name for name, one in INPUT_TYPES.items() if one.free)


def settle(run: Run, block: Block) -> bool:
    """Set the variables of `block` if it offers no choice at all; returns whether it did."""
    question = block.question
    if question is None:
        return False
    if question.shape in screens.CHOICE_SHAPES:
        return _one(run, block, question)
    if question.shape != "fields" or question.options.get("list collect"):
        return False
    inputs = [field for field in question.fields if field.kind not in NOTES]
    if not inputs or not all(_computed(field) for field in inputs):
        return False
    context = contexts.context_of(run.namespace, block)
    with run.within(block, CHOICES):
        built = [field for field in fields.build_all(run, question.fields, context) if field.variable]
    if not built or any(field.choices for field in built):
        return False
    for field in built:
        lookup.assign(run.namespace, field.variable or "", coercion.coerce(run, field, None))
    if question.continue_variable:
        lookup.assign(run.namespace, canonical(specific(question.continue_variable, context)), True)
    run.note(f"{block.place.block} is not asked: there is nothing to choose from")
    return True


def _one(run: Run, block: Block, question: Question) -> bool:
    listed = question.choices
    if not question.variable or listed is None or question.shape in _TYPED:
        return False
    fixed = listed.code is None and not listed.exclude
    if fixed and not any(item.code is not None or item.show_if is not None for item in listed.items):
        return False
    with run.within(block, CHOICES):
        built = choices.build(run, listed)
    if built:
        return False
    lookup.assign(
        run.namespace, canonical(specific(question.variable, contexts.context_of(run.namespace, block))), None
    )
    run.note(f"{block.place.block} is not asked: there is nothing to choose from")
    return True


def _computed(field: Field) -> bool:
    """Whether the field has choices that code makes, so that they may be none; where one can type besides, there is always something."""
    if field.input_type in _TYPED:
        return False
    if field.object_choices:
        return True
    listed = field.choices
    if listed is None:
        return False
    return bool(listed.exclude) or listed.code is not None or any(item.code is not None for item in listed.items)
