"""Review screens: what was answered so far, with a button to answer it again.

An item is on the screen when everything it is about is defined. Rules: docs fields.md ("Review screens").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.authoring import offers
from shared.authoring.errors import MISSING
from shared.contract.screen import ScreenField
from shared.engine.fields import html
from shared.engine.naming import lookup
from shared.engine.naming.names import canonical, is_name, specific
from shared.engine.run import Run
from shared.language.model import Block, Question, ReviewItem


def fields(run: Run, block: Block, question: Question, context: Mapping[str, object]) -> tuple[ScreenField, ...]:
    """The items that can be shown now."""
    skip_undefined = run.truth(question.options.get("skip undefined", True))
    made = []
    for item in question.review:
        try:
            shown = _item(run, item, context, skip_undefined=skip_undefined)
        except MISSING:
            if not skip_undefined:
                raise
            continue
        if shown is not None:
            made.append(shown)
    return tuple(made)


def _item(run: Run, item: ReviewItem, context: Mapping[str, object], *, skip_undefined: bool) -> ScreenField | None:
    for condition in item.show_ifs:
        if not run.evaluate(condition):
            return None
    label: str | None
    names = [specific(action, dict(context)) for action in item.actions if is_name(action)]
    if item.is_note:
        kind = str(item.options.get("kind", "note"))
        label = run.render(item.label) if kind == "note" and item.label is not None else ""
        if kind != "note":
            label = html.of(run, item.label, kind).printed
        return ScreenField(variable=None, label=label, datatype=kind, required=False)
    for name in names:
        if skip_undefined:
            if not lookup.is_defined(run.namespace, name):
                return None
        else:
            lookup.evaluate(run.namespace, name)
    label = run.render(item.label) if item.label is not None else None
    help_text = run.render(item.help) if item.help is not None else None
    variable, arguments = action_of(run, item, context)
    options: dict[str, object] = {"action": variable, "arguments": arguments}
    if item.button is not None:
        return ScreenField(
            variable=variable,
            label=label,
            datatype="button",
            required=False,
            help=run.render(item.button),
            options=options,
        )
    return ScreenField(
        variable=variable, label=label, datatype="review", required=False, help=help_text, options=options
    )


def action_of(run: Run, item: ReviewItem, context: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """(action, arguments) that the button of the item runs: a plain name, or all items by ``_da_force_ask``."""
    actions: list[Any] = []
    for action in item.actions:
        if isinstance(action, str):
            actions.append(canonical(specific(action, dict(context))))
        else:
            actions.append(run.value(action))
    if len(actions) == 1:
        if isinstance(actions[0], str):
            return actions[0], {}
        if "action" in actions[0]:
            name, arguments = str(actions[0]["action"]), dict(actions[0].get("arguments") or {})
            offers.remember(run.internal, name, arguments)
            return name, arguments
    arguments = {"variables": actions}
    offers.remember(run.internal, "_da_force_ask", arguments)
    return "_da_force_ask", arguments
