"""The vault that leaves everything as it is: Parley without sealing, for tests and tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from shared.vault.keys import NoSlots
from shared.vault.ports import Place


class PlainVault(NoSlots):
    """Implements `ports.Vault`."""

    def seal(self, data: bytes, place: Place) -> bytes:
        return data

    def open(self, data: bytes, place: Place) -> bytes:
        return data

    def seal_text(self, text: str, place: Place) -> str:
        return text

    def open_text(self, text: str, place: Place) -> str:
        return text

    def seal_name(self, name: str, place: Place) -> str:
        return name

    def open_name(self, sealed: str, place: Place) -> str:
        return sealed

    def seal_value(self, value: object, place: Place) -> Any:
        return value

    def open_value(self, value: object, place: Place) -> Any:
        return value

    def seal_stream(self, content: Iterable[bytes], place: Place) -> Iterable[bytes]:
        return content

    def open_stream(
        self, read: Callable[[int], Iterator[bytes]], place: Place, *, size: int, offset: int
    ) -> Iterator[bytes]:
        return read(offset)

    def clear_size(self, size: int) -> int:
        return size

    def is_sealed_text(self, text: str) -> bool:
        return False

    def seal_to(self, mailbox: bytes, *parts: tuple[bytes, Place]) -> list[bytes]:
        return [data for data, _ in parts]

    def open_sent(self, data: bytes, place: Place) -> bytes:
        return data

    def mailbox(self, session: str) -> bytes:
        return b""

    def carried(self, value: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        return value


#: It has nothing of its own.
PLAIN: Final = PlainVault()
