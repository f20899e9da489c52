"""What went wrong, as a status, words for the user and, in author mode, places in the YAML. Not how it is printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.gateway.files import PackageFiles
from shared.bus.messages import BusUnavailable, CallFailed, CallTimeout

#: Lines shown before and after the one an error is in.
AROUND = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`retry`: seconds after which trying the same again makes sense; `gone`: the session cannot be gone on with."""

    status: int
    kind: str
    heading: str
    texts: tuple[str, ...] = ()
    retry: int | None = None
    gone: bool = False
    author: dict[str, Any] | None = field(default=None)


_KNOWN: Mapping[str, tuple[int, str, str, int | None, bool]] = {
    "NoSession": (410, "This interview has ended", "It is no longer kept here. You can start it again.", None, True),
    "NoInterview": (404, "There is no such interview", "Please check the address, or choose one from the list.", None, True),
    "BadInterview": (500, "This interview cannot be shown", "Its author needs to mend it. Nothing you entered was lost.", None, False),
    "BadToken": (409, "This page is out of date", "Please go on from the current question.", None, False),
    "BadValue": (400, "That could not be read", "Please try again from the current question.", None, False),
    "TooLarge": (413, "That is too large", "Please send something smaller.", None, False),
    "TimeLimit": (503, "That took too long", "The interview stopped after its time limit. Nothing you entered before was lost.", None, False),
    "ChildDied": (500, "Something went wrong", "The interview stopped unexpectedly. Nothing you entered before was lost.", None, False),
    "Busy": (503, "We are busy", "Many people are here right now. This page tries again by itself.", 3, False),
    "StoreUnavailable": (503, "We will be back in a moment", "Your answers are safe. This page tries again by itself.", 3, False),
    "BusUnavailable": (503, "We will be back in a moment", "Your answers are safe. This page tries again by itself.", 3, False),
    "CallTimeout": (504, "That took too long", "The answer did not arrive in time. This page tries again by itself.", 5, False),
    "Failure": (500, "Something went wrong", "The interview has a mistake. Nothing you entered before was lost.", None, False),
}  # fmt: skip


class Explainer:
    """Turns errors into Problems; with `author`, with the places they speak of."""

    def __init__(self, packages: PackageFiles, *, author: bool) -> None:
        self._packages = packages
        self._author = author

    def of_call(self, error: CallFailed | CallTimeout | BusUnavailable) -> Problem:
        kind = error.kind if isinstance(error, CallFailed) else type(error).__name__
        data = error.data if isinstance(error, CallFailed) else {}
        places = [dict(place) for place in data.get("problems") or () if isinstance(place, Mapping)]
        if isinstance(data.get("failure"), Mapping):
            return self.of_failure(data["failure"], kind=kind if kind == "TimeLimit" else "Failure")
        author = {"places": places or [{"message": str(error)}]} if self._author else None
        return self._problem(kind, author)

    def of_failure(self, failure: Mapping[str, Any], *, kind: str = "Failure") -> Problem:
        author = None
        if self._author:
            place = {key: failure.get(key) for key in ("file", "block", "line")}
            place["message"] = f"{failure.get('type')}: {failure.get('message')}"
            author = {"places": [place], **{key: failure.get(key) for key in ("trail", "trace", "history")}}
        return self._problem(kind, author)

    def _problem(self, kind: str, author: dict[str, Any] | None) -> Problem:
        status, heading, text, retry, gone = _KNOWN.get(
            kind, (500, "Something went wrong", "Please try again.", None, False)
        )
        if author is not None:
            for place in author["places"]:
                place["excerpt"] = self._excerpt(place.get("file"), place.get("line"))
        return Problem(status=status, kind=kind, heading=heading, texts=(text,), retry=retry, gone=gone, author=author)

    def _excerpt(self, file: Any, line: Any) -> list[tuple[int, str, bool]]:
        """The lines around `line` of an interview's YAML, or nothing if it is not a file of a package."""
        path = self._path(str(file or ""))
        if path is None or not isinstance(line, int):
            return []
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        first = max(1, line - AROUND)
        return [(number, text, number == line) for number, text in enumerate(lines[first - 1 : line + AROUND], first)]

    def _path(self, name: str) -> Path | None:
        package, colon, rest = name.partition(":")
        if not colon:
            package, _, rest = name.partition("/")
        folder = self._packages.folder(package)
        if folder is None or not re.search(r"\.ya?ml$", rest):
            return None
        for candidate in (folder / rest, folder / "data" / "questions" / rest):
            if candidate.resolve().is_relative_to(folder.resolve()) and candidate.is_file():
                return candidate
        return None
