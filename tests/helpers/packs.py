"""Packages of interviews that a test writes for itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write_pack(root: Path, package: str, interviews: Mapping[str, str]) -> Path:
    """Interviews, texts by name without ``.yml``, in a package below `root`, which is to be a root of packages; their folder."""
    questions = root / package / "data" / "questions"
    questions.mkdir(parents=True, exist_ok=True)
    for name, text in interviews.items():
        (questions / f"{name}.yml").write_text(text, "utf-8")
    return questions
