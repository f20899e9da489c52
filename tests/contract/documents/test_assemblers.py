"""The contract of `Assembler`. A new one is a line in `ASSEMBLERS`, with how its text is read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.documents import markdown
from shared.documents.markdown import MarkdownText
from shared.documents.ports import MIMETYPES, Assembled, Assembler, Format, Text, TooLarge


@dataclass(frozen=True)
class Subject:
    assembler: Assembler
    text_of: Callable[[Assembled], str]  #: the words of a file, as a reader would see them


ASSEMBLERS = {"markdown": Subject(MarkdownText(), lambda made: made.content.decode())}
LETTER = "# Dear Ada\n\nYou *owe* us **£ 5**.\n\n- Größe\n- مرحبا\n- 你好\n"


@pytest.fixture(params=ASSEMBLERS)
def subject(request: pytest.FixtureRequest) -> Subject:
    return ASSEMBLERS[request.param]


@pytest.mark.parametrize("formats", [("pdf", "rtf", "docx", "md"), ("md",), ("pdf",), ("docx", "docx"), ()])
def test_each_format_asked_for_is_answered_by_one_file(subject: Subject, formats: tuple[str, ...]) -> None:
    made = subject.assembler.assemble(Text(LETTER), formats)
    answered = [kind for file in made for kind in file.stands_for]
    assert sorted(answered) == sorted(set(formats))
    assert all(file.format in Format and file.mimetype == MIMETYPES[file.format] for file in made)


def test_what_was_written_can_be_read(subject: Subject) -> None:
    for file in subject.assembler.assemble(Text(LETTER), ("pdf", "md")):
        text = subject.text_of(file)
        for word in ("Dear Ada", "owe", "£ 5", "Größe", "مرحبا", "你好"):
            assert word in text


def test_the_same_text_gives_the_same_bytes(subject: Subject) -> None:
    assert subject.assembler.assemble(Text(LETTER), ("pdf", "md")) == subject.assembler.assemble(
        Text(LETTER), ("pdf", "md")
    )
    assert Text(LETTER).digest() == Text(LETTER).digest() != Text(LETTER + ".").digest()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_makes_a_document(text: str) -> None:
    for subject in ASSEMBLERS.values():
        (file,) = subject.assembler.assemble(Text(text), ("md",))
        assert len(file.content) < 1_000_000


def test_an_empty_text_is_a_document(subject: Subject) -> None:
    assert [file.stands_for for file in subject.assembler.assemble(Text(""), ("md",))] == [("md",)]


def test_a_text_without_end_is_refused(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MAX_BYTES", 1000)
    with pytest.raises(TooLarge, match="1002 bytes; the limit is 1000"):
        subject.assembler.assemble(Text("é" * 501), ("md",))
