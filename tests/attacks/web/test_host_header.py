"""A request under a made-up name: links in mails, redirects and addresses of the session would lead to whoever made it up."""

from __future__ import annotations

import pytest

from tests.e2e.browser.conftest import Site
from tests.helpers.visitor import Visitor

HOME = "/interview?i=attacks:links.yml"


@pytest.mark.parametrize(
    "name", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "203.0.113.7", "localhost@evil.example"]
)
@pytest.mark.parametrize("path", [HOME, "/", f"{HOME}&json=1", "/list", "/resume"])
def test_nothing_is_answered_under_a_name_of_nobodys(site: Site, name: str, path: str) -> None:
    answer = Visitor(site.address).ask("GET", path, Host=name)
    assert answer.status == 400
    assert "evil.example" not in answer.text
    assert not answer.cookies


def test_a_forwarded_name_counts_only_behind_a_proxy(site: Site) -> None:
    page = Visitor(site.address).go(HOME, X_Forwarded_Host="evil.example").answer(HOME, {"name": "Ann"})
    page.go(HOME, X_Forwarded_Host="evil.example", Forwarded="host=evil.example")
    assert "Mailed" in page.text
    assert "evil.example" not in page.text
