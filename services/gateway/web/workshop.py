"""/workshop: for the author at ``parley run FILE``. Whether something of the interview was saved, and what its code said in a session.

Open pages ask for it every second; nobody else has such an address. What was said is the embedded system's (services/embedded/workshop.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from flask import Blueprint, Flask, Response, g, jsonify, request

from services.gateway.client.interview import InterviewClient
from services.gateway.http.browser import browser
from shared.bus.messages import Bus

#: What an author writes. Not everything that lies there: a database beside the interview changes with every answer.
_WRITTEN = frozenset(
    {".yml", ".yaml", ".py", ".md", ".html", ".css", ".js", ".json", ".csv", ".txt"}
    | {".docx", ".xlsx", ".pdf", ".rtf", ".png", ".jpg", ".svg"}
)
#: Files of a package that are looked at; more than these are no interview.
_MOST = 5000


class Workshop:
    def __init__(self, bus: Bus, client: InterviewClient, folder: Path) -> None:
        """`folder`: of the package that the author works at."""
        self._bus = bus
        self._client = client
        self._folder = folder

    def install(self, app: Flask) -> None:
        @app.before_request
        def note_stamp() -> None:
            # Before the interview is asked: what is saved after this is news to the page that is being made.
            if request.method == "GET" and request.endpoint == "interview.show":
                g.workshop = self.stamp()

        app.register_blueprint(self.blueprint())

    def blueprint(self) -> Blueprint:
        made = Blueprint("workshop", __name__)
        made.add_url_rule("/workshop", view_func=self.show)
        return made

    def show(self) -> Response:
        """``{"saved": stamp, "runs": [...]}``; without a session, as on a page that is no screen, only the stamp."""
        session = request.args.get("session")
        runs: object = []
        if session:
            self._client.enter(browser().at(session))
            runs = self._bus.call("workshop", "said", session=session)
        return jsonify(saved=self.stamp(), runs=runs)

    def stamp(self) -> str:
        """A text that is another one when a file of the package has changed."""
        told = hashlib.blake2b(digest_size=8)
        for path in islice(self._files(), _MOST):
            try:
                found = path.stat()
            except OSError:  # an editor is just putting another in its place
                continue
            told.update(f"{path}\0{found.st_mtime_ns}\0{found.st_size}\n".encode("utf-8", "surrogateescape"))
        return told.hexdigest()

    def _files(self) -> Iterator[Path]:
        """Those in the folder itself and below ``data``: a lone interview may lie in a folder that holds everything."""
        for path in chain(sorted(self._folder.glob("*")), sorted((self._folder / "data").rglob("*"))):
            if path.suffix.lower() in _WRITTEN and not path.name.startswith((".", "~")):
                yield path
