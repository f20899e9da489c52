"""Lists as text: comma lists, separators, and the choices made of objects.

Source: functions.md, comma_and_list(), comma_list(), add_separators(), selections(), period_list(), name_suffix().
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeGuard

from shared.authoring.functions.words import finished, language_function, word


def _unpacked(items: tuple[Any, ...]) -> list[Any]:
    """The items of the arguments: a lone list, set, generator or gathered list object is opened."""
    if len(items) == 1 and _is_group(items[0]):
        return list(items[0])
    return list(items)


def _is_group(value: Any) -> TypeGuard[Iterable[Any]]:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | dict)


@language_function
def comma_and_list(*items: Any, **options: Any) -> str:
    """``lions, tigers, and bears``. Options: oxford, and_string, comma_string, before_and, after_and."""
    texts = [str(item) for item in _unpacked(items)]
    comma = options.get("comma_string", ", ")
    conjunction = options.get("and_string", word("and", language=options.get("language")))
    before = options.get("before_and", " ")
    after = options.get("after_and", " ")
    if not texts:
        return ""
    if len(texts) == 1:
        return finished(texts[0], options)
    if len(texts) == 2:
        return finished(f"{texts[0]}{before}{conjunction}{after}{texts[1]}", options)
    oxford = comma.rstrip() if options.get("oxford", True) else ""
    return finished(f"{comma.join(texts[:-1])}{oxford}{before}{conjunction}{after}{texts[-1]}", options)


@language_function
def comma_list(*items: Any, **options: Any) -> str:
    """``lions, tigers, bears``. Option: comma_string."""
    return finished(options.get("comma_string", ", ").join(str(item) for item in _unpacked(items)), options)


@language_function
def add_separators(items: Iterable[Any], **options: Any) -> list[str]:
    """The items as text, ready to be written one below the other: ``;`` after each, ``; and`` before the last, ``.`` at the end."""
    texts = [str(item) for item in items]
    separator = options.get("separator", ";")
    last = options.get("last_separator", f"; {word('and', language=options.get('language'))}")
    end = options.get("end_mark", ".")
    if not texts:
        return []
    marks = [separator] * max(0, len(texts) - 2) + [last] * (len(texts) > 1) + [end]
    return [text + mark for text, mark in zip(texts, marks, strict=True)]


@language_function
def period_list(**options: Any) -> list[list[Any]]:
    """The periods of income and expenses: times a year, and what that is called."""
    language = options.get("language")
    periods = ((12, "Per Month"), (1, "Per Year"), (52, "Per Week"), (24, "Twice Per Month"), (26, "Every Two Weeks"))
    return [[times, word(label, language=language)] for times, label in periods]


@language_function
def name_suffix(**options: Any) -> list[str]:
    """The usual suffixes of names."""
    return ["Jr", "Sr", "II", "III", "IV", "V", "VI"]


def selections(*items: Any, **options: Any) -> list[Any]:
    """The objects to choose from, lists opened, each once, in order. Option: exclude (an object or a list of them)."""
    exclude = options.get("exclude")
    left_out = list(exclude) if _is_group(exclude) else [exclude] if exclude is not None else []
    chosen: list[Any] = []
    for item in items:
        for one in item if _is_group(item) else [item]:
            if not any(one is other for other in chosen) and not any(one is other for other in left_out):
                chosen.append(one)
    return chosen
