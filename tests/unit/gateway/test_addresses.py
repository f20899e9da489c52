"""Where a link leads, as browsers understand it (https://url.spec.whatwg.org/), not as it looks."""

from __future__ import annotations

import pytest

from services.gateway.http.security import stays_on

HOST = "forms.example.com"


@pytest.mark.parametrize("address", ["", "/", "/list", "interview?i=a:b.yml", "?x=1", "#top", f"https://{HOST}/list"])
def test_what_stays(address: str) -> None:
    assert stays_on(address, HOST)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "https:evil.example",
        "https:/evil.example",
        "HTTPS:evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "\x00//evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://[",
        f"https://{HOST}.evil.example/",
        f"https://{HOST}@evil.example/",
        f"https://{HOST}",
    ],
)
def test_what_may_leave(address: str) -> None:
    assert not stays_on(address, HOST)
