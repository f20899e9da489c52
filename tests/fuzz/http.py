"""Requests over all routes, those that no page sends among them: no answer is a 5xx that is not an author's mistake."""

from __future__ import annotations

import base64
import http.client
import json
import random
import re
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from bench.system import embedded
from tests.fuzz.driver import ODD, Report, drive, mangled

INTERVIEWS = [
    "fields",
    "choices",
    "review",
    "documents",
    "check-in",
    "review-with-tables",
    "dictionaries",
    "actions",
    "javascript",
    "welcome",
]
PATHS = [
    *["/interview"] * 16,
    *("/", "/list", "/interviews", "/checkin", "/checkin", "/checkin", "/checkin", "/resume", "/variables", "/document/0"),
    *("/events", "/healthz", "/metrics", "/user/sign-in", "/uploadedfile/1", "/uploadedfile/1/a.png", "/document/0", "/favicon.ico"),
    *("/packagestatic/demos/a.css", "/assets/x/parley.css", "/robots.txt"),
]  # fmt: skip
QUERY = [
    "i",
    "session",
    "new_session",
    "reset",
    "action",
    "json",
    "command",
    "from_list",
    "request_id",
    "next",
    "format",
    "last",
    "attachment",
    "x",
]
HEADERS = [
    "X-Parley",
    "X-Parley-Call",
    "X-CSRF-Token",
    "Range",
    "If-None-Match",
    "Accept-Language",
    "Referer",
    "Origin",
    "Last-Event-ID",
]
HEADERS += [
    "Sec-Fetch-Site",
    "Sec-Fetch-Dest",
    "Accept-Encoding",
    "If-Modified-Since",
    "User-Agent",
    "Cookie",
    "X-Forwarded-For",
    "Content-Encoding",
]
ACTIONS = [
    "_da_define",
    "_da_force_ask",
    "_da_set",
    "_da_list_add",
    "_da_list_remove",
    "_da_exit",
    "_da_proven",
    "_da_variables",
    "x",
    "person",
    "",
]
#: Errors of JSON that are an author's: the interview ended with one.
AUTHORS = ("Failure", "BadInterview", "TimeLimit")


