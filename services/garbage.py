"""How a process of ours looks for garbage that refers to itself. Not for: processes of author code (`shared.runner`), which have their own way."""

from __future__ import annotations

import gc
from typing import Final

#: New objects more than gone ones after which Python looks through the young. One answer makes some hundreds that go by themselves.
YOUNG: Final = 5_000


def settle() -> None:
    """To be called once a process has started: what is there by now stays, and is not looked through again and again while somebody waits."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
