"""Implements `ports.Runner` by child processes: a step gets a child of its session, and nothing that it leaves behind reaches another.

A zygote (imports once) forks templates (one compiled interview each), which fork children (one session each, one step at a time).
Whatever author code does ends at worst its own child. Does not live here: which children and templates there are (`crew`,
`templates`, `stock`), the processes (`zygote`, `template`, `child`), the sockets to them (`handles`, `forked`), loading (`loader`).
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from shared.contract.errors import Busy, StepFailed, TimeLimit
from shared.contract.outcome import Failure, StepResult
from shared.engine.request import Request
from shared.language.sources import Root
from shared.runner import forms, isolation, replies
from shared.runner.crew import Crew, Need
from shared.runner.forked import MOST_BYTES, MOST_FILES, Child
from shared.runner.handles import NoRoom, Template
from shared.runner.loader import Loader
from shared.runner.making import Making
from shared.runner.ports import Cancelled, HostApi, Limits, Offers
from shared.runner.settings import ENGINE, Setup
from shared.runner.stock import LEAST, Keeper, Stock
from shared.runner.talk import Overflow, Talk
from shared.runner.templates import Bounds, Templates
from shared.runner.wire import Timeout, WireError

log = logging.getLogger(__name__)

Look = Callable[[], None]

#: Children that are to be ended when nobody waits for it, at most.
_LEAVING = 8


class ProcessPool:
    """Children for all interviews below `roots`.

    At most `max_children` belong to sessions at a time, and fresh ones wait beside them (`stock`: none, if False); a step that finds all
    of them at work waits `busy_seconds`, then is `Busy`. A child that nobody used for `idle_seconds` goes; its template goes after the
    last one. More than `max_templates` interviews are not kept ready: for another one the one used least lately goes, with its
    children, unless all of them are at work.

    When an interview changes into one that does not load, its last good version goes on, unless `last_good` is False: then everybody is
    told at once, as authors at work want it. Good versions are kept in the folder `good`, if there is one, for pools to come.

    `shared`: children are the interview's instead of a session's, see `crew`.
    """

    def __init__(
        self,
        *,
        roots: Iterable[Root | Path | str],
        max_children: int = 24,
        max_templates: int = 32,
        idle_seconds: float = 60.0,
        busy_seconds: float = 20.0,
        check_seconds: float = 0.25,
        last_good: bool = True,
        stock: bool = True,
        shared: bool = False,
        rules: isolation.Rules | None = None,
        engine: str = ENGINE,
        words: Mapping[str, Mapping[str, str]] | None = None,
        cache: Path | None = None,
        good: Path | None = None,
    ) -> None:
        given = tuple(map(Root.of, roots))
        self._roots = tuple(str(root.folder) for root in given)
        self._folder = tempfile.mkdtemp(prefix="parley-children-")
        os.chmod(self._folder, 0o711)  # noqa: S103  (children, of another user, pass through to their own)
        setup = Setup(
            roots=tuple(map(str, given)),
            folder=self._folder,
            engine=engine,
            rules=rules or isolation.Rules(),
            words=words or {},
            cache=None if cache is None else str(cache.absolute()),
            good=None if good is None else str(good.absolute()),
        )
        self._idle_seconds = idle_seconds
        self._busy_seconds = busy_seconds
        self._changed = threading.Condition()
        self._leaving: list[Child] = []  #: to be ended when nobody waits for it: that takes longer than a step
        self._crew = Crew(most=max_children, shared=shared)
        self._closed = False
        self._report: dict[str, object] | None = None
        # Whoever runs author code holds secrets; children of the same user must not read them from /proc.
        self._hidden = isolation.hide_memory()
        self._loader = Loader(setup)
        bounds = Bounds(most=max_templates, check_seconds=check_seconds, last_good=last_good)
        self._templates = Templates(
            self._loader, self._changed, bounds, retire=self._retire, busy=self._crew.busy_interviews
        )
        self._documents = Making()
        #: Fresh children of all interviews together: they take memory as all others do.
        self._most_fresh = max(LEAST, max_children // 2) if stock else 0
        self._stock = Stock(Keeper(self._refill, self._clean), idle_seconds=idle_seconds)

    # -- the port

    def step(
        self,
        interview: str,
        state: bytes | None,
        request: Request,
        *,
        host: HostApi,
        limits: Limits,
        session: str | None = None,
        keep: bool = True,
        cancel: threading.Event | None = None,
    ) -> StepResult:
        """See `ports.Runner.step`. `cancel` is looked at every tenth of a second."""

        def look() -> None:
            if cancel is not None and cancel.is_set():
                raise Cancelled("the step was cancelled")

        need = Need(interview=interview, memory=limits.memory, session=session, has=state, keep=keep)
        while True:
            done = self._step(need, state, request, host=host, limits=limits, look=look)
            if done is not None:
                return done

    def _step(
        self, need: Need, state: bytes | None, request: Request, *, host: HostApi, limits: Limits, look: Look
    ) -> StepResult | None:
        """The step in one child. None if the interview lacks modules, and its last good version shall do it instead."""
        interview = need.interview
        child = self._borrow(need, look)
        done = after = None
        tidy = False
        try:
            self._settle(child, look)
            talk = Talk(child, state=state, host=host, limits=limits, look=look, make=self._documents.make)
            reply = talk.step(request)
            done, after = replies.done(reply, child.template.digest, state, child.sum_of(state))
            if done.screen is not None and b'"attachments":[' in done.screen.json:
                self._documents.warm()
            template: Template = child.template  # type: ignore[assignment]
            template.watch(reply.get("modules"), self._roots)
            if reply.get("lacks") is False:
                self._templates.worked(template)
            elif reply.get("lacks") is True and self._templates.refuse(
                template, done.failure.message if done.failure else ""
            ):
                return None
            if reply.get("over") == "time" and done.failure is not None:
                raise _too_long(interview, TimeLimit(done.failure.message, done.failure, done.effects))
            tidy = "retire" not in reply and child.tidy()
            return done
        except Timeout:
            text = f"the interview's code ran longer than the {limits.seconds:g} seconds allowed and was stopped"
            raise _too_long(interview, TimeLimit(text)) from None
        except Overflow:
            text = f"the interview's code wrote more than {MOST_BYTES >> 20} MB or {MOST_FILES} files into its folder and was stopped"
            raise StepFailed(text, Failure(type="TooMuchWritten", message=text)) from None
        except (WireError, forms.BadForm) as error:
            died = child.died(error)
            if self._closed:
                raise Busy("the service is stopping") from None
            log.warning("child_died", extra={"interview": interview, "reason": str(died)})
            raise died from None
        finally:
            child.made(done.state if tidy and done else None, after)
            self._give_back(child, keep=tidy and self._crew.stays(child, need), tidy=tidy)

    def forget(self, session: str) -> None:
        """End what runs idly for a session that is gone."""
        with self._changed:
            gone = self._crew.remove_session(session)
        self._end(gone)

    def offers(self, interview: str) -> Offers:
        """See `ports.Runner.offers`. What was found is believed until a file of the interview changes: no process is needed for it."""
        until = time.monotonic() + self._busy_seconds
        need = Need(interview=interview, memory=0, session=None, has=None, keep=False)
        return self._templates.offers(interview, lambda: self._wait(until, need, lambda: None), now=time.monotonic())

    def _settle(self, child: Child, look: Look) -> None:
        """Wait until the child is ready. One that ends before it had anything to do did not end by its own doing."""
        try:
            child.settle(look)
        except WireError as error:
            reason = str(child.died(error))
            log.warning("child_died", extra={"interview": child.template.interview, "reason": reason})
            raise Busy(reason) from None

    @property
    def lender(self) -> Loader:
        """For other pools of this process, which are closed before this one: the parent of its processes can be that of theirs."""
        return self._loader

    def ready(self, seconds: float) -> bool:
        """Wait until interviews can be loaded at once, for at most `seconds`; whether they can. Before that the first steps wait."""
        return self._loader.ready(seconds)

    def close(self) -> None:
        """End all children. Steps that are running end with `Busy`."""
        with self._changed:
            self._closed = True
            templates, children = self._templates.close(), [*self._crew.remove_all(), *self._leaving]
            self._leaving.clear()
            self._changed.notify_all()
        self._stock.close()
        self._end(children)
        for template in templates:
            template.close()
        self._loader.close()
        self._documents.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def isolation(self) -> dict[str, object]:
        """What is active between author code and the rest, as far as a child has reported it yet."""
        return {"service_memory_hidden": self._hidden, **(self._report or {})}

    def stats(self) -> dict[str, object]:
        """Children of sessions by interview: how many there are, how many work; and how many wait for a session.

        `forked`: all that the templates there are have forked until now.
        """
        with self._changed:
            forked = sum(template.forked for template in self._templates.all())
            return {**self._crew.stats(), "templates": len(self._templates), "forked": forked}

    # -- lending

    def _borrow(self, need: Need, look: Look) -> Child:
        """A child for one step: one of its session, a fresh one, or a new one."""
        begun = time.monotonic()
        until, lost = begun + self._busy_seconds, 0
        while True:
            template = self._templates.get(need.interview, lambda: self._wait(until, need, look), now=time.monotonic())
            with self._changed:
                if self._closed:
                    raise Busy("the service is stopping")
                child, victims = self._crew.of_session(template, need), []
                if child is None:
                    soon = self._crew.soon(template, need, waited=time.monotonic() - begun)
                    if soon > 0:
                        self._changed.wait(soon)
                        look()
                        continue
                    room = self._crew.room()
                    if room is None:
                        self._wait(until, need, look)
                        continue
                    victims = room
                    self._leaving += victims
                    self._stock.taken(template)
                    template.memory = need.memory
                    child = self._crew.take_fresh(template, need)
                    if child is None:
                        self._crew.starting[need.interview] += 1
                        template.uses += 1
            if child is None:
                child = self._start(template, need)
                lost += 1
            if victims:
                self._stock.begin()
            if child is not None:
                if child.there():
                    return child
                self._give_back(child, keep=False)
            elif lost > 3:
                raise Busy(f"no process could be started for {need.interview}: its template ends again and again")

    def _start(self, template: Template, need: Need) -> Child | None:
        """A new child; None if its template turns out to be gone."""
        child = None
        try:
            child = template.child(memory=need.memory)
            return child
        except NoRoom as error:
            raise Busy(f"no process could be started for {template.interview}: {error}") from None
        except WireError:
            self._retire(template)
            return None
        finally:
            with self._changed:
                self._crew.starting[need.interview] -= 1
                if child is not None:
                    self._crew.lend(child, need)
            if child is None:
                self._used_up(template)
            self._stock.begin()

    def _wait(self, until: float, need: Need, look: Look) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise Busy(f"all processes are busy, none is free for {need.interview}; try again in a moment")
        self._changed.wait(min(left, 0.1))
        look()

    def _give_back(self, child: Child, *, keep: bool, tidy: bool = False) -> None:
        """`tidy`: it ended its step in order. If it does not stay, nobody need wait for its end, which takes longer than many a step."""
        with self._changed:
            self._crew.give_back(child, used=time.monotonic())
            self._report = child.report or self._report
            keep = keep and not child.template.stale and not self._closed
            later = not keep and tidy and len(self._leaving) < _LEAVING and not self._closed
            if not keep:
                self._crew.drop(child)
            if later:
                self._leaving.append(child)
            self._changed.notify_all()  # some wait for room, some for this very child
        if later:
            self._stock.look()
        elif not keep:
            self._end([child])

    def _end(self, children: Iterable[Child]) -> None:
        """End children that were taken out of the crew, and their templates if they are no longer wanted."""
        for child in children:
            child.end()
            self._used_up(child.template)  # type: ignore[arg-type]  # a `Template`

    def _used_up(self, template: Template) -> None:
        """One use of a template is over; with its last one it goes, if it is not wanted any more."""
        with self._changed:
            template.uses -= 1
            over = template.stale and template.uses <= 0
            self._changed.notify_all()
        if over:
            template.close()

    # -- what the stock asks for

    def _refill(self) -> bool:
        with self._changed:
            leaving, self._leaving = self._leaving, []
        self._end(leaving)
        with self._changed:
            now = time.monotonic()
            if self._closed or len(self._crew.fresh) >= self._most_fresh:
                return False
            for template in self._templates.all():
                have = [child for child in self._crew.fresh if child.template is template]
                in_use = now - template.used < self._idle_seconds and template.memory
                if in_use and len(have) < self._stock.wanted(template, now=now):
                    template.uses += 1
                    # One of them: what it copies is memory of its own, and most of the others wait for long.
                    rehearsed = not any(child.rehearsed for child in have)
                    break
            else:
                return False
        child = None
        try:
            child = template.child(memory=template.memory, rehearsed=rehearsed)
        except WireError:  # whoever wants the next child is told why
            return False
        finally:
            unwanted: Child | None = child
            with self._changed:
                if child is not None and not template.stale and not self._closed:
                    child.busy = False
                    self._crew.fresh.append(child)
                    unwanted = None
            if unwanted is not None:
                self._end([unwanted])
            elif child is None:
                self._used_up(template)
        return True

    def _clean(self, before: float) -> bool:
        self._documents.tidy()
        with self._changed:
            old = self._crew.remove_unused(before=before)
        self._end(old)
        with self._changed:
            # What nobody could load again is worth its memory.
            unused = [t for t in self._templates.all() if t.uses <= 0 and t.used < before and not t.outlives]
        for template in unused:
            self._retire(template)
        with self._changed:
            return len(self._templates) > 0

    def _retire(self, template: Template) -> None:
        """Use it for nothing new. Its busy children end their steps; it goes with the last of them."""
        with self._changed:
            self._templates.forget(template)
            idle = self._crew.remove_all(template)
            over = template.uses <= 0
        self._end(idle)
        if over:
            template.close()


def _too_long(interview: str, error: TimeLimit) -> TimeLimit:
    log.warning("time_limit", extra={"interview": interview})
    return error
