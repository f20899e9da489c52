"""How many mails one peer may send: a bucket that fills evenly. Per process: several receivers allow several times as much."""

from __future__ import annotations

from collections.abc import Callable

#: So many peers are remembered; over it, those that have not sent for longest are forgotten, which only favours them.
PEERS = 10_000


class Rates:
    """`per_minute` of 0 is no limit. `clock` gives seconds that never go back."""

    def __init__(self, *, per_minute: int, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # peer -> what is left, as of when; newest last

    def take(self, peer: str) -> bool:
        """True, and one less is left; or False if nothing is."""
        if not self._per_minute:
            return True
        now = self._clock()
        left, when = self._buckets.pop(peer, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - when) * self._per_minute / 60)
        allowed = left >= 1
        self._buckets[peer] = (left - 1 if allowed else left, now)
        if len(self._buckets) > PEERS:
            del self._buckets[next(iter(self._buckets))]
        return allowed
