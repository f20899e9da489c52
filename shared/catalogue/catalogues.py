"""Texts of the product in the languages it speaks. A text is named by itself in English, as gettext has it.

A catalogue is read when its language is first spoken (under a millisecond), and then belongs to the process.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

DOMAIN = "parley"
FOLDER = Path(__file__).parent / "locale"
SOURCE = "en"
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "dv"})


def N_(text: str) -> str:
    """Marks `text` for the catalogues; it is translated where it is shown."""
    return text


@cache
def languages() -> tuple[str, ...]:
    """The languages there is a catalogue of, by their folders: ``es``, ``pt_BR``."""
    return tuple(sorted(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


@lru_cache(maxsize=256)
def nearest(language: str) -> str | None:
    """The language of ours that comes nearest to ``es-MX``, ``pt_br`` or ``de``; None if there is none (nor for English)."""
    wanted = language.replace("-", "_").lower()
    known = {code.lower(): code for code in languages()}
    return known.get(wanted) or known.get(wanted.partition("_")[0])


def best(wanted: Iterable[str]) -> str:
    """The first of the `wanted` languages (of a browser, say) that we speak; English if we speak none."""
    for language in wanted:
        if language.lower().partition("-")[0] == SOURCE:
            return SOURCE
        if (found := nearest(language)) is not None:
            return found.replace("_", "-")
    return SOURCE


@cache
def _catalogue(code: str) -> gettext.GNUTranslations:
    with (FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def translated(text: str, language: str) -> str:
    """`text` in `language`, or as it is."""
    code = nearest(language)
    return text if code is None or not text else _catalogue(code).gettext(text)


def counted(number: float, one: str, many: str, language: str) -> str:
    """`one` or `many` as `language` says them of `number` things; the number is not filled in."""
    code = nearest(language)
    if code is None:
        return one if number == 1 else many
    return _catalogue(code).ngettext(one, many, int(number))


@lru_cache(maxsize=256)
def forms(one: str, many: str, language: str) -> Mapping[str, str]:
    """All that `counted` can give, by the categories of CLDR (``one``, ``few``, ``other``), which browsers know as well."""
    code = nearest(language)
    if code is None:
        return {"other": many, "one": one}
    from babel import Locale  # noqa: PLC0415  heavy: 6 MB, all that there is to know of a language

    locale = Locale.parse(code)
    found = {"other": counted(1000, one, many, language)}
    for number in range(200):
        found.setdefault(str(locale.plural_form(number)), counted(number, one, many, language))
    return found


def direction(language: str) -> str:
    """``rtl`` or ``ltr``."""
    return "rtl" if language.replace("_", "-").split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"
