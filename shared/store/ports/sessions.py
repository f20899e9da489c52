"""Which sessions there are, what stands in them, and the one way to write them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import Enum
from typing import Final, Literal, Protocol

from shared.store.overview import Page
from shared.store.records import Commit, Session, SessionName, Step, Summary, Visit


class Unchanged(Enum):
    """The type of `UNCHANGED`."""

    UNCHANGED = "unchanged"


#: Answer of `Sessions.load_newer`: the caller's copy has the version that is stored.
UNCHANGED: Final = Unchanged.UNCHANGED


class Sessions(Protocol):
    def create(self, session: Session, *, visit: Visit | None = None) -> None:
        """Insert, with at most one step, and with who begins it. Raises `DuplicateId`."""
        ...

    def load(self, session_id: str) -> Session | None: ...

    def load_newer(self, session_id: str, *, version: int) -> Session | Literal[Unchanged.UNCHANGED] | None:
        """For a caller that holds `version`: `UNCHANGED` if that is what is stored (nothing is transferred), else as `load`.

        `publish_done` and `forget_applied` do not change the version, so `outbox` and `applied` of the caller's
        copy may hold entries that are gone.
        """
        ...

    def commit(self, session_id: str, *, version: int, commit: Commit) -> bool:
        """Compare-and-set on `version`. False if the session has another version by now, or is gone.

        `pop` comes before `push`, so both together replace the newest step; a `pop` larger than the number of steps takes
        all of them. `push.previous` is the uid of the step that is on top after `pop`. Raises `BadRecord` if it is
        not; `TooLarge` (also if the outbox is full because nothing publishes it).
        """
        ...

    def step(self, session_id: str, uid: int) -> Step | None:
        """An older step. The newest few live in the session's document; the adapter moves the rest out."""
        ...

    def publish_done(self, session_id: str, entry_ids: Iterable[str]) -> None:
        """Take confirmed entries out of the outbox. Does not change the version."""
        ...

    def forget_applied(self, session_id: str, task_id: str) -> None: ...

    def unpublished(self, *, older_than: datetime, limit: int) -> list[str]:
        """Ids of sessions with outbox entries that a crash may have left behind."""
        ...

    def scheduled(self, interview: str, *, after: str = "", limit: int = 200) -> list[str]:
        """Ids (ascending, after `after`) of the sessions of `interview` that take part in scheduled tasks."""
        ...

    def interviews(self, *, scheduled: bool, after: str = "", limit: int = 200) -> list[str]:
        """The interviews (ascending, after `after`) of which there are sessions that take part in scheduled tasks, or that do not."""
        ...

    def visit(self, session_id: str, visit: Visit) -> None:
        """Note that somebody was here. Does not change the version, nor `modified`; an earlier visit than that known is no news."""
        ...

    def visits(self, session_id: str) -> tuple[Visit, ...]:
        """The last visit of each who was here."""
        ...

    def exists(self, session_id: str) -> bool:
        """Whether it is there, without reading it."""
        ...

    def used(self, session_id: str) -> tuple[datetime, datetime] | None:
        """When it was changed last, and when somebody used it last, without reading it. None if it is not there."""
        ...

    def idle(
        self, interview: str, *, scheduled: bool, before: datetime, after: str = "", limit: int = 200
    ) -> Page[str]:
        """Ids of sessions of `interview` that were not modified since `before`, the one longest idle first (to a quarter of an hour).

        Of those that take part in scheduled tasks (`scheduled`), or of those that do not.
        """
        ...

    def unvisited(self, interview: str, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        """Ids of sessions of `interview` that nobody used since `before`, the one longest alone first (to a quarter of an hour)."""
        ...

    def every(self, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        """Ids of all sessions that were not modified since `before`, the one longest unchanged first (to a quarter of an hour)."""
        ...

    def remains(self, *, limit: int = 200) -> list[str]:
        """Ids of sessions whose deletion a crash cut short: `delete` ends it."""
        ...

    def owned(self, owner: str, *, limit: int = 200) -> list[Summary]:
        """The sessions with this `owner`, newest first."""
        ...

    def of_browsers(
        self, browsers: Iterable[str], *, interview: str | None = None, session: str | None = None, limit: int = 24
    ) -> list[SessionName]:
        """The sessions (of `interview`; `session` alone) in which one of these `browsers` has been, the one changed last first."""
        ...

    def delete(self, session_id: str, *, keep: Collection[int] = ()) -> bool:
        """Remove the session, its steps, files, uploads, addresses, mails, tasks, runs, ticks. May be called again after a crash.

        The files `keep` (numbers) stay until it is called without them. False if nothing was there.
        A deletion that a crash cut short is found by `remains`.
        """
        ...
