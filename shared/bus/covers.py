"""What the bodies of messages are wrapped in on their way through the broker. Here only the form, and the cover that covers nothing.

Routing needs names, ids and times, which stay readable. Whoever may read the broker reads bodies only with the key that the cover has
(`shared.vault.covers`), and cannot make any up: what does not open is no message.
"""

from __future__ import annotations

from typing import Final, Protocol

#: Of a message, as it is handed to the broker and got from it.
Body = str | bytes | memoryview


class Cover(Protocol):
    """`about` says which message it is: the kind, the service or queue, the method or id. What was closed for another does not open."""

    def close(self, text: str, *about: str) -> str | bytes: ...

    def open(self, body: Body, *about: str) -> str | bytes:
        """JSON text. Raises `BadMessage`."""
        ...

    def mark(self, body: Body) -> str:
        """Tells one covered body from every other, so that an answer can be closed for its call alone."""
        ...


class NoCover:
    """Bodies are JSON that whoever sees the message can read."""

    def close(self, text: str, *about: str) -> str:
        return text

    def open(self, body: Body, *about: str) -> str | bytes:
        return bytes(body) if isinstance(body, memoryview) else body

    def mark(self, body: Body) -> str:
        return ""


NO_COVER: Final = NoCover()
