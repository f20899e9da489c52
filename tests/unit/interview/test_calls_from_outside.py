"""What arrives in calls is checked before anything else happens."""

from __future__ import annotations

from typing import Any

import pytest

from services.interview.checks import identifier, values_of
from services.interview.who import Who
from shared.bus.messages import CallFailed


@pytest.mark.parametrize("value", [None, 3, "", "a\0b", "a\nb", "x" * 201, ["a"]])
def test_an_id_that_cannot_be_one_is_refused(value: Any) -> None:
    with pytest.raises(CallFailed) as caught:
        identifier("session", value)
    assert caught.value.kind == "BadValue"
    assert "session" in str(caught.value)


@pytest.mark.parametrize("value", [None, [], "a", {1: 2}, {"x" * 1001: 1}])
def test_values_that_are_no_object_of_names_are_refused(value: Any) -> None:
    with pytest.raises(CallFailed) as caught:
        values_of(value)
    assert caught.value.kind == "BadValue"


def test_too_many_values_are_refused() -> None:
    with pytest.raises(CallFailed) as caught:
        values_of({f"v{n}": n for n in range(5001)})
    assert caught.value.kind == "TooLarge"


@pytest.mark.parametrize("given", [None, {}, {"client": 7}, {"client": "short"}, {"client": "c" * 20, "user": [1]}])
def test_who_must_be_known(given: Any) -> None:
    with pytest.raises(CallFailed) as caught:
        Who.parse(given)
    assert caught.value.kind == "BadValue"


def test_only_known_things_about_a_browser_are_taken() -> None:
    who = Who.parse({"client": "c" * 20, "browser": {"ip": "127.0.0.1", "password": "x"}})
    assert who.seen_by("s", "demos:a.yml") == {
        "ip": "127.0.0.1",
        "client": "c" * 20,
        "session": "s",
        "interview": "demos:a.yml",
    }
    assert who.user["is_anonymous"] is True
