"""An interview's files of translated phrases are read with it, and a change of one is a change of the interview."""

from __future__ import annotations

from pathlib import Path

from shared.engine.documents import spreadsheet
from shared.engine.naming.plan import plan_for
from shared.runner.engine import load
from tests.unit.language.sample import Pack


def test_they_are_read_once_for_all_children_and_watched(tmp_path: Path) -> None:
    pack = Pack(tmp_path)
    pack.write("translations: fr.xlsx\n---\nmandatory: True\nquestion: Hello\n")
    path = tmp_path / "pack" / "data" / "sources" / "fr.xlsx"
    path.parent.mkdir(parents=True)
    rows: list[list[object]] = [["fr", "Hello", "Bonjour"]]
    path.write_bytes(spreadsheet.write(["tr_lang", "orig_text", "tr_text"], rows, title="p", freeze=False))
    loaded = load("pack:main.yml", [str(tmp_path)])
    assert plan_for(loaded.interview).phrases == {"fr": {"Hello": "Bonjour"}}
    assert str(path) in [source[0] for source in loaded.sources]
