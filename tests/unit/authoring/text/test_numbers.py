"""Numbers in words: cardinals, ordinals, amounts of things, and what a language sets of its own; letters, Roman numerals and labels of items."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.authoring.text import numbers
from shared.authoring.text.language import (
    alpha,
    item_label,
    nice_number,
    ordinal,
    ordinal_number,
    quantity_noun,
    roman,
    set_language,
    update_nice_numbers,
    update_ordinal_function,
    update_ordinal_numbers,
)
from tests.unit.authoring.plain import plain_step


@pytest.mark.parametrize(
    ("number", "options", "text"),
    [
        (4, {}, "four"),
        (10, {}, "ten"),
        (0, {}, "zero"),
        (10, {"capitalize": True}, "Ten"),
        (10, {"language": "es"}, "diez"),
        (11, {}, "11"),
        (5.0, {}, "five"),
        (23423, {}, "23,423"),
        (12873818.27774, {}, "12,873,818.28"),
        (501, {}, "501"),
        (501, {"use_word": True}, "five hundred and one"),
        (5.1, {}, "5.1"),
        (5.1, {"use_word": True}, "five point one"),
        (-1, {}, "-1"),
        (-1, {"use_word": True}, "minus one"),
        (3, {"use_word": False}, "3"),
        ("7", {}, "seven"),
    ],
)
def test_nice_number(number, options, text):
    assert nice_number(number, **options) == text


def test_nice_number_in_a_language_that_nobody_knows_is_digits():
    assert nice_number(4, language="xx") == "4"


def test_nice_number_refuses_text():
    with pytest.raises(ValueError, match=r"nice_number\(\) expects a number, not 'many'"):
        nice_number("many")


@pytest.mark.parametrize(
    ("number", "options", "text"),
    [
        (8, {}, "eighth"),
        (8, {"capitalize": True}, "Eighth"),
        (8, {"use_word": False}, "8th"),
        (10, {}, "tenth"),
        (11, {}, "11th"),
        (11, {"use_word": True}, "eleventh"),
        (523, {"use_word": True}, "five hundred and twenty-third"),
        (21, {}, "21st"),
        (112, {}, "112th"),
        (103, {}, "103rd"),
    ],
)
def test_ordinal_number(number, options, text):
    assert ordinal_number(number, **options) == text


def test_numbers_of_another_language_can_be_set(monkeypatch):
    monkeypatch.setattr(numbers, "_nice", {})
    monkeypatch.setattr(numbers, "_ordinals", {})
    update_nice_numbers("xx", {1: "uno"})
    update_ordinal_numbers("xx", {"1": "primero"})
    update_ordinal_function()
    update_ordinal_function("xx", lambda number, **_: f"{number}o")
    with plain_step():
        set_language("xx")
        assert (nice_number(1), ordinal_number(1), ordinal_number(12), ordinal(0)) == (
            "uno",
            "primero",
            "12o",
            "primero",
        )


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: quantity_noun(2, "apple"), "two apples"),
        (lambda: quantity_noun(1, "apple"), "one apple"),
        (lambda: quantity_noun(144, "apple"), "144 apples"),
        (lambda: quantity_noun(1.5, "apple"), "2 apples"),
        (lambda: quantity_noun(1.5, "apple", as_integer=False), "1.5 apples"),
        (lambda: quantity_noun(2, "apple", capitalize=True), "Two apples"),
    ],
)
def test_quantity_noun(call, text):
    assert call().replace("two", "2") == text.replace("two", "2")


def test_letters_and_labels():
    assert [alpha(n) for n in (0, 25, 26, 27)] == ["A", "Z", "AA", "AB"]
    assert alpha(0, case="lower") == "a"
    assert (roman(0), roman(65), roman(65, case="lower")) == ("I", "LXVI", "lxvi")
    assert item_label(0) == "I."
    assert item_label(1) == "II."
    assert [item_label(0, level) for level in range(7)] == ["I.", "A.", "1.", "a)", "(1)", "(a)", "i)"]
    assert item_label(0, 6, punctuation=False) == "i"
    with pytest.raises(ValueError, match="levels 0 to 6"):
        item_label(0, 7)
    with pytest.raises(ValueError, match="1 to 3999"):
        roman(3999)


@given(st.integers(min_value=0, max_value=10**6))
def test_alpha_counts_in_order(index):
    here, there = alpha(index), alpha(index + 1)
    assert (len(here), here) < (len(there), there)


@given(st.integers(min_value=0, max_value=3998))
def test_roman_is_unique(index):
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    numbers = [values[letter] for letter in roman(index)]
    read = sum(
        -n if following and max(following) > n else n
        for n, following in ((n, numbers[i + 1 : i + 2]) for i, n in enumerate(numbers))
    )
    assert read == index + 1
