"""An order: what is to be made, as plain values that came over a pipe. Not for: what becomes of it (`making`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: ``work`` and what that work takes; each work says what it reads.
Order = Mapping[str, Any]
