"""Errors of loading an interview, as plain data from the template to the service, and there the same exceptions again."""

from __future__ import annotations

import traceback
from typing import Any

from shared.language.errors import LanguageErrors, NoSource, Problem, Severity, SourceRefused
from shared.language.model import Place
from shared.runner.ports import RunnerError


def write(error: Exception) -> dict[str, Any]:
    """A plain description of whatever loading an interview raised."""
    if isinstance(error, LanguageErrors):
        return {"kind": "problems", "problems": [_write_problem(problem) for problem in error.errors]}
    if isinstance(error, NoSource | SourceRefused):
        return {"kind": type(error).__name__, "name": error.name, "message": str(error)}
    return {
        "kind": "crash",
        "message": f"{type(error).__name__}: {error}"[:2000],
        "trace": "".join(traceback.format_exception(error))[-8000:],
    }


def read(form: dict[str, Any]) -> Exception:
    """The exception that `write` described. What cannot be read is a `RunnerError`, like a crash of the loader."""
    kind = form.get("kind")
    if kind == "problems":
        return LanguageErrors([_read_problem(problem) for problem in form["problems"]])
    if kind in ("NoSource", "SourceRefused"):
        error: NoSource | SourceRefused
        error = NoSource(form["name"]) if kind == "NoSource" else SourceRefused(form["name"], "")
        error.args = (form["message"],)
        return error
    return RunnerError(f"the interview could not be loaded: {form.get('message', 'no reason given')}")


def _write_problem(problem: Problem) -> dict[str, Any]:
    place = problem.place
    return {
        "file": place.file,
        "block": place.block,
        "number": place.number,
        "line": place.line,
        "message": problem.message,
        "hint": problem.hint,
        "severity": str(problem.severity),
    }


def _read_problem(form: dict[str, Any]) -> Problem:
    place = Place(form["file"], form["block"], form["number"], form["line"])
    return Problem(place, form["message"], form["hint"], Severity(form["severity"]))
