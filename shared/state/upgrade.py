"""Documents of earlier formats become documents of the current one, step by step.

When the format changes: raise `FORMAT`, add a function from the format before to the new one to `_UPGRADES`, and keep
a golden file of the old format in ``tests/unit/state/golden``. A stored state is never rewritten for its own sake; it takes
the new form when its session is next saved.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.state.errors import DamagedState, UnknownFormat
from shared.state.values import Node

FORMAT = 1

Document = Node

#: format -> the function that makes a document of the next one out of it
_UPGRADES: dict[int, Callable[[Document], Document]] = {}


def upgrade(
    document: Document, upgrades: dict[int, Callable[[Document], Document]] | None = None, *, current: int = FORMAT
) -> Document:
    """`document` in the format `current`. Raises `UnknownFormat` for a later one, `DamagedState` for none."""
    chain = _UPGRADES if upgrades is None else upgrades
    version = document.get("v")
    if type(version) is not int or version < 1:
        raise DamagedState("these bytes are not a stored state: they name no format")
    if version > current:
        raise UnknownFormat(
            f"this state has format {version}, later than {current}, which this version reads: update all services"
        )
    while version < current:
        document = chain[version](document)
        version += 1
        document["v"] = version
    return document
