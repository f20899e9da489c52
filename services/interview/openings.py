"""The first screens of sessions that have just begun, for those who come back for them at once.

A browser that begins a session is sent on to an address that does not begin another one, and asks there for the very screen that beginning it has
just made. That step need not be run twice. What is here is for the one who began it, as long as nothing has changed, once, and for a moment.
Not for: sessions as such (`cache`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.contract.caller import Caller
from shared.contract.outcome import StepResult
from shared.contract.reply import Reply
from shared.store.records import Session

#: What the way there takes at most. Who comes later sees the screen as it is by then.
MOMENT = timedelta(seconds=2)
#: Of those who began and did not come back for it.
MOST = 500

#: Kinds of screens that somebody looks at, and that change by nothing but an answer.
_KINDS = frozenset({"fields", "choices", "yesno", "continue", "signature", "review", "end"})


class _Opening(NamedTuple):
    secret: bytes
    asker: Caller
    reply: Reply
    at: datetime


class Openings:
    """For one thread of a session at a time. `most` is how many are kept; none where an author saves and at once looks at the new version."""

    def __init__(self, *, clock: Callable[[], datetime], most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._kept: dict[str, _Opening] = {}

    def note(self, session: Session, result: StepResult, reply: Reply, asker: Caller) -> None:
        """`asker` began the session, which `reply` says; `result` is how its first step ended.

        Not kept is what a second step would not show again, or would show otherwise: what was said once, what waits or has set something going.
        """
        screen = result.screen
        if (
            screen is None
            or screen.kind not in _KINDS
            or result.effects
            or reply.notices
            or reply.version != session.version
        ):
            return
        now = self._clock()
        for one in [one for one, known in list(self._kept.items()) if not known.at <= now < known.at + MOMENT]:
            self._kept.pop(one, None)
        if len(self._kept) < self._most:
            self._kept[session.id] = _Opening(session.secret, asker, reply, now)

    def take(self, session: Session, asker: Caller) -> Reply | None:
        """What the session, as it stands now, showed when `asker` began it a moment ago; once."""
        known = self._kept.pop(session.id, None)
        if known is None or not known.at <= self._clock() < known.at + MOMENT:
            return None
        same = known.reply.version == session.version and known.secret == session.secret and known.asker == asker
        return known.reply if same else None
