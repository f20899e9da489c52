"""Makes documents in processes of their own, ``python -m shared.runner.making``: what a document is made of may come from anybody.

A process is started by the first document, and goes when none was wanted for a while. It has no network, reads the system, our code and
fonts, runs pandoc (and LibreOffice, where there is one) and nothing else; each document is made in a fork of it that has a folder of its
own, its own time and memory, and ends with it: nothing of one document is there when the next is made. Not for: what a document is
(`shared.documents`).
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from shared.documents import office
from shared.documents.ports import ConvertFailed, DocumentError, TooLarge, error_of
from shared.runner import isolation, seccomp
from shared.runner.helpers import Helper, Spares
from shared.runner.isolation import WALLS, Rules
from shared.runner.kept import Kept
from shared.runner.ongoing import Ongoing
from shared.runner.reach import Reach
from shared.runner.wire import Message, Unsendable, Wire, WireError, pack

log = logging.getLogger(__name__)

#: Seconds for one document; a letter takes some hundredths of one.
SECONDS: Final = 60.0
#: Seconds after which a process that nobody used goes; for a new one to be ready; beyond the document's own for its process to say so.
_IDLE, _PATIENCE, _GRACE = 120.0, 30.0, 5.0
#: Bytes of one file, of an order, and of address space beyond what the process begins with.
_FILE, _ORDER, _MEMORY = 64 * 2**20, 96 * 2**20, 2048 * 2**20
#: Bytes of documents that are remembered, so that the same one is not made twice.
_KEPT: Final = 32 * 2**20
_RULES: Final = Rules(may_miss=WALLS, seccomp=False, file_size=_FILE)
#: What programs need to start and to find their libraries, fonts and settings.
_SYSTEM: Final = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/etc/alternatives",
    "/etc/libreoffice",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    "/etc/localtime",
    "/opt",
)
#: Where LibreOffice makes its pipes, whatever it is told.
_PIPES: Final = ("/tmp",)  # noqa: S108  (a right to make sockets, of the program's own choice)


class _Process(Helper):
    """One process, making one document at a time."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="parley-documents-")
        if os.geteuid() == 0:
            os.chown(self._folder, _RULES.user, _RULES.user)
        super().__init__("shared.runner.making", self._folder, patience=_PATIENCE)

    def make(self, order: Mapping[str, Any], *, seconds: float) -> bytes:
        """Raises `DocumentError`, `WireError`."""
        reply = self.ask({"order": dict(order), "seconds": seconds}, seconds=seconds + _GRACE)
        if isinstance(made := reply.get("made"), bytes):
            if lacks := reply.get("lacks"):
                log.warning("document_without_fonts", extra={"kind": str(lacks)[:100]})
            return made
        raise error_of(str(reply.get("kind")), str(reply.get("error"))[:2000])

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._folder, ignore_errors=True)
        if office.program() is not None:
            office.clear(*_PIPES)


