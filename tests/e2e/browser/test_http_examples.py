"""The examples of docs/http.md, run in their order against the real system. No browser needed."""

from __future__ import annotations

import http.client
import json
import re
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.browser.conftest import ROOT, Site

_EXAMPLE = re.compile(r"```http\n(.*?)```\n```json\n(.*?)```", re.S)


class Client:
    """A program that keeps its cookie."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._cookie = ""

    def send(self, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        if self._cookie:
            headers = {**headers, "Cookie": self._cookie}
        if body:
            headers = {**headers, "Content-Type": "application/json"}
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        if given := response.headers.get("Set-Cookie"):
            self._cookie = given.split(";")[0]
        return response.status, json.loads(response.read())


def filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\{(session|token|csrf)\}", lambda match: known[match.group(1)], text)


def differences(expected: Any, got: Any, where: str = "") -> list[str]:
    """Where `got` does not hold what `expected` says; more may be in it."""
    if expected == "…":
        return []
    if isinstance(expected, dict) and isinstance(got, dict):
        return [
            one
            for key, value in expected.items()
            for one in differences(value, got.get(key, "missing"), f"{where}/{key}")
        ]
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [
            one for number, value in enumerate(expected) for one in differences(value, got[number], f"{where}/{number}")
        ]
    return [] if expected == got else [f"{where}: {expected!r} expected, {got!r} came"]


def test_every_example_is_true(site: Site) -> None:
    client, known = Client(site.address), {"session": "", "token": "", "csrf": ""}
    examples = _EXAMPLE.findall((ROOT / "docs" / "http.md").read_text("utf-8"))
    assert len(examples) >= 9
    for asked, answered in examples:
        head, _, body = asked.partition("\n\n")
        request, *lines = head.strip().splitlines()
        method, path = request.split(" ", 1)
        headers = dict(filled(line, known).split(": ", 1) for line in lines)
        status, got = client.send(method, path, headers, filled(body, known).strip())
        expected = json.loads(filled(answered, known))
        assert status == expected.pop("status", 200), (asked, got)
        assert differences(expected, got) == [], asked
        known |= {"session": got.get("session", known["session"]), "csrf": got.get("csrf", known["csrf"])}
        known["token"] = (got.get("screen") or {}).get("token", known["token"])
