"""The child's side of taking a received mail apart: the engine of a pool that runs no author's code.

Stands where `shared.runner.engine` stands, with the same functions. The message may be anything at all: whoever sent it chose its bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.mail.dissect import dissect
from shared.runner import alarm
from shared.runner.called import CallError
from shared.runner.reach import Reach
from shared.runner.wire import Message, Unsendable, Wire


@dataclass(frozen=True, slots=True)
class Loaded:
    """Nothing is loaded: what there is to call is a part of this program."""

    roots: tuple[str, ...] = ()
    digest: str = ""
    sources: tuple[tuple[str, int, int], ...] = ()


def prepare() -> None: ...


def warm() -> None: ...


def load(name: str, roots: Iterable[str]) -> Loaded:
    return Loaded()


def readable(loaded: Loaded, given: Iterable[str], *, guarded: Iterable[str] = ()) -> Reach:
    return Reach(read=(), listed=())


def child(wire: Wire, loaded: Loaded, *, memory: int) -> Dissecting:
    return Dissecting(wire)


class Dissecting:
    """Takes one message after the other apart (the service asks each child for one)."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def serve(self) -> None:
        while True:
            message = self._wire.receive()
            number = message["step"]
            try:
                with alarm.after(float(message["seconds"]), unless=lambda: False):
                    reply: Message = {"value": dissect(bytes(message["args"][0])).plain()}
            except alarm.Rang:
                reply = _failed(CallError.TIME_LIMIT)
            except MemoryError:
                reply = _failed(CallError.MEMORY)
            except Exception as error:  # a mistake of ours: the message stays as it came
                reply = _failed(CallError.RAISED, type(error).__name__)
            try:
                self._wire.send({**reply, "step": number})
            except Unsendable:
                self._wire.send({**_failed(CallError.NOT_PLAIN), "step": number})


def _failed(error: CallError, message: str = "") -> Message:
    return {"failed": {"error": str(error), "message": message}}
