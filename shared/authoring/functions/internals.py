"""``_internal``: what the reference keeps of a session for itself, to read (functions.md, "all_variables").

Packages look at ``_internal['steps']`` and at texts that `set_parts` set. Nothing can be written to it: what a session remembers is set by
the documented functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from shared.authoring.context import current
from shared.authoring.memory import PARTS, STARTED, seen


class Internal(Mapping[str, object]):
    """A view of the running session: ``steps`` (1 on the first screen), ``starttime``, `set_parts` texts, and what the engine keeps."""

    def _now(self) -> dict[str, object]:
        context = current()
        started = seen(STARTED)
        return {
            **context.internal,
            **seen(PARTS, {}),
            "steps": int(context.request.get("steps") or 0) + 1,
            "starttime": datetime.fromisoformat(str(started)) if started else context.now,
        }

    def __getitem__(self, name: str) -> object:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())


internal = Internal()
