"""From an Outcome to the REPLY of ``docs/architecture.md``."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.interview import tokens
from shared.engine.outcome import Outcome
from shared.store.records import Session


def jsonable(value: Any) -> Any:
    """`value` as it can travel: bytes as base64 in an object, numbers that JSON has none for as None, whole characters.

    An interview can make anything; a reply that cannot leave would keep its page from ever going on.
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Mapping):
        return {jsonable(str(key)): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    return jsonable(str(value))


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
        screen = jsonable(outcome.screen.to_json())
        shown = screen.pop("shown", None) or {}
        screen["token"] = tokens.sign(session.secret, shown)
        if session.step == 0:
            screen["back"] = False
        made["screen"] = screen
    if outcome.rejection is not None:
        refused = outcome.rejection
        made["rejected"] = jsonable({"fields": refused.fields, "message": refused.message})
    if outcome.failure is not None:
        made["failure"] = jsonable(asdict(outcome.failure))
    return made
