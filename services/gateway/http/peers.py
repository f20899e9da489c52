"""`Peers`: how many connections one peer holds with this process, and what counts as one. Not for requests (rates.py)."""

from __future__ import annotations

import ipaddress
from collections import Counter
from functools import lru_cache

#: Letters of an address, with the name of an interface; what a proxy says instead is not remembered.
_LONGEST = 64


def network(address: str) -> str:
    """What counts as one address: of IPv6 the 64 bits that a provider gives to one customer."""
    return _network(address) if len(address) <= _LONGEST else _network.__wrapped__(address)


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped) if mapped else str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))


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
