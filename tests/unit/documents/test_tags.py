"""Tags and pictures of documents, as pandoc gets them."""

from __future__ import annotations

import pytest

from shared.documents import pictures, tags, texts


def test_tags_become_words_that_no_text_can_have() -> None:
    forged = tags.word("PAGEBREAK")
    made = tags.carried(f"[CENTER] one [BR] two [INDENTBY 1in 0.5 in] {forged}")
    assert made.count(tags.OPEN) == 3
    assert tags.word("INDENTBY", "1in", "0.5in") in made
    assert tags.word("PAGEBREAK") not in made


def test_what_stands_alone_gets_a_paragraph_of_its_own() -> None:
    assert tags.carried("a[PAGEBREAK]b") == f"a\n\n{tags.word('PAGEBREAK')}\n\nb"


@pytest.mark.parametrize("text", ["[CENTRE]", "[INDENTBY 1]", "[INDENTBY x y]", "[link](https://example.com)", "[ ]"])
def test_what_is_no_tag_stays(text: str) -> None:
    assert tags.carried(text) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("[FLUSHLEFT] ABC [NEWLINE] 1 Main [NEWLINE] Rome, GA", "ABC\n1 Main\nRome, GA"),
        ("a[BR]b [NBSP] c", "a\nb \u00a0 c"),
        ("[link](x) [CENTRE]", "[link](x) [CENTRE]"),
    ],
)
def test_where_there_is_no_layout_breaks_are_line_ends(markup: str, text: str) -> None:
    assert tags.as_text(markup) == text


def test_pictures_get_names_and_widths() -> None:
    made, files = pictures.shown(
        "[FILE 3, 50%, A cat] [FILE 4] [FILE gone]", {"3": ("c.png", b"1"), "4": ("d.png", b"2")}.get
    )
    assert made == r"![A cat](parley-file-0){width=50%} ![d.png](parley-file-1) \[FILE gone]"
    assert files == {"parley-file-0": b"1", "parley-file-1": b"2"}


def test_a_width_that_is_none_is_left_out() -> None:
    made, _ = pictures.shown("[FILE 3, 50%} .x {, A]", lambda _name: ("c.png", b"1"))
    assert "{" not in made


def test_a_qr_code_is_a_picture_with_its_text_for_those_who_do_not_see_it() -> None:
    made, files = pictures.shown("[QR https://example.com]", lambda _name: None)
    assert made == "![https://example.com](parley-file-0){width=1.5in}"
    assert files["parley-file-0"].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("stated", "language", "right_to_left"),
    [("he_IL", "he-IL", True), ("en", "en", False), ('"}; evil', "en", False), ("ar", "ar", True)],
)
def test_a_language_is_a_tag_and_nothing_else(stated: str, language: str, right_to_left: bool) -> None:
    found = texts.language_of({"language": stated})
    assert (found, texts.is_right_to_left(found)) == (language, right_to_left)
