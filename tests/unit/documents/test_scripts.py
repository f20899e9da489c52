"""Scripts for which no font comes with Parley."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import typst

from shared.documents import fonts, scripts

CHINESE, JAPANESE, KOREAN = "你好", "こんにちは", "안녕"


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose only fonts are those that always come with Parley."""
    place = fonts.folders()
    known = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[*place])
    latin = [one for one in known.fonts() if "CJK" not in one.family and not one.family.startswith("Noto Sans JP")]
    monkeypatch.setattr(fonts, "found", lambda: SimpleNamespace(fonts=lambda: latin))
    scripts._covered.cache_clear()
    yield
    scripts._covered.cache_clear()


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("Dear Ann, Ελλάδα, Привет, שלום, مرحبا: 5 €", ()),
        (f"Dear {CHINESE}", ("Chinese",)),
        (f"{JAPANESE} {KOREAN}", ("Japanese", "Korean")),
    ],
)
def test_scripts_without_a_font_are_named(plain: None, text: str, lacking: tuple[str, ...]) -> None:
    assert scripts.without_font(["Dear", text]) == lacking


def test_a_font_that_has_the_script_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "_covered", lambda sample: sample == "\u7684")
    assert scripts.without_font([CHINESE, KOREAN]) == ("Korean",)


def test_a_font_with_a_character_is_told_from_one_without(plain: None) -> None:
    assert scripts._covered("\u05d0")
    assert not scripts._covered("\u7684")


@pytest.mark.parametrize(
    ("order", "written"),
    [
        ({"work": "text", "format": "pdf", "markdown": CHINESE}, True),
        ({"work": "text", "format": "pdf", "metadata": {"HeaderLeft": CHINESE}}, True),
        ({"work": "text", "format": "docx", "markdown": CHINESE}, False),
        ({"work": "form", "fields": {"name": CHINESE}}, True),
        ({"work": "picture", "content": b"x"}, False),
    ],
)
def test_what_is_written_into_a_pdf_file(order: dict[str, object], written: bool) -> None:
    assert any(CHINESE in text for text in scripts.texts_of(order)) is written
