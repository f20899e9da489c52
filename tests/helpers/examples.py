"""How many examples a property test tries: the unit tier has a budget. `PARLEY_FUZZ=10` tries ten times as many."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

TIMES = int(os.environ.get("PARLEY_FUZZ", "1"))


def examples(number: int, **more: Any) -> settings:
    return settings(max_examples=number * TIMES, **more)
