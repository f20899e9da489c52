"""The encryption: AES-256-GCM, bound to the place where the bytes belong.

Sealed bytes are ``b"PSEAL"``, a version byte, a random nonce of 12 bytes, and the ciphertext with its tag. A sealed stream is
the same head, 16 random bytes that name the stream, and pieces: each a nonce and the ciphertext with its tag of `PIECE` clear
bytes (the last may have fewer), bound to its number and to whether it is the last. Not for: where keys come from (`keys`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: Bytes of a key.
KEY_SIZE = 32
#: Clear bytes of a piece of a stream: a reader that wants one byte opens this much.
PIECE = 64 * 1024

#: How sealed bytes begin. (An encoded state begins with its length.)
MAGIC = b"PSEAL"
_VERSION = 1
_HEAD = MAGIC + bytes([_VERSION])
_NONCE = 12
_TAG = 16
_STREAM_ID = 16
_NAME = b"\x01"  #: before every name, for some may be empty
_STREAM_HEAD = len(_HEAD) + _STREAM_ID
_SEALED_PIECE = _NONCE + PIECE + _TAG


class NotSealed(ValueError):
    """These bytes do not open with this key at this place; the message says why, without anything of them."""


class Key:
    """A key. It never shows in a repr, a traceback's locals printed by repr, or a comparison of strings."""

    __slots__ = ("_bytes", "_cipher", "_namer")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_SIZE:
            raise ValueError(f"a key has {KEY_SIZE} bytes, not {len(key)}")
        self._bytes = bytes(key)
        self._cipher: AESGCM | None = None
        self._namer: AESSIV | None = None

    @classmethod
    def random(cls) -> Key:
        return cls(os.urandom(KEY_SIZE))

    @classmethod
    def derived(cls, secret: bytes, *, purpose: str) -> Key:
        """A key for one purpose from a secret of any length that is itself random (not a password)."""
        return cls(HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=purpose.encode()).derive(secret))

    @property
    def cipher(self) -> AESGCM:
        # Setting one up takes as long as sealing a small thing with it.
        if self._cipher is None:
            self._cipher = AESGCM(self._bytes)
        return self._cipher

    @property
    def namer(self) -> AESSIV:
        """What makes the same of the same: for names, which are looked up."""
        if self._namer is None:
            made = HKDF(algorithm=SHA256(), length=2 * KEY_SIZE, salt=None, info=b"parley names 1").derive(self._bytes)
            self._namer = AESSIV(made)
        return self._namer

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


def seal(data: bytes, key: Key, *, bound: tuple[str, ...]) -> bytes:
    """`data` encrypted with `key`; only `unseal` with the same key and the same `bound` texts gives it back."""
    nonce = os.urandom(_NONCE)
    return _HEAD + nonce + key.cipher.encrypt(nonce, data, _HEAD + _joined(bound))


def unseal(sealed: bytes, key: Key, *, bound: tuple[str, ...]) -> bytes:
    """The bytes that were sealed. Raises `NotSealed` (wrong key or place, changed or foreign bytes)."""
    _check_head(sealed, len(_HEAD) + _NONCE + _TAG)
    start = len(_HEAD) + _NONCE
    return _decrypted(key.cipher, sealed[len(_HEAD) : start], sealed[start:], _HEAD + _joined(bound))


def seal_name(name: str, key: Key, *, bound: tuple[str, ...]) -> bytes:
    """`name` sealed so that the same name is the same bytes at the same place (AES-SIV): who looks it up seals it again.

    That something is there twice under one name shows, and how long the name is.
    """
    return key.namer.encrypt(_NAME + name.encode(), [_HEAD + _joined(bound)])


def unseal_name(sealed: bytes, key: Key, *, bound: tuple[str, ...]) -> str:
    """Raises `NotSealed`."""
    try:
        return key.namer.decrypt(sealed, [_HEAD + _joined(bound)]).removeprefix(_NAME).decode()
    except (InvalidTag, ValueError):
        raise NotSealed("another key, another place, or changed bytes") from None


