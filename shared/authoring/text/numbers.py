"""Numbers as words, ordinals, letters, Roman numerals and labels.

Words come from ``num2words`` (loaded on first use), which knows many languages; a language it does not know gets digits.

Source: functions.md, nice_number(), ordinal_number(), ordinal(), alpha(), roman(), item_label(), quantity_noun().
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import SupportsFloat

from shared.authoring.text.grammar import noun_plural
from shared.authoring.text.locales import decimal_text
from shared.authoring.text.words import (
    chosen_language,
    finished,
    language_function,
    update_language_function,
)

#: Up to here numbers are written as words, unless the author says otherwise.
LAST_WORD = 10
#: These in English need no library.
_ENGLISH: Mapping[str, Sequence[str]] = {
    "cardinal": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    "ordinal": (
        "zeroth",
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
    ),
}

_nice: dict[str, dict[str, str]] = {}
_ordinals: dict[str, dict[str, str]] = {}


def update_nice_numbers(language: str, names: Mapping[object, str]) -> None:
    """Words for numbers in `language`: a mapping from number to text."""
    _nice.setdefault(language, {}).update((str(key), value) for key, value in names.items())


def update_ordinal_numbers(language: str, names: Mapping[object, str]) -> None:
    """Words for ordinals in `language`: a mapping from number to text."""
    _ordinals.setdefault(language, {}).update((str(key), value) for key, value in names.items())


def update_ordinal_function(language: str | None = None, function: Callable[..., str] | None = None) -> None:
    """Use `function(number)` for the ordinals of `language` written with digits (``8th``).

    Without arguments, as the documentation calls it after ``update_ordinal_numbers()``, there is nothing left to do.
    """
    if language is not None and function is not None:
        update_language_function(language, "ordinal_digits", function)


@lru_cache(maxsize=2048)
def _in_words(number: float | int, language: str, kind: str) -> str | None:
    """`number` in the words of `language`, or None if ``num2words`` does not know how."""
    if language == "en" and kind in _ENGLISH and isinstance(number, int) and 0 <= number <= LAST_WORD:
        return _ENGLISH[kind][number]
    import num2words  # noqa: PLC0415  heavy: 90 ms, all its languages

    try:
        return str(num2words.num2words(number, lang=language, to=kind))
    except (NotImplementedError, TypeError, ValueError, OverflowError, KeyError, IndexError):
        return None


def _number(value: SupportsFloat | str, function: str) -> float | int:
    """`value` as an int if it is whole, else a float."""
    try:
        number = value if isinstance(value, int) and not isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{function}() expects a number, not {value!r}") from None
    if isinstance(number, float) and number.is_integer():
        return int(number)
    return number


@language_function
def nice_number(number: SupportsFloat | str, **options: object) -> str:
    """``four``, ``11``, ``23,423``; ``use_word=True`` always words, ``use_word=False`` always digits."""
    value = _number(number, "nice_number")
    language = chosen_language(options)
    use_word = options.get("use_word")
    if use_word or (use_word is None and isinstance(value, int) and 0 <= value <= LAST_WORD):
        own = _nice.get(language, {}).get(str(value))
        text = own if own is not None else _in_words(value, language, "cardinal")
        if text is not None:
            return finished(text, options)
    return finished(decimal_text(value), options)


@language_function
def ordinal_digits(number: int, **options: object) -> str:
    """``8th``: an ordinal with digits."""
    language = chosen_language(options)
    if language == "en":
        ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{ending}"
    return _in_words(number, language, "ordinal_num") or str(number)


@language_function
def ordinal_number(number: SupportsFloat | str, **options: object) -> str:
    """``eighth``, ``11th``; ``use_word=True`` always words, ``use_word=False`` always digits."""
    value = int(_number(number, "ordinal_number"))
    language = chosen_language(options)
    use_word = options.get("use_word")
    if use_word or (use_word is None and 0 <= value <= LAST_WORD):
        own = _ordinals.get(language, {}).get(str(value))
        text = own if own is not None else _in_words(value, language, "ordinal")
        if text is not None:
            return finished(text, options)
    return finished(str(ordinal_digits(value, language=language)), options)


@language_function
def ordinal(index: SupportsFloat | str, **options: object) -> str:
    """The ordinal of a position counted from zero: ``ordinal(0)`` is ``first``."""
    return str(ordinal_number(int(_number(index, "ordinal")) + 1, **options))


@language_function
def quantity_noun(number: SupportsFloat | str, noun: object, **options: object) -> str:
    """``two apples``, ``one apple``; rounded to a whole number unless ``as_integer=False``."""
    value = _number(number, "quantity_noun")
    if options.pop("as_integer", True):
        value = int(value + 0.5) if value >= 0 else -int(-value + 0.5)
    capitalize = options.pop("capitalize", False)
    text = f"{nice_number(value, **options)} {noun_plural(noun, value, **options)}"
    return finished(text, {"capitalize": capitalize})


def _cased(text: str, case: str | None) -> str:
    return text.lower() if case == "lower" else text


def alpha(index: SupportsFloat | str, case: str | None = None) -> str:
    """A, B … Z, AA, AB … for positions counted from zero; ``case='lower'`` for a, b …"""
    number = int(_number(index, "alpha")) + 1
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return _cased(letters, case)


_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def roman(index: SupportsFloat | str, case: str | None = None) -> str:
    """I, II, III … for positions counted from zero; ``case='lower'`` for i, ii …"""
    number = int(_number(index, "roman")) + 1
    if not 0 < number < 4000:
        raise ValueError(f"roman() can write 1 to 3999, and {index!r} is position {number}")
    numerals = ""
    for size, numeral in _ROMAN:
        count, number = divmod(number, size)
        numerals += numeral * count
    return _cased(numerals, case)


# level -> (how the position is written, text with punctuation)
_LABELS: tuple[tuple[Callable[[int], str], str], ...] = (
    (roman, "{}."),
    (alpha, "{}."),
    (lambda index: str(index + 1), "{}."),
    (lambda index: alpha(index, case="lower"), "{})"),
    (lambda index: str(index + 1), "({})"),
    (lambda index: alpha(index, case="lower"), "({})"),
    (lambda index: roman(index, case="lower"), "{})"),
)


def item_label(index: SupportsFloat | str, level: int | None = None, punctuation: bool = True) -> str:
    """The label of an outline's item: I., A., 1., a), (1), (a), i) for levels 0 to 6, positions counted from zero."""
    depth = 0 if level is None else int(level)
    if not 0 <= depth < len(_LABELS):
        raise ValueError(f"item_label() knows levels 0 to {len(_LABELS) - 1}, not {level!r}")
    write, shape = _LABELS[depth]
    text = write(int(_number(index, "item_label")))
    return shape.format(text) if punctuation else text
