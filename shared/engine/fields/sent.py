"""Choices that a check-in gave to fields of the screen that stands: they are offered there, and taken as its answer.

Kept by browser in ``internal["sent"]``, ``{client: [screen, {variable: [[value, label], …]}]}``, for the one screen it looks at, until
that has been answered. Rules: background.md, "Populating dropdown choices with background_response()". What the page does with them is its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.engine.fields import choices
from shared.engine.fields.choices import Built
from shared.engine.naming.names import canonical
from shared.engine.run import Run
from shared.language.model import Block

KEY = "sent"
#: Browsers of one session for which choices are kept, and choices of one field.
_BROWSERS, _CHOICES = 50, 5000

Sent = Mapping[str, Sequence[Sequence[Any]]]


def keep(run: Run, block: Block, context: Mapping[str, object], values: object) -> None:
    """Remember the choices among `values`, what ``background_response(values, 'fields')`` sends. Raises `BadAuthorValue`."""
    if not isinstance(values, Mapping):
        return
    found = {
        canonical(str(name)): [[one.key, one.label] for one in choices.computed(run, value["choices"])][:_CHOICES]
        for name, value in values.items()
        if isinstance(value, Mapping) and "choices" in value
    }
    if not found:
        return
    everybody = run.internal.setdefault(KEY, {})
    screen, before = everybody.pop(run.client, ("", {}))
    now = _screen(block, context)
    everybody[run.client] = [now, {**(before if screen == now else {}), **found}]
    for client in list(everybody)[: max(0, len(everybody) - _BROWSERS)]:
        del everybody[client]


def of_screen(run: Run, block: Block, context: Mapping[str, object]) -> Sent:
    """What was sent for this screen to this browser, by variable."""
    screen, found = run.internal.get(KEY, {}).get(run.client, ("", {}))
    sent: Sent = found if screen == _screen(block, context) else {}
    return sent


def forget(run: Run) -> None:
    """The browser's screen has been answered."""
    everybody = run.internal.get(KEY)
    if everybody and everybody.pop(run.client, None) is not None and not everybody:
        del run.internal[KEY]


def built(sent: Sequence[Sequence[Any]]) -> list[Built]:
    return [Built(label=str(label), value=value, key=value) for value, label in sent]


def _screen(block: Block, context: Mapping[str, object]) -> str:
    return json.dumps([block.name, dict(context)], sort_keys=True, default=str)
