"""What went wrong, as a status, words for the user and, in author mode, places in the YAML. Not how it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from shared.catalogue.catalogues import N_
from shared.contract import errors
from shared.contract.errors import CallFailed
from shared.contract.outcome import Failure
from shared.language.sources import Sources

#: Lines shown before and after the one an error is in.
AROUND = 4
#: What docs/http.md calls a step that failed.
FAILURE = "Failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`retry`: seconds after which trying the same again makes sense; `gone`: the session cannot be gone on with.

    `mistake`: it is the interview's doing, and what it said is kept for its author (`parley log`).
    """

    status: int
    kind: str
    heading: str
    texts: tuple[str, ...] = ()
    retry: int | None = None
    gone: bool = False
    mistake: bool = False
    author: dict[str, object] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class _Words:
    heading: str
    text: str


_ANY = _Words(N_("Something went wrong"), N_("Please try again."))
_SOON = _Words(N_("We will be back in a moment"), N_("Your answers are safe. This page tries again by itself."))
#: What people are told of an error of this class, or of the nearest above it. Status and kind are the class's own.
_SAID: Mapping[type[CallFailed], _Words] = {
    errors.NoSession: _Words(N_("This interview has ended"), N_("It is no longer kept here. You can start it again.")),
    errors.NoInterview: _Words(N_("There is no such interview"), N_("Please check the address, or choose one from the list.")),
    errors.NoFile: _Words(N_("There is nothing here"), N_("Please check the address.")),
    errors.BadInterview: _Words(N_("This interview cannot be shown"), N_("Its author needs to mend it. Nothing you entered was lost.")),
    errors.BadToken: _Words(N_("This page is out of date"), N_("Please go on from the current question.")),
    errors.BadValue: _Words(N_("That could not be read"), N_("Please try again from the current question.")),
    errors.TooLarge: _Words(N_("That is too large"), N_("Please send something smaller.")),
    errors.StepFailed: _Words(N_("Something went wrong"), N_("The interview has a mistake. Nothing you entered before was lost.")),
    errors.TimeLimit: _Words(N_("That took too long"), N_("The interview stopped after its time limit. Nothing you entered before was lost.")),
    errors.ChildDied: _Words(N_("Something went wrong"), N_("The interview stopped unexpectedly. Nothing you entered before was lost.")),
    errors.Unavailable: _SOON,
    errors.ChildKilled: _SOON,
    errors.Busy: _Words(N_("We are busy"), N_("Many people are here right now. This page tries again by itself.")),
    errors.CallTimeout: _Words(N_("That took too long"), N_("The answer did not arrive in time. This page tries again by itself.")),
}  # fmt: skip


#: Failures of a step that are a matter of how much there is, by their type; their status is that of `TooLarge`.
_TOO_MUCH = "StateTooLarge"
_SAID_OF_FAILURES: Mapping[str, _Words] = {
    _TOO_MUCH: _Words(
        N_("That is too much to keep"),
        N_("There is more than can be kept. Please send less: nothing you entered before was lost."),
    ),
    "MemoryError": _Words(
        N_("That was too much at once"),
        N_("The interview needs more memory than it may have. Nothing you entered before was lost."),
    ),
}  # fmt: skip


def _words(error: CallFailed) -> _Words:
    if (failed := _failed_of(error)) in _SAID_OF_FAILURES:
        return _SAID_OF_FAILURES[failed]
    return next((_SAID[cls] for cls in type(error).__mro__ if cls in _SAID), _ANY)


def _failed_of(error: CallFailed) -> str:
    """The type of the exception that a step ended with, or nothing."""
    return error.failure.type if isinstance(error, errors.StepFailed) and error.failure is not None else ""


class Explainer:
    """Turns errors into Problems; with `author`, with the places they speak of."""

    def __init__(self, sources: Sources, *, author: bool) -> None:
        self._sources = sources
        self._author = author

    def of_call(self, error: CallFailed) -> Problem:
        words = _words(error)
        if _failed_of(error) == _TOO_MUCH:
            status, kind = errors.TooLarge.status, errors.TooLarge.kind
        else:
            status, kind = error.status, FAILURE if type(error) is errors.StepFailed else error.kind
        return Problem(
            status=status,
            kind=kind,
            heading=words.heading,
            texts=(words.text,),
            retry=error.retry_after,
            gone=isinstance(error, errors.NoSession | errors.NoInterview),
            mistake=isinstance(error, errors.InterviewFailed | errors.ChildDied),
            author=self._for_author(error) if self._author else None,
        )

    def of_failure(self, failure: Failure) -> Problem:
        return self.of_call(errors.StepFailed(failure.message, failure))

    def _for_author(self, error: CallFailed) -> dict[str, object]:
        """``{"places": [{"file", "block", "line", "message", "hint"?, "excerpt"}], "trail"?, "trace"?, "history"?}``."""
        if isinstance(error, errors.StepFailed) and error.failure is not None:
            found = error.failure
            place: dict[str, object] = {"file": found.file, "block": found.block, "line": found.line}
            place |= {"message": f"{found.type}: {found.message}"}
            return {
                "places": [self._with_excerpt(place)],
                "trail": list(found.trail),
                "trace": found.trace,
                "history": list(found.history),
            }
        if isinstance(error, errors.BadInterview) and error.problems:
            return {"places": [self._with_excerpt(msgspec.to_builtins(one)) for one in error.problems]}
        return {"places": [self._with_excerpt({"message": str(error)})]}

    def _with_excerpt(self, place: dict[str, object]) -> dict[str, object]:
        return {**place, "excerpt": self._excerpt(place.get("file"), place.get("line"))}

    def _excerpt(self, file: object, line: object) -> list[tuple[int, str, bool]]:
        """The lines around `line` of an interview's YAML, or nothing if it is not a file of a package."""
        path = self._path(str(file or ""))
        if path is None or not isinstance(line, int):
            return []
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        first = max(1, line - AROUND)
        return [(number, text, number == line) for number, text in enumerate(lines[first - 1 : line + AROUND], first)]

    def _path(self, name: str) -> Path | None:
        """The file of an interview that is installed, or None."""
        package, colon, rest = name.partition(":")
        if not colon:
            package, _, rest = name.partition("/")
        if not self._sources.installed(f"{package}:{rest}"):
            return None
        return self._sources.interview(f"{package}:{rest}").path
