"""A page speaks one language: what the product says follows ``set_language()`` and ``default language``."""

from __future__ import annotations

from collections.abc import Callable

from shared.engine.documents import spreadsheet
from tests.unit.engine.play import Play
from tests.unit.language.sample import Pack

Open = Callable[..., Play]

_SPANISH = """\
default language: es
---
initial: True
code: set_language('es')
---
mandatory: True
question: ¿Cuántas?
subquestion: ${ comma_and_list('una', 'dos', 'tres') } · ${ country_name('DE') } · ${ language_name('fr') } · ${ period_list()[0][1] }
fields:
  - Letras: letters
    minlength: 3
  - Día: day
    datatype: date
    min: 2026-02-01
    required: False
"""


def test_texts_lists_names_and_refusals_speak_the_language(play: Open) -> None:
    session = play(_SPANISH)
    assert session.screen is not None
    assert session.screen.language == "es"
    assert session.screen.subquestion == "una, dos y tres · Alemania · francés · Al mes"
    refused = session.send({"letters": "ab", "day": {"date": "2026-01-15"}}).rejection
    assert refused is not None
    assert refused.fields == {
        "letters": "Debe escribir al menos 3 caracteres.",
        "day": "Debe escribir una fecha igual o posterior al 1 de febrero de 2026.",
    }


def test_the_authors_words_reach_the_page(play: Open) -> None:
    """What ``word()`` knows of the page's texts goes with the screen, for the page to say it."""
    setup = "initial: True\ncode: |\n  set_language('tlh')\n  update_word_collection('tlh', {'Back': 'chol', 'Purple': 'x'})\n"
    own = "imports:\n  - docassemble.base.util\n---\n"
    session = play(
        own + setup.replace("update_word", "docassemble.base.util.update_word") + "---\nmandatory: True\nquestion: Hi\n"
    )
    assert session.screen is not None
    assert session.screen.words == {"Back": "chol"}


def test_english_is_as_it_was(play: Open) -> None:
    session = play("mandatory: True\nquestion: ${ comma_and_list('a', 'b', 'c') }\n")
    assert session.screen is not None
    assert (session.screen.question, session.screen.words) == ("a, b, and c", {})


_TRANSLATED = """\
    translations:
      - phrases.xlsx
    ---
    mandatory: True
    code: |
      set_language(language)
      thanks
    ---
    question: Which language?
    fields:
      - Language: language
    ---
    event: thanks
    question: |
      Thank you, ${ word('friend') }.
    subquestion: |
      % if language == 'fr':
      One
      % endif
      Not translated
    buttons:
      - Leave: leave
    """


def phrases(*rows: tuple[str, str, str]) -> bytes:
    lines: list[list[object]] = [list(row) for row in rows]
    return spreadsheet.write(["tr_lang", "orig_text", "tr_text"], lines, title="p", freeze=False)


def test_phrases_are_spoken_as_their_file_translates_them(play: Open, pack: Pack) -> None:
    sources = pack.root / "pack" / "data" / "sources"
    sources.mkdir(parents=True)
    (sources / "phrases.xlsx").write_bytes(
        phrases(
            ("fr", "Thank you, ${ word('friend') }.\n", "Merci, ${ word('friend') } !"),
            ("fr", "Leave", "Partir"),
            ("fr", "Which language?", "${ never"),
            ("es", "Thank you, ${ word('friend') }.", "Gracias."),
        )
    )
    for language, question, button in (("fr", "Merci, friend !", "Partir"), ("es", "Gracias.", "Leave")):
        session = play(_TRANSLATED)
        assert session.question == "Which language?"
        session.fill(language)
        assert session.question == question
        assert "Not translated" in (session.screen.subquestion or "")
        assert [choice.label for choice in session.screen.buttons] == [button]


def test_a_file_that_is_not_there_leaves_the_texts_as_they_are(play: Open) -> None:
    session = play(_TRANSLATED)
    session.fill("fr")
    assert session.question == "Thank you, friend."
