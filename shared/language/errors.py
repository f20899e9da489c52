"""Everything the loader can refuse, as values and as one tree of exceptions.

    LanguageError(Exception)
    ├── NoSource          no such interview or file; `.name`
    ├── SourceRefused     the name leaves its package, or is no name at all
    └── LanguageErrors    the interview does not compile; `.errors` is every problem of every block

A mistake in one block never hides one in another: the compiler collects `Problem` values and raises once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from shared.language.findings import Finding, Severity

if TYPE_CHECKING:
    from shared.language.model import Place


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `hint` says what was expected or what to do; empty if the message says it all."""

    finding: Finding
    place: Place
    message: str
    hint: str = ""

    @property
    def severity(self) -> Severity:
        return self.finding.severity

    def data(self) -> dict[str, object]:
        """The problem in plain JSON."""
        return {
            "code": self.finding.code,
            "file": self.place.file,
            "block": self.place.block,
            "line": self.place.line,
            "message": self.message,
            "hint": self.hint,
            "severity": str(self.severity),
        }

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.place.file}:{self.place.line}: {self.place.block}: {self.message}{hint}"


class LanguageError(Exception):
    """Base of every error of this package."""

    def data(self) -> dict[str, object]:
        """What is wrong, in plain JSON: ``{"problems": [{"code", "file", "block", "line", "message", "hint", "severity"}, …]}``."""
        return {"problems": []}


class NoSource(LanguageError):
    """No such interview or file."""

    def __init__(self, name: str, *, searched: str = "") -> None:
        super().__init__(f"there is no file {name!r}" + (f" ({searched})" if searched else ""))
        self.name = name


class SourceRefused(LanguageError):
    """The name is not one that may be read: it leaves its package, or is not of the form ``package:path``."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name!r} cannot be read: {reason}")
        self.name = name


class LanguageErrors(LanguageError):
    """The interview does not compile. `errors` holds all its problems, in the order of the files."""

    def __init__(self, errors: Iterable[Problem]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))

    def data(self) -> dict[str, object]:
        return {"problems": [problem.data() for problem in self.errors]}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a misspelt word: ``did you mean 'question'?``, or nothing if no known word is near."""
    near = get_close_matches(word.lower(), list(known), n=1, cutoff=0.75)
    return f"did you mean {near[0]!r}?" if near else ""
