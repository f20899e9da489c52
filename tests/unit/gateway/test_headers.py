"""Headers that every response has: once, unless it says so itself, and behind Flask, where they cost next to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from services.gateway.http.security import FixedHeaders


def headers_after(*said: tuple[str, str]) -> list[tuple[str, str]]:
    given: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", list(said))
        return [b"x"]

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        given.append((status, headers))

    assert FixedHeaders(app)({}, start) == [b"x"]
    ((status, headers),) = given
    assert status == "200 OK"
    return headers


def test_a_response_that_says_nothing_gets_all() -> None:
    found = headers_after(("Content-Type", "text/plain"))
    assert found[0] == ("Content-Type", "text/plain")
    assert dict(found[1:]).keys() == {
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Permissions-Policy",
        "Cross-Origin-Opener-Policy",
        "Cache-Control",
    }
    assert dict(found)["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["Cache-Control", "cache-control"])
def test_what_a_response_says_itself_stays(name: str) -> None:
    found = headers_after((name, "public"), ("ETag", "x"))
    assert [value for one, value in found if one.lower() == "cache-control"] == ["public"]
    assert len(found) == 6
