"""Files through the gateway: uploads and downloads in chunks over the bus, and the static files of packages.

What users uploaded is served so that it cannot act as part of this site: its own type only if that type is harmless,
never sniffed, sandboxed, and as a download unless it is a picture, sound, film, PDF or plain text.
"""

from __future__ import annotations

import base64
import mimetypes
import uuid
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from flask import Response, abort, request, send_file
from werkzeug.datastructures import FileStorage

from services.gateway.desk import InterviewDesk
from services.gateway.security import INERT_POLICY

#: Bytes of a file in one message. Base64 makes it a third more; brokers are happiest well below a megabyte.
CHUNK = 384 * 1024
_INLINE = (
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
    "application/pdf",
    "text/plain",
)
_INLINE_MAJOR = ("audio/", "video/")
#: Beside an interview that lies in no package only these are public: never its YAML, modules or data.
_BESIDE = frozenset(
    {".css", ".js", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".mp3", ".ogg", ".mp4", ".webm", ".woff2", ".pdf"}
)


class Uploads:
    """Puts files into a session."""

    def __init__(self, desk: InterviewDesk) -> None:
        self._desk = desk

    def keep(self, session: str, file: FileStorage) -> int:
        """The number of the file once all of it is saved. Raises what the bus raises."""
        filename = PurePosixPath((file.filename or "file").replace("\\", "/")).name[:200] or "file"
        mimetype = file.mimetype or mimetypes.guess_type(filename)[0] or "application/octet-stream"
        upload, offset = uuid.uuid4().hex, 0
        chunk = file.stream.read(CHUNK)
        while True:
            following = file.stream.read(CHUNK) if len(chunk) == CHUNK else b""
            done = self._desk.call(
                "upload",
                session=session,
                upload=upload,
                filename=filename,
                mimetype=mimetype,
                offset=offset,
                chunk=base64.b64encode(chunk).decode("ascii"),
                last=not following,
            )
            if not following:
                return int(done["file"])
            offset += len(chunk)
            chunk = following


class Downloads:
    """Files of sessions, as responses."""

    def __init__(self, desk: InterviewDesk) -> None:
        self._desk = desk
        self._info = lru_cache(maxsize=2048)(self._fetch_info)

    def _fetch_info(self, session: str, number: int) -> Mapping[str, Any]:
        found = self._desk.call("download", session=session, number=number, offset=0, length=0)
        return {key: found[key] for key in ("filename", "mimetype", "size")}

    def info(self, session: str, number: int) -> Mapping[str, Any]:
        """filename, mimetype, size. Raises `CallFailed` if there is no such file in the session."""
        return self._info(session, number)

    def serve(self, session: str, number: int) -> Response:
        found = self._fetch_info(session, number)
        mimetype, size = str(found["mimetype"]), int(found["size"])
        harmless = mimetype in _INLINE or mimetype.startswith(_INLINE_MAJOR)
        start, end = _range(size)
        response = Response(
            self._chunks(session, number, start, end), mimetype=mimetype if harmless else "application/octet-stream"
        )
        response.headers.set(
            "Content-Disposition",
            "inline" if harmless and "attachment" not in request.args else "attachment",
            filename=str(found["filename"]),
        )
        response.headers["Content-Length"] = str(end - start)
        response.headers["Accept-Ranges"] = "bytes"
        response.headers["Cache-Control"] = "private, no-cache"
        if mimetype != "application/pdf":  # Chromium's PDF viewer does not start in a sandbox
            response.headers["Content-Security-Policy"] = INERT_POLICY
        if (start, end) != (0, size):
            response.status_code = 206
            response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        return response

    def _chunks(self, session: str, number: int, offset: int, end: int) -> Iterator[bytes]:
        while offset < end:
            length = min(CHUNK, end - offset)
            got = self._desk.call("download", session=session, number=number, offset=offset, length=length)
            chunk = base64.b64decode(got["chunk"])
            if not chunk:
                return
            offset += len(chunk)
            yield chunk


def _range(size: int) -> tuple[int, int]:
    """The bytes asked for, as (start, end); all of them unless one range was asked for. Players seek with it."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return 0, size
    found = asked.range_for_length(size)
    if found is None:
        abort(416)
    return found


class PackageFiles:
    """What interviews have in their `data/static` folders. Read-only, and never anything else of a package."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self._roots = tuple(root.resolve() for root in roots)

    def folder(self, package: str) -> Path | None:
        """The folder of `package`: ``a.b`` is ``<root>/a/b``, or a folder of that very name."""
        if not package or package.startswith(".") or "/" in package or "\\" in package or ".." in package:
            return None
        for root in self._roots:
            for candidate in (root / Path(*package.split(".")), root / package):
                if candidate.is_dir():
                    return candidate
        return None

    def serve(self, package: str, path: str) -> Response:
        folder = self.folder(package)
        if folder is None:
            abort(404)
        alone = not (
            folder / "data"
        ).is_dir()  # the folder of an interview that lies in no package (``parley run FILE``)
        static = (folder if alone else folder / "data" / "static").resolve()
        wanted = (static / path).resolve()
        if not wanted.is_relative_to(static) or not wanted.is_file():
            abort(404)
        if alone and (wanted.suffix not in _BESIDE or wanted.name.startswith(".")):
            abort(404)
        response = send_file(wanted, conditional=True, etag=True, max_age=300)
        response.headers["Cache-Control"] = "public, max-age=300"
        return response