class Making:
    """Makes what is ordered (`shared.documents.making`), `most` at a time; what was made lately is remembered by its order."""

    def __init__(self, *, most: int = 2, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._free = threading.Semaphore(most)
        self._lock = threading.Lock()
        self.spares: Spares[_Process] = Spares()
        self._ongoing = Ongoing()
        self._kept: Kept[bytes, bytes] = Kept(len, most_bytes=_KEPT)
        self._wanted = False  #: a process was started, or is just being started

    def warm(self) -> None:
        """Start a process if there is none: somebody looks at a screen with documents. Returns at once."""
        with self._lock:
            if self.spares.closed or self._wanted:
                return
            self._wanted = True
        threading.Thread(target=self._warm, daemon=True, name="documents").start()

    def _warm(self) -> None:
        with contextlib.suppress(OSError):  # whoever wants a document hears of it
            self.spares.give(_Process())

    def make(self, order: Mapping[str, Any], *, seconds: float | None = None, patience: float | None = None) -> bytes:
        """The file. Raises `DocumentError`: `ConvertFailed` says how a process ended that made none.

        With `patience`, `StillMaking` after so many seconds: the making goes on, and the same order gets what comes of it.
        """
        key = self._key(order)
        if (known := self._kept.get(key)) is not None:
            return known
        return self._ongoing.result(key, lambda begun: self._make(key, order, seconds, begun), patience=patience)

    def _make(self, key: bytes, order: Mapping[str, Any], seconds: float | None, begun: Callable[[], None]) -> bytes:
        with self._free:
            process = self._one()
            begun()
            try:
                made = process.make(order, seconds=min(self._seconds, seconds or self._seconds))
            except DocumentError:
                self.spares.give(process)
                raise
            except (WireError, OSError) as error:
                process.close()
                log.warning("document_process_ended", extra={"error": type(error).__name__})
                raise ConvertFailed(f"the process that makes documents ended ({type(error).__name__})") from None
            except BaseException:  # whoever waited goes away: what comes is the answer to nobody's order
                process.close()
                raise
            self.spares.give(process)
        self._kept.put(key, made)
        return made

    @staticmethod
    def _key(order: Mapping[str, Any]) -> bytes:
        try:
            frame = pack(dict(order))
        except Unsendable as error:
            raise TooLarge(f"the document's parts cannot be sent to the process that makes it: {error}") from error
        if len(frame) > _ORDER:
            raise TooLarge(f"the parts of the document have {len(frame)} bytes; the limit is {_ORDER}")
        return hashlib.blake2b(frame, digest_size=32).digest()

    def _one(self) -> _Process:
        if self.spares.closed:
            raise ConvertFailed("the service is stopping")
        with self._lock:
            self._wanted = True
        return self.spares.take() or _Process()

    def tidy(self) -> None:
        """End processes that nobody used for a while."""
        self._ongoing.tidy()
        with self._lock:
            if self.spares.end_unused(since=time.monotonic() - _IDLE):
                self._wanted = bool(self.spares.waiting())

    def close(self) -> None:
        self.spares.close()


# ---------------------------------------------------------------------- inside of the process


def _confine(folder: str) -> None:
    """Give up what making documents needs not. Nothing here is undone by what is started from here on."""
    from shared.documents import texts  # noqa: PLC0415  of this process, not of services

    namespace = isolation.leave_network()
    isolation.restrict(
        _RULES,
        given=Reach(read=_SYSTEM, listed=()),
        folder=folder,
        memory=_MEMORY,
        namespace=namespace,
        execute=(*_SYSTEM, *texts.programs()),
        sockets=_PIPES if office.program() else (),
    )


def _make(order: Mapping[str, Any], folder: str, seconds: float) -> Message:
    """Make one document in a fork; whatever becomes of that, this process goes on."""
    needs_office = office.wanted(order)
    if needs_office:
        office.keep(Path(folder))
    made = _forked(order, folder, seconds)
    if needs_office and "made" not in made:
        office.drop()  # it may still be at work on what nobody wants any more
    return made


def _forked(order: Mapping[str, Any], folder: str, seconds: float) -> Message:
    theirs, ours = os.pipe()
    place = tempfile.mkdtemp(dir=folder)
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(theirs)
        _in_fork(order, place, ours, seconds)
    os.close(ours)
    try:
        with open(theirs, "rb") as reading:
            return _ended(pid, place, started + seconds, reading.fileno())
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
        shutil.rmtree(place, ignore_errors=True)


def _ended(pid: int, place: str, until: float, reading: int) -> Message:
    """What the fork says: it closes its pipe when it ends, whatever it died of."""
    said = b""
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            return {"kind": "ConvertFailed", "error": "making the document took too long and was stopped"}
        piece = os.read(reading, 65536)
        if not piece:
            break
        said += piece
    kind, _, error = said.decode(errors="replace").partition("\n")
    if kind == "made":
        with open(os.path.join(place, "_made"), "rb") as file:
            return {"made": file.read(_FILE), "lacks": error}
    return {
        "kind": kind or "ConvertFailed",
        "error": error or "the process that made the document died of it: it needs too much memory",
    }


def _seal() -> None:
    """No other program is needed any more, and no socket: libraries of others read what others made."""
    seccomp.restrict(network=False, same_user=False)


def _in_fork(order: Mapping[str, Any], place: str, say: int, seconds: float) -> None:
    from shared.documents import making, scripts  # noqa: PLC0415  of this process, not of services

    said = "ConvertFailed\nthe document could not be made"
    try:
        os.setsid()
        os.chdir(place)
        tempfile.tempdir = place
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 2, int(seconds) + 2))
        made = making.make(order, Path(place), seal=_seal)
        with open("_made", "wb") as file:
            file.write(made)
        said = f"made\n{', '.join(scripts.without_font(scripts.texts_of(order)))}"
    except DocumentError as error:
        said = f"{type(error).__name__}\n{error}"
    except MemoryError:
        said = "TooLarge\nthe document needs more memory than it may take"
    except BaseException as error:  # whatever a library raises for a strange file: it is a document that cannot be made
        said = f"BadSource\nthe document could not be made ({type(error).__name__}: {error})"
    finally:
        with contextlib.suppress(OSError):
            os.write(say, said.encode()[:60000])
        os._exit(0)


def main(fd: int, folder: str) -> None:
    """Make what is ordered on the socket `fd` until the other side closes it."""
    from shared.documents import making  # noqa: PLC0415  of this process, not of services

    isolation.close_files({fd})
    wire = Wire(socket.socket(fileno=fd))
    os.environ.update({"HOME": folder, "TMPDIR": folder})
    os.chdir(folder)
    making.warm()
    _confine(folder)
    try:
        wire.send({"ready": True})
        while True:
            message = wire.receive()
            wire.send(_make(message["order"], folder, float(message["seconds"])))
    except WireError:
        pass  # the service is gone


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
