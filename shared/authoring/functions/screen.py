"""What surrounds the questions: titles and other parts of the screen, progress, tags, terms, notices, Back.

Source: functions.md, set_parts(), get_progress(), set_progress(), session_tags(), update_terms(), log(), prevent_going_back().
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, MutableSet
from typing import Any

from shared.authoring import jobs
from shared.authoring.context import current
from shared.authoring.memory import NO_BACK, PARTS, PROGRESS, TAGS, TERMS, kept, seen
from shared.authoring.text.words import ANY
from shared.contract.effects import LogMessage

#: Of what a job says, by the priorities that an interview would show it with.
_LEVELS = {"debug": "debug", "warning": "warning", "danger": "error", "error": "error", "critical": "critical"}
# Arguments that are another name of a part.
_SAME_PART = {"short": "short title", "tab": "tab title"}
_PART_NAMES = frozenset(
    (
        "title", "logo", "short logo", "short title", "subtitle", "tab title", "exit link", "exit label", "exit url", "pre",
        "submit", "continue button label", "resume button label", "back button label", "corner back button label", "help label",
        "under", "right", "post", "date format", "datetime format", "time format", "footer", "navigation bar html", "css class",
        "table css class",
    )
)  # fmt: skip


def set_parts(**parts: object) -> None:
    """Set texts of parts of the screen, and defaults such as ``date_format``, for the rest of the session. None takes one back."""
    memory = kept(PARTS)
    for argument, text in parts.items():
        name = argument.replace("_", " ")
        name = _SAME_PART.get(name, name)
        if name not in _PART_NAMES:
            raise TypeError(f"set_parts() does not know {argument!r}; it knows {', '.join(sorted(_PART_NAMES))}")
        if text is None:
            memory.pop(name, None)
        else:
            memory[name] = str(text)


def set_title(**parts: object) -> None:
    """The name of `set_parts` in earlier documentation."""
    set_parts(**parts)


def get_progress() -> float | int | None:
    """Where the progress bar is, None if it is hidden."""
    progress: float | int | None = seen(PROGRESS, 0)
    return progress


def set_progress(progress: float | int | None) -> None:
    """Move the progress bar (0 to 100); None hides it."""
    if progress is not None and (isinstance(progress, bool) or not isinstance(progress, int | float)):
        raise TypeError(f"set_progress() expects a number from 0 to 100, or None, not {progress!r}")
    current().internal[PROGRESS] = progress


def prevent_going_back() -> None:
    """Let no user go back beyond this step."""
    current().step[NO_BACK] = True


class SessionTags(MutableSet[str]):
    """The tags of this session: a set that is the session's memory."""

    def _tags(self) -> list[str]:
        own = seen(TAGS)
        if own is not None:
            return list(own)
        interview = current().interview
        written = interview.metadata.get("tags") if interview is not None else None
        return [str(tag) for tag in written] if isinstance(written, list | tuple) else []

    def _keep(self, tags: Iterable[str]) -> None:
        current().internal[TAGS] = list(dict.fromkeys(tags))

    def add(self, value: str) -> None:
        tags = self._tags()
        if value not in tags:
            self._keep([*tags, value])

    def discard(self, value: str) -> None:
        tags = self._tags()
        if value in tags:
            self._keep(tag for tag in tags if tag != value)

    def update(self, *others: Iterable[str]) -> None:
        self._keep([*self._tags(), *(tag for other in others for tag in other)])

    def __contains__(self, value: object) -> bool:
        return value in self._tags()

    def __iter__(self) -> Iterator[str]:
        return iter(self._tags())

    def __len__(self) -> int:
        return len(self._tags())

    @classmethod
    def _from_iterable(cls, it: Iterable[object]) -> set[Any]:  # unions are plain sets
        return set(it)

    def __repr__(self) -> str:
        return repr(set(self._tags()))


def session_tags() -> SessionTags:
    """The tags of this session, to be read and changed as a set."""
    return SessionTags()


def update_terms(terms: Mapping[str, object], auto: bool = False, language: str = ANY) -> None:
    """Define or replace interview-wide terms (or auto terms): a mapping from term to definition."""
    if not isinstance(terms, Mapping):
        raise TypeError(f"update_terms() expects a dictionary from term to definition, not {terms!r}")
    kind = "auto terms" if auto else "terms"
    table = kept(TERMS).setdefault(kind, {}).setdefault(language, {})
    table.update({str(term).lower(): str(definition) for term, definition in terms.items()})


def log(message: object, priority: str = "log") -> None:
    """Keep `message` with what the run said (`parley log`); with another `priority` also tell whoever sees the next screen.

    ``console`` writes it to the browser's console, ``javascript`` runs it there, ``success``, ``info`` and Bootstrap's other colours
    show it at the top of the page, as text. In a job it goes to its log.
    """
    if (job := jobs.running_or_none()) is not None:
        job.log(_LEVELS.get(str(priority), "info"), str(message), sys._getframe(1))
        return
    context = current()
    said = LogMessage(message=str(message), priority=str(priority))
    context.once("log", (said.message, said.priority), lambda: context.effects.append(said))
