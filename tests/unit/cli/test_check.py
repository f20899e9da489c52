"""``parley check``: what it prints, and its exit status."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from services.cli.check import check

SOUND = "mandatory: True\nquestion: Hello\n"


def run(*files: str, root: Path) -> tuple[int, list[str]]:
    out = StringIO()
    status = check(files, roots=[str(root)], out=out)
    return status, out.getvalue().splitlines()


def test_a_sound_file(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(SOUND)
    assert run(str(tmp_path / "a.yml"), root=tmp_path) == (0, ["1 interview: 0 errors, 0 warnings"])


def test_everything_wrong_in_all_files_in_one_go(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yml", tmp_path / "b.yml"
    first.write_text(SOUND + "---\nid: broken\nquestion: q\nyesno: 8\n---\ncode: 1 +\n")
    second.write_text(SOUND.replace("Hello", "${ nobody }"))
    status, lines = run(str(first), str(second), root=tmp_path)
    assert status == 1
    assert [line for line in lines if not line.startswith("    ")] == [
        f"{first}:6: error: ID broken: 'yesno' must be the name of a variable, not the number 8 [L203]",
        f"{first}:8: error: Question_2: 'code' is not Python: invalid syntax: 1 + [L201]",
        f"{second}:2: warning: Question_0: nothing defines 'nobody' (no question, code, objects or module defines it) [L407]",
        "2 interviews: 2 errors, 1 warning",
    ]


@pytest.mark.parametrize("name", ["nowhere.yml", "pack:nowhere.yml", "../x:y.yml"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    status, lines = run(name, root=tmp_path)
    assert status == 2
    assert lines[0].startswith(f"{name}: error: ")


def test_a_name_below_the_packages(tmp_path: Path) -> None:
    file = tmp_path / "pack" / "data" / "questions" / "a.yml"
    file.parent.mkdir(parents=True)
    file.write_text(SOUND)
    assert run("pack:a.yml", root=tmp_path)[0] == 0
