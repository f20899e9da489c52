"""Messages as JSON text, and errors as messages. Both buses use it, so that they accept the same."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from inspect import Signature
from typing import Any

from shared.bus.messages import BadMessage, CallFailed


def encode(value: Any, what: str) -> str:
    """JSON text of `value`. Raises `BadMessage`, which names `what` but not the value (it may be an answer)."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_refuse)
        if not text.isascii():
            text.encode()  # half a surrogate pair is no text: the broker could not take it
        return text
    except (TypeError, ValueError, RecursionError) as error:
        raise BadMessage(
            f"{what} cannot travel: {error if isinstance(error, _NotJson) else type(error).__name__}"
        ) from None


def decode(text: str | bytes | memoryview, what: str) -> Any:
    """The value of JSON text. Raises `BadMessage`."""
    try:
        return json.loads(bytes(text) if isinstance(text, memoryview) else text)
    except (ValueError, RecursionError):
        raise BadMessage(f"{what} is not JSON") from None


def failure(error: BaseException) -> dict[str, Any]:
    """What an error looks like on the wire: ``{"kind", "message", "data"}``.

    `kind` is the error's own `kind` or the name of its class. Data that is not JSON is left out.
    """
    kind = getattr(error, "kind", None)
    data = getattr(error, "data", None)
    plain: Any = {}
    if isinstance(data, Mapping):
        try:
            plain = json.loads(encode(dict(data), "data"))
        except BadMessage:
            plain = {}
    return {
        "kind": kind if isinstance(kind, str) and kind else type(error).__name__,
        "message": str(error),
        "data": plain,
    }


def raised(wire: Mapping[str, Any]) -> CallFailed:
    """The error that `failure` described."""
    return CallFailed(str(wire.get("kind") or "Unknown"), str(wire.get("message") or ""), wire.get("data") or {})


def misfit(takes: Signature, arguments: Mapping[str, Any]) -> str | None:
    """Why `arguments` do not fit a method, or None. Found out before the method runs, it is the caller's error."""
    try:
        takes.bind(**arguments)
    except TypeError as error:
        return str(error)
    return None


def where(error: BaseException) -> str:
    """The innermost frames of an error for a log, without its text: ``module.py:12 name < module.py:80 other``."""
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    return " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in reversed(frames))


class _NotJson(TypeError):
    pass


def _refuse(value: object) -> Any:
    raise _NotJson(f"{type(value).__name__} is not a JSON type")
