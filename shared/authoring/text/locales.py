"""The current locale: how numbers and money are written.

``set_locale()`` and ``get_locale()`` remember a name and single conventions for this step; ``update_locale()`` makes the
name effective. Nothing here touches Python's process-wide ``locale``: the upstream documentation warns that changing it is
not safe with several users, so formatting is done by Babel with the locale of the step.

Source: functions.md, "Language and locale functions".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal, get_territory_currencies

from shared.authoring.context import current, current_or_none
from shared.authoring.memory import LOCALE, note
from shared.authoring.text.words import get_language

DEFAULT_LOCALE = "en_US.utf8"
DEFAULT_COUNTRY = "US"

#: The conventions that ``set_locale`` can override; names are those of C's ``localeconv``.
CONVENTIONS = (
    "currency_symbol",
    "n_cs_precedes",
    "p_cs_precedes",
    "n_sep_by_space",
    "p_sep_by_space",
    "thousands_sep",
    "mon_thousands_sep",
    "decimal_point",
    "mon_decimal_point",
)


def set_locale(name: str | None = None, **conventions: object) -> None:
    """Remember a locale name and override single conventions, for this step. ``None`` takes an override back."""
    unknown = sorted(set(conventions) - set(CONVENTIONS))
    if unknown:
        raise TypeError(f"set_locale() does not know {', '.join(unknown)}; it knows {', '.join(CONVENTIONS)}")
    noted = current().step.setdefault(LOCALE, {"conventions": {}})
    if name is not None:
        noted["name"] = str(name)
    noted["conventions"].update(conventions)


def get_locale(convention: str | None = None) -> Any:
    """The locale's name; with an argument, that convention as overridden, else as the locale has it (None if unset)."""
    noted = note(LOCALE, {})
    if convention is None:
        return noted.get("name") or _effective_name()
    overridden = noted.get("conventions", {}).get(convention)
    return overridden if overridden is not None else _conventions(babel_locale()).get(convention)


def update_locale() -> None:
    """Make the current language with the name given to ``set_locale`` the locale of this step."""
    context = current()
    name = note(LOCALE, {}).get("name")
    if name is None:
        return
    found = _parse(name, context.language)
    encoding = name.partition(".")[2] or "utf8"
    context.locale = f"{found}.{encoding}"


def get_country() -> str:
    """The current country, a two-letter ISO 3166-1 code."""
    context = current_or_none()
    return DEFAULT_COUNTRY if context is None else context.country


def set_country(country: str) -> None:
    """Use `country` (a two-letter ISO 3166-1 code) for the rest of this step."""
    if not isinstance(country, str) or not re.fullmatch(r"[A-Za-z]{2}", country):
        raise ValueError(f"set_country() expects a two-letter country code such as 'US', not {country!r}")
    current().country = country.upper()


def _effective_name() -> str:
    context = current_or_none()
    return DEFAULT_LOCALE if context is None else context.locale


@lru_cache(maxsize=64)
def _parse(name: str, language: str) -> Locale:
    """The Babel locale of ``en_US.utf8``, ``US.utf8`` (with `language`) or ``fr``; en_US if there is no such locale."""
    bare = name.partition(".")[0].replace("-", "_")
    candidates = [f"{language}_{bare}"] if re.fullmatch(r"[A-Z]{2}", bare) else [bare, bare.partition("_")[0]]
    for candidate in candidates:
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale("en", "US")


def babel_locale() -> Locale:
    """The locale that numbers and money are written in."""
    return _parse(_effective_name(), get_language())


@lru_cache(maxsize=64)
def language_locale(language: str) -> Locale:
    """The Babel locale of a language alone, which dates are written in; English if Babel does not know it."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale("en")


@lru_cache(maxsize=64)
def currency_code(locale: Locale) -> str:
    """The ISO 4217 code of the money of the locale's country."""
    territory = locale.territory or get_country()
    return next(iter(get_territory_currencies(territory) or ["USD"]))


@lru_cache(maxsize=64)
def _conventions(locale: Locale) -> dict[str, object]:
    """What ``localeconv`` would say about `locale`."""
    symbols = locale.number_symbols.get("latn") or next(iter(locale.number_symbols.values()))
    pattern = locale.currency_formats["standard"].pattern
    before = pattern.index("\u00a4") < pattern.index("0")
    spaced = "\u00a4\u00a0" in pattern or "\u00a0\u00a4" in pattern
    code = currency_code(locale)
    return {
        "currency_symbol": locale.currency_symbols.get(code, code),
        "p_cs_precedes": before,
        "n_cs_precedes": before,
        "p_sep_by_space": spaced,
        "n_sep_by_space": spaced,
        "thousands_sep": symbols["group"],
        "mon_thousands_sep": symbols["group"],
        "decimal_point": symbols["decimal"],
        "mon_decimal_point": symbols["decimal"],
    }


def overridden(*conventions: str) -> bool:
    """Whether the author set one of these in this step."""
    values = note(LOCALE, {}).get("conventions", {})
    return any(values.get(name) is not None for name in conventions)


def decimal_text(value: float | int, pattern: str = "#,##0.##", *, monetary: bool = False) -> str:
    """`value` with the separators of the locale and of ``set_locale``; the pattern is Babel's."""
    prefix = "mon_" if monetary else ""
    group, point = f"{prefix}thousands_sep", f"{prefix}decimal_point"
    if not overridden(group, point):
        return str(format_decimal(value, pattern, locale=babel_locale()))
    plain = str(format_decimal(value, pattern, locale="en_US"))
    return "".join({",": get_locale(group), ".": get_locale(point)}.get(letter, letter) for letter in plain)
