"""Packages of interviews that a test writes for itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

#: The beginning of an interview for everybody, whose scheduled events, written below it, may count `n`.
COUNTING = """
mandatory: True
code: |
  multi_user = True
  allow_cron = True
  n = 0
---
mandatory: True
question: |
  n is ${ n }
buttons:
  Leave: leave
---
"""


def write_pack(root: Path, package: str, interviews: Mapping[str, str]) -> Path:
    """Interviews, texts by name without ``.yml``, in a package below `root`, which is to be a root of packages; their folder."""
    questions = root / package / "data" / "questions"
    questions.mkdir(parents=True, exist_ok=True)
    for name, text in interviews.items():
        (questions / f"{name}.yml").write_text(text, "utf-8")
    return questions
