"""Publishing what a commit left in the outbox, and taking it out once that is confirmed.

What cannot be published now waits and is counted, and nothing waits because of it: the broker may be away, or an entry may be of a
kind that this version does not know (written by a newer one) or malformed. What an effect means: `publishers`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from prometheus_client import Counter

from services.interview.beyond import Beyond
from services.interview.publishers import FOR, Context, Unreadable, publish
from shared.bus.messages import Bus
from shared.contract.effects import BeginSession, ChangeSession, DeleteSession, Keep, OpenAddress, StartTask, kind_of
from shared.store.ports import Store, StoreError
from shared.store.records import OutboxEntry, Session

log = logging.getLogger(__name__)

WAITED = Counter(
    "parley_outbox_waits_total",
    "Times that an effect could not be published and went on waiting, by its kind and the reason.",
    ["kind", "reason"],
)

#: Stays in the outbox until the session is gone: it is done by deleting, after everything else has left.
LAST = kind_of(DeleteSession)
#: What is done on somebody's behalf.
_FOR_SOMEBODY = frozenset(cls.__name__ for cls in (StartTask, OpenAddress, Keep, BeginSession, ChangeSession))


def on_behalf(
    entries: Iterable[OutboxEntry], *, user: Mapping[str, object], browser: Mapping[str, object], origin: str
) -> tuple[OutboxEntry, ...]:
    """`entries`, those that run or receive for somebody saying for whom; one that says it already stays as it is."""
    made = []
    for entry in entries:
        if entry.kind in _FOR_SOMEBODY and FOR not in entry.body:
            about = {"user": user, "browser": browser, "origin": origin}
            entry = replace(entry, body={**entry.body, FOR: about})
        made.append(entry)
    return tuple(made)


class Outbox:
    def __init__(
        self,
        store: Store,
        bus: Bus,
        *,
        clock: Callable[[], datetime],
        queues: Iterable[str] = (),
    ) -> None:
        self._queues = frozenset(queues)
        self._store = store
        self._bus = bus
        self._clock = clock
        self.beyond: Beyond | None = None

    def publish(self, session: Session, entries: Iterable[OutboxEntry]) -> set[str]:
        """Publish `entries` of `session`. The ids of those that have left its outbox; the others wait for the sweep. Never raises."""
        context = Context(
            store=self._store,
            bus=self._bus,
            session=session,
            now=self._clock(),
            queues=self._queues,
            beyond=self.beyond,
        )
        done = {entry.id for entry in entries if entry.kind != LAST and self._published(entry, context)}
        if done:
            try:
                self._store.sessions.publish_done(session.id, done)
            except StoreError:
                return set()  # they are published again, which does no harm
        return done

    def _published(self, entry: OutboxEntry, context: Context) -> bool:
        try:
            publish(entry, context)
        except Exception as error:  # whatever is wrong with one, its neighbours leave
            reason = type(error).__name__
            WAITED.labels(entry.kind if not isinstance(error, Unreadable) else "unreadable", reason).inc()
            log.log(
                logging.ERROR if isinstance(error, Unreadable) else logging.WARNING,
                "outbox_entry_waits",
                extra={
                    "session": context.session.id,
                    "entry": entry.id,
                    "kind": entry.kind,
                    "error": reason,
                },
            )
            return False
        return True
