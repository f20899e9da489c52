"""Callers from outside: checked whole, and nobody is logged in unless it is said."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contract.caller import ANONYMOUS, CRON, NOBODY, Caller
from shared.contract.errors import BadValue


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (None, "Expected `object`"),
        ({}, "client"),
        ({"client": 7}, r"\$\.client"),
        ({"client": "short"}, r"\$\.client"),
        ({"client": "c" * 129}, r"\$\.client"),
        ({"client": "c" * 20, "user": [1]}, r"\$\.user"),
        ({"client": "c" * 20, "user": {"privileges": "admin"}}, r"\$\.user\.privileges"),
        ({"client": "c" * 20, "browser": {"languages": [3]}}, r"\$\.browser\.languages"),
        ({"client": "c" * 20, "user": {"privileges": ["user", "cron"]}}, "privilege cron"),
    ],
)
def test_a_caller_of_another_form_is_refused_with_its_place(given: Any, place: str) -> None:
    with pytest.raises(BadValue, match=place):
        Caller.parse(given)


def test_only_known_things_about_a_browser_are_taken() -> None:
    caller = Caller.parse({"client": "c" * 20, "browser": {"ip": "127.0.0.1", "password": "x"}})
    assert caller.seen_by("s", "demos:a.yml") == {
        "ip": "127.0.0.1",
        "client": "c" * 20,
        "session": "s",
        "interview": "demos:a.yml",
    }


@pytest.mark.parametrize("user", [{}, {"email": "user@example.com"}])
def test_nobody_is_logged_in_unless_it_is_said(user: dict[str, Any]) -> None:
    caller = Caller.parse({"client": "c" * 20, "user": user})
    assert (caller.user.is_authenticated, caller.user_plain["is_anonymous"]) == (False, True)


def test_the_system_itself_has_callers() -> None:
    assert NOBODY.user is ANONYMOUS
    assert CRON.privileges == ("cron",)
