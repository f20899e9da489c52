"""What stands at an address of the web, for interviews whose package the operator lets use the network (objects.md, "from_url").

Where it may not the process says so itself (`shared.runner.offline`). Not for: files of packages and of the session (`Context.files`).
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

#: Bytes of one answer, and seconds for which a server may say nothing.
_MOST, _SECONDS = 64 * 2**20, 20.0
_SCHEMES: Final = ("http", "https")


class Fetched(NamedTuple):
    name: str  #: the last part of the address's path, if it has one
    mimetype: str
    content: bytes


def fetch(url: str) -> Fetched:
    """Raises `OSError` (nobody is reached, an answer that is none), `ValueError` for what is no address of the web or too large."""
    import urllib.error  # noqa: PLC0415  heavy: 40 ms, and few interviews read the web
    import urllib.request  # noqa: PLC0415

    parts = urlsplit(url)
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname:
        raise ValueError(f"from_url() expects an address that begins with http:// or https://, not {url!r}")
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310  (of the schemes above; a redirect leads to no other)
            content = answer.read(_MOST + 1)
            mimetype = answer.headers.get_content_type()
    except urllib.error.URLError as error:
        raise OSError(f"{url} cannot be read: {error.reason}") from error
    if len(content) > _MOST:
        raise ValueError(f"{url} has more than {_MOST >> 20} MB")
    return Fetched(PurePosixPath(unquote(parts.path)).name, mimetype, content)
