"""``parley check FILE…``: everything that can be found wrong in interviews without running them, one line each.

A FILE is a path, or a name ``package:file.yml`` below the configured packages. Exit status: 0 if there is no error (warnings may
be; with ``--strict`` they count as errors), 1 if there is, 2 if a file is not there. ``--format json`` gives a list of objects
with code, severity, file, block, line, column, message, hint.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TextIO

from services.cli.check_templates import template_problems
from services.settings import load
from shared.authoring import modules
from shared.language.check import check as problems_of
from shared.language.check import has_errors
from shared.language.errors import LanguageError, Problem
from shared.language.findings import Finding
from shared.language.library import Library
from shared.language.sources import Sources, locate

_QUOTED = re.compile(r"'([^']+)'")


def check(
    files: Sequence[str],
    *,
    roots: Sequence[str] | None = None,
    out: TextIO | None = None,
    strict: bool = False,
    form: str = "text",
) -> int:
    """Check each of `files`, print what is wrong (`form`: ``text`` or ``json``), and return the exit status."""
    out = sys.stdout if out is None else out
    settings = load(need_secret=False)
    base = Sources(settings.packages if roots is None else roots)
    opened = settings.author_network
    status = warnings = errors = 0
    told: list[dict[str, object]] = []
    for file in files:
        try:
            sources, name = named(file, base)
        except LanguageError as error:
            if form == "json":
                told.append({"code": Finding.NO_FILE.code, "severity": "error", "file": file, "message": str(error)})
            else:
                print(f"{file}: error: {error}", file=out)
            status = 2
            continue
        library = Library(sources)
        problems = problems_of(
            name,
            library,
            authoring=_authoring_names,
            online=lambda package: "all" in opened or package in opened,
        )
        problems = [*problems, *_of_templates(name, library, sources)]
        for problem in problems:
            line = _source_line(problem, sources)
            column = column_of(problem, line)
            if form == "json":
                told.append(problem.data() | {"column": column})
                continue
            print(_line(problem, name, file), file=out)
            if line.strip():
                print(f"    {line.expandtabs(1)}\n    {' ' * (column - 1)}^", file=out)
        wrong = sum(problem.severity == "error" for problem in problems)
        errors += wrong
        warnings += len(problems) - wrong
        if has_errors(problems) or (strict and problems):
            status = max(status, 1)
    if form == "json":
        print(json.dumps(told, indent=2, ensure_ascii=False), file=out)
        return status
    print(f"{_count(len(files), 'interview')}: {_count(errors, 'error')}, {_count(warnings, 'warning')}", file=out)
    return status


def _of_templates(name: str, library: Library, sources: Sources) -> list[Problem]:
    """What is wrong between the interview and the templates of its documents, if it compiles."""
    try:
        interview = library.compiled(name).interview
    except LanguageError:
        return []
    return [] if interview is None else list(template_problems(interview, sources, _authoring_names()))


def named(file: str, base: Sources) -> tuple[Sources, str]:
    """Where the interview is, and its name: `file` is a path, or a name below the packages of `base`. Raises `LanguageError`."""
    if Path(file).is_file():
        return locate(file, base)
    if ":" in file:
        return base, base.interview(file).name
    return locate(file, base)  # says that it is not there


def _source_line(problem: Problem, sources: Sources) -> str:
    """The line that the problem names, or nothing if it cannot be read (any more)."""
    package, _, path = problem.place.file.partition(":")
    try:
        lines = sources.text(sources.interview(f"{package}:{path}")).splitlines()
    except LanguageError:
        return ""
    return lines[problem.place.line - 1] if 0 < problem.place.line <= len(lines) else ""


def column_of(problem: Problem, line: str) -> int:
    """The column, from 1, of the first word that the message quotes and that stands in `line`; else that of its first character."""
    for quoted in _QUOTED.findall(problem.message):
        found = line.find(quoted)
        if found >= 0:
            return found + 1
    return len(line) - len(line.lstrip()) + 1


def _line(problem: Problem, name: str, file: str) -> str:
    place = problem.place
    shown = file if place.file == name else place.file
    hint = f" ({problem.hint})" if problem.hint else ""
    block = f" {place.block}:" if place.block else ""
    return f"{shown}:{place.line}: {problem.severity}:{block} {problem.message}{hint} [{problem.finding.code}]"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _authoring_names() -> Collection[str]:
    return modules.names()
