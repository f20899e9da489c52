"""The live state of one session while a step runs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class State:
    """`variables` is the namespace author code runs in; `internal` is the engine's, plain data only (see ``docs/architecture.md``)."""

    variables: dict[str, Any] = field(default_factory=dict)
    internal: dict[str, Any] = field(default_factory=dict)
