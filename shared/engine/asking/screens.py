"""From a question block to the Screen that shows it.

Each part of a screen has a module of its own (``fields``, ``choices``, ``review``, ``attachments``, ``surroundings``); here they are put
together. Raises whatever author code raises: a missing name is sought by the caller, who then builds the screen again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from shared.authoring.text.words import replaced, word
from shared.catalogue.page import TEXTS
from shared.contract.datatype_columns import Reading
from shared.contract.datatypes import datatype_of
from shared.contract.screen import Screen, ScreenChoice, ScreenField
from shared.engine.asking import lists, pictures, review, screen_parts
from shared.engine.documents import attachments, collected
from shared.engine.doing import responses
from shared.engine.fields import choices, fields
from shared.engine.fields import sent as sending
from shared.engine.fields.choices import Built
from shared.engine.keeping import plain
from shared.engine.keeping.runs import CHOICES, TEXT
from shared.engine.naming import contexts, lookup
from shared.engine.naming.names import canonical, specific
from shared.engine.request import MOST_FILES
from shared.engine.run import Run
from shared.language.model import Block, Question

#: shape -> (value of Yes, value of No, whether "I don't know" is offered)
YESNO: Mapping[str, tuple[bool, bool, bool]] = {
    "yesno": (True, False, False),
    "noyes": (False, True, False),
    "yesnomaybe": (True, False, True),
    "noyesmaybe": (False, True, True),
}
CHOICE_SHAPES = ("choices", "buttons", "dropdown", "combobox", "radio")

command = responses.command


def choices_of(run: Run, block: Block) -> list[Built]:
    """The choices or buttons of a question that sets one variable or runs blocks."""
    if block.question is None or block.question.choices is None:
        return []
    with run.within(block, CHOICES):
        return choices.build(run, block.question.choices)


def build(
    run: Run, block: Block, *, variable: str | None = None, path: tuple[int, ...] = (), root: str | None = None
) -> Screen:
    """The Screen of `block`. `variable` is the name it was sought for.

    A block embedded in the choices of another is found again by `root` (the outer block) and `path` (indexes of choices).
    """
    question = block.question
    if question is None:
        raise TypeError(f"{block.name} is not a question")
    run.place = block.place
    with run.within(block, TEXT):
        return _build(run, block, question, variable, path, root)


def _build(
    run: Run, block: Block, question: Question, variable: str | None, path: tuple[int, ...], root: str | None
) -> Screen:
    context = contexts.context_of(run.namespace, block)
    text = run.render(question.question)
    if run.context.action is not None:
        breadcrumbs(run, question, text)
    sub = run.render(question.subquestion) if question.subquestion is not None else None
    shape = _body(run, block, question, context)
    around = screen_parts.of_question(run, block, question)
    shown: dict[str, Any] = {
        "block": root or block.name,
        "context": context,
        "variable": variable,
        "action": run.context.action,
        "kind": "/".join(str(index) for index in path),
    }
    run.question = question
    run.documents = documents = attachments.of_question(run, question, context)
    if run.context.language != run.context.begins_with:
        shown["language"] = run.context.language
    shown["files"] = _taking_files(shape.get("fields"))
    run.note(f"{block.place.block} is shown")
    screen = Screen(
        question=text,
        subquestion=sub,
        block=block.name,
        question_id=block.id,
        shown=shown,
        attachments=tuple(collected.shown(run, one) for one in documents),
        language=run.context.language,
        words=replaced(TEXTS, run.context.language),
        **{**around, **shape},
    )
    more = pictures.options_of(run, screen)
    if lists.enabled(run, question):
        more["list collect"] = lists.described(run, question, context)
    if question.attachments or question.attachment_code is not None:
        more["allow emailing"] = run.truth(question.allow_emailing)
        if (address := question.options.get("email address default")) is not None:
            more["email address default"] = run.render(address).strip()
        more["allow downloading"] = run.truth(question.allow_downloading)
        more |= {name: run.value(question.options[name]) for name in _DISPLAY if name in question.options}
    return replace(screen, options={**screen.options, **more}) if more else screen


#: How the author wants the documents of a screen shown (documents.md, "Customizing the display of documents").
_DISPLAY = (
    *(
        "zip filename",
        "include attachment notice",
        "include download tab",
        "describe file types",
        "manual attachment list",
    ),
    "always include editable files",
)


def _taking_files(shown: object) -> list[str] | None:
    """The fields in which files are sent; None if they are too many to be named."""
    fields: Iterable[ScreenField] = shown if isinstance(shown, list | tuple) else ()
    readings = (Reading.FILES, Reading.SIGNATURE)
    names = [one.variable for one in fields if one.variable and datatype_of(one.datatype).reading in readings]
    return names if len(names) <= MOST_FILES else None


def breadcrumbs(run: Run, question: Question, text: str) -> None:
    """Note the names of the questions of the pending actions, outermost first, for DABreadCrumbs (docs objects.md)."""
    own = question.options.get("breadcrumb")
    name = (run.render(own) if own is not None else text).strip()
    stack = run.internal["stack"].get(run.client) or []
    if stack and stack[0]["action"] == run.context.action:
        stack[0]["breadcrumb"] = name
    outer = [entry["breadcrumb"] for entry in reversed(stack[1:]) if "breadcrumb" in entry]
    run.context.step["breadcrumbs"] = [*outer, name]


def _body(run: Run, block: Block, question: Question, context: Mapping[str, object]) -> dict[str, object]:
    """The part of the Screen that is answered."""
    shape = question.shape
    if shape == "fields":
        built = fields_of(run, block, context)
        body: dict[str, object] = {"kind": "fields", "fields": tuple(item.screen for item in built)}
        if question.continue_variable:
            body["continue_variable"] = canonical(specific(question.continue_variable, dict(context)))
        return body
    if shape in YESNO:
        return {
            "kind": "yesno",
            "fields": (_field(question, context, "boolean" if not YESNO[shape][2] else "threestate"),),
            "buttons": yesno_buttons(shape),
        }
    if shape in CHOICE_SHAPES:
        return _choices_body(run, block, question, context)
    if shape == "continue":
        return {
            "kind": "continue",
            "fields": (_field(question, context, "boolean"),),
            "buttons": (ScreenChoice(label=_continue_label(run, question), value=True),),
        }
    if shape == "signature":
        return {"kind": "signature", "fields": (_field(question, context, "signature"),)}
    if shape == "review":
        body = {"kind": "review", "fields": review.fields(run, block, question, context)}
        if question.continue_variable or question.variable:
            written = question.continue_variable or question.variable or ""
            body["continue_variable"] = canonical(specific(written, dict(context)))
        return body
    return {"kind": "end"}


def fields_of(
    run: Run, block: Block, context: Mapping[str, object], sent: Iterable[str] = ()
) -> list[fields.BuiltField]:
    """The fields of a ``fields`` question, those of ``list collect`` once for each item (and new ones in `sent`)."""
    question = block.question
    if question is None:
        return []
    run.sent = sending.of_screen(run, block, context)
    with run.within(block, CHOICES):
        if lists.enabled(run, question):
            return lists.collect(run, question, context, sent)
        return fields.build_all(run, question.fields, context)


def yesno_buttons(shape: str) -> tuple[ScreenChoice, ...]:
    yes, no, maybe = YESNO[shape]
    buttons = [ScreenChoice(label=word("Yes"), value=yes), ScreenChoice(label=word("No"), value=no)]
    if maybe:
        buttons.append(ScreenChoice(label=word("I don't know"), value=None))
    return tuple(buttons)


def choice_datatype(question: Question) -> str:
    """As the author says; choices written out as True and False (and None) say it too (the compiler has seen that)."""
    stated = question.options.get("datatype")
    return stated if isinstance(stated, str) else "text"


def _choices_body(run: Run, block: Block, question: Question, context: Mapping[str, object]) -> dict[str, object]:
    built = choices_of(run, block)
    datatype = choice_datatype(question)
    default = _chosen(run, question, context)
    body: dict[str, object] = {
        "kind": "choices",
        "buttons": tuple(fields.shown_choice(run, choice, default) for choice in built),
        "input": "radio" if question.shape == "choices" else question.shape,
        "any_order": bool(question.choices is not None and question.choices.shuffle),
    }
    if question.variable:
        body["fields"] = (_field(question, context, datatype, default),)
    return body


def _chosen(run: Run, question: Question, context: Mapping[str, object]) -> object:
    """What was answered before, or the author's default, as it would be answered; None if there is neither."""
    if not question.variable:
        return None
    variable = canonical(specific(question.variable, dict(context)))
    remembered = fields.remembered(run, variable)
    if remembered is not lookup.NOTHING:
        return remembered
    default = question.options.get("default")
    return None if default is None else plain.answerable(run.value(default))


def _field(question: Question, context: Mapping[str, object], datatype: str, default: object = None) -> ScreenField:
    written = question.variable or ""
    variable = canonical(specific(written, dict(context)))
    return ScreenField(
        variable=variable,
        source_variable=written if canonical(written) != variable else None,
        label=None,
        datatype=datatype,
        required=True,
        default=default,
    )


def _continue_label(run: Run, question: Question) -> str:
    label = question.parts.get("continue button label")
    return run.render(label) if label is not None else word("Continue")
