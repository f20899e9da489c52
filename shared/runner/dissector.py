"""Takes received mails apart in children, each mail in one of its own, with limits. Not for what becomes of the parts (the interview service)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from shared.runner import isolation
from shared.runner.call import CallPool
from shared.runner.ports import Limits

ENGINE = "shared.runner.dissecting"

#: A mail of 60 MB takes half a second and four times its size.
LIMITS = Limits(seconds=20.0, memory=768 * 1024 * 1024)
#: How long after its start a service gets ready for mail: what people look at comes first.
WARM_SECONDS = 3.0


class Dissector(Protocol):
    def __call__(self, raw: bytes) -> Mapping[str, Any]:
        """What `shared.mail.dissect.Dissected.plain` gives; for a mail that was too much for the child, only its problem. Raises `Busy`."""
        ...


class ChildDissector:
    """`close` ends the processes; they are started by `warm`, or else with the first mail, which then waits for them."""

    def __init__(
        self, *, rules: isolation.Rules | None = None, at_once: int = 2, seconds: float = LIMITS.seconds
    ) -> None:
        self._pool = CallPool(roots=(), at_once=at_once, rules=rules or isolation.Rules(), engine=ENGINE)
        self._limits = replace(LIMITS, seconds=seconds)

    def __call__(self, raw: bytes) -> Mapping[str, Any]:
        called = self._pool.call("shared.mail.dissect", "dissect", args=(raw,), kwargs={}, limits=self._limits)
        if called.failed is None and isinstance(called.value, Mapping):
            return called.value
        why = "its parts are no plain values" if called.failed is None else str(called.failed.error)
        return {"problems": [f"too complex: taking it apart did not end well ({why})"]}

    def warm(self) -> None:
        """Start the processes soon, so that no mail waits for them. Returns at once."""
        self._pool.warm(after=WARM_SECONDS)

    @property
    def is_warm(self) -> bool:
        """Whether the next mail finds the processes there."""
        return self._pool.is_warm

    def close(self) -> None:
        self._pool.close()
