"""What a vault does, and where the keys of sessions come from.

VaultError (a StoreError)
├── KeyAway        nobody who may open this session is here: not an error of the data
└── CannotUnseal   another key, another place, or changed bytes
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from shared.store.ports import StoreError
from shared.store.records import Session
from shared.vault.sealing import Key

#: The entry of a mapping that holds a sealed value, and the one beside it that holds the ticket of the work it is for.
SEALED: Final = "sealed"
TICKET: Final = "ticket"


class VaultError(StoreError):
    """Base of this package's errors."""


class KeyAway(VaultError):
    """The key of this session is not to be had here and now."""


class CannotUnseal(VaultError):
    """The sealed bytes cannot be opened with this key for this place."""


class Kind(StrEnum):
    """What is sealed. The names are a part of what is authenticated: never changed."""

    STATE = "state"
    DELTA = "delta"
    CHANGE = "change"  #: of a state, behind it
    TOKENS = "tokens"  #: the secret that signs screen tokens
    TITLE = "title"
    TAG = "tag"
    EXTRA = "extra"
    APPLIED = "applied"
    OUTBOX = "outbox"
    ARGUMENTS = "arguments"
    USER = "user"
    BROWSER = "browser"
    RESPONSE = "response"
    RESULT = "result"
    PROGRESS = "progress"
    FILE = "file"
    UPLOAD = "upload"
    FILE_NAME = "file name"
    FILE_TYPE = "file type"
    ADDRESS_KEY = "address key"
    MAIL = "mail"
    MAIL_HEAD = "mail head"
    MAIL_PARTS = "mail parts"
    SENDER = "sender"
    RUN = "run"
    SENT_MAIL = "sent mail"
    STORED = "stored"  #: what outlasts answers
    STORED_NAME = "stored name"  #: under which it is found
    SENT_MAIL_LAST = "sent mail last"


@dataclass(frozen=True, slots=True)
class Place:
    """Where sealed bytes belong: they open in no other session, as no other kind, in no other record."""

    session: str
    kind: Kind
    record: str = ""  #: id of a step, a request, a task, an outbox entry, a mail …


class Keyring(Protocol):
    """Whose keys are at hand: those of the work that goes on in this thread (or greenthread), from its beginning to its end."""

    def work(self, *, publishing: bool = False) -> AbstractContextManager[None]:
        """What is opened by the work inside is forgotten after it. `publishing`: what waits in an outbox may be opened by its tickets."""
        ...

    def begin(self, session: str) -> None:
        """The session is about to be made: it gets a key."""
        ...

    def offer(self, session: str, keys: Iterable[Key]) -> None:
        """A browser shows these keys to the session; the first is the one it will go on with."""
        ...

    def unlock(self, session: Session) -> None:
        """Have the key of `session`, as its record says who may. Raises `KeyAway`."""
        ...

    def settled(self, session: Session, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """`fields` that are about to be written of `session` (as it stands), with the slots that it shall have after that."""
        ...

    def ticket(self, session: str, work: str) -> bytes:
        """Opens the session for the work with this id, for a while. Empty where there is nothing to open."""
        ...

    def task_ticket(self, session: str, work: str) -> bytes:
        """The same for a background action, if those may open sessions at all."""
        ...

    def redeem(self, session: str, work: str, ticket: bytes) -> None:
        """Have the session's key by the ticket of this work. Raises `KeyAway`."""
        ...

    def lenient(self, session: str) -> bool:
        """Whether the session was begun before there was sealing, so that parts of it stand in clear. Raises `KeyAway`."""
        ...

    def forget(self, session: str) -> None:
        """Destroy the session's key: what is left of it anywhere is noise."""
        ...


class Vault(Keyring, Protocol):
    """Each `open…` gives back what its `seal…` was given, at the same place. Raises `VaultError`."""

    def seal(self, data: bytes, place: Place) -> bytes: ...
    def open(self, data: bytes, place: Place) -> bytes: ...

    def seal_text(self, text: str, place: Place) -> str: ...
    def open_text(self, text: str, place: Place) -> str: ...

    def seal_name(self, name: str, place: Place) -> str:
        """As `seal_text`, and the same text each time, so that something can be looked up by it."""
        ...

    def open_name(self, sealed: str, place: Place) -> str: ...

    def seal_value(self, value: object, place: Place) -> Any:
        """Any plain value (`shared.store.ports.plain`); a mapping stays one."""
        ...

    def open_value(self, value: object, place: Place) -> Any: ...

    def seal_stream(self, content: Iterable[bytes], place: Place) -> Iterable[bytes]: ...
    def open_stream(
        self, read: Callable[[int], Iterator[bytes]], place: Place, *, size: int, offset: int
    ) -> Iterator[bytes]:
        """The content from byte `offset` on. `read(n)` gives what is kept from byte n on, `size` is how much that is."""
        ...

    def clear_size(self, size: int) -> int:
        """Bytes of a content that takes `size` bytes where it is kept."""
        ...

    def is_sealed_text(self, text: str) -> bool:
        """Whether `text` is one that `seal_text` gave."""
        ...

    def seal_to(self, mailbox: bytes, *parts: tuple[bytes, Place]) -> list[bytes]:
        """Each sealed to the public half that `mailbox` gave, by somebody without the session's key. `open_sent` opens it."""
        ...

    def open_sent(self, data: bytes, place: Place) -> bytes: ...

    def mailbox(self, session: str) -> bytes:
        """The public half of the session's pair of keys; empty where nothing is sealed."""
        ...

    def carried(self, value: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        """What a job of a version before 0.3 carries, sealed, with a ticket for ``place.record``. Raises `KeyAway` if it took too long."""
        ...


class SessionKeys(Keyring, Protocol):
    """One random key for each session."""

    def to_write(self, session: str) -> Key | None:
        """The key of the session. None if nothing of it is sealed until its record is written next. Raises `KeyAway`."""
        ...

    def to_read(self, session: str) -> Key:
        """The key of the session. Raises `KeyAway`."""
        ...


def clear(values: Mapping[str, object], names: Iterable[str]) -> dict[str, object]:
    """Those of `values` that stay readable beside what is sealed."""
    return {name: values[name] for name in names if name in values}
