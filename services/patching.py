"""gevent's patch of the standard library, which comes before anything else is imported. (eventlet's, for the other services: `shared.bus.green`.)"""

from __future__ import annotations

from importlib import metadata
from typing import Any

from gevent import monkey


def patch_all() -> None:
    """As gevent does it. At each of some twenty steps it asks all that is installed whether it has a plugin for gevent: here that is read
    once, for each reading takes a hundredth of a second.
    """
    asked: Any = metadata.entry_points
    found: Any = asked()

    def entry_points(**wanted: Any) -> Any:
        return found.select(**wanted)

    there: Any = metadata
    there.entry_points = entry_points
    try:
        monkey.patch_all()
    finally:
        there.entry_points = asked
