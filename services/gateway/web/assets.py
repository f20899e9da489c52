"""The page's own files: CSS, scripts, the libraries below static/vendor, Bootstrap and jQuery from Bootstrap-Flask's
package. No CDN, no build step.

All live below one path that holds a hash of their contents, so browsers keep them for a year and modules can import
their neighbours by relative names. Each is compressed once, when it is first asked for.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from flask import Blueprint, Response, abort, request

from services.gateway.render.bootstrap import STATIC

_OWN = Path(__file__).parents[1] / "static"
_FOREIGN = {
    "bootstrap.min.css": STATIC / "bootstrap5" / "css" / "bootstrap.min.css",
    "bootstrap.min.js": STATIC / "bootstrap5" / "js" / "bootstrap.min.js",
    "popper.min.js": STATIC / "bootstrap5" / "umd" / "popper.min.js",
    # Only on pages with author code: functions.md promises jQuery to it.
    "jquery.min.js": STATIC / "bootstrap4" / "jquery.min.js",
}
#: What is served of static/; the rest there (declarations, the list of what was copied) is for developers.
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
#: theme.js is a classic script with its own element (base.html).
_CLASSIC = "js/theme.js"


@dataclass(frozen=True)
class _Asset:
    mimetype: str
    plain: bytes

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.plain, 9, mtime=0)


class Assets:
    def __init__(self) -> None:
        sources = {path.relative_to(_OWN).as_posix(): path for path in sorted(_OWN.rglob("*")) if path.suffix in _TYPES}
        self._kept = {name: _load(path) for name, path in {**sources, **_FOREIGN}.items()}
        digest = hashlib.blake2b(digest_size=6)
        for name in sorted(self._kept):
            digest.update(name.encode() + b"\0" + self._kept[name].plain)
        self.version = digest.hexdigest()
        names = (name for name in sorted(self._kept) if name.startswith(("js/", "vendor/")) and name != _CLASSIC)
        self._modules = tuple(self.url(name) for name in names if name.endswith(".js"))

    def blueprint(self) -> Blueprint:
        made = Blueprint("assets", __name__)
        made.add_url_rule("/assets/<version>/<path:name>", view_func=self.serve)
        return made

    def modules(self) -> tuple[str, ...]:
        """The addresses of everything that main.js imports, for the browser to fetch at once and not one after the other."""
        return self._modules

    def url(self, name: str) -> str:
        if name not in self._kept:
            raise KeyError(f"there is no asset {name!r}")
        return f"/assets/{self.version}/{name}"

    def serve(self, version: str, name: str) -> Response:
        """An asset. Asked for under an old version it is the current one, and not to be kept."""
        found = self._kept.get(name)
        if found is None:
            abort(404)
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        response = Response(found.packed if packed else found.plain, mimetype=found.mimetype)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        current = version == self.version
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
        return response


@cache
def _load(path: Path) -> _Asset:
    """Once in a process, however many gateways it makes."""
    return _Asset(_TYPES[path.suffix], path.read_bytes())
