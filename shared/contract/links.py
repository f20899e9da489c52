"""Links that expire: what the letters of one stand for, and under which key that is kept. Not for: making or following one."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

#: The area of `Keep` effects that links are kept in; author code may write to it and not read it.
AREA: Final = "links"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is where it leads; with `once` it leads there for one visit."""

    url: str
    once: bool = False


def key_of(code: str) -> str:
    """Under which key the link with these letters is kept."""
    return hashlib.sha256(f"parley link {code}".encode("utf-8", "surrogatepass")).hexdigest()
