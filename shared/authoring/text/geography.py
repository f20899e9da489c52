"""Countries and what they are divided into, from the tables of ``pycountry`` (loaded on first use; their parts: `isotables`).

Source: functions.md, iso_country(), countries_list(), country_name(), states_list(), state_name(), subdivision_type().
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from typing import Any

from shared.authoring.text.isotables import Division, divisions
from shared.authoring.text.locales import get_country, language_locale
from shared.authoring.text.words import DEFAULT_LANGUAGE, get_language, word

#: Some names in the tables end with the code they had: "Stockholms län [SE-01]".
_OLD_CODE = re.compile(r"\s*\[[A-Z]{2}-\w+\]$")
PARTS = ("alpha_2", "alpha_3", "name", "numeric", "official_name")


@cache
def _tables() -> Any:
    import pycountry  # noqa: PLC0415  heavy: 40 ms and its tables

    return pycountry


@lru_cache(maxsize=1)
def _countries() -> tuple[Any, ...]:
    return tuple(sorted(_tables().countries, key=lambda country: str(country.name)))


@lru_cache(maxsize=512)
def _country(code: str) -> Any:
    return _tables().countries.get(alpha_2=code.upper())


def iso_country(country: object, part: str = "alpha_2") -> str:
    """What ISO 3166-1 knows about a country, given by name or code. LookupError if there is no such country."""
    if part not in PARTS:
        raise ValueError(f"iso_country() can give {', '.join(PARTS)}, not {part!r}")
    text = str(country).strip()
    try:
        found = _tables().countries.lookup(text)
    except LookupError:
        try:
            found = _tables().countries.search_fuzzy(text)[0]
        except LookupError:
            raise LookupError(f"{text!r} is not the name or code of a country") from None
    return str(getattr(found, part, None) or found.name)


def countries_list() -> list[dict[str, str]]:
    """All countries as choices: ``[{'AF': 'Afghanistan'}, …]``, by name."""
    made = [(country.alpha_2, _spoken(country)) for country in _countries()]
    if get_language() != DEFAULT_LANGUAGE:
        made.sort(key=lambda pair: pair[1])
    return [{code: name} for code, name in made]


def _spoken(country: Any) -> str:
    """The name of a country in the current language: the author's word for it, else CLDR's."""
    own = word(country.name)
    if own != country.name or get_language() == DEFAULT_LANGUAGE:
        return own
    return str(language_locale(get_language()).territories.get(country.alpha_2) or own)


def country_name(code: str) -> str:
    """The name of the country with this two-letter code."""
    found = _country(str(code).strip())
    if found is None:
        raise LookupError(f"{code!r} is not the two-letter code of a country")
    return _spoken(found)


@lru_cache(maxsize=512)
def _divisions(code: str) -> tuple[Division, ...]:
    """The first-level divisions of a country that are of its primary kind, by name; for the US all of them."""
    if _country(code) is None:
        raise LookupError(f"{code!r} is not the two-letter code of a country")
    return tuple(sorted((one for one in divisions(code.upper()) if one.parent is None), key=lambda one: one.name))


@lru_cache(maxsize=512)
def _names(code: str) -> tuple[tuple[str, str], ...]:
    """Abbreviation and name of each first-level division."""
    return tuple((one.code.partition("-")[2], _OLD_CODE.sub("", one.name)) for one in _divisions(code))


@lru_cache(maxsize=512)
def _primary_type(code: str) -> str | None:
    kinds = Counter(one.type for one in _divisions(code))
    return kinds.most_common(1)[0][0] if kinds else None


def subdivision_type(country_code: str) -> str | None:
    """What the primary divisions of a country are called (``State``, ``County`` …); None if it has none."""
    kind = _primary_type(str(country_code))
    return None if kind is None else word(kind)


def states_list(country_code: str | None = None, abbreviate: bool = False) -> dict[str, str]:
    """The states or other first-level divisions of a country: abbreviation to name (or to itself), by name."""
    code = str(country_code or get_country()).upper()
    choices = {abbreviation: word(name) for abbreviation, name in _names(code)}
    return {key: key for key in choices} if abbreviate else choices


def state_name(abbreviation: str, country_code: str | None = None) -> str:
    """The name of a state; the abbreviation itself if there is no such state."""
    return states_list(country_code=country_code).get(str(abbreviation).strip(), str(abbreviation))
