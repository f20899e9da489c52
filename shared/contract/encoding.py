"""Values of the contract as JSON, whatever an interview put into them: a reply that cannot leave would keep its page from ever going on.

Used in children, where author code made the values. Not for: state (``shared.state``), which must come back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


def encode(value: object) -> bytes:
    """`value` as JSON: bytes as base64, numbers that JSON has none for as null, whole characters, strange objects as their text.

    Raises RecursionError for what is nested too deep or contains itself.
    """
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, OverflowError):  # (UnicodeEncodeError is a ValueError)
        return _ENCODER.encode(_mended(value))


def plain(value: object) -> object:
    """For msgspec, what it does not know itself: frozen mappings as dicts, texts of other classes as texts, the rest as its text."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list | tuple | set | frozenset):
        if type(value) in (list, tuple):
            raise TypeError("a list cannot be a key")  # nothing else brings one here
        return list(value)
    return str(value)


_ENCODER = msgspec.json.Encoder(enc_hook=plain)


def _mended(value: object) -> object:
    """`value` with texts and keys that JSON cannot hold replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, msgspec.Struct):
        return type(value)(**{name: _mended(getattr(value, name)) for name in value.__struct_fields__})
    if isinstance(value, Mapping):
        return {_mended(key if isinstance(key, str) else str(key)): _mended(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(_mended(item) for item in value)
    if value is None or isinstance(value, bool | int | float | bytes | msgspec.Raw):
        return value
    return _mended(str(value))
