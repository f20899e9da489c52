"""`Peers`: how many connections one peer holds with this process. Not for requests (rates.py)."""

from __future__ import annotations

from collections import Counter

from services.gateway.http.rates import network


class Peers:
    """At most `most` of each network address at a time; 0: any."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Whether there is room for one more; if so, `leave` must follow."""
        peer = network(address)
        if self._most and self._open[peer] >= self._most:
            return False
        self._open[peer] += 1
        return True

    def leave(self, address: str) -> None:
        peer = network(address)
        self._open[peer] -= 1
        if self._open[peer] <= 0:
            del self._open[peer]
