"""What is read without the libraries it comes from is what they say."""

from __future__ import annotations

import num2words
import pycountry
import pytest

from shared.authoring.text import isotables, numbers


def test_every_part_of_every_country_is_the_librarys() -> None:
    theirs = [(one.code, one.name, one.type, one.parent_code is None) for one in pycountry.subdivisions]
    ours = [
        (one.code, one.name, one.type, one.parent is None)
        for country in pycountry.countries
        for one in isotables.divisions(country.alpha_2)
    ]
    assert sorted(ours) == sorted(theirs)


@pytest.mark.parametrize("code", ["en", "de", "zh", "deu", "ger", "grc", "tlh"])
def test_languages_are_the_librarys(code: str) -> None:
    kinds = {2: ("alpha_2",), 3: ("alpha_3", "bibliographic")}[len(code)]
    (theirs,) = filter(None, (pycountry.languages.get(**{kind: code}) for kind in kinds))
    ours = isotables.language(code)
    assert ours is not None
    assert (ours.name, ours.alpha_3, ours.alpha_2) == (theirs.name, theirs.alpha_3, getattr(theirs, "alpha_2", None))


@pytest.mark.parametrize("code", ["", "q", "xq", "qqq", "EN"])
def test_what_is_no_code_is_no_language(code: str) -> None:
    assert isotables.language(code) is None


@pytest.mark.parametrize("kind", ["cardinal", "ordinal"])
def test_small_numbers_in_english_are_the_librarys(kind: str) -> None:
    words = [numbers._in_words(number, "en", kind) for number in range(13)]
    assert words == [num2words.num2words(number, lang="en", to=kind) for number in range(13)]
