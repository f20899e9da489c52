"""What ``x`` and ``i`` … ``n`` stand for while a block is used, in a form that can be kept and found again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.engine.naming.names import GENERIC
from shared.engine.naming.plan import used_by
from shared.language.model import Block


def context_of(namespace: Mapping[str, Any], block: Block) -> dict[str, object]:
    """What ``x`` and the index variables that the block's names use stand for now: plain values, kept with the screen."""
    context: dict[str, Any] = {}
    for name in used_by(block):
        if name == GENERIC:
            context[name] = getattr(namespace.get(name), "instanceName", None) or name
        elif name in namespace:
            context[name] = namespace[name]
    return context
