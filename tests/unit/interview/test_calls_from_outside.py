"""What arrives in calls is checked before anything else happens."""

from __future__ import annotations

from typing import Any

import pytest

from services.interview.checks import identifier, values_of
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
