"""A browser without script over HTTP: keeps its cookies, reads forms and links of a page, says from where it comes."""

from __future__ import annotations

import html
import http.client
import re
from typing import Any
from urllib.parse import urlencode, urlsplit


class Visitor:
    """`status`, `headers` and `text` are those of the last answer; redirects are followed where `go` is told to."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self.cookies: dict[str, str] = {}
        self.status = 0
        self.headers: Any = {}
        self.text = ""
        self.path = ""

    def ask(self, method: str, path: str, body: str | bytes = b"", **headers: str) -> Visitor:
        """One request. Names of headers are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            named["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection(self._host, timeout=60)
        connection.request(method, path, body or None, named)
        answer = connection.getresponse()
        self.status, self.headers, self.path = answer.status, answer.headers, path
        self.text = answer.read().decode("utf-8", "replace")
        for given in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return self

    def go(self, path: str, **headers: str) -> Visitor:
        """Open an address, and where it leads."""
        self.ask("GET", path, **headers)
        for _ in range(5):
            if self.status not in (302, 303):
                break
            self.ask("GET", self.headers["Location"], Sec_Fetch_Site="same-origin")
        return self

    def fields(self, form: str = 'id="answer"') -> dict[str, str]:
        """The hidden fields of a form on the page."""
        assert form in self.text, f"{self.status} {self.path}: {self.text}"
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.text[self.text.index(form) :])
        return {name: html.unescape(value) for name, value in found}

    def link(self, text: str) -> str:
        """The path of the link that says `text`, from the root of the site."""
        found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*>{re.escape(text)}</a>', self.text)
        assert found, self.text
        address = html.unescape(found.group(1))
        parts = urlsplit(address)
        return f"{parts.path or '/interview'}?{parts.query}"

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Visitor:
        kind = {"Content_Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(fields), **kind, **headers)

    def answer(self, path: str, values: dict[str, str]) -> Visitor:
        """Fill in the form of the page and look at what comes next."""
        self.post(path, {**self.fields(), **values}, Sec_Fetch_Site="same-origin")
        assert self.status == 303, self.text
        return self.go(self.headers["Location"])
