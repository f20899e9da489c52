"""Delivering a mail to a session: what is known of where it goes, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from shared.store.records import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """What whoever delivers knows of an address: what a vault seals of it is sealed. `size`: bytes of mail that its session has."""

    address: Address
    size: int


class Delivery(Enum):
    """What became of a mail: kept; known already; or its session is gone, and nothing is kept."""

    KEPT = auto()
    KNOWN = auto()
    GONE = auto()
