"""The setting ``words``: what the files say comes together, and a file that cannot be read is said and left out."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from services import wordfiles
from shared.engine.documents import spreadsheet


def test_files_come_together_and_bad_ones_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sources = tmp_path / "court" / "data" / "sources"
    sources.mkdir(parents=True)
    (sources / "one.yml").write_text("es:\n  Back: Volver\n  Exit: Fuera\n", "utf-8")
    (sources / "two.yml").write_text("es:\n  Back: Atrás\nfr:\n  Back: Retour\n  Odd: ~\n", "utf-8")
    (sources / "bad.yml").write_text("- a list\n", "utf-8")
    names = ["court:one.yml", "court:data/sources/two.yml", "court:bad.yml", "court:none.yml", "nowhere"]
    with caplog.at_level(logging.WARNING):
        found = wordfiles.read(names, [tmp_path])
    assert found == {"es": {"Back": "Atrás", "Exit": "Fuera"}, "fr": {"Back": "Retour"}}
    assert [record.__dict__["file"] for record in caplog.records] == names[2:]


def test_as_spreadsheets_and_as_translators_tools_write_them(tmp_path: Path) -> None:
    rows: list[list[object]] = [["es", "Back", "Atrás"]]
    sheet = tmp_path / "es.xlsx"
    sheet.write_bytes(spreadsheet.write(["tr_lang", "orig_text", "tr_text"], rows, title="w", freeze=False))
    tool = tmp_path / "fr.xlf"
    unit = "<trans-unit id='1'><source>Back</source><target>Retour</target></trans-unit>"
    tool.write_text(f"<xliff version='1.2'><file target-language='fr'><body>{unit}</body></file></xliff>", "utf-8")
    assert wordfiles.read([str(sheet), str(tool)], []) == {"es": {"Back": "Atrás"}, "fr": {"Back": "Retour"}}
