"""``parley check FILE…``: everything that can be found wrong in interviews without running them, one line each.

A FILE is a path, or a name ``package:file.yml`` below the configured packages. Exit status: 0 if there is no error (warnings may
be), 1 if there is, 2 if a file is not there.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TextIO

from services.settings import load
from shared.language.check import check as problems_of
from shared.language.check import has_errors
from shared.language.errors import LanguageError, Problem
from shared.language.library import Library
from shared.language.sources import Sources, locate


def check(files: Sequence[str], *, roots: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Check each of `files`, print what is wrong, and return the exit status."""
    out = sys.stdout if out is None else out
    base = Sources(load(need_secret=False).packages if roots is None else roots)
    status = warnings = errors = 0
    for file in files:
        try:
            sources, name = _named(file, base)
        except LanguageError as error:
            print(f"{file}: error: {error}", file=out)
            status = 2
            continue
        problems = problems_of(name, Library(sources), authoring=_authoring_names)
        for problem in problems:
            print(_line(problem, name, file), file=out)
        wrong = sum(problem.severity == "error" for problem in problems)
        errors += wrong
        warnings += len(problems) - wrong
        if has_errors(problems):
            status = max(status, 1)
    print(f"{_count(len(files), 'interview')}: {_count(errors, 'error')}, {_count(warnings, 'warning')}", file=out)
    return status


def _named(file: str, base: Sources) -> tuple[Sources, str]:
    if Path(file).is_file():
        return locate(file, base)
    if ":" in file:
        return base, base.interview(file).name
    return locate(file, base)  # says that it is not there


def _line(problem: Problem, name: str, file: str) -> str:
    place = problem.place
    shown = file if place.file == name else place.file
    hint = f" ({problem.hint})" if problem.hint else ""
    block = f" {place.block}:" if place.block else ""
    return f"{shown}:{place.line}: {problem.severity}:{block} {problem.message}{hint}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _authoring_names() -> Collection[str]:
    from shared.authoring import modules

    return modules.names()
