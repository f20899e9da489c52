"""/uploadedfile: files of this browser's sessions, and those that everybody may read; /packagestatic: files of packages.

How a file is sent: http/files.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, send_file

from services.gateway.client.files import SessionFiles, SharedFile
from services.gateway.client.interview import InterviewClient
from services.gateway.http import files
from services.gateway.http.browser import Browser, browser
from services.gateway.packages import Packages
from shared.contract.errors import Refused

#: Beside an interview that lies in no package only these are public: never its YAML, modules or data.
_BESIDE = frozenset(
    {".css", ".js", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".mp3", ".ogg", ".mp4", ".webm", ".woff2", ".pdf"}
)


class Files:
    def __init__(self, client: InterviewClient, session_files: SessionFiles, packages: Packages) -> None:
        self._client = client
        self._files = session_files
        self._packages = packages

    def blueprint(self) -> Blueprint:
        made = Blueprint("files", __name__)
        made.add_url_rule("/uploadedfile/<int:number>", view_func=self.uploaded)
        made.add_url_rule("/uploadedfile/<int:number>/<path:name>", view_func=self.uploaded)
        made.add_url_rule("/packagestatic/<package>/<path:path>", view_func=self.static)
        return made

    def uploaded(self, number: int, name: str = "") -> Response:
        """A number says nothing of its session; the interview service knows whether this browser has been there."""
        asker = browser()
        for session in self._sessions(asker, number):
            try:
                return files.send(self._files, asker.at(session), number)
            except Refused:
                continue
        try:
            return files.send_document(SharedFile(self._client, number))
        except Refused:
            return abort(404)

    def _sessions(self, asker: Browser, number: int) -> Iterator[str]:
        try:
            if asker.browsers:
                yield self._client.whose(number, asker.browsers).session
        except Refused:
            pass
        yield from (one.session for one in asker.of_before())

    def static(self, package: str, path: str) -> Response:
        """A file of a package's `data/static` folder. Read-only, and never anything else of a package."""
        folder = self._packages.folder(package)
        if folder is None:
            abort(404)
        alone = not (folder / "data").is_dir()  # an interview that lies in no package (``parley run FILE``)
        static = (folder if alone else folder / "data" / "static").resolve()
        try:
            wanted = (static / path).resolve()
            known = wanted.is_relative_to(static) and wanted.is_file()
        except (OSError, ValueError, RuntimeError):  # a name that no file can have, links in a circle
            known = False
        if not known:
            abort(404)
        if alone and (wanted.suffix not in _BESIDE or wanted.name.startswith(".") or wanted.parent != static):
            abort(404)
        response = send_file(wanted, conditional=True, etag=True, max_age=300)
        response.headers["Cache-Control"] = "public, max-age=300"
        return response
