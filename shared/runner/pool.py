"""Implements `ports.Runner` by child processes: lends children to steps, starts and ends them, notices changed interviews.

A zygote (imports once) forks templates (one compiled interview each), which fork children (one interview, one step at a
time). Whatever author code does ends at worst its own child. Does not live here: what happens inside of them (`zygote`, `template`,
`child`), the sockets to them (`handles`), loading (`loader`).
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from shared.engine.request import Request
from shared.runner import forms, isolation, replies
from shared.runner.handles import Child, NoRoom, Template
from shared.runner.loader import Loader
from shared.runner.ports import Busy, Cancelled, ChildDied, Done, Limits, Outside, RunnerError, TimeLimit
from shared.runner.settings import ENGINE, Setup
from shared.runner.wire import Message, Timeout, WireError

log = logging.getLogger(__name__)

Look = Callable[[], None]

#: States by which a child is known to be the one to ask again.
_READY = 4


class ProcessPool:
    """Children for all interviews below `roots`.

    `max_children` and `per_interview` bound processes; a step that finds none free waits `busy_seconds`, then is `Busy`. A child
    that nobody used for `idle_seconds` goes; its template goes after the last one.
    """

    def __init__(
        self,
        *,
        roots: Iterable[Path | str],
        max_children: int = 32,
        per_interview: int = 8,
        idle_seconds: float = 60.0,
        busy_seconds: float = 20.0,
        check_seconds: float = 0.25,
        rules: isolation.Rules | None = None,
        engine: str = ENGINE,
    ) -> None:
        self._roots = tuple(str(Path(root).resolve()) for root in roots)
        self._folder = tempfile.mkdtemp(prefix="parley-children-")
        os.chmod(self._folder, 0o711)  # noqa: S103  (children, of another user, pass through to their own)
        self._setup = Setup(roots=self._roots, folder=self._folder, engine=engine, rules=rules or isolation.Rules())
        self._max_children = max_children
        self._per_interview = per_interview
        self._idle_seconds = idle_seconds
        self._busy_seconds = busy_seconds
        self._check_seconds = check_seconds
        self._changed = threading.Condition()
        self._children: list[Child] = []
        self._starting: dict[str, int] = {}  # children being forked, by interview
        self._templates: dict[str, Template] = {}
        self._loading: set[str] = set()
        self._closed = False
        self._stop = threading.Event()
        self._report: dict[str, Any] | None = None
        self._housekeeper: threading.Thread | None = None
        # Whoever runs author code holds secrets; children of the same user must not read them from /proc.
        self._hidden = isolation.hide_memory()
        self._loader = Loader(self._setup)

    # -- the port

    def step(
        self,
        interview: str,
        state: bytes | None,
        request: Request,
        *,
        outside: Outside,
        limits: Limits,
        cancel: Any = None,
    ) -> Done:
        """See `ports.Runner.step`. `cancel.is_set()`, if given, is looked at every tenth of a second."""
        message = {"state": state, "request": forms.write(request), "seconds": float(limits.seconds)}

        def look() -> None:
            if cancel is not None and cancel.is_set():
                raise Cancelled("the step was cancelled")

        def answer(ask: Message) -> Message:
            return replies.answer(outside, ask, until=until, look=look)

        key = None if state is None else hash(state)
        child = self._borrow(interview, limits.memory, key, look)
        until = 0.0
        keep = False
        try:
            child.settle(look)
            until = time.monotonic() + limits.seconds
            reply = child.exchange(message, until=until, look=look, answer=answer)
            done = replies.done(reply, child.template.digest)
            child.template.watch(reply.get("modules"), self._roots)
            if reply.get("over") == "time" and done.outcome.failure is not None:
                log.warning("a step took too long", extra={"action": "time_limit", "interview": interview})
                raise TimeLimit(done.outcome.failure.message, done.outcome.failure)
            _remember(child, done.state)
            keep = "retire" not in reply
            return done
        except Timeout as error:
            if not until:
                raise child.died(error) from None
            log.warning("a step took too long", extra={"action": "time_limit", "interview": interview})
            raise TimeLimit(
                f"the interview's code ran longer than the {limits.seconds:g} seconds allowed and was stopped"
            ) from None
        except (WireError, forms.BadForm) as error:
            died = child.died(error)
            log.warning("a child died", extra={"action": "child_died", "interview": interview, "reason": str(died)})
            raise died from None
        finally:
            self._give_back(child, keep=keep)

    def close(self) -> None:
        """End all children. Steps that are running fail with `ChildDied`."""
        with self._changed:
            self._closed = True
            self._stop.set()
            templates, self._templates = list(self._templates.values()), {}
            children, self._children = self._children, []
            self._changed.notify_all()
        for template in templates:
            template.stale = True
        self._end(children)
        for template in templates:
            template.close()
        self._loader.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def isolation(self) -> dict[str, Any]:
        """What is active between author code and the rest, as far as a child has reported it yet."""
        return {"service_memory_hidden": self._hidden, **(self._report or {})}

    def stats(self) -> dict[str, Any]:
        """Children by interview: how many there are, how many work."""
        with self._changed:
            counts: dict[str, dict[str, int]] = {}
            for child in self._children:
                entry = counts.setdefault(child.template.interview, {"children": 0, "busy": 0})
                entry["children"] += 1
                entry["busy"] += child.busy
            return {"children": len(self._children), "limit": self._max_children, "interviews": counts}

    # -- lending

    def _borrow(self, interview: str, memory: int, key: int | None, look: Look) -> Child:
        """A child for one step: an idle one (best the one that has the state ready), or a new one."""
        until = time.monotonic() + self._busy_seconds
        lost = 0
        while True:
            template = self._template(interview, until, look)
            with self._changed:
                if self._closed:
                    raise RunnerError("the runner is closed")
                child = self._idle(template, memory, key)
                if child is not None:
                    if child.there():
                        child.busy = True
                        return child
                    self._children.remove(child)
                else:
                    victims = self._room(interview)
                    if victims is None:
                        self._wait(until, interview, look)
                        continue
                    self._starting[interview] = self._starting.get(interview, 0) + 1
                    template.uses += 1
            if child is not None:
                self._end([child])
                continue
            child = self._start(template, memory, victims or [])
            if child is not None:
                return child
            lost += 1
            if lost > 3:
                raise ChildDied(f"no process could be started for {interview}: its template ends again and again")

    def _start(self, template: Template, memory: int, victims: list[Child]) -> Child | None:
        """A new child; None if its template turns out to be gone."""
        child = None
        try:
            self._end(victims)
            child = template.child(memory=memory)
            return child
        except NoRoom as error:
            raise ChildDied(f"no process could be started for {template.interview}: {error}") from None
        except WireError:
            self._retire(template)
            return None
        finally:
            with self._changed:
                self._starting[template.interview] -= 1
                if not self._starting[template.interview]:
                    del self._starting[template.interview]
                if child is not None:
                    self._children.append(child)
                else:
                    template.uses -= 1
                over = template.stale and template.uses <= 0
                self._changed.notify_all()
            if over:
                template.close()
            self._keep_house()

    def _idle(self, template: Template, memory: int, key: int | None) -> Child | None:
        idle = [c for c in self._children if not c.busy and c.template is template and c.memory == memory]
        for child in idle:
            if key is not None and key in child.ready:
                return child
        # The one used last is warm; the others may become old enough to go.
        return max(idle, key=lambda c: c.used, default=None)

    def _room(self, interview: str) -> list[Child] | None:
        """Idle children to be ended so that one more may be started; None if one must wait."""
        own = [child for child in self._children if child.template.interview == interview]
        if len(own) + self._starting.get(interview, 0) >= self._per_interview:
            # Perhaps one of them is idle, but of an older version or with another memory limit.
            others = own
        elif len(self._children) + sum(self._starting.values()) >= self._max_children:
            others = self._children
        else:
            return []
        idle = [child for child in others if not child.busy]
        if not idle:
            return None
        victim = min(idle, key=lambda c: c.used)
        self._children.remove(victim)
        return [victim]

    def _wait(self, until: float, interview: str, look: Look) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise Busy(f"all processes for {interview} are busy; try again in a moment")
        self._changed.wait(min(left, 0.1))
        look()

    def _give_back(self, child: Child, *, keep: bool) -> None:
        with self._changed:
            child.busy = False
            child.used = child.template.used = time.monotonic()
            self._report = child.report or self._report
            keep = keep and not child.template.stale and not self._closed
            if not keep and child in self._children:
                self._children.remove(child)
            self._changed.notify()
        if not keep:
            self._end([child])

    def _end(self, children: Iterable[Child]) -> None:
        """End children that were taken out of the list, and their templates if they are no longer wanted."""
        for child in children:
            child.end()
            template = child.template
            with self._changed:
                template.uses -= 1
                over = template.uses <= 0 and template.stale
                self._changed.notify_all()
            if over:
                template.close()

    # -- what nobody uses goes

    def _keep_house(self) -> None:
        """See that somebody ends what is idle: a thread that lives as long as there are templates."""
        with self._changed:
            if self._housekeeper is None and not self._closed:
                self._housekeeper = threading.Thread(target=self._house, name="runner-housekeeper", daemon=True)
                self._housekeeper.start()

    def _house(self) -> None:
        # An event of its own: nobody who gives a child back should wake this thread.
        while not self._stop.wait(self._idle_seconds / 4):
            with self._changed:
                before = time.monotonic() - self._idle_seconds
                old = [child for child in self._children if not child.busy and child.used < before]
                for child in old:
                    self._children.remove(child)
                unused = [t for t in self._templates.values() if t.uses <= 0 and t.used < before]
            self._end(old)
            for template in unused:
                self._retire(template)
            with self._changed:
                if not self._templates:
                    self._housekeeper = None
                    return

    # -- templates

    def _template(self, interview: str, until: float, look: Look) -> Template:
        """The template of the interview as it is on disk now. Raises what loading it raises."""
        while True:
            with self._changed:
                if self._closed:
                    raise RunnerError("the runner is closed")
                template = self._templates.get(interview)
                if template is not None and not template.changed(every=self._check_seconds):
                    return template
                if interview in self._loading:
                    self._wait(until, interview, look)
                    continue
                self._loading.add(interview)
            try:
                return self._load(interview, old=template)
            finally:
                with self._changed:
                    self._loading.discard(interview)
                    self._changed.notify_all()

    def _load(self, interview: str, *, old: Template | None) -> Template:
        if old is not None:
            self._retire(old)
        template = self._loader.load(interview)
        with self._changed:
            closed = self._closed
            if not closed:
                self._templates[interview] = template
        if closed:
            template.close()
            raise RunnerError("the runner is closed")
        return template

    def _retire(self, template: Template) -> None:
        """Use it for nothing new. Its busy children end their steps; it goes with the last of them."""
        with self._changed:
            template.stale = True
            if self._templates.get(template.interview) is template:
                del self._templates[template.interview]
            idle = [child for child in self._children if child.template is template and not child.busy]
            for child in idle:
                self._children.remove(child)
            over = template.uses <= 0
        self._end(idle)
        if over:
            template.close()


def _remember(child: Child, state: bytes | None) -> None:
    if state is not None:
        child.ready[hash(state)] = None
        while len(child.ready) > _READY:
            child.ready.popitem(last=False)
