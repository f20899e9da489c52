"""``parley phrases``: a spreadsheet for a translator, which speaks once it is filled."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli.main import main
from services.cli.phrases import HEADER, rows
from shared.engine.documents import spreadsheet
from shared.language.library import Library
from shared.language.phrases import read
from tests.unit.language.sample import Pack

INTERVIEW = """
translations: fr.xlsx
---
default screen parts:
  under: Below ${ all }
---
id: first
mandatory: True
question: Hello, ${ name }
subquestion: Hello, ${ name }
fields:
  - Your name: name
    help: Hello
  - Fruit: fruit
    choices:
      - An apple: apple
---
language: es
question: Hola
yesno: really
"""


def test_one_row_for_each_phrase_and_what_is_translated_stays(tmp_path: Path) -> None:
    pack = Pack(tmp_path)
    interview = pack.interview(INTERVIEW)
    path = tmp_path / "pack" / "data" / "sources" / "fr.xlsx"
    path.parent.mkdir(parents=True)
    known: list[list[object]] = [
        ["fr", "An apple", "Une pomme"],
        ["fr", "Long gone", "Parti"],
        ["de", "Hello", "Hallo"],
    ]
    path.write_bytes(spreadsheet.write(["tr_lang", "orig_text", "tr_text"], known, title="p", freeze=False))
    made = rows(interview, Library(pack.sources).sources, "fr")
    found = {str(row[6]).strip(): row for row in made}
    assert len(found) == len(made) == len({*found}), "each once"
    assert {"Hello, ${ name }", "Your name", "Hello", "An apple", "Hola", "Below ${ all }"} <= {*found}
    assert found["An apple"][7] == "Une pomme"
    assert found["Hola"][4:6] == ["es", "fr"]
    assert (found["Hello, ${ name }"][1], found["Long gone"][2], found["Long gone"][7]) == ("ID first", 1000, "Parti")
    assert read("a.xlsx", spreadsheet.write(HEADER, made, title="p", freeze=True))["fr"]["Long gone"] == "Parti"


def test_the_command_says_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "custody.yml"
    file.write_text("mandatory: True\nquestion: Hello\n")
    assert main(["phrases", str(file), "fr"]) == 0
    assert capsys.readouterr().out.strip() == "custody-fr.xlsx"
    assert (tmp_path / "custody-fr.xlsx").stat().st_size > 0
    assert main(["phrases", str(tmp_path / "none.yml"), "fr"]) == 2
