"""Files of packages by their names: a template of a document is looked for where templates lie, a picture where pictures lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.language.sources import Sources
from shared.runner.engine import PackageFiles


@pytest.fixture
def files(tmp_path: Path) -> PackageFiles:
    for folder in ("static", "templates", "sources"):
        place = tmp_path / "forms" / "data" / folder
        place.mkdir(parents=True)
        (place / "letter.docx").write_text(folder, "utf-8")
    (tmp_path / "forms" / "data" / "static" / "logo.png").write_text("static", "utf-8")
    (tmp_path / "forms" / "data" / "questions").mkdir()
    return PackageFiles(Sources([tmp_path]), "forms")


@pytest.mark.parametrize("name", ["letter.docx", "forms:letter.docx"])
@pytest.mark.parametrize("folder", ["static", "templates", "sources"])
def test_of_several_files_of_one_name_the_one_is_found_that_lies_where_it_is_looked_for(
    files: PackageFiles, name: str, folder: str
) -> None:
    assert files.find(name, folder) == ("letter.docx", folder.encode())


def test_without_a_word_it_is_the_one_that_browsers_may_have(files: PackageFiles) -> None:
    assert files.find("letter.docx") == ("letter.docx", b"static")


def test_what_lies_elsewhere_is_found_all_the_same(files: PackageFiles) -> None:
    assert files.find("logo.png", "templates") == ("logo.png", b"static")
    assert files.find("forms:data/sources/letter.docx", "templates") == ("letter.docx", b"sources")
    with pytest.raises(FileNotFoundError, match=r"nothing\.docx"):
        files.find("nothing.docx", "templates")
