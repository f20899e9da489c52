"""A value that is small as it is kept and endless when it is written out is refused by whoever writes values out."""

from __future__ import annotations

import pytest

from shared.authoring.functions.commands import json_response
from shared.authoring.objects.serialize import as_serializable
from shared.authoring.text import sizes
from shared.authoring.text.simplify import simplified
from shared.authoring.text.sizes import MAX_TEXT, TooMuch, check_size


def endless() -> object:
    value: list[object] = []
    for _ in range(40):
        value = [value, value]
    return value


def wide() -> object:
    text = "x" * (MAX_TEXT // 8)
    return {str(number): text for number in range(9)}


@pytest.fixture(autouse=True)
def fewer_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is endless is so beyond any bound; an eighth of ours is met sooner."""
    monkeypatch.setattr(sizes, "MAX_VALUES", sizes.MAX_VALUES // 8)


@pytest.mark.parametrize("value", [endless(), wide()], ids=["endless", "wide"])
@pytest.mark.parametrize("write", [simplified, as_serializable, check_size])
def test_it_is_refused(write, value):
    with pytest.raises(TooMuch, match="keep it in a file"):
        write(value)


def test_an_answer_of_it_says_so():
    with pytest.raises(ValueError, match=r"json_response\(\) cannot answer with this: .* keep it in a file"):
        json_response(endless())


def test_what_is_large_and_no_more_is_written():
    value = {str(number): [number] * 10 for number in range(5000)}
    assert simplified(value) == as_serializable(value) == value
    check_size(value)
