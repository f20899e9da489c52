"""Messages as JSON text, and errors as messages. Both buses use it, so that they accept the same."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature
from typing import Any, Final

import msgspec

from shared.bus.brokertypes import Message
from shared.bus.messages import BadMessage
from shared.contract import errors, jsontext, typed
from shared.contract.jsonvalue import Json


def encode(value: object, what: str) -> str:
    """JSON text of `value`. Raises `BadMessage`, which names `what` but not the value (it may be an answer)."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_refuse)
        if not text.isascii():
            text.encode()  # half a surrogate pair is no text: the broker could not take it
        jsontext.check_depth(value, text)  # who receives it would refuse it
        return text
    except (TypeError, ValueError, RecursionError) as error:
        raise BadMessage(
            f"{what} cannot travel: {error if isinstance(error, _NotJson) else type(error).__name__}"
        ) from None


def decode(text: str | bytes | memoryview, what: str) -> Json:
    """The value of JSON text. Raises `BadMessage`."""
    try:
        return jsontext.loads(bytes(text) if isinstance(text, memoryview) else text)
    except ValueError:
        raise BadMessage(f"{what} is not JSON") from None


def answer(result: object, what: str) -> str:
    """The JSON text of a call's result; one of a type of the contract may hold JSON that was made before (`msgspec.Raw`).

    Raises `BadMessage`.
    """
    if not isinstance(result, msgspec.Struct | msgspec.Raw):
        return encode({"result": result, "error": None}, what)
    try:
        return b'{"result":%b,"error":null}'.__mod__(msgspec.json.encode(result)).decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadMessage(f"{what} cannot travel: {type(error).__name__}") from None


def failed(error: BaseException | errors.Wire) -> str:
    """The JSON text that says that a call failed. Data that is not JSON is left out."""
    wire = error if isinstance(error, errors.Wire) else errors.to_wire(error)
    try:
        return encode({"result": None, "error": wire}, "an error")
    except BadMessage:
        return encode({"result": None, "error": errors.Wire(wire.kind, wire.message)}, "an error")


class _Answer(msgspec.Struct):
    result: msgspec.Raw
    error: errors.Wire | None


def result(text: str | bytes | memoryview, returns: object, what: str) -> Any:
    """What `answer` or `failed` wrote: the result as a `returns`, or the error raised. Raises `BadMessage` for anything else."""
    try:
        made = typed.from_json(text, _Answer)
        if made.error is None:
            return typed.from_json(made.result, returns)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadMessage(f"{what} is not what was agreed: {error}") from None
    raise errors.from_wire(made.error)


def kind(error: BaseException) -> str:
    """The short name of an error, for logs and metrics."""
    return errors.to_wire(error).kind


def level(error: BaseException) -> int:
    """How loud a log says that a call ended with `error`: what the caller answers by asking again is no failure."""
    return logging.DEBUG if isinstance(error, errors.KeysWanted) else logging.WARNING


def misfit(takes: Signature, arguments: Mapping[str, object]) -> str | None:
    """Why `arguments` do not fit a method, or None. Found out before the method runs, it is the caller's error."""
    try:
        takes.bind(**arguments)
    except TypeError as error:
        return str(error)
    return None


_BY_NAME: Final = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


class Takes:
    """What arguments a method takes by name."""

    def __init__(self, method: Callable[..., object]) -> None:
        self._signature = signature(method)
        named = [one for one in self._signature.parameters.values() if one.kind in _BY_NAME]
        self._all = frozenset(one.name for one in named)
        self._needed = frozenset(one.name for one in named if one.default is Parameter.empty)

    def misfit(self, arguments: Mapping[str, object]) -> str | None:
        """See `misfit`; binding what fits would take as long as reading it."""
        return None if self._needed <= arguments.keys() <= self._all else misfit(self._signature, arguments)


def seconds_left(message: Message) -> float:
    """The time to live with which a message of the broker was sent: its sender's whole patience, however much of it is gone."""
    try:
        return max(0.001, int(message.properties["expiration"]) / 1000)
    except (KeyError, TypeError, ValueError):
        return 0.001


def where(error: BaseException) -> str:
    """The innermost frames of an error for a log, without its text: ``module.py:12 name < module.py:80 other``."""
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    return " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in reversed(frames))


class _NotJson(TypeError):
    pass


def _refuse(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    raise _NotJson(f"{type(value).__name__} is not a JSON type")
