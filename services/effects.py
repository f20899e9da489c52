"""From the effects of a step to entries of an outbox. Pure."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from shared.authoring.effects import Effect, LogMessage, Remember
from shared.store.records import OutboxEntry


def outbox_entries(effects: tuple[Effect, ...], *, prefix: str) -> tuple[OutboxEntry, ...]:
    """One entry per effect; the ids are the same when the same request is run again with the same `prefix`."""
    made = []
    for number, effect in enumerate(effects):
        if isinstance(effect, LogMessage | Remember):
            continue  # logged when it happened; kept by the commit itself
        body = {f.name: _plain(getattr(effect, f.name)) for f in fields(effect)}
        made.append(OutboxEntry(id=f"{prefix}.{number}", kind=type(effect).__name__, body=body))
    return tuple(made)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def remembered(effects: tuple[Effect, ...]) -> dict[str, Any]:
    """What a step wants kept beyond the reach of Back, by key; the last word on a key counts."""
    return {effect.key: effect.value for effect in effects if isinstance(effect, Remember)}
