"""Files as HTTP has them: what a form sends goes into a session, what a session has becomes a response.

What users uploaded is served so that it cannot act as part of this site: its own type only if that type is harmless,
never sniffed, sandboxed, and as a download unless it is a picture, sound, film, PDF or plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Protocol

from flask import Response, abort, request
from werkzeug.datastructures import FileStorage

from services.gateway.client.files import Field, FileInfo, ScreenDocument, SessionFiles, SharedFile
from services.gateway.client.interview import Opened
from services.gateway.http.security import INERT_POLICY
from shared.documents.ports import MIMETYPES, Format

_INLINE = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "image/bmp",
        "application/pdf",
        "text/plain",
    }
)
#: Types that browsers only ever download.
_DOCUMENTS = frozenset({*(MIMETYPES[kind] for kind in (Format.DOCX, Format.RTF)), "application/zip", "text/markdown"})
_INLINE_MAJOR = ("audio/", "video/")
#: What a type begins with, as it is written in a header (https://datatracker.ietf.org/doc/html/rfc9110#name-media-type).
TYPE_RE = re.compile(r"[!#$&^\w.+-]{1,120}/[!#$&^\w.+-]{1,120}(?:[ \t]*;[ -~]*)?\Z", re.A)


def keep(files: SessionFiles, at: Opened, file: FileStorage, *, token: str, name: str) -> int:
    """Put what a form sent in field `name` of the screen of `token` into a session; the number of the file."""
    return files.keep(at, file.stream, filename=file.filename or "", mimetype=file.mimetype, field=Field(token, name))


def send(files: SessionFiles, at: Opened, number: int) -> Response:
    """File `number` of a session, or the range of it that is asked for. ``?attachment`` makes it a download."""
    return _sent(files.fetch_info(at, number), partial(files.read, at, number))


def send_document(document: ScreenDocument | SharedFile) -> Response:
    """The document or file, or the range of it that is asked for."""
    return _sent(document.info, document.read)


class _Read(Protocol):
    def __call__(self, *, start: int, end: int) -> Iterator[bytes]: ...


def _sent(found: FileInfo, read: _Read) -> Response:
    harmless = found.mimetype in _INLINE or (
        found.mimetype.startswith(_INLINE_MAJOR) and bool(TYPE_RE.match(found.mimetype))
    )
    start, end = _range(found.size)
    response = Response(
        read(start=start, end=end),
        mimetype=found.mimetype if harmless or found.mimetype in _DOCUMENTS else "application/octet-stream",
    )
    disposition = "inline" if harmless and "attachment" not in request.args else "attachment"
    response.headers.set("Content-Disposition", disposition, filename=found.filename)
    response.headers["Content-Length"] = str(end - start)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-cache"
    if found.mimetype != "application/pdf":  # Chromium's PDF viewer does not start in a sandbox
        response.headers["Content-Security-Policy"] = INERT_POLICY
    if (start, end) != (0, found.size):
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    return response


def _range(size: int) -> tuple[int, int]:
    """The bytes asked for, as (start, end); all of them unless one range was asked for. Players seek with it."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return 0, size
    found = asked.range_for_length(size)
    if found is None:
        abort(416)
    return found
