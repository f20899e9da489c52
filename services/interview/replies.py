"""From an Outcome to the REPLY of ``docs/architecture.md``."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.interview import tokens
from shared.engine.outcome import Outcome
from shared.store.records import Session


def _json(value: Any) -> Any:
    """`value` with bytes as base64 in an object, so that it can travel."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def reply(session: Session, outcome: Outcome) -> dict[str, Any]:
    """The reply about `session` as it stands after the step that ended with `outcome`."""
    made: dict[str, Any] = {
        "session": session.id,
        "interview": session.interview,
        "version": session.version,
        "step": session.step,
        "screen": None,
    }
    if outcome.screen is not None:
        screen = _json(outcome.screen.to_json())
        shown = screen.pop("shown", None) or {}
        screen["token"] = tokens.sign(session.secret, shown)
        if session.step == 0:
            screen["back"] = False
        made["screen"] = screen
    if outcome.rejection is not None:
        made["rejected"] = {"fields": dict(outcome.rejection.fields), "message": outcome.rejection.message}
    if outcome.failure is not None:
        made["failure"] = _json(asdict(outcome.failure))
    return made
