"""The live state of one session while a step runs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared.state.encoding import Labels


@dataclass(slots=True)
class State:
    """`variables` is the namespace author code runs in; `internal` is the engine's, plain data only (see ``docs/architecture.md``).

    `labels` is the codec's memory of which object had which number, so that they keep it; whoever makes a State leaves it alone.
    """

    variables: dict[str, Any] = field(default_factory=dict)
    internal: dict[str, Any] = field(default_factory=dict)
    labels: Labels | None = field(default=None, repr=False, compare=False)
