"""Errors of loading an interview, from the template to the service: what the loader raised, as the contract calls it."""

from __future__ import annotations

import traceback

from shared.contract import errors
from shared.contract.errors import BadInterview, CallFailed, NoInterview, ProblemPlace, StepFailed
from shared.contract.outcome import Failure
from shared.language.errors import LanguageError, LanguageErrors, Problem
from shared.runner import forms
from shared.runner.wire import Message


def write(error: Exception) -> Message:
    """A plain description of whatever loading an interview raised."""
    form: Message = forms.write(errors.to_wire(_of_contract(error)))
    return form


def read(form: object) -> CallFailed:
    """The error that `write` described. Raises `BadForm` for anything else."""
    return errors.from_wire(forms.read(errors.Wire, form))


def _of_contract(error: Exception) -> CallFailed:
    if isinstance(error, LanguageErrors):
        return BadInterview(str(error), map(_place, error.errors))
    if isinstance(error, LanguageError):
        return NoInterview(str(error))
    crash = Failure(
        type=type(error).__name__,
        message=str(error)[:2000],
        trace="".join(traceback.format_exception(error))[-8000:],
    )
    return StepFailed(f"the interview could not be loaded: {crash.type}: {crash.message}", crash)


def _place(problem: Problem) -> ProblemPlace:
    place = problem.place
    return ProblemPlace(
        file=place.file,
        block=place.block,
        line=place.line,
        message=problem.message,
        hint=problem.hint,
        severity=str(problem.severity),
    )
