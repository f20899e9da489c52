"""Interviews for tests: text on disk in a package of its own, compiled."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from shared.language.compile import Compiled, compile_interview
from shared.language.errors import Problem
from shared.language.findings import Severity
from shared.language.model import Block, Interview
from shared.language.sources import Sources

PLACE_FILE = "pack:data/questions/main.yml"


class Pack:
    """A package ``pack`` below `root`; `write` puts files into it, `compile` compiles ``pack:main.yml``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sources = Sources([root])
        (root / "pack" / "data" / "questions").mkdir(parents=True)

    def write(self, text: str, path: str = "data/questions/main.yml") -> Path:
        file = self.root / "pack" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
        return file

    def compiled(self, text: str) -> Compiled:
        self.write(text)
        return compile_interview("pack:main.yml", self.sources)

    def interview(self, text: str) -> Interview:
        compiled = self.compiled(text)
        assert compiled.interview is not None, "\n".join(map(str, compiled.problems))
        return compiled.interview

    def block(self, text: str) -> Block:
        """The first block of an interview without errors."""
        return self.interview(text).blocks[0]

    def errors(self, text: str) -> list[Problem]:
        return [problem for problem in self.compiled(text).problems if problem.severity is Severity.ERROR]

    def problem(self, text: str) -> Problem:
        """The only finding of an interview, whatever its severity."""
        problems = self.compiled(text).problems
        assert len(problems) == 1, "\n".join(map(str, problems)) or "nothing found"
        return problems[0]

    def error(self, text: str) -> Problem:
        """The only error of an interview."""
        errors = self.errors(text)
        assert len(errors) == 1, "\n".join(map(str, errors)) or "no error"
        return errors[0]


def source(value: Any) -> Any:
    """Texts, expressions and code as their source, through lists and dicts: what a test compares."""
    if hasattr(value, "source"):
        return value.source
    if isinstance(value, dict):
        return {key: source(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [source(item) for item in value]
    return value
