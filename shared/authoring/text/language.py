"""Every language function under one name, for the objects and for author modules.

It only gathers: what each does is in ``words``, ``phrases``, ``grammar``, ``numbers``, ``lists`` and ``currency``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.authoring.text.currency import currency, currency_symbol
from shared.authoring.text.grammar import (
    capitalize,
    indefinite_article,
    noun_plural,
    noun_singular,
    title_case,
    verb_past,
    verb_present,
)
from shared.authoring.text.lists import add_separators, comma_and_list, comma_list, name_suffix, period_list
from shared.authoring.text.numbers import (
    alpha,
    item_label,
    nice_number,
    ordinal,
    ordinal_number,
    quantity_noun,
    roman,
    update_nice_numbers,
    update_ordinal_function,
    update_ordinal_numbers,
)
from shared.authoring.text.phrases import PHRASES
from shared.authoring.text.words import (
    get_dialect,
    get_language,
    get_voice,
    language_function_constructor,
    set_language,
    update_language_function,
    update_word_collection,
    word,
)

globals().update(PHRASES)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Callable[..., str]:
        """The phrases, which a type checker cannot see in the table."""


__all__ = [
    "add_separators",
    "alpha",
    "capitalize",
    "comma_and_list",
    "comma_list",
    "currency",
    "currency_symbol",
    "get_dialect",
    "get_language",
    "get_voice",
    "indefinite_article",
    "item_label",
    "language_function_constructor",
    "name_suffix",
    "nice_number",
    "noun_plural",
    "noun_singular",
    "ordinal",
    "ordinal_number",
    "period_list",
    "quantity_noun",
    "roman",
    "set_language",
    "title_case",
    "update_language_function",
    "update_nice_numbers",
    "update_ordinal_function",
    "update_ordinal_numbers",
    "update_word_collection",
    "verb_past",
    "verb_present",
    "word",
    *PHRASES,
]
