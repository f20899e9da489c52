"""No core dumps: the memory of a service holds answers and keys, and a dump would put them on a disk."""

from __future__ import annotations

import resource


def forbid() -> None:
    """For this process and those it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
