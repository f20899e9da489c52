"""The children that are alive: those of sessions, and fresh ones that wait for theirs.

A child belongs to one session from its first step until it is ended, never to a second one. When there is no room for one more, the
one used least lately goes. Not for: starting and ending processes (`pool`), how many fresh ones there should be (`stock`).
All methods are called with the pool's lock held.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from shared.runner.forked import Child
from shared.runner.handles import Template

#: Seconds that a step waits for the child of its session: hardly more than a fresh one takes to copy what it writes to. One that has
#: worked for longer is at something long.
MOMENT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a step wants: a child of `session` (None: one of its own, for this step alone) that best has the state `has` live."""

    interview: str
    memory: int
    session: str | None = None
    has: bytes | None = None
    keep: bool = True  #: it stays the session's when the step is over


class Crew:
    """At most `most` children of sessions at a time.

    `shared`: all sessions of an interview use the same children, and what the code of one leaves behind is met by the others. That is
    for operators who wrote all interviews themselves (`PARLEY_ISOLATION=interview`).
    """

    def __init__(self, *, most: int, shared: bool = False) -> None:
        self.most = most
        self._shared = shared
        self.lent: list[Child] = []
        self.fresh: list[Child] = []
        self.starting: Counter[str] = Counter()  #: children being forked for a step, by interview

    def of_session(self, template: Template, need: Need) -> Child | None:
        """An idle child of the session (if `shared`, of any); best the one that has the state."""
        if need.session is None and not self._shared:
            return None
        idle = [
            child
            for child in self.lent
            if not child.busy and (self._shared or child.session == need.session) and _fits(child, template, need)
        ]
        found = max(idle, key=lambda child: (child.has is not None and child.has == need.has, child.used), default=None)
        if found is not None:
            _begin(found)
        return found

    def soon(self, template: Template, need: Need, *, waited: float) -> float:
        """Seconds that a step which has `waited` may wait for a child of its session that is at work, and has been for a moment only; 0: none is.

        A short background action and the page that looks for its end want the same child. A second one would copy the pages that the
        first one has, and another would be forked in its place.
        """
        if need.session is None or self._shared:
            return 0.0
        now = time.monotonic()
        began = (child.since for child in self.lent if child.session == need.session and _fits(child, template, need))
        return max(0.0, min(max(began, default=0.0) + MOMENT - now, MOMENT - waited))

    def stays(self, child: Child, need: Need) -> bool:
        """Whether the child is kept for another step when this one is over."""
        return self._shared or (need.keep and child.session is not None)

    def room(self) -> list[Child] | None:
        """Children to be ended so that one more session gets one; None if one must wait."""
        if len(self.lent) + self.starting.total() < self.most:
            return []
        idle = [child for child in self.lent if not child.busy]
        if not idle:
            return None
        victim = min(idle, key=lambda child: child.used)
        self.lent.remove(victim)
        return [victim]

    def take_fresh(self, template: Template, need: Need) -> Child | None:
        """One of the stock becomes the session's, best one that is rehearsed."""
        fit = (child for child in self.fresh if _fits(child, template, need))
        found = max(fit, key=lambda child: child.rehearsed, default=None)
        if found is not None:
            self.fresh.remove(found)
            self.lend(found, need)
        return found

    def lend(self, child: Child, need: Need) -> None:
        child.session = need.session
        _begin(child)
        self.lent.append(child)

    def give_back(self, child: Child, *, used: float) -> None:
        child.busy = False
        child.used = child.template.used = used

    def drop(self, child: Child) -> bool:
        """Whether it was one of them still."""
        for children in (self.lent, self.fresh):
            if child in children:
                children.remove(child)
                return True
        return False

    def remove_all(self, template: Template | None = None) -> list[Child]:
        """All that are idle of a template, or all there are, busy or not."""
        gone = [
            child
            for child in (*self.fresh, *self.lent)
            if template is None or (child.template is template and (not child.busy or child in self.fresh))
        ]
        for child in gone:
            self.drop(child)
        return gone

    def remove_session(self, session: str) -> list[Child]:
        """Those of a session that is gone or begins again, but for those at work."""
        gone = [child for child in self.lent if child.session == session and not child.busy]
        for child in gone:
            self.lent.remove(child)
        return gone

    def remove_unused(self, *, before: float) -> list[Child]:
        """Those that nobody used since `before`: of sessions, and the stock of interviews that nobody used."""
        gone = [child for child in self.lent if not child.busy and child.used < before]
        gone += [child for child in self.fresh if child.template.used < before]
        for child in gone:
            self.drop(child)
        return gone

    def busy_interviews(self) -> set[str]:
        return {child.template.interview for child in self.lent if child.busy} | {
            one for one, n in self.starting.items() if n
        }

    def stats(self) -> dict[str, object]:
        counts: dict[str, dict[str, int]] = {}
        for child in self.lent:
            entry = counts.setdefault(child.template.interview, {"children": 0, "busy": 0})
            entry["children"] += 1
            entry["busy"] += child.busy
        return {"children": len(self.lent), "limit": self.most, "fresh": len(self.fresh), "interviews": counts}


def _fits(child: Child, template: Template, need: Need) -> bool:
    return child.template is template and child.memory == need.memory


def _begin(child: Child) -> None:
    child.busy, child.since = True, time.monotonic()
