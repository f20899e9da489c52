"""``use catchall``: a variable that no block defines becomes an object whose value can be asked for in general.

Rules: docs fields.md ("catchall questions"), objects.md ("DACatchAll").
"""

from __future__ import annotations

from shared.authoring.objects import DACatchAll
from shared.contract.screen import Screen
from shared.engine.naming import lookup
from shared.engine.run import Run


def define(run: Run, name: str) -> Screen | None:
    """Make `name` a DACatchAll; its ``value`` is then sought like any attribute."""
    lookup.assign(run.namespace, name, DACatchAll(name))
    return None
