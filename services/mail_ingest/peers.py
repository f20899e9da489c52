"""Who connects: one address of the network (of IPv6 the /64 that one customer has), or a front of ours that speaks for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


def peer_of(address: object) -> str:
    """What limits count by: the address, or the /64 it is in. Texts that are no address stand for themselves."""
    text = str(address[0]) if isinstance(address, tuple) and address else str(address)
    found = _parsed(text)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, 64), strict=False))
    return text if found is None else str(found)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


class Fronts:
    """Addresses of servers in front of us (Postfix, a load balancer): they are no senders, so no limit of a peer is theirs."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)

    def __contains__(self, address: object) -> bool:
        text = str(address[0]) if isinstance(address, tuple) and address else str(address)
        found = _parsed(text)
        return found is not None and any(found in network for network in self._networks)


class Connections:
    """How many connections each peer has."""

    def __init__(self, *, each: int) -> None:
        self._each = each
        self._held: Counter[str] = Counter()

    def take(self, peer: str) -> bool:
        """False if the peer has as many as it may."""
        if self._held[peer] >= self._each:
            return False
        self._held[peer] += 1
        return True

    def give_back(self, peer: str) -> None:
        self._held[peer] -= 1
        if self._held[peer] <= 0:
            del self._held[peer]

    def of(self, peer: str) -> int:
        return self._held[peer]
