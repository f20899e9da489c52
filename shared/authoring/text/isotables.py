"""The large tables of ISO 3166-2 (parts of countries) and ISO 639 (languages), read from the files of ``pycountry`` for what is asked.

``pycountry`` keeps every row as an object: 5 MB and 0.1 s for each of the two. Reading one here takes 5 ms, and what was asked is
kept by who asked. Countries themselves are few; they are ``pycountry``'s (`geography`).
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import msgspec

from shared.contract.typed import from_json


class Division(msgspec.Struct, frozen=True, gc=False):
    """A part of a country; `parent` is that of which it is a part itself."""

    code: str  #: ``US-CA``
    name: str
    type: str
    parent: str | None = None


class Language(msgspec.Struct, frozen=True, gc=False):
    """A language; few have a code of two letters (`alpha_2`), or another one in libraries (`bibliographic`)."""

    alpha_3: str
    name: str
    alpha_2: str | None = None
    bibliographic: str | None = None


@cache
def _folder() -> Path:
    spec = importlib.util.find_spec("pycountry")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the tables of countries and languages are those of pycountry, which is not there")
    return Path(spec.origin).parent / "databases"


def divisions(country: str) -> list[Division]:
    """All parts of a country, by its code of two letters in upper case, in the table's order."""
    table: list[Division] = from_json((_folder() / "iso3166-2.json").read_bytes(), dict[str, list[Division]])["3166-2"]
    return [one for one in table if one.code.startswith(f"{country}-")]


def language(code: str) -> Language | None:
    """The language with this code of two or three letters, in lower case."""
    if len(code) == 2:
        return _of_two_letters().get(code)
    return next((one for one in _languages() if code in (one.alpha_3, one.bibliographic)), None)


@cache
def _of_two_letters() -> dict[str, Language]:
    return {one.alpha_2: one for one in _languages() if one.alpha_2 is not None}


def _languages() -> list[Language]:
    table: list[Language] = from_json((_folder() / "iso639-3.json").read_bytes(), dict[str, list[Language]])["639-3"]
    return table
