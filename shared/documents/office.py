"""Files of word processors to PDF by LibreOffice, where the machine has one. Runs in the process that makes documents.

Nothing else that was found keeps tables, fonts and headers. Where it is not, a DOCX template gives a DOCX file only. LibreOffice is started
with the first such file and kept, since starting it takes a second; after an error, a time-out or `_MOST` files it is ended.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from shared.documents import archives
from shared.documents.order import Order
from shared.documents.ports import BadSource, ConvertFailed, Unsupported

#: Seconds for one file (LibreOffice hangs on some), and until it is ready; files that one LibreOffice converts.
_SECONDS, _READY, _MOST = 45.0, 25.0, 100
#: How often it is started: the first time it only makes its profile.
_TRIES: Final = 3
_FILTERS: Final = {"pdf": "writer_pdf_Export", "docx": "MS Word 2007 XML", "odt": "writer8", "rtf": "Rich Text Format"}
#: The Python that `uno` belongs to.
_PYTHON: Final = "/usr/bin/python3"
_SERVER: Final = Path(__file__).with_name("unoserver.py").read_text(encoding="utf-8")
_NEEDS: Final = (
    "DOCX cannot be converted to PDF here: that needs LibreOffice (soffice) and its module for Python (python3-uno)"
)


@cache
def program() -> str | None:
    """LibreOffice's program, if there is one that can be used."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found if found and Path(_PYTHON).is_file() else None


_numbers = itertools.count(1)  #: of LibreOffices that were started by this process


class Office:
    """One LibreOffice, and what speaks to it. Whoever has it asks for one file at a time."""

    def __init__(self, folder: Path) -> None:
        """`folder` is for its profile. Raises `Unsupported`, `ConvertFailed`."""
        office = program()
        if office is None:
            raise Unsupported(_NEEDS)
        self.converted = 0
        self._owner = os.getpid()
        for attempt in range(_TRIES):
            self._start(office, folder)
            try:
                self._read(_READY)
            except ConvertFailed:
                self.close()
                if attempt == _TRIES - 1:
                    raise
                continue
            return

    def _start(self, office: str, folder: Path) -> None:
        """LibreOffice makes its profile, ends, and means to be started again; its pipes are named after the profile and cannot be removed here."""
        number = next(_numbers)
        profile = folder / f"office{number}"
        if (known := folder / f"office{number - 1}").is_dir():
            known.rename(profile)
        pipe = f"parley{''.join(one for one in folder.name if one.isalnum())[-20:]}{number}x{os.getpid()}"
        environment = {
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
            "PATH": "/usr/bin:/bin",
            "SAL_USE_VCLPLUGIN": "svp",
        }
        quiet: Any = {"cwd": folder, "env": environment, "stderr": subprocess.DEVNULL}
        options = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo", "--nofirststartwizard")
        where = (f"-env:UserInstallation={profile.as_uri()}", f"--accept=pipe,name={pipe};urp")
        # The program itself, not the script around it, which could not be ended together with what it starts.
        binary = Path(office).resolve().with_name("soffice.bin")
        self._office = subprocess.Popen(
            [binary if binary.is_file() else office, *where, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **quiet,
        )
        self._server = subprocess.Popen(
            [_PYTHON, "-I", "-c", _SERVER, pipe], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **quiet
        )

    def convert(
        self, source: Path, targets: Mapping[str, Path], *, update: bool, options: Mapping[str, object]
    ) -> None:
        """Make `targets` (by format) of the file `source`. Raises `ConvertFailed`, `BadSource`; after the former it must be closed."""
        asked = {
            "source": source.as_uri(),
            "update": update,
            "targets": [
                {"filter": _FILTERS[kind], "url": path.as_uri(), "options": dict(options) if kind == "pdf" else {}}
                for kind, path in targets.items()
            ],
        }
        assert self._server.stdin is not None
        try:
            self._server.stdin.write(json.dumps(asked).encode() + b"\n")
            self._server.stdin.flush()
        except OSError as error:
            raise ConvertFailed("LibreOffice has ended") from error
        problem = self._read(_SECONDS).get("problem")
        if problem:
            raise BadSource(f"LibreOffice could not convert the file: {problem}")

    def _read(self, seconds: float) -> Mapping[str, Any]:
        assert self._server.stdout is not None
        reading, said, until = self._server.stdout, b"", time.monotonic() + seconds
        while not said.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0:
                raise ConvertFailed(f"LibreOffice took longer than {seconds:g} seconds and was ended")
            if not select.select([reading], [], [], min(left, 0.2))[0]:
                if os.getpid() == self._owner and self._office.poll() is not None:
                    raise ConvertFailed("LibreOffice has ended")
                continue
            piece = os.read(reading.fileno(), 65536)
            if not piece:
                raise ConvertFailed("LibreOffice has ended")
            said += piece
        found: Mapping[str, Any] = json.loads(said)
        return found

    @property
    def worn(self) -> bool:
        """It has converted as much as one may, or is gone."""
        return self.converted >= _MOST or self._office.poll() is not None or self._server.poll() is not None

    def close(self) -> None:
        """End it; what it had begun is lost."""
        for one in (self._server, self._office):
            with contextlib.suppress(OSError):
                one.kill()
            one.wait()
        for pipe in (self._server.stdin, self._server.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()


def clear(*folders: str) -> None:
    """Remove the pipes of LibreOffices that were ended: nobody listens at them any more."""
    for path in (one for folder in folders for one in Path(folder).glob("OSL_PIPE_*")):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as asking:
            try:
                asking.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()


_kept: Office | None = None


def wanted(order: Order) -> bool:
    """Whether LibreOffice is needed for `order`."""
    target = order.get("format")
    if order.get("work") == "word":
        return target == "pdf" or bool(order.get("update references"))
    return order.get("work") == "convert" and target == "pdf" and order.get("source") in ("docx", "rtf", "odt", "doc")


def keep(folder: Path) -> None:
    """Have a LibreOffice for the orders to come. What goes wrong is told by the order that needs it."""
    global _kept
    if _kept is not None and _kept.worn:
        drop()
    if _kept is None:
        with contextlib.suppress(Unsupported, ConvertFailed, OSError):
            _kept = Office(folder)
    if _kept is not None:
        _kept.converted += 1


def drop() -> None:
    """End the one that is kept: nobody knows what it still does."""
    global _kept
    if _kept is not None:
        _kept.close()
        _kept = None


def make(order: Order, folder: Path, seal: Callable[[], None]) -> bytes:
    """``content`` (of the format ``source``, or DOCX) as ``format``, with its references updated if the order says so.

    Raises `Unsupported`, `ConvertFailed`, `BadSource`.
    """
    if program() is None:
        raise Unsupported(_NEEDS)
    if order.get("source", "docx") == "docx":
        archives.check(order["content"])
    office = _kept or Office(folder)
    seal()
    target = str(order.get("format") or "pdf")
    given, made = folder / f"given.{order.get('source') or 'docx'}", folder / f"made.{target}"
    given.write_bytes(order["content"])
    tagged = bool(order.get("tagged", True))
    options: dict[str, object] = {
        "UseTaggedPDF": tagged,
        "PDFUACompliance": tagged and not order.get("pdf/a"),
        "SelectPdfVersion": 2 if order.get("pdf/a") else 0,
        "ExportBookmarks": True,
    }
    try:
        office.convert(given, {target: made}, update=bool(order.get("update references")), options=options)
    finally:
        if office is not _kept:
            office.close()
    if not made.is_file():
        raise BadSource("LibreOffice could not read the file")
    return made.read_bytes()
