"""Requests that no page of ours makes: each ends with a 4xx that says so, and reaches no interview."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.standin import StandIn
from tests.unit.gateway.conftest import HELLO, Person

LONG = "9" * 5000
DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "path",
    [
        "/packagestatic/demos/%00",
        "/packagestatic/demos/a.css%00",
        "/packagestatic/%00/a.css",
        "/packagestatic/demos/%ff%fe",
        "/packagestatic/demos/" + "a" * 300,
        "/packagestatic/" + "a" * 300 + "/a.css",
        "/assets/x/%00",
        "/uploadedfile/1/%00",
        "/uploadedfile/²",
        "/uploadedfile/-1",
        f"/uploadedfile/{LONG}",
        f"/document/{LONG}?session=x",
        "/user/%00",
        "/%00",
        "/interview?i=%00",
        "/interview?i=demos:hello.yml%00",
        "/interview?i=%ff",
        f"/interview?i={LONG}",
        f"{HELLO}&session=%00",
        f"{HELLO}&session=²",
        f"{HELLO}&session={LONG}",
        f"{HELLO}&action=é",
        f"{HELLO}&action=e30",
        f"{HELLO}&action=%00",
        f"{HELLO}&action=W10",
        f"{HELLO}&action=eyJhY3Rpb24iOjV9",
        "/events?session=%00",
        "/events",
        "/variables",
        "/variables?session=%ff",
        "/document/0",
    ],
)
@pytest.mark.parametrize("known", [True, False], ids=["a browser", "no cookie"])
def test_odd_addresses(person: Person, service: StandIn, path: str, known: bool) -> None:
    if known:
        person.page()
    answer = person.get(path)
    assert 400 <= answer.status_code < 500, answer.text[:500]
    assert 400 <= person.get(path, X_Parley="1").status_code < 500
    assert not {"answer", "action", "back", "restart", "delete"} & {method for method, _ in service.calls}


@pytest.mark.parametrize(
    "extra",
    [
        {":csrf": "é"},
        {":session": "\0"},
        {":session": "é" * 500},
        {":button": "nonsense"},
        {":button": "5"},
        {":button": DEEP},
        {":action": "[]"},
        {":action": "é"},
        {":action": DEEP},
        {":action": '{"action": 5}'},
        {":action": '{"action": "x", "arguments": [1]}'},
        {":action": '{"action": "_da_force_ask", "arguments": "x"}'},
        {":action": '{"action": ""}'},
        {":choice": "7"},
        {":files": "name", ":kept.name": "²"},
        {":files": "name", ":kept.name": LONG},
        {":files": "name", ":kept.name": "-1"},
        {":list": "_da_list_collect_delete", "_da_list_collect_delete": "²"},
        {":signature": "name", "name": "é"},
        {":signature": "name", "name": "data:image/png;base64,%%"},
        {":signature": "name", "name": "data:image/png;base64,AAAA"},
        {":token": "é"},
        {":token": "x" * 100_000},
    ],
)
def test_odd_fields(person: Person, service: StandIn, extra: dict[str, str]) -> None:
    answer = person.post(HELLO, {**person.page(), **extra})
    assert answer.status_code in {400, 403, 409, 410}, answer.text[:500]
    assert all(kept.step == 0 for kept in service.sessions.values())


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "parley-key-x=²; parley-key-=.; =; parley=x.y.z"},
        {"Cookie": "\xff\xfe"},
        {"Referer": "http://[::1"},
        {"Range": "bytes=²-"},
        {"Last-Event-ID": "²"},
        {"Accept-Language": ",;q=x,é"},
        {"Sec-Fetch-Site": "é"},
        {"Origin": "null"},
        {"X-Forwarded-For": "é"},
    ],
)
def test_odd_headers(person: Person, headers: dict[str, str]) -> None:
    for path in (HELLO, "/events?session=x", "/uploadedfile/1", "/"):
        assert person.client.get(path, headers=headers).status_code < 500


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--", "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data"),
        (b"x", "é"),
        (b"{}", "application/json; charset=\xff".encode("latin-1").decode("latin-1")),
        (b"a=1&" * 20_000, "application/x-www-form-urlencoded"),
    ],
)
def test_odd_bodies(person: Person, body: bytes, kind: str) -> None:
    person.page()
    for path in (HELLO, "/checkin", "/resume"):
        answer = person.client.post(path, data=body, headers={"Content-Type": kind})
        assert answer.status_code in {200, 400, 403, 413}, answer.text[:300]  # 200: /resume asks


def test_a_part_without_a_name(person: Person, service: StandIn) -> None:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in person.page().items()
    ]
    for nameless in ("form-data", 'form-data; nam="a"', 'form-data; filename="a.txt"'):
        body = "".join([*parts, f"--x\r\nContent-Disposition: {nameless}\r\n\r\nx\r\n--x--\r\n"]).encode()
        for path in (HELLO, "/resume"):
            answer = person.client.post(path, data=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
            assert answer.status_code in {200, 400, 410}, answer.text[:300]  # 200: /resume asks
    assert all(kept.step == 0 for kept in service.sessions.values())


PATHS = [
    "/interview",
    "/checkin",
    "/resume",
    "/events",
    "/variables",
    "/document/0",
    "/uploadedfile/1",
    "/packagestatic/a/b",
]
NAMES = [
    "i",
    "session",
    "action",
    "command",
    "next",
    "json",
    "reset",
    "x",
    ":csrf",
    ":do",
    ":button",
    ":files",
    ":list",
]
TEXTS = st.one_of(
    st.text(max_size=30), st.sampled_from(["demos:hello.yml", "1", "²", "\0", "exit", "{}", "[1]", "//x"])
)


@examples(50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(PATHS),
    query=st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=4),
    fields=st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=4),
    post=st.booleans(),
    valid=st.booleans(),
)
def test_no_request_is_a_mistake_of_ours(
    person: Person, path: str, query: dict[str, str], fields: dict[str, str], post: bool, valid: bool
) -> None:
    if valid:
        fields = {**fields, ":csrf": person.state()["csrf"]}

    def encoded(text: str) -> str:
        return text.encode("utf-8", "replace").decode()

    given_query = {key: encoded(value) for key, value in query.items()}
    given_fields: Any = {key: encoded(value) for key, value in fields.items()}
    if post:
        answer = person.client.post(path, query_string=given_query, data=given_fields)
    else:
        answer = person.client.get(path, query_string=given_query)
    assert answer.status_code < 500 or answer.status_code == 503, (answer.status_code, answer.text[:500])
    answer.close()
