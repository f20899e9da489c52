"""Takes received mails apart in children, with limits. Not for what becomes of the parts (the interview service).

No author's code runs in these children, so one takes several mails apart, one after the other:
forking one costs many times what a mail does. A mail that ended badly, and a large one, was its child's last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from shared.runner import isolation
from shared.runner.call import Again, CallPool
from shared.runner.loader import Loader
from shared.runner.ports import Limits

ENGINE = "shared.runner.dissecting"

#: A mail of 60 MB takes half a second and four times its size.
LIMITS = Limits(seconds=20.0, memory=768 * 1024 * 1024)
#: A child takes so many mails apart, and waits so many seconds for the next. Whatever it may keep of one is gone then.
SEVERAL = Again(calls=50, seconds=30.0)
#: Bytes of a mail that is taken apart in a child of its own, whose memory goes with it.
LARGE = 1024 * 1024


class Dissector(Protocol):
    def __call__(self, raw: bytes) -> Mapping[str, Any]:
        """What `shared.mail.dissect.Dissected.plain` gives; for a mail that was too much for the child, only its problem. Raises `Busy`."""
        ...


class ChildDissector:
    """`close` ends the processes; they are started with the first mail: a tenth of a second, where a `lender` is warm."""

    def __init__(
        self,
        *,
        rules: isolation.Rules | None = None,
        at_once: int = 2,
        seconds: float = LIMITS.seconds,
        lender: Loader | None = None,
    ) -> None:
        """`lender`: see `CallPool`."""
        self._pool = CallPool(
            roots=(), at_once=at_once, rules=rules or isolation.Rules(), engine=ENGINE, again=SEVERAL, lender=lender
        )
        self._limits = replace(LIMITS, seconds=seconds)

    def __call__(self, raw: bytes) -> Mapping[str, Any]:
        called = self._pool.call(
            "shared.mail.dissect", "dissect", args=(raw,), kwargs={}, limits=self._limits, last=len(raw) > LARGE
        )
        if called.failed is None and isinstance(called.value, Mapping):
            return called.value
        why = "its parts are no plain values" if called.failed is None else str(called.failed.error)
        return {"problems": [f"too complex: taking it apart did not end well ({why})"]}

    @property
    def forked(self) -> int:
        """Children until now."""
        return self._pool.forked

    @property
    def waiting(self) -> int:
        """Children that wait for the next mail."""
        return self._pool.waiting

    def close(self) -> None:
        self._pool.close()
