"""Encryption of encoded states at rest: AES-256-GCM, bound to the session the bytes belong to.

Sealed bytes are ``b"PSEAL"``, a version byte, a random nonce of 12 bytes, and the ciphertext with its tag. Does not live here: where keys
come from and how they are kept (the interview service).
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.state.errors import CannotUnseal

_MAGIC = b"PSEAL"
_VERSION = 1
_NONCE = 12

#: Bytes of a key.
KEY_SIZE = 32


class Key:
    """A key. It never shows in a repr, a traceback's locals printed by repr, or a comparison of strings."""

    __slots__ = ("_bytes",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_SIZE:
            raise ValueError(f"a key has {KEY_SIZE} bytes, not {len(key)}")
        self._bytes = bytes(key)

    @classmethod
    def random(cls) -> Key:
        return cls(os.urandom(KEY_SIZE))

    @classmethod
    def derived(cls, secret: bytes, *, purpose: str) -> Key:
        """A key for one purpose from a secret of any length that is itself random (not a password)."""
        return cls(HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=purpose.encode()).derive(secret))

    def exposed(self) -> bytes:
        """The bytes, to be wrapped by another key or handed to a user; never to be logged or sent in the clear."""
        return self._bytes

    def __repr__(self) -> str:
        return "Key(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and other._bytes == self._bytes

    def __hash__(self) -> int:
        return hash((Key, self._bytes))

    def __reduce__(self) -> str:
        raise TypeError("a key is not pickled or copied")


def seal(data: bytes, key: Key, *, session: str) -> bytes:
    """`data` encrypted with `key`; only ``unseal`` with the same key and session gives it back."""
    nonce = os.urandom(_NONCE)
    head = _MAGIC + bytes([_VERSION])
    return head + nonce + AESGCM(key.exposed()).encrypt(nonce, data, _bound(head, session))


def unseal(sealed: bytes, key: Key, *, session: str) -> bytes:
    """The bytes that were sealed. Raises `CannotUnseal` (wrong key or session, changed or foreign bytes)."""
    if not is_sealed(sealed) or len(sealed) < len(_MAGIC) + 1 + _NONCE + 16:
        raise CannotUnseal("these bytes are not sealed")
    if sealed[len(_MAGIC)] != _VERSION:
        raise CannotUnseal(
            f"these bytes were sealed in a way (version {sealed[len(_MAGIC)]}) that this version does not know"
        )
    start = len(_MAGIC) + 1
    head, nonce, body = sealed[:start], sealed[start : start + _NONCE], sealed[start + _NONCE :]
    try:
        return AESGCM(key.exposed()).decrypt(nonce, body, _bound(head, session))
    except InvalidTag:
        raise CannotUnseal("the key is not the one these bytes were sealed with, or they were changed") from None


def is_sealed(data: bytes) -> bool:
    """Whether `data` came from `seal`. An encoded state never begins so: its first four bytes are its length."""
    return data.startswith(_MAGIC)


def _bound(head: bytes, session: str) -> bytes:
    """What is authenticated but not encrypted: the version, and the session, so that bytes cannot change places."""
    return head + session.encode()
