"""Says how each run of an interview's code ended: counted, logged if it failed, kept if there is something to read.

The log has where the mistake is and of what kind, never what it said: a message may hold an answer. The record has that, too; it
is kept with the session's other contents, sealed as they are, and goes with them.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from prometheus_client import Counter

from services.runs.files import RunFiles
from shared.contract.effects import Effect, LogMessage
from shared.contract.errors import Again, BadInterview, CallFailed, Died, InterviewFailed, StepFailed
from shared.contract.outcome import Failure
from shared.store.ports import RunLog, StoreError
from shared.store.records import RunRecord

#: ``step``: a screen shown, answered or left; ``task``: a background action; ``response``: what it asks for when it has ended;
#: ``mail``: the action that hears of a received mail.
What = Literal["step", "check_in", "tick", "task", "response", "mail"]
WHATS: Final[tuple[What, ...]] = ("step", "check_in", "tick", "task", "response", "mail")

#: Under which command (``parley log KIND``) and in which file a run is told. Scheduled tasks are told with the ticks that start them.
_KINDS: Final[Mapping[What, str]] = {
    "step": "interview",
    "check_in": "interview",
    "tick": "cron",
    "task": "worker",
    "response": "worker",
    "mail": "mail",
}

#: Bounds of what is kept of one run: an author's loop may log for ever.
LINES, LINE_LENGTH, TEXT_BYTES = 200, 2000, 64 * 1024
_MESSAGE, _TRACE, _TRAIL = 2000, 8000, 50

log = logging.getLogger(__name__)

RUNS = Counter(
    "parley_runs_total", "Runs of interviews' code, by what they were and whether they ended well", ["what", "ended"]
)
for _what in WHATS:
    for _ended in ("well", "failed"):
        RUNS.labels(_what, _ended)  # so that a rate is known from the first failure on


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What ran: for which session, and the name of the action, event or task where it has one."""

    what: What
    session: str
    interview: str
    name: str = ""
    task: str | None = None
    scheduled: bool = False  #: a task that a tick started

    @property
    def kind(self) -> str:
        return "cron" if self.scheduled else _KINDS[self.what]


class RunReports:
    def __init__(self, runs: RunLog, *, clock: Callable[[], datetime], files: RunFiles | None = None) -> None:
        self._runs = runs
        self._clock = clock
        self._files = files

    def ended(self, work: Work, failure: Failure | None, effects: Iterable[Effect] = ()) -> None:
        """`work` came to its end, and with `failure` to a bad one. Never raises."""
        RUNS.labels(work.what, "well" if failure is None else "failed").inc()
        if failure is not None:
            log.warning(
                "interview_failed",
                extra={
                    "kind": work.what,
                    "session": work.session,
                    "interview": work.interview,
                    "task": work.task,
                    "error": failure.type,
                    "source": failure.file,
                    "block": failure.block,
                    "line": failure.line,
                },
            )
        said = lines(effects)
        if failure is not None or said:
            self._keep(work, failure, said)

    def broke(self, work: Work, error: CallFailed) -> None:
        """`work` was ended by `error`. What is no fault of the interview's, and passes, is none of its ends. Never raises."""
        failure = failure_of(error)
        if failure is not None:
            self.ended(work, failure, said_before(error))

    def _keep(self, work: Work, failure: Failure | None, said: tuple[str, ...]) -> None:
        run = RunRecord(
            id=secrets.token_hex(12),
            kind=work.kind,
            at=self._clock(),
            session=work.session,
            interview=work.interview,
            what=work.what,
            name=_cut(work.name, 200),
            task=work.task,
            ok=failure is None,
            lines=said,
            failure={} if failure is None else _told(failure),
        )
        self.keep(run)

    def keep(self, run: RunRecord) -> None:
        """Keep what was said, in the store and in the file of its kind. Never raises."""
        try:
            self._runs.append(run)
        except StoreError as error:
            log.warning("run_not_kept", extra={"kind": run.kind, "error": type(error).__name__})
        if self._files is not None:
            self._files.write(run)


def failure_of(error: CallFailed) -> Failure | None:
    """Of what ended a run before it had a result: what its author must know. None for what is not the interview's doing."""
    if isinstance(error, BadInterview) and error.problems:
        first = error.problems[0]
        return Failure(type=error.kind, message=first.message, file=first.file, block=first.block, line=first.line)
    if isinstance(error, StepFailed) and error.failure is not None:
        return error.failure
    if isinstance(error, InterviewFailed) or (isinstance(error, Died) and error.again is not Again.LATER):
        return Failure(type=error.kind, message=str(error))
    return None


def said_before(error: CallFailed) -> tuple[Effect, ...]:
    """What the run had said when `error` ended it."""
    return error.said if isinstance(error, StepFailed) else ()


def lines(effects: Iterable[Effect]) -> tuple[str, ...]:
    """What author code said by ``log()``, one text for each line; what is over the bounds is counted in the last."""
    kept: list[str] = []
    left = TEXT_BYTES
    over = 0
    for effect in effects:
        if not isinstance(effect, LogMessage):
            continue
        message = effect.message if effect.priority in ("log", "response") else f"{effect.priority}: {effect.message}"
        for line in message.splitlines() or [""]:
            text = _cut(line, LINE_LENGTH)
            left -= len(text.encode())
            if len(kept) < LINES and left >= 0:
                kept.append(text)
            else:
                over += 1
    return (*kept, f"… and {over} more lines") if over else tuple(kept)


def _told(failure: Failure) -> dict[str, object]:
    return {
        "type": _cut(failure.type, 200),
        "message": _cut(failure.message, _MESSAGE),
        "file": failure.file,
        "block": failure.block,
        "line": failure.line,
        "trail": [_cut(name, 200) for name in failure.trail[:_TRAIL]],
        "trace": _cut(failure.trace, _TRACE),
    }


def _cut(text: str, length: int) -> str:
    """At most `length` characters; half of a surrogate pair, which no store takes, becomes a question mark."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole if len(whole) <= length else whole[: length - 1] + "…"
