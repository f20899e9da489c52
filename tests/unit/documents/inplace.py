"""Documents made in this process, without its walls: for what they are made of. The process: tests/contract/documents."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.documents import making


class InPlace:
    """Stands for `shared.runner.making.Making`."""

    def make(self, order: Mapping[str, Any], *, seconds: float | None = None) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return making.make(order, Path(folder), seal=lambda: None)
