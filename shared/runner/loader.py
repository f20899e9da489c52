"""Gets interviews loaded: keeps the zygote alive, asks it for templates, and remembers for a moment what does not load.

Does not live here: which templates there are and what they are used for (`pool`).
"""

from __future__ import annotations

import logging
import threading
import time

from shared.language.errors import LanguageError
from shared.runner.handles import Template, Zygote
from shared.runner.ports import RunnerError
from shared.runner.settings import Setup
from shared.runner.wire import Wire, WireError

log = logging.getLogger(__name__)

#: Seconds for which an interview that does not load is not tried again: a mended one should not wait.
_BROKEN_SECONDS = 0.5

#: Seconds for a template beyond the processor time it may use: the machine may be busy.
_PATIENCE = 30


class Loader:
    """Makes templates. The zygote is started at once, so that it is warm when the first interview is asked for."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._lock = threading.Lock()
        self._broken: dict[str, tuple[float, Exception]] = {}
        self._zygote: Zygote | None = Zygote(setup)

    @property
    def zygote_pid(self) -> int | None:
        zygote = self._zygote
        return None if zygote is None else zygote.pid

    def load(self, interview: str) -> Template:
        """A new template with `interview` as it is on disk now. Raises `LanguageError`, `RunnerError`."""
        found = self._broken.get(interview)
        if found is not None and time.monotonic() < found[0]:
            raise found[1].with_traceback(None)
        until = time.monotonic() + self._setup.load_seconds + _PATIENCE
        try:
            template = Template(interview, self._fork(interview, until), until=until)
        except (LanguageError, RunnerError) as error:
            now = time.monotonic()
            self._broken = {name: entry for name, entry in list(self._broken.items()) if entry[0] > now}
            self._broken[interview] = (now + _BROKEN_SECONDS, error)
            raise
        log.info("interview loaded", extra={"action": "interview_loaded", "interview": interview})
        return template

    def _fork(self, interview: str, until: float) -> Wire:
        """The socket to a new template; a zygote that died is replaced once."""
        with self._lock:
            try:
                return self._alive().template(interview, until=until)
            except WireError as error:
                log.warning("the zygote is gone", extra={"action": "zygote_gone", "reason": str(error)})
                self._end()
            try:
                return self._alive().template(interview, until=until)
            except WireError as error:
                self._end()
                raise RunnerError(f"the process that starts interviews cannot be reached: {error}") from None

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
