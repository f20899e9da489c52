"""Converts texts in a process of its own, ``python -m shared.runner.marking``: what others wait for never holds what a user typed.

The process has no files, no network and little memory, and each text less than a second, all texts of a page a little more (`shared.markup.budget`):
one that takes longer is shown as paragraphs, and its process ended. Not for: the conversion (`shared.markup.convert`), author code (`pool`).
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import sys
import threading
import time
from dataclasses import asdict, astuple

from shared.markup import budget
from shared.markup.convert import Made, Source, convert, plainly
from shared.runner import isolation
from shared.runner.helpers import Helper, Spares
from shared.runner.isolation import WALLS, Rules
from shared.runner.kept import Kept
from shared.runner.reach import Reach
from shared.runner.wire import Message, Wire, WireError

log = logging.getLogger(__name__)

#: Seconds for one text; what people write takes some thousandths of one.
LIMIT = 0.8

#: Seconds that are worth beginning with a text.
_LEAST = 0.05

#: Texts remembered for having taken too long, and for how many seconds after they were last seen: a page is looked at again.
_REMEMBERED = 1000
_MEMORY_SECONDS = 600.0

#: Seconds for a new process to be ready: it imports.
_PATIENCE = 20.0

#: Bytes of address space beyond what it begins with.
_MEMORY = 256 * 1024 * 1024


class _Process(Helper):
    """One process, converting one text at a time."""

    def __init__(self) -> None:
        super().__init__("shared.runner.marking", patience=_PATIENCE)

    def made(self, source: Source, *, seconds: float) -> Made:
        """Raises `WireError`."""
        reply = self.ask(asdict(source), seconds=seconds)
        if not (isinstance(reply.get("html"), str) and isinstance(reply.get("plain"), str)):
            raise WireError("it answered what is no text")
        return Made(reply["html"], reply["plain"])


class Marking:
    """A converter for `shared.markup.use`: a process per text that is converted at the same time, `most` at a time; they are kept."""

    def __init__(self, *, most: int = 2, seconds: float = LIMIT) -> None:
        self._seconds = seconds
        self._free = threading.Semaphore(most)
        self.spares: Spares[_Process] = Spares()
        self._slow: Kept[bytes, bool] = Kept(lambda _: 1, most_bytes=_REMEMBERED, seconds=_MEMORY_SECONDS)
        self.ended = 0  #: processes that were ended because of a text

    def warm(self) -> None:
        """Start the first process; it gets ready while others do something else."""
        if not self.spares.closed and not self.spares.waiting():
            self.spares.give(_Process())

    def __call__(self, source: Source) -> Made:
        begun = time.monotonic()
        try:
            return self._converted(source)
        finally:
            budget.spend(time.monotonic() - begun)

    def _converted(self, source: Source) -> Made:
        seconds = budget.limit(source.text, self._seconds)
        name = None if len(source.text) <= budget.SHORT else _name(source)
        if seconds < _LEAST or (name is not None and self._slow.get(name)):
            return plainly(source)
        with self._free:
            process = self.spares.take() or _Process()
            try:
                made = process.made(source, seconds=seconds)
            except (WireError, OSError) as error:
                process.close()
                self.ended += 1
                if name is not None and seconds == self._seconds:
                    self._slow.put(name, True)
                self.warm()  # the next text need not wait for it
                log.warning("text_not_converted", extra={"error": type(error).__name__, "count": len(source.text)})
                return plainly(source)
            except BaseException:  # whoever waited goes away: what comes is the answer to nobody's text
                process.close()
                raise
            self.spares.give(process)
            return made

    def close(self) -> None:
        self.spares.close()


def _name(source: Source) -> bytes:
    return hashlib.blake2b(repr(astuple(source)).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _reply(message: Message) -> Message:
    source = Source(**{**message, "terms": tuple(message["terms"]), "auto_terms": tuple(message["auto_terms"])})
    try:
        made = convert(source)
    except Exception:  # whatever a converter raises for a strange text: it is a text all the same
        made = plainly(source)
    return asdict(made)


def main(fd: int) -> None:
    """Convert what comes on the socket `fd` until the other side closes it."""
    isolation.close_files({fd})
    wire = Wire(socket.socket(fileno=fd))
    convert(Source(text="*warm* [QR x] `c` | a |\n\n| b |\n|--|\n| c |"))  # imports what some texts need
    namespace = isolation.leave_network()
    isolation.restrict(
        Rules(may_miss=WALLS), given=Reach(read=(), listed=()), folder=os.devnull, memory=_MEMORY, namespace=namespace
    )
    try:
        wire.send({"ready": True})
        while True:
            wire.send(_reply(wire.receive()))
    except WireError:
        pass  # the service is gone


if __name__ == "__main__":
    main(int(sys.argv[1]))
