"""Lists as text: comma lists, separators, and the choices made of objects.

Source: functions.md, comma_and_list(), comma_list(), add_separators(), selections(), period_list(), name_suffix().
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeGuard

from shared.authoring.text.words import chosen_language, finished, language_function, word
from shared.catalogue.catalogues import N_, nearest


def _unpacked(items: tuple[object, ...]) -> list[object]:
    """The items of the arguments: a lone list, set, generator or gathered list object is opened."""
    if len(items) == 1 and _is_group(items[0]):
        return list(items[0])
    return list(items)


def _is_group(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | dict)


@language_function
def comma_and_list(*items: object, **options: object) -> str:
    """``lions, tigers, and bears``. Options: oxford, and_string, comma_string, before_and, after_and."""
    texts = [str(item) for item in _unpacked(items)]
    comma = str(options.get("comma_string", ", "))
    conjunction = options.get("and_string", word("and", language=chosen_language(options)))
    before = options.get("before_and", " ")
    after = options.get("after_and", " ")
    if not texts:
        return ""
    if len(texts) == 1:
        return finished(texts[0], options)
    if len(texts) == 2:
        return finished(f"{texts[0]}{before}{conjunction}{after}{texts[1]}", options)
    oxford = comma.rstrip() if options.get("oxford", _oxford(options)) else ""
    return finished(f"{comma.join(texts[:-1])}{oxford}{before}{conjunction}{after}{texts[-1]}", options)


def _oxford(options: Mapping[str, object]) -> bool:
    """Whether a comma stands before the last "and": so in English, not in the languages we have catalogues of."""
    return nearest(chosen_language(options)) is None


@language_function
def comma_list(*items: object, **options: object) -> str:
    """``lions, tigers, bears``. Option: comma_string."""
    return finished(str(options.get("comma_string", ", ")).join(str(item) for item in _unpacked(items)), options)


@language_function
def add_separators(items: Iterable[object], **options: object) -> list[str]:
    """The items as text, ready to be written one below the other: ``;`` after each, ``; and`` before the last, ``.`` at the end."""
    texts = [str(item) for item in items]
    separator = str(options.get("separator", ";"))
    last = str(options.get("last_separator", f"; {word('and', language=chosen_language(options))}"))
    end = str(options.get("end_mark", "."))
    if not texts:
        return []
    marks = [separator] * max(0, len(texts) - 2) + [last] * (len(texts) > 1) + [end]
    return [text + mark for text, mark in zip(texts, marks, strict=True)]


@language_function
def period_list(**options: object) -> list[list[object]]:
    """The periods of income and expenses: times a year, and what that is called."""
    language = chosen_language(options)
    periods = (
        (12, N_("Per Month")),
        (1, N_("Per Year")),
        (52, N_("Per Week")),
        (24, N_("Twice Per Month")),
        (26, N_("Every Two Weeks")),
    )
    return [[times, word(label, language=language)] for times, label in periods]


@language_function
def name_suffix(**options: object) -> list[str]:
    """The usual suffixes of names."""
    return ["Jr", "Sr", "II", "III", "IV", "V", "VI"]


def selections(*items: object, **options: object) -> list[object]:
    """The objects to choose from, lists opened, each once, in order. Option: exclude (an object or a list of them)."""
    exclude = options.get("exclude")
    left_out = list(exclude) if _is_group(exclude) else [exclude] if exclude is not None else []
    chosen: list[object] = []
    for item in items:
        for one in item if _is_group(item) else [item]:
            if not any(one is other for other in chosen) and not any(one is other for other in left_out):
                chosen.append(one)
    return chosen
