"""Gets interviews loaded: keeps the zygote alive, asks it for templates, and remembers for a moment what does not load.

Does not live here: which templates there are and what they are used for (`pool`).
"""

from __future__ import annotations

import logging
import threading
import time

from shared.contract.errors import Busy, CallFailed, InterviewFailed, Refused, StepFailed
from shared.runner import lastgood
from shared.runner.handles import Template, TemplateGone, Zygote
from shared.runner.settings import Setup
from shared.runner.wire import Wire, WireError

log = logging.getLogger(__name__)

#: Seconds for which an interview that does not load is not tried again: a mended one should not wait.
_BROKEN_SECONDS = 0.5

#: Templates of an interview that may end while they load it before it counts as the interview's own doing. The kernel ends one that
#: computes for too long; but somebody else may have ended the first.
_ENDS = 3

#: Seconds for a template beyond the processor time it may use: the machine may be busy.
_PATIENCE = 30


class Loader:
    """Makes templates. The zygote is started with the first of them, unless somebody says `begin` or waits until it is `ready`.

    `lender` is another loader of the same process, whose zygote is asked instead of one's own: what all of its descendants share is
    there once, whatever they are for. The lender is closed last.
    """

    def __init__(self, setup: Setup, *, lender: Loader | None = None) -> None:
        self._setup = setup
        self._lender = lender
        self._lock = threading.Lock()
        self._broken: dict[str, tuple[float, CallFailed]] = {}
        self._ended: dict[str, int] = {}
        self._zygote: Zygote | None = None

    @property
    def zygote_pid(self) -> int | None:
        zygote = self._zygote
        return None if zygote is None else zygote.pid

    def begin(self) -> None:
        """Start the zygote, so that it is warm when the first interview is asked for."""
        if self._lender is not None:
            self._lender.begin()
            return
        with self._lock:
            self._alive()

    def ready(self, seconds: float) -> bool:
        """Wait until interviews can be loaded at once. False if that takes longer than `seconds`, or the zygote died."""
        if self._lender is not None:
            return self._lender.ready(seconds)
        with self._lock:
            try:
                self._alive().ready(until=time.monotonic() + seconds)
            except WireError as error:
                log.warning("zygote_gone", extra={"reason": str(error)})
                self._end()
                return False
        return True

    def has_last_good(self, interview: str) -> bool:
        """Whether a version of it has worked, here or in a pool before that kept its versions in the same folder."""
        return lastgood.there(self._setup.good_folders, interview)

    def last_good(self, interview: str) -> Template | None:
        """A new template with the last good version of `interview`, if there was one and it can be had."""
        if not self.has_last_good(interview):
            return None
        until = time.monotonic() + self._setup.load_seconds + _PATIENCE
        try:
            return Template(interview, self._fork(interview, until, last_good=True), until=until)
        except (CallFailed, TemplateGone) as error:
            log.warning("template_ended", extra={"interview": interview, "reason": str(error)})
            return None

    def load(self, interview: str, *, anew: bool = False) -> Template:
        """A new template with `interview` as it is on disk now; `anew`: that is known to have changed.

        Raises `InterviewFailed`, `NoInterview`, `Busy`.
        """
        found = None if anew else self._broken.get(interview)
        if found is not None and time.monotonic() < found[0]:
            raise found[1].with_traceback(None)
        until = time.monotonic() + self._setup.load_seconds + _PATIENCE
        try:
            template = Template(interview, self._fork(interview, until), until=until)
        except (InterviewFailed, Refused) as error:
            self._remember(interview, error)
            raise
        except TemplateGone as error:
            raise self._ended_while_loading(interview, error) from error
        self._ended.pop(interview, None)
        log.info("interview_loaded", extra={"interview": interview})
        for doubt in template.warnings:
            log.warning("interview_doubtful", extra={"interview": interview, "reason": doubt})
        return template

    def _remember(self, interview: str, error: CallFailed) -> None:
        now = time.monotonic()
        self._broken = {name: entry for name, entry in list(self._broken.items()) if entry[0] > now}
        self._broken[interview] = (now + _BROKEN_SECONDS, error)

    def _ended_while_loading(self, interview: str, error: TemplateGone) -> CallFailed:
        ends = self._ended.get(interview, 0) + 1
        log.warning("template_ended", extra={"interview": interview, "count": ends})
        if ends < _ENDS:
            self._ended[interview] = ends
            return Busy(str(error))
        self._ended.pop(interview, None)
        broken = StepFailed(f"{error}, {ends} times in a row: does it compute for ever?")
        self._remember(interview, broken)
        return broken

    def _fork(self, interview: str, until: float, *, last_good: bool = False, setup: Setup | None = None) -> Wire:
        """The socket to a new template, by another's `setup` if there is one; a zygote that died is replaced once."""
        if self._lender is not None:
            return self._lender._fork(interview, until, last_good=last_good, setup=self._setup)
        with self._lock:
            try:
                return self._alive().template(interview, until=until, last_good=last_good, setup=setup)
            except WireError as error:
                log.warning("zygote_gone", extra={"reason": str(error)})
                self._end()
            try:
                return self._alive().template(interview, until=until, last_good=last_good, setup=setup)
            except WireError as error:
                self._end()
                raise Busy(f"the process that starts interviews cannot be reached: {error}") from None

    def _alive(self) -> Zygote:
        if self._zygote is None:
            self._zygote = Zygote(self._setup)
        return self._zygote

    def _end(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def close(self) -> None:
        with self._lock:
            self._end()
