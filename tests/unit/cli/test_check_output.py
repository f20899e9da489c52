"""``parley check``: exit status, excerpts, JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from services.cli.check import check

TEXT = "mandatory: True\nquestion: Hi\nsubquesion: There\n"


def run(path: Path, **options: object) -> tuple[int, str]:
    out = io.StringIO()
    return check([str(path)], roots=[], out=out, **options), out.getvalue()  # type: ignore[arg-type]


@pytest.fixture
def misspelt(tmp_path: Path) -> Path:
    path = tmp_path / "visit.yml"
    path.write_text(TEXT, "utf-8")
    return path


def test_a_warning_fails_only_a_strict_check(misspelt: Path) -> None:
    assert run(misspelt)[0] == 0
    assert run(misspelt, strict=True)[0] == 1
    misspelt.write_text("mandatory: True\nquestion: Hi\n", "utf-8")
    assert run(misspelt, strict=True)[0] == 0


def test_the_place_is_marked_below_its_line(misspelt: Path) -> None:
    lines = run(misspelt)[1].splitlines()
    assert lines[0].startswith(f"{misspelt}:3: warning: Question_0: unknown key 'subquesion'")
    assert lines[0].endswith("(did you mean 'subquestion'?) [L101]")
    assert lines[1:3] == ["    subquesion: There", "    ^"]


def test_the_word_that_the_message_quotes_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "age.yml"
    path.write_text(
        "question: Age\nfields:\n  - Age: age\n    datatype: int\n---\nmandatory: True\nquestion: ${ age }\n"
    )
    assert run(path)[1].splitlines()[1:3] == ["        datatype: int", "                  ^"]


def test_json(misspelt: Path, tmp_path: Path) -> None:
    status, text = run(misspelt, form="json")
    (told,) = json.loads(text)
    assert status == 0
    assert (told["code"], told["severity"], told["line"], told["column"]) == ("L101", "warning", 3, 1)
    assert told["hint"] == "did you mean 'subquestion'?"
    status, text = run(tmp_path / "nothing.yml", form="json")
    assert status == 2
    assert json.loads(text)[0]["code"] == "L005"
