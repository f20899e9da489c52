"""The interviews that are ready: one template each, loaded when it is first wanted, and anew when its sources change.

Not for: its children (`crew`), how one is loaded (`loader`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

from shared.contract.errors import Busy, InterviewFailed, NoInterview, StepFailed
from shared.runner.handles import Template, stamp
from shared.runner.loader import Loader
from shared.runner.ports import Offers

#: Interviews of which it is remembered what they offer.
_OFFERS = 1000

#: Seconds after which an interview whose modules could not be imported is tried again though its files are the same.
_AGAIN = 30.0

#: Seconds after which an interview whose file is not there is no interview any more.
_GONE = 4.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`most` interviews are kept ready; sources are looked at every `check_seconds`.

    `last_good`: when an interview changes into one that does not load, or whose modules cannot be imported, its last good version goes on.
    """

    most: int = 32
    check_seconds: float = 0.25
    last_good: bool = True


class Templates:
    """`changed` is the pool's lock; `retire` ends a template's idle children; `busy` says which interviews have others."""

    def __init__(
        self,
        loader: Loader,
        changed: threading.Condition,
        bounds: Bounds,
        *,
        retire: Callable[[Template], None],
        busy: Callable[[], Set[str]],
    ) -> None:
        self._loader = loader
        self._changed = changed
        self._bounds = bounds
        self._retire = retire
        self._busy = busy
        self._ready: dict[str, Template] = {}
        self._loading: set[str] = set()
        self._offers: dict[str, tuple[Offers, dict[str, tuple[int, int]]]] = {}
        self._closed = False

    def __len__(self) -> int:
        return len(self._ready)

    def all(self) -> list[Template]:
        return list(self._ready.values())

    def get(self, interview: str, wait: Callable[[], None], *, now: float) -> Template:
        """The template of the interview as it is on disk now. Raises what loading it raises; `wait` waits, or raises `Busy`."""
        while True:
            with self._changed:
                if self._closed:
                    raise Busy("the service is stopping")
                template = self._ready.get(interview)
                if (
                    template is not None
                    and template.refused is None
                    and not template.changed(every=self._bounds.check_seconds)
                ):
                    template.used = now
                    return template
                if interview in self._loading:
                    wait()
                    continue
                self._loading.add(interview)
            try:
                return self._load(interview, old=template, now=now)
            finally:
                with self._changed:
                    self._loading.discard(interview)
                    self._changed.notify_all()

    def worked(self, template: Template) -> None:
        """A step of it found all modules that it imports: from now on it is the last good version."""
        if not template.worked:
            template.worked = True
            if self._bounds.last_good:
                template.kept = template.keep()

    def refuse(self, template: Template, reason: str) -> bool:
        """Its first step found modules that cannot be imported: whether another version is there for the same step."""
        if template.worked or not self._bounds.last_good or not self._loader.has_last_good(template.interview):
            return False
        template.refused = reason
        return True

    def offers(self, interview: str, wait: Callable[[], None], *, now: float) -> Offers:
        """What the interview offers. It is believed until a file of it changes: then, and at first, as `get`."""
        known = self._offers.get(interview)
        if known is not None and all(stamp(path) == then for path, then in known[1].items()):
            return known[0]
        template = self.get(interview, wait, now=now)
        offers = Offers(events=template.events, digest=template.digest)
        self._offers[interview] = (offers, template.read)
        while len(self._offers) > _OFFERS:
            self._offers.pop(next(iter(self._offers)))
        return offers

    def forget(self, template: Template) -> None:
        """Use it for nothing new. Its busy children end their steps; it goes with the last of them. With the lock held."""
        template.stale = True
        if self._ready.get(template.interview) is template:
            del self._ready[template.interview]

    def close(self) -> list[Template]:
        """All of them, none of which is used again. With the lock held."""
        self._closed = True
        gone, self._ready = list(self._ready.values()), {}
        for template in gone:
            template.stale = True
        return gone

    def _load(self, interview: str, *, old: Template | None, now: float) -> Template:
        for unused in self._too_many():
            self._retire(unused)
        before = {} if old is None else old.sources()
        template = None
        try:
            template = self._newest(interview, old)
        except InterviewFailed as error:
            template = self._last_good(interview, old, before, str(error))
            if template is None:
                raise
        finally:
            if old is not None and template is not old:
                self._retire(old)
        template.used = now
        with self._changed:
            if not self._closed:
                self._ready[interview] = template
                return template
        template.close()
        raise Busy("the service is stopping")

    def _newest(self, interview: str, old: Template | None) -> Template:
        """The interview as it is on disk. Raises `InterviewFailed` also for one that loads, and of which an older version works better."""
        if old is not None and old.refused is not None:
            raise StepFailed(old.refused)
        try:
            template = self._loader.load(interview, anew=old is not None and not old.stale)
        except NoInterview as error:
            if old is None or old.stale or old.missing_for() >= _GONE:
                raise
            raise StepFailed(
                str(error)
            ) from None  # whatever saves it may take the file away before it writes the new one
        known = (old is not None and old.worked) or self._loader.has_last_good(interview)
        if template.broken and self._bounds.last_good and known:
            template.close()
            raise StepFailed("; ".join(template.broken))
        return template

    def _last_good(self, interview: str, old: Template | None, before: dict[str, Any], reason: str) -> Template | None:
        """What goes on instead of a version that does not load, `old` itself or one like it; None if there is nothing."""
        if not self._bounds.last_good:
            return None
        goes_on = old is not None and old.refused is None and not old.stale
        if old is not None and goes_on and (old.worked or not self._loader.has_last_good(interview)):
            old.go_on(before)
            found: Template | None = old
        else:
            found = self._loader.last_good(interview)
            if found is not None:
                found.worked = found.kept = True
                found.go_on({}, again=_AGAIN)
        if found is not None:
            log.error("interview_broken", extra={"interview": interview, "reason": reason})
        return found

    def _too_many(self) -> list[Template]:
        """Templates to be retired so that those being loaded fit: of those without a busy child the ones used least lately."""
        with self._changed:
            over = len(self._ready.keys() | self._loading) - self._bounds.most
            busy = self._busy() | self._loading
            free = [one for name, one in self._ready.items() if name not in busy]
        return sorted(free, key=lambda one: one.used)[: max(over, 0)]
