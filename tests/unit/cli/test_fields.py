"""``parley fields``: what it prints is an interview that loads, and has every field of the template."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import yaml

import demos
from services.cli.fields import fields
from shared.language.library import Library
from shared.language.sources import Sources

TEMPLATES = Path(demos.__file__).parent / "data" / "templates"


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        (
            "name-change.pdf",
            {
                "name_now",
                "name_wanted",
                "born_on",
                "zip_code",
                "reasons",
                "of_age",
                "nobody_hurt",
                "used_by",
                "signed_on",
            },
        ),
        ("loan.docx", {"borrower", "conditions", "lender", "signature", "things", "total", "until"}),
    ],
)
def test_a_first_interview_for_a_template(tmp_path: Path, name: str, asked: set[str]) -> None:
    out = io.StringIO()
    assert fields(str(TEMPLATES / name), out=out) == 0
    blocks = list(yaml.safe_load_all(out.getvalue()))
    variables = {
        value for field in blocks[1]["fields"] for key, value in field.items() if key not in ("datatype", "required")
    }
    assert variables == asked
    questions = tmp_path / "pack" / "data" / "questions"
    questions.mkdir(parents=True)
    (tmp_path / "pack" / "data" / "templates").mkdir()
    (tmp_path / "pack" / "data" / "templates" / name).write_bytes((TEMPLATES / name).read_bytes())
    questions.joinpath("first.yml").write_text(out.getvalue())
    assert Library(Sources([tmp_path])).load("pack:first.yml").blocks


def test_a_file_that_is_no_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.docx", "a.pdf"):
        (tmp_path / name).write_bytes(b"nothing")
        assert fields(str(tmp_path / name)) == 2
        assert name in capsys.readouterr().err
    assert fields(str(tmp_path / "gone.pdf")) == 2
