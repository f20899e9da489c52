"""Nouns and verbs as language functions, and capitalization. The rules of English are in ``english``.

Source: functions.md, noun_plural(), noun_singular(), verb_past(), verb_present(), indefinite_article(), capitalize(),
title_case().
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from shared.authoring.text import english
from shared.authoring.text.words import finished, language_function, upper_first


def _is_one(number: Any) -> bool:
    """Whether `number`, or the number of items in it, is one."""
    if isinstance(number, Sized) and not isinstance(number, str):
        return len(number) == 1
    if hasattr(number, "number") and callable(number.number):
        return int(number.number()) == 1
    try:
        return float(number) == 1
    except (TypeError, ValueError):
        return False


@language_function
def noun_plural(noun: object, number: object = None, **options: object) -> str:
    """The plural of `noun`, or the singular if `number` (a number, or a group of things) is one."""
    text = str(noun)
    if number is not None and _is_one(number):
        return finished(text if options.get("noun_is_singular") else english.singular(text), options)
    root = text if options.get("noun_is_singular") else english.singular(text)
    return finished(english.plural(root), options)


@language_function
def noun_singular(noun: object, number: object = None, **options: object) -> str:
    """The singular of `noun`, or `noun` untouched if `number` (a number, or a group of things) is not one."""
    text = str(noun)
    if number is not None and not _is_one(number):
        return finished(text, options)
    return finished(english.singular(text), options)


@language_function
def indefinite_article(noun: object, **options: object) -> str:
    """``a bean``, ``an apple``."""
    return finished(english.article(str(noun)), options)


@language_function
def verb_past(verb: object, tense: str = "3sgp", **options: object) -> str:
    """The past of `verb`: ``helped``, ``ate``."""
    return finished(english.conjugate(str(verb), tense), options)


@language_function
def verb_present(verb: object, tense: str = "3sg", **options: object) -> str:
    """The present of `verb`: ``helps`` (3sg), ``help`` (1sg, 2sg, pl)."""
    return finished(english.conjugate(str(verb), tense), options)


@language_function
def capitalize(text: object, **options: object) -> str:
    """`text` with its first letter in upper case."""
    return upper_first(str(text))


@language_function
def title_case(text: object, **options: object) -> str:
    """`text` in title case: ``The Importance of Being Ernest``."""
    from titlecase import titlecase  # noqa: PLC0415  heavy: 20 ms for one rare function

    return str(titlecase(str(text)))
