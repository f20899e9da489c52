"""What functions load when they are first used, and the words of an interview's files that say that they will be.

The process that forks an interview's children loads it once for all of them; an interview that says none of the words does without:
all of it together is 25 MB and half a second. Not for: the functions themselves, which load what they need when nobody did before.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable

from shared.authoring.functions.device import device_of
from shared.authoring.text.dateformat import format_datetime
from shared.authoring.text.geography import countries_list, states_list
from shared.authoring.text.grammar import title_case
from shared.authoring.text.languages import language_name
from shared.authoring.text.numbers import ordinal_digits
from shared.authoring.text.phones import phone_number_is_valid


def _documents() -> None:
    importlib.import_module("shared.engine.documents.wordtemplates")


#: Words, and what to call once where an interview has one of them.
_LATE: tuple[tuple[str, Callable[[], object]], ...] = (
    (r"device\(|interface\(", lambda: device_of("Mozilla/5.0")),
    (r"phone", lambda: phone_number_is_valid("202-456-1111")),
    (r"nice_number|ordinal|quantity_noun|use_word|_as_word|date_difference", lambda: ordinal_digits(7, language="es")),
    (r"states_list|state_name|subdivision_type", lambda: states_list(country_code="US")),
    (r"countries_list|country_name|iso_country", countries_list),
    (r"language_name|is_language", lambda: language_name("en")),
    (r"title_case", lambda: title_case("one")),
    (r"docx", _documents),
    (r"\bus\.", lambda: importlib.import_module("us.states")),
)
_KNOWN = tuple((re.compile(words), load) for words, load in _LATE)


def warm() -> None:
    """What interviews of all kinds use: the conventions of the language, for dates and numbers."""
    format_datetime("2026-01-15 10:30", format="full")


def warm_for(texts: Iterable[str]) -> bool:
    """What the interview with these texts may use; whether it is anything."""
    left = dict(_KNOWN)
    for text in texts:
        for words in [words for words in left if words.search(text)]:
            left.pop(words)()
    return len(left) < len(_KNOWN)
