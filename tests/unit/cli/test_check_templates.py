"""`parley check` holds templates of documents against the interview."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest

from services.cli.check import check
from shared.documents import office, scripts

ROOT = Path(__file__).parents[3]


def _checked(folder: Path, document: str) -> str:
    questions, templates = folder / "pack/data/questions", folder / "pack/data/templates"
    questions.mkdir(parents=True)
    templates.mkdir(parents=True, exist_ok=True)
    word = docx.Document()
    word.add_paragraph("Dear {{ who }}, {{ thing_that_nobody_knows }} of {{ given }}, {{ today() | title_case }}")
    word.save(str(templates / "letter.docx"))
    (templates / "form.pdf").write_bytes((ROOT / "demos/data/templates/name-change.pdf").read_bytes())
    text = f"mandatory: True\nquestion: Done\nattachment:\n{document}\n---\nquestion: Who?\nfields:\n  - Who: who\n"
    (questions / "letter.yml").write_text(text)
    out = io.StringIO()
    check(["pack:letter.yml"], roots=[str(folder)], out=out)
    return out.getvalue()


def test_names_of_a_template_that_nothing_defines(tmp_path: Path) -> None:
    said = _checked(tmp_path, "  docx template file: letter.docx\n  fields:\n    given: 5\n")
    assert "'letter.docx' uses 'thing_that_nobody_knows', which no block defines" in said
    for name in ("'who'", "'given'", "'today'"):
        assert f"uses {name}" not in said


def test_fields_that_a_form_does_not_have(tmp_path: Path) -> None:
    said = _checked(tmp_path, "  pdf template file: form.pdf\n  fields:\n    No such field: 5\n")
    assert "the form 'form.pdf' has no field 'No such field'" in said


def test_the_demos_agree_with_their_templates() -> None:
    out = io.StringIO()
    demos = [f"demos:{name}.yml" for name in ("document-templates", "document-settings")]
    check(demos, roots=[f"demos={ROOT / 'demos'}"], out=out)
    assert "2 interviews" in out.getvalue()
    assert "uses" not in out.getvalue()
    assert "has no field" not in out.getvalue()


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("  content: |\n    Dear 你好\n", True),
        ("  content: |\n    Dear Ann\n", False),
        ("  valid formats: docx\n  content: |\n    Dear 你好\n", False),
        ("  docx template file: korean.docx\n", True),
    ],
)
def test_scripts_for_which_no_font_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: str, told: bool
) -> None:
    monkeypatch.setattr(scripts, "_covered", lambda sample: False)
    monkeypatch.setattr(office, "program", lambda: "/usr/bin/soffice")
    templates = tmp_path / "pack/data/templates"
    templates.mkdir(parents=True)
    word = docx.Document()
    word.add_paragraph("안녕 {{ who }}")
    word.save(str(templates / "korean.docx"))
    said = _checked(tmp_path, document)
    assert ("L423" in said) is told
    assert ("no font for" in said) is told
