"""One browser that answers by the form of a page, on one kept-alive connection: what it sends and gets is what the page's script sends and gets."""

from __future__ import annotations

import html
import http.client
import json
import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Page:
    """A new session of `interview`, and the page that it shows."""

    def __init__(self, url: str, interview: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._path = f"/interview?i={quote(interview)}"
        self.cookie = ""
        self._ask("GET", f"{self._path}&new_session=1")
        self.text = self._ask("GET", self._path)

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> str:
        sent = {**({"Cookie": self.cookie} if self.cookie else {}), **(headers or {})}
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        content = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie") or []:
            if value.startswith("parley-key-"):
                self.cookie = value.partition(";")[0]
        if answer.status >= 400:
            raise RuntimeError(f"{answer.status}: {content[:500]!r}")
        return content

    def answer(self, values: Mapping[str, object]) -> None:
        """Send the form with these values; `text` is the next screen's HTML."""
        form = {name: html.unescape(value) for name, value in _HIDDEN.findall(self.text)}
        body = urlencode({**form, **values}).encode()
        headers = {"X-Parley": "1", "Content-Type": "application/x-www-form-urlencoded"}
        self.text = str(json.loads(self._ask("POST", self._path, body, headers))["html"])