def is_sealed(data: bytes) -> bool:
    """Whether `data` came from `seal`. An encoded state never begins so: its first four bytes are its length."""
    return data.startswith(MAGIC)


def seal_stream(content: Iterable[bytes], key: Key, *, bound: tuple[str, ...]) -> Iterator[bytes]:
    """`content`, in parts of any size, as a sealed stream."""
    name = os.urandom(_STREAM_ID)
    cipher, place = key.cipher, _HEAD + name + _joined(bound)

    def sealed(number: int, piece: bytes, *, last: bool) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + cipher.encrypt(nonce, piece, place + _numbered(number, last=last))

    yield _HEAD + name
    held, number = bytearray(), 0
    for part in content:
        held += part
        while len(held) > PIECE:  # one piece stays: it may be the last
            yield sealed(number, bytes(held[:PIECE]), last=False)
            del held[:PIECE]
            number += 1
    yield sealed(number, bytes(held), last=True)


def stream_size(size: int) -> int:
    """Clear bytes of a sealed stream of `size` bytes."""
    return max(0, size - _STREAM_HEAD - _pieces(size) * (_NONCE + _TAG))


def stream_start(offset: int) -> tuple[int, int]:
    """For clear byte `offset`: the number of its piece, and the byte at which that piece begins."""
    number = offset // PIECE
    return number, _STREAM_HEAD + number * _SEALED_PIECE


def stream_head(content: Iterable[bytes]) -> bytes:
    """The head of a sealed stream. Raises `NotSealed`."""
    head = b""
    for part in content:
        head += part
        if len(head) >= _STREAM_HEAD:
            break
    _check_head(head, _STREAM_HEAD)
    return head[:_STREAM_HEAD]


def unseal_stream(
    content: Iterable[bytes], key: Key, *, head: bytes, first: int, size: int, bound: tuple[str, ...]
) -> Iterator[bytes]:
    """The clear pieces from number `first` on; `content` begins with that piece, `size` is that of the whole sealed stream.

    Raises `NotSealed`, also if the last piece does not come.
    """
    cipher, place = key.cipher, head + _joined(bound)
    last = _pieces(size) - 1
    held, number = bytearray(), first

    def opened(piece: bytes) -> bytes:
        bound_to = place + _numbered(number, last=number == last)
        return _decrypted(cipher, piece[:_NONCE], piece[_NONCE:], bound_to)

    for part in content:
        held += part
        while number < last and len(held) >= _SEALED_PIECE:
            yield opened(bytes(held[:_SEALED_PIECE]))
            del held[:_SEALED_PIECE]
            number += 1
    if number != last:
        raise NotSealed("the sealed bytes break off")
    yield opened(bytes(held))


def _pieces(size: int) -> int:
    return max(1, -(-(size - _STREAM_HEAD) // _SEALED_PIECE))


def _check_head(sealed: bytes, least: int) -> None:
    if not is_sealed(sealed) or len(sealed) < least:
        raise NotSealed("these bytes are not sealed")
    version = sealed[len(MAGIC)]
    if version != _VERSION:
        raise NotSealed(f"these bytes were sealed in a way (version {version}) that this version does not know")


def _decrypted(cipher: AESGCM, nonce: bytes, body: bytes, bound: bytes) -> bytes:
    if len(body) < _TAG:
        raise NotSealed("the sealed bytes break off")
    try:
        return cipher.decrypt(nonce, body, bound)
    except InvalidTag:
        raise NotSealed(
            "the key or the place is not the one these bytes were sealed for, or they were changed"
        ) from None


@lru_cache(maxsize=2000)
def _joined(bound: tuple[str, ...]) -> bytes:
    """Texts with their lengths, so that no two lists of texts are the same bytes."""
    parts: list[bytes] = []
    for text in bound:
        part = text.encode()
        parts += (len(part).to_bytes(4), part)
    return b"".join(parts)


def _numbered(number: int, *, last: bool) -> bytes:
    return number.to_bytes(8) + bytes([last])
