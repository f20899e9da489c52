"""A session's mailbox: who has its public half can seal, and only who has the session's key can open (X25519, HKDF-SHA256, AES-256-GCM).

Sealed bytes are ``b"PMAIL"``, a version byte, the public half of a pair made for what was sent with them alone, and what `sealing.seal` makes of
them. The pair of the session follows from its key, so that nothing more need be kept.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from shared.vault import sealing
from shared.vault.sealing import Key, NotSealed

_HEAD: Final = b"PMAIL\x01"
_PUBLIC: Final = 32


def public_half(key: Key) -> bytes:
    return _pair(key).public_key().public_bytes_raw()


def seal_to(mailbox: bytes, *parts: tuple[bytes, tuple[str, ...]]) -> list[bytes]:
    """Of what is sent at once, each part sealed to the place that it is bound to: by one pair, whose making is most of the cost.

    Raises `NotSealed` if `mailbox` is no public half.
    """
    try:
        theirs = X25519PublicKey.from_public_bytes(mailbox)
        ours = X25519PrivateKey.generate()
        shared = ours.exchange(theirs)
    except ValueError:
        raise NotSealed("this is no address's key") from None
    public = ours.public_key().public_bytes_raw()
    key = _key(shared, public, mailbox)
    return [_HEAD + public + sealing.seal(data, key, bound=bound) for data, bound in parts]


def open_sent(data: bytes, key: Key, *, bound: tuple[str, ...]) -> bytes:
    """Raises `NotSealed`."""
    if not is_sent(data) or len(data) < len(_HEAD) + _PUBLIC:
        raise NotSealed("these bytes are not sealed")
    public, sealed = data[len(_HEAD) : len(_HEAD) + _PUBLIC], data[len(_HEAD) + _PUBLIC :]
    pair = _pair(key)
    try:
        shared = pair.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise NotSealed("these bytes were sealed by no key") from None
    return sealing.unseal(sealed, _key(shared, public, pair.public_key().public_bytes_raw()), bound=bound)


def is_sent(data: bytes) -> bool:
    return data.startswith(_HEAD)


def _pair(key: Key) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(Key.derived(key.exposed(), purpose="parley mailbox 1").exposed())


def _key(shared: bytes, theirs: bytes, ours: bytes) -> Key:
    return Key.derived(shared + theirs + ours, purpose="parley mail 1")
