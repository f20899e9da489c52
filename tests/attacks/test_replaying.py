"""An interview that somebody was sent is tried out by ``parley replay``: its code reads what lies around, calls out, starts programs."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from pathlib import Path

import pytest

from tests.attacks.victims import ROOT, SECRET, command, lacks, project

CODE = """
import os, socket
found = []
for name in NAMES:
    try:
        with open(name) as file: found.append(file.read())
    except OSError: pass
for attempt in (os.fork, lambda: socket.create_connection(('127.0.0.1', 9), 1), lambda: open('/tmp/parley-replayed', 'w')):
    try:
        attempt()
        found.append('worked')
    except OSError: pass
found.append(os.environ.get('PLANTED'))
file = attempt = None
"""


def replayed(folder: Path, lacking: str) -> tuple[str, str]:
    """The question of the interview, and what was said on the error output."""
    names = repr([str(folder / name) for name in (".env", "notes.txt", "other/words.py")] + ["/etc/passwd"])
    block = textwrap.indent(CODE.replace("NAMES", names), "  ")
    path = folder / "attacker/data/questions/sent.yml"
    path.write_text(f"mandatory: True\ncode: |\n{block}\n---\nmandatory: True\nquestion: |\n  ${{ found }}\n", "utf-8")
    done = subprocess.run(
        command(lacking, "replay"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PLANTED": SECRET},
        input=json.dumps({"id": 1, "path": str(path), "answers": []}) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    response = json.loads(done.stdout)
    assert response["error"] is None, response
    return response["screens"][-1]["question"].strip(), done.stderr


def test_its_code_reaches_nothing(tmp_path: Path) -> None:
    if not lacks("landlock"):
        pytest.skip("this kernel has no Landlock: replay says so, and goes on")
    found, said = replayed(project(tmp_path / "p"), "")
    assert found == "[None]"
    assert said == ""


def test_where_a_wall_is_missing_it_says_so(tmp_path: Path) -> None:
    if not lacks("landlock"):
        pytest.skip("this kernel has no Landlock to take away")
    _, said = replayed(project(tmp_path / "p"), "landlock")
    assert "runs without landlock" in said
