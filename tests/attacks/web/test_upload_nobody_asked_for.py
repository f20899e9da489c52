"""Files for fields that no screen has, and files without end."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.attacks.web.conftest import attacked
from tests.e2e.browser.conftest import Site
from tests.helpers.visitor import Visitor

HOME = "/interview?i=attacks:upload.yml"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = attacked(tmp_path_factory.mktemp("limited"), PARLEY_SESSION_FILES_MB="1", PARLEY_UPLOADS_MB_PER_HOUR="3")
    yield made
    made.stop()


def sent(visitor: Visitor, field: str, size: int) -> Visitor:
    """The form of the page with a file in `field`."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in visitor.fields().items()
    ]
    parts.append(f'--x\r\nContent-Disposition: form-data; name=":files"\r\n\r\n{field}\r\n')
    head = f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="a.bin"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + b"x" * size + b"\r\n--x--\r\n"
    return visitor.ask("POST", HOME, body, Content_Type="multipart/form-data; boundary=x", Sec_Fetch_Site="same-origin")


def test_a_screen_takes_files_only_in_its_fields_for_files(site: Site) -> None:
    visitor = Visitor(site.address).go(HOME)
    for field in ("name", "papers", "anything", "papers[0]"):
        assert sent(visitor, field, 10).status == 400
        visitor.go(HOME)
    assert visitor.ask("GET", "/uploadedfile/1").status == 404
    visitor.go(HOME).answer(HOME, {"name": "Ann"})
    assert sent(visitor, "name", 10).status == 400
    assert sent(visitor.go(HOME), "papers", 10).status == 303
    assert "Thank you, Ann" in visitor.go(HOME).text


def test_a_session_holds_so_much_and_all_together_send_so_much(limited: Site) -> None:
    visitor = Visitor(limited.address).go(HOME).answer(HOME, {"name": "Ann"})
    first = visitor.fields()
    assert sent(visitor, "papers", 2**20 - 1000).status == 303
    again = Visitor(limited.address)
    again.cookies, again.text = (
        visitor.cookies,
        'id="answer"'
        + "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in first.items()),
    )
    assert sent(again, "papers", 2000).status == 413
    statuses = []
    for _ in range(3):
        other = Visitor(limited.address).go(HOME).answer(HOME, {"name": "Ben"})
        statuses.append(sent(other, "papers", 2**20 - 1000).status)
    assert statuses[0] == 303
    assert statuses[-1] == 503


@pytest.mark.parametrize(
    "kind", ["audio/x\r\nSet-Cookie: planted=1", "text/plain\n\n<script>", "no type", "é/ü", "x/" + "y" * 1000]
)
def test_a_type_that_is_none_is_refused(site: Site, kind: str) -> None:
    visitor = Visitor(site.address).go(HOME).answer(HOME, {"name": "Ann"})
    shown = json.loads(visitor.ask("GET", f"{HOME}&json=1").text)
    file = {"name": "a.txt", "type": kind, "content": "eA=="}
    body = {"session": shown["session"], "token": shown["screen"]["token"], "set": {"papers": {"files": [file]}}}
    headers = {"Content_Type": "application/json", "X_CSRF_Token": shown["csrf"]}
    assert visitor.ask("POST", f"{HOME}&json=1", json.dumps(body), **headers).status == 400
    assert "media type" in visitor.text
    file["type"] = "text/plain; charset=utf-8"
    assert visitor.ask("POST", f"{HOME}&json=1", json.dumps(body), **headers).status == 200
