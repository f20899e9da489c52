"""The cover of messages on the bus: AES-256-GCM with the installation's keys, bound to which message it is.

Calls carry keys of browsers and answers, replies carry screens: whoever reads the broker, its disk or the network sees neither, and
can neither change a message nor give it to another queue, another method or, if it is a reply, another call.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.bus.covers import Body
from shared.bus.messages import BadMessage
from shared.vault import sealing
from shared.vault.sealing import Key, NotSealed

_MARK = 32  #: bytes with which a sealed body begins: its nonce is among them


class SealedCover:
    """Implements `shared.bus.covers.Cover`. The first of `keys` closes, all open."""

    def __init__(self, keys: Sequence[Key]) -> None:
        if not keys:
            raise ValueError("a cover has at least one key")
        self._keys = tuple(keys)

    def close(self, text: str, *about: str) -> bytes:
        return sealing.seal(text.encode(), self._keys[0], bound=("bus", *about))

    def open(self, body: Body, *about: str) -> bytes:
        sealed = body.encode() if isinstance(body, str) else bytes(body)
        for key in self._keys:
            try:
                return sealing.unseal(sealed, key, bound=("bus", *about))
            except NotSealed:
                continue
        raise BadMessage(
            "a message cannot be opened: it was closed with another secret, for another place, or not at all"
        )

    def mark(self, body: Body) -> str:
        return (body.encode() if isinstance(body, str) else bytes(body))[:_MARK].hex()
