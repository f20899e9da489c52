"""How a background task that failed is recorded: one shape, wherever it failed (background.md, the attributes of result())."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def lasting(result: Mapping[str, Any]) -> dict[str, Any]:
    """What of a task's result stays as long as its session: all but the trace, which is for whoever looks into a failure soon."""
    return {**result, "error_trace": ""} if result.get("error_trace") else dict(result)


def failed(type_: str, message: str, trace: str = "", trail: tuple[str, ...] = ()) -> dict[str, Any]:
    """The result of a failed task. `trail` are the names that were being sought, innermost first."""
    return {
        "ok": False,
        "value": None,
        "error_type": type_,
        "error_message": message,
        "error_trace": trace,
        "variables": list(trail),
    }
