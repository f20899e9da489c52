"""The vault that seals: AES-256-GCM with the key of the session, bound to the place.

What is not sealed is refused on the way out: whoever can write to the database must not be able to put answers of his own
there. Only of a session begun before there was sealing (`SessionKeys.lenient`) what stands in clear is taken as it is.

Values are packed as the store packs them, and stay a mapping with one entry, so that every adapter can hold them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from shared.store.checks import BODY_BYTES
from shared.store.packing import pack, unpack
from shared.store.ports import BadRecord
from shared.store.records import Session
from shared.vault import mailboxes, sealing
from shared.vault.ports import SEALED, TICKET, CannotUnseal, Place, SessionKeys
from shared.vault.sealing import Key, NotSealed


class SealedVault:
    """Implements `ports.Vault`."""

    def __init__(self, keys: SessionKeys) -> None:
        self._keys = keys

    # -- Keyring

    def work(self, *, publishing: bool = False) -> AbstractContextManager[None]:
        return self._keys.work(publishing=publishing)

    def begin(self, session: str) -> None:
        self._keys.begin(session)

    def offer(self, session: str, keys: Iterable[Key]) -> None:
        self._keys.offer(session, keys)

    def unlock(self, session: Session) -> None:
        self._keys.unlock(session)

    def settled(self, session: Session, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._keys.settled(session, fields)

    def ticket(self, session: str, work: str) -> bytes:
        return self._keys.ticket(session, work)

    def task_ticket(self, session: str, work: str) -> bytes:
        return self._keys.task_ticket(session, work)

    def redeem(self, session: str, work: str, ticket: bytes) -> None:
        self._keys.redeem(session, work, ticket)

    def forget(self, session: str) -> None:
        self._keys.forget(session)

    def lenient(self, session: str) -> bool:
        return self._keys.lenient(session)

    # -- Vault

    def seal(self, data: bytes, place: Place) -> bytes:
        key = self._keys.to_write(place.session)
        return data if key is None else sealing.seal(data, key, bound=_bound(place))

    def open(self, data: bytes, place: Place) -> bytes:
        if not sealing.is_sealed(data) and self._keys.lenient(place.session):
            return data
        try:
            return sealing.unseal(data, self._keys.to_read(place.session), bound=_bound(place))
        except NotSealed as error:
            raise _refused(place, error) from None

    def seal_text(self, text: str, place: Place) -> str:
        if self._keys.to_write(place.session) is None:
            return text
        return base64.urlsafe_b64encode(self.seal(text.encode(), place)).decode()

    def open_text(self, text: str, place: Place) -> str:
        if not self.is_sealed_text(text) and self._keys.lenient(place.session):
            return text
        try:
            data = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise _refused(place, error) from None
        return self.open(data, place).decode()

    def is_sealed_text(self, text: str) -> bool:
        return text.startswith(_TEXT)

    def seal_name(self, name: str, place: Place) -> str:
        key = self._keys.to_write(place.session)
        if key is None:
            return name
        sealed = sealing.seal_name(name, key, bound=_bound(place))
        return base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")

    def open_name(self, sealed: str, place: Place) -> str:
        key = self._keys.to_write(place.session)
        if key is None:
            return sealed
        try:
            data = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            return sealing.unseal_name(data, key, bound=_bound(place))
        except ValueError as error:  # binascii's and `NotSealed` are such
            raise _refused(place, error) from None

    def seal_value(self, value: object, place: Place) -> Any:
        if self._keys.to_write(place.session) is None:
            return value
        return {SEALED: self.seal(pack(place.kind, value, limit=2 * BODY_BYTES), place)}

    def open_value(self, value: object, place: Place) -> Any:
        sealed = value.get(SEALED) if isinstance(value, Mapping) else None
        if not isinstance(sealed, bytes) or not sealing.is_sealed(sealed):
            if self._keys.lenient(place.session):
                return value
            self._keys.to_read(place.session)
            raise _refused(place, NotSealed("this value is not sealed"))
        return unpack(place.kind, self.open(sealed, place))

    def seal_stream(self, content: Iterable[bytes], place: Place) -> Iterable[bytes]:
        if isinstance(content, bytes | str):
            raise BadRecord("content is an iterable of bytes, such as [data]")
        key = self._keys.to_write(place.session)
        return _checked(content) if key is None else sealing.seal_stream(_checked(content), key, bound=_bound(place))

    def open_stream(
        self, read: Callable[[int], Iterator[bytes]], place: Place, *, size: int, offset: int
    ) -> Iterator[bytes]:
        if offset >= self.clear_size(size) > 0:
            return
        number, start = sealing.stream_start(offset)
        skip = offset - number * sealing.PIECE
        try:
            key, head = self._keys.to_read(place.session), sealing.stream_head(read(0))
            for piece in sealing.unseal_stream(
                read(start), key, head=head, first=number, size=size, bound=_bound(place)
            ):
                if piece[skip:]:
                    yield piece[skip:]
                skip = 0
        except NotSealed as error:
            raise _refused(place, error) from None

    def clear_size(self, size: int) -> int:
        return sealing.stream_size(size)

    # -- for whoever comes without the key

    def mailbox(self, session: str) -> bytes:
        key = self._keys.to_write(session)
        return b"" if key is None else mailboxes.public_half(key)

    def seal_to(self, mailbox: bytes, *parts: tuple[bytes, Place]) -> list[bytes]:
        try:
            return mailboxes.seal_to(mailbox, *((data, _bound(place)) for data, place in parts))
        except NotSealed as error:
            raise _refused(parts[0][1], error) from None

    def open_sent(self, data: bytes, place: Place) -> bytes:
        if not mailboxes.is_sent(data):
            return self.open(data, place)
        try:
            return mailboxes.open_sent(data, self._keys.to_read(place.session), bound=_bound(place))
        except NotSealed as error:
            raise _refused(place, error) from None

    def carried(self, value: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        if not value.keys() >= {SEALED, TICKET}:
            return value  # of a session that was not sealed then: whoever may write jobs need not be here to write this one
        try:
            made = {name: base64.b64decode(value[name], validate=True) for name in (SEALED, TICKET)}
        except (binascii.Error, TypeError, ValueError) as error:
            raise _refused(place, error) from None
        self.redeem(place.session, place.record, made[TICKET])
        opened: Mapping[str, Any] = self.open_value({SEALED: made[SEALED]}, place)
        return opened


#: How the base64 of everything sealed begins.
_TEXT: Final = base64.urlsafe_b64encode(sealing.MAGIC + b"\0")[: len(sealing.MAGIC) * 8 // 6].decode("ascii")


def _bound(place: Place) -> tuple[str, ...]:
    return (place.session, place.kind, place.record)


def _refused(place: Place, error: Exception) -> CannotUnseal:
    return CannotUnseal(f"{place.kind} of a session cannot be opened: {error}")


def _checked(content: Iterable[bytes]) -> Iterator[bytes]:
    for part in content:
        if not isinstance(part, bytes):
            raise BadRecord(f"content holds bytes, not {type(part).__name__}")
        yield part
