"""Languages by their codes, from the tables of ``pycountry``.

Source: functions.md, language_name().
"""

from __future__ import annotations

from functools import lru_cache

from shared.authoring.text.isotables import Language, language
from shared.authoring.text.locales import language_locale
from shared.authoring.text.words import DEFAULT_LANGUAGE, get_language, word


@lru_cache(maxsize=512)
def _find(code: str) -> Language | None:
    return language(code) if len(code) in (2, 3) else None


def is_language(code: str) -> bool:
    """Whether `code` is an ISO 639 code."""
    return _find(code.lower()) is not None


def language_name(code: str) -> str:
    """The name of a language in the current one, as far as translations are known; the code itself if there is none."""
    found = _find(str(code).lower())
    own = word(found.name if found is not None else str(code))
    spoken = get_language()
    if found is None or own != found.name or spoken == DEFAULT_LANGUAGE:
        return own
    short = found.alpha_2 or found.alpha_3
    return str(language_locale(spoken).languages.get(short) or own)
