"""How a background task that failed is recorded: one shape, wherever it failed (background.md, the attributes of result())."""

from __future__ import annotations

from typing import Any


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