class _Page:
    """What a browser holds of one page."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""
        self.interview = "demos:welcome.yml"
        self.fields: dict[str, str] = {}
        self.names: list[str] = []

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            told = {"Content-Length": str(len(body)), **({"Cookie": self.cookie} if self.cookie else {}), **headers}
            for name, value in told.items():
                connection.putheader(name, re.sub(rb"[\r\n\0]", b"", value.encode("latin-1", "replace")))
            connection.endheaders(body)
            answer = connection.getresponse()
            if answer.headers.get("Content-Type", "").startswith("text/event-stream"):
                return answer.status, b""
            content = answer.read()
            for given in answer.headers.get_all("Set-Cookie") or []:
                if given.startswith("parley-key-"):
                    self.cookie = given.partition(";")[0]
            return answer.status, content
        finally:
            connection.close()

    def open(self, dice: random.Random) -> None:
        self.interview = f"demos:{dice.choice(INTERVIEWS)}.yml"
        self.cookie = self.cookie if dice.random() < 0.5 else ""
        _, content = self.ask("GET", f"/interview?i={self.interview}&new_session=1", b"", {})
        _, content = self.ask("GET", f"/interview?i={self.interview}", b"", {})
        text = content.decode("utf-8", "replace")
        found = re.findall(r'<input type="hidden" name="(:[^"]+)" value="([^"]*)"', text)
        self.fields = {name: unescape(value) for name, value in found}
        self.names = re.findall(r'<(?:input|select|textarea)[^>]* name="([^:"][^"]*)"', text) or ["x"]


def run(*, count: int, seed: int, first: int = 0) -> Report:
    with embedded(PARLEY_LOG_LEVEL="ERROR") as running:
        port = urlsplit(running.url).port
        assert port is not None
        page = _Page(port)

        def case(dice: random.Random) -> str:
            # Also the first of a repeated run has a page.
            if not page.fields or dice.random() < 0.03:
                page.open(dice)
            return _request(dice, page)

        return drive(case, count=count, seed=seed, first=first, pid=running.of("embedded")[0].pid)


def _request(dice: random.Random, page: _Page) -> str:
    method = dice.choice(["GET"] * 12 + ["POST"] * 20 + ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
    path = dice.choice(PATHS)
    if dice.random() < 0.12:
        at = dice.randrange(len(path) + 1)
        path = (
            path[:at]
            + dice.choice([quote(dice.choice(ODD)[:300], errors="replace"), "%00", "%ff", "..%2f", "²".encode().hex()])
            + path[at:]
        )
    pairs = [(name, _argument(dice, page, name)) for name in dice.sample(QUERY, dice.randint(0, 4))]
    if "/interview" in path and dice.random() < 0.8:
        pairs = [("i", page.interview), *(pair for pair in pairs if pair[0] != "i")]
    target = path + ("?" + urlencode(pairs, errors="replace") if pairs else "")
    body, headers = _body(dice, page) if method in ("POST", "PUT", "PATCH") else (b"", {})
    for name in dice.sample(HEADERS, dice.choice([0, 0, 1, 2])):
        headers[name] = dice.choice(
            ["same-origin", "cross-site", "bytes=0-", "bytes=5-1,-²", "gzip", "document", "1", *ODD]
        )[:4000]
    try:
        status, content = page.ask(method, target, body, headers)
    except (http.client.BadStatusLine, ConnectionError):  # what is no HTTP is hung up on
        return "hung up"
    if status >= 500:
        assert _is_authors(content), (
            f"{status} to {method} {target[:300]} {headers!r:.300} {body!r:.600}: {_said(content)}"
        )
        return f"{status}, an author's"
    return str(status)


def _argument(dice: random.Random, page: _Page, name: str) -> str:
    if name == "session" and dice.random() < 0.5:
        return page.fields.get(":session", "")
    if name == "action" and dice.random() < 0.8:
        return _action(dice)
    if name == "json":
        return dice.choice(["1", "1", "0", "é"])
    if name == "command":
        return dice.choice(["new_session", "restart", "leave", "x", "é"])
    return dice.choice(["1", "demos:fields.yml", *ODD])


def _action(dice: random.Random) -> str:
    asked: Any = {
        "action": dice.choice(ACTIONS),
        "arguments": {dice.choice(["variables", "list", "item", "_action"]): _value(dice)},
    }
    text = json.dumps(asked).encode()
    return base64.urlsafe_b64encode(mangled(dice, text) if dice.random() < 0.4 else text).decode()


def _value(dice: random.Random, depth: int = 0) -> Any:
    if depth < 2 and dice.random() < 0.4:
        return dice.choice([[_value(dice, depth + 1)], {dice.choice(ODD): _value(dice, depth + 1)}])
    return dice.choice([None, True, 0, -1, 1.5, 2**70, *ODD])


def _body(dice: random.Random, page: _Page) -> tuple[bytes, dict[str, str]]:
    kind = dice.choice(["form", "form", "json", "json", "multipart", "raw"])
    if kind == "json":
        return _json(dice, page)
    fields = dict(page.fields)
    for name in dice.sample(page.names, dice.randint(0, len(page.names))):
        fields[name] = dice.choice(["x", "1", "True", *ODD])
    for name in (
        ":button",
        ":action",
        ":choice",
        ":files",
        ":list",
        ":signature",
        ":do",
        ":csrf",
        ":token",
        ":session",
    ):
        if dice.random() < 0.08:
            fields[name] = dice.choice(
                ['{"index": 0}', '{"action": "x", "arguments": {}}', "back", "restart", *page.names, *ODD]
            )
    if kind == "multipart":
        parts = [
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
        ]
        named = f'--b\r\nContent-Disposition: form-data; name="{dice.choice(page.names)}"; filename="{dice.choice(ODD)[:200]}"\r\n\r\nx\r\n--b--\r\n'
        text = ("".join(parts) + named).encode("utf-8", "surrogatepass")
        return (mangled(dice, text) if dice.random() < 0.3 else text), {
            "Content-Type": "multipart/form-data; boundary=b"
        }
    text = urlencode(fields, errors="surrogatepass").encode()
    if kind == "raw":
        return mangled(dice, text), {
            "Content-Type": dice.choice(["", "text/plain", "application/json", "é", "multipart/form-data"])
        }
    return text, {"Content-Type": "application/x-www-form-urlencoded"}


def _json(dice: random.Random, page: _Page) -> tuple[bytes, dict[str, str]]:
    told: dict[str, Any] = {"session": page.fields.get(":session"), "token": page.fields.get(":token")}
    told["set"] = {name: _value(dice) for name in dice.sample(page.names, min(2, len(page.names)))}
    if dice.random() < 0.3:
        told |= {"action": dice.choice(ACTIONS), "arguments": {"variables": _value(dice)}}
    for name in (
        "set",
        "button",
        "action",
        "arguments",
        "back",
        "token",
        "session",
        "values",
        "ack",
        "initial",
        "changed",
        "request_id",
    ):
        if dice.random() < 0.1:
            told[name] = _value(dice)
    text = json.dumps(told).encode("utf-8", "surrogatepass")
    headers = {"Content-Type": "application/json", "X-CSRF-Token": page.fields.get(":csrf", "")}
    return (mangled(dice, text) if dice.random() < 0.2 else text), headers


def _is_authors(content: bytes) -> bool:
    try:
        return json.loads(content)["error"]["kind"] in AUTHORS
    except (ValueError, KeyError, TypeError):
        return b"The interview has a mistake" in content


def _said(content: bytes) -> str:
    return re.sub(
        r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]*>", " ", content.decode("utf-8", "replace"), flags=re.S)
    )[:400]
