"""Imports that need a network are told where interviews have none, in the interview's files and in its package's modules."""

from __future__ import annotations

from pathlib import Path

from shared.language.check import check
from shared.language.library import Library
from shared.language.sources import Sources

INTERVIEW = """\
imports:
  - requests
  - json
---
modules:
  - .sender
---
mandatory: True
code: |
  from urllib.request import urlopen
  import smtplib as post
  # import requests, one might say
---
mandatory: True
question: |
  Ask requests about import
"""


def found(root: Path, *, online: bool) -> list[tuple[str, int]]:
    for name, text in (("data/questions/a.yml", INTERVIEW), ("sender.py", "import os\nimport httpx\n")):
        path = root / "office" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    problems = check("office:a.yml", Library(Sources([root])), online=lambda package: online or package != "office")
    told = [problem for problem in problems if problem.finding.code == "L414"]
    assert all("`author network: [office]`" in problem.hint for problem in told)
    return [(problem.place.file, problem.place.line) for problem in told]


def test_each_import_is_told_with_its_line(tmp_path: Path) -> None:
    interview = "office:data/questions/a.yml"
    assert found(tmp_path, online=False) == [(interview, 2), (interview, 10), (interview, 11), ("office:sender.py", 2)]


def test_where_the_network_is_open_nothing_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, online=True) == []
