"""Each catalogue has each text of the product, whole, and the ``.mo`` is made of the ``.po`` beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from shared.catalogue.catalogues import best, counted, forms, languages, nearest, translated
from shared.catalogue.page import PAGE, words
from tests import catalogues

#: What upstream has files of words for, and Dutch and Arabic.
SPOKEN = ("ar", "cs", "de", "es", "fr", "it", "lt", "nl", "pt", "pt_BR", "sv")
_BLANKS = re.compile(r"\{\d\}|%s")


@pytest.fixture(scope="module")
def said() -> set[Any]:
    return set(catalogues.texts())


def test_the_languages_are_those_that_are_promised() -> None:
    assert languages() == SPOKEN


@pytest.mark.parametrize("file", list(catalogues.files()), ids=lambda file: file.parent.parent.name)
def test_a_catalogue_has_every_text(file: Path, said: set[Any]) -> None:
    catalogue = catalogues.read(file)
    told = {message.id: message.string for message in catalogue if message.id}
    assert set(told) == said, "run: python -m tests.catalogues"
    for text, spoken in told.items():
        one = text if isinstance(text, str) else text[1]
        for form in (spoken,) if isinstance(spoken, str) else spoken:
            assert form, f"{text!r} is not translated"
            assert sorted(_BLANKS.findall(form)) == sorted(_BLANKS.findall(one))
    assert catalogues.as_mo(catalogue) == file.with_suffix(".mo").read_bytes()


def test_the_language_that_comes_nearest() -> None:
    assert [nearest(one) for one in ("es-MX", "pt-br", "pt", "PT_pt", "xx", "en-US")] == [
        "es", "pt_BR", "pt", "pt", None, None,
    ]  # fmt: skip
    assert best(["xx", "de-AT", "fr"]) == "de"
    assert best(["en-GB", "de"]) == "en"
    assert best([]) == "en"


def test_a_text_that_is_not_ours_stays() -> None:
    assert translated("Purple cow", "de") == "Purple cow"
    assert translated("", "de") == ""


def test_plurals_follow_the_language() -> None:
    one, many = "You must type at least %s character.", "You must type at least %s characters."
    assert [counted(number, one, many, "cs") % number for number in (1, 3, 5)] == [
        "Musíte napsat alespoň 1 znak.",
        "Musíte napsat alespoň 3 znaky.",
        "Musíte napsat alespoň 5 znaků.",
    ]
    assert counted(1, one, many, "en") == one
    assert set(forms(one, many, "lt")) == {"one", "few", "other"}
    assert len({forms(one, many, "ar")[kind] for kind in ("one", "two", "few", "many")}) == 4


def test_an_authors_words_come_before_ours() -> None:
    assert words("es", {"Continue": "Adelante"})["continue"] == "Adelante"
    assert words("es")["continue"] == "Continuar"
    assert words("xx") == dict(PAGE)
