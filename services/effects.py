"""From the effects of a step to entries of an outbox. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.contract.effects import Effect, LogMessage, Remember, kind_of, to_body
from shared.store.records import OutboxEntry


def outbox_entries(effects: Iterable[Effect], *, prefix: str) -> tuple[OutboxEntry, ...]:
    """One entry per effect; the ids are the same when the same request is run again with the same `prefix`."""
    made = []
    for number, effect in enumerate(effects):
        if isinstance(effect, LogMessage | Remember):
            continue  # logged when it happened; kept by the commit itself
        made.append(OutboxEntry(id=f"{prefix}.{number}", kind=kind_of(effect), body=to_body(effect)))
    return tuple(made)


def remembered(effects: Iterable[Effect]) -> dict[str, Any]:
    """What a step wants kept beyond the reach of Back, by key; the last word on a key counts."""
    return {effect.key: effect.value for effect in effects if isinstance(effect, Remember)}
