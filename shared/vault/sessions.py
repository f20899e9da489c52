"""Sessions behind a vault: state, steps, outbox, what is remembered of requests and tasks, title, tags, extra."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from shared.state.delta import apply_cuts
from shared.state.errors import DamagedDelta
from shared.store import checks, session_checks
from shared.store.overview import Page
from shared.store.packing import pack
from shared.store.ports import Sessions, Unchanged
from shared.store.records import Commit, OutboxEntry, Session, SessionName, Step, Summary, Visit
from shared.vault import behind
from shared.vault.ports import TICKET, CannotUnseal, KeyAway, Kind, Place, Vault


class VaultedSessions:
    def __init__(self, inner: Sessions, vault: Vault) -> None:
        self._inner = inner
        self._vault = vault
        self._behind = behind.Known()

    def create(self, session: Session, *, visit: Visit | None = None) -> None:
        session_checks.check_session(session)
        pack("extra", session.extra, limit=checks.EXTRA_BYTES)  # before anything is sealed: the same message either way
        of = session.id
        self._behind.drop(of)
        sealed = replace(
            session,
            state=self._vault.seal(session.state, Place(of, Kind.STATE)),
            top=self._sealed_step(of, session.top),
            secret=self._vault.seal(session.secret, Place(of, Kind.TOKENS)),
            outbox=self._sealed_outbox(of, session.outbox),
            applied=self._sealed_values(of, Kind.APPLIED, session.applied),
            **self._sealed_fields(of, {"title": session.title, "tags": session.tags, "extra": session.extra}),
        )
        self._inner.create(sealed, visit=visit)
        # Only now: a creation that failed, or met a session of this id, says nothing about what stands there.
        self._behind.put(of, session.version, behind.Behind.of(sealed, session.state))

    def load(self, session_id: str) -> Session | None:
        found = self._inner.load(session_id)
        return None if found is None else self._opened(found)

    def load_newer(self, session_id: str, *, version: int) -> Session | Literal[Unchanged.UNCHANGED] | None:
        found = self._inner.load_newer(session_id, version=version)
        return self._opened(found) if isinstance(found, Session) else found

    def commit(self, session_id: str, *, version: int, commit: Commit) -> bool:
        checks.check_number("version", version)
        session_checks.check_contents(session_id, commit)  # the rest the store itself checks
        if "extra" in commit.fields:
            pack("extra", commit.fields["extra"], limit=checks.EXTRA_BYTES)
        state, change = commit.state, commit.change
        after = self._behind.after(session_id, version, commit)
        if after is not None and after.written:
            state = None
        else:
            change = None
        sealed = replace(
            commit,
            state=None if state is None else self._vault.seal(state, Place(session_id, Kind.STATE)),
            change=None if change is None else self._vault.seal(change, _place_of_change(session_id, version + 1)),
            secret=None if after is None or change is None else after.secret,
            push=self._sealed_step(session_id, commit.push),
            outbox=self._sealed_outbox(session_id, commit.outbox),
            applied=self._sealed_values(session_id, Kind.APPLIED, commit.applied),
            fields=self._sealed_fields(session_id, commit.fields),
        )
        won = False
        try:
            won = self._inner.commit(session_id, version=version, commit=sealed)
        finally:
            self._behind.put(session_id, version + 1, after if won else None)
        if not won and after is not None and after.written:
            # A race is lost again; what an older version wrote takes no changes (MongoDB), and is written whole.
            return self.commit(session_id, version=version, commit=replace(commit, change=None))
        return won

    def step(self, session_id: str, uid: int) -> Step | None:
        return self._opened_step(session_id, self._inner.step(session_id, uid))

    def publish_done(self, session_id: str, entry_ids: Iterable[str]) -> None:
        self._inner.publish_done(session_id, entry_ids)

    def forget_applied(self, session_id: str, task_id: str) -> None:
        self._inner.forget_applied(session_id, task_id)

    def unpublished(self, *, older_than: datetime, limit: int) -> list[str]:
        return self._inner.unpublished(older_than=older_than, limit=limit)

    def scheduled(self, interview: str, *, after: str = "", limit: int = 200) -> list[str]:
        return self._inner.scheduled(interview, after=after, limit=limit)

    def interviews(self, *, scheduled: bool, after: str = "", limit: int = 200) -> list[str]:
        return self._inner.interviews(scheduled=scheduled, after=after, limit=limit)

    def visit(self, session_id: str, visit: Visit) -> None:
        self._inner.visit(session_id, visit)

    def visits(self, session_id: str) -> tuple[Visit, ...]:
        return self._inner.visits(session_id)

    def exists(self, session_id: str) -> bool:
        return self._inner.exists(session_id)

    def used(self, session_id: str) -> tuple[datetime, datetime] | None:
        return self._inner.used(session_id)

    def idle(
        self, interview: str, *, scheduled: bool, before: datetime, after: str = "", limit: int = 200
    ) -> Page[str]:
        return self._inner.idle(interview, scheduled=scheduled, before=before, after=after, limit=limit)

    def unvisited(self, interview: str, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        return self._inner.unvisited(interview, before=before, after=after, limit=limit)

    def every(self, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        return self._inner.every(before=before, after=after, limit=limit)

    def remains(self, *, limit: int = 200) -> list[str]:
        return self._inner.remains(limit=limit)

    def owned(self, owner: str, *, limit: int = 200) -> list[Summary]:
        return [self._listed(one) for one in self._inner.owned(owner, limit=limit)]

    def of_browsers(
        self, browsers: Iterable[str], *, interview: str | None = None, session: str | None = None, limit: int = 24
    ) -> list[SessionName]:
        return self._inner.of_browsers(browsers, interview=interview, session=session, limit=limit)

    def delete(self, session_id: str, *, keep: Collection[int] = ()) -> bool:
        # The key first: if the rest is cut short, what is left is noise, and the sweep removes it.
        if checks.known_id(session_id):
            self._vault.forget(session_id)
            self._behind.drop(session_id)
        return self._inner.delete(session_id, keep=keep)

    # -- one session

    def _opened(self, session: Session) -> Session:
        self._vault.unlock(session)
        of = session.id
        return replace(
            session,
            state=self._opened_state(session),
            changes=(),
            top=self._opened_step(of, session.top),
            below=tuple(self._opened_below(of, session.below)),
            secret=self._vault.open(session.secret, Place(of, Kind.TOKENS)),
            outbox=tuple(
                replace(one, body=self._vault.open_value(one.body, Place(of, Kind.OUTBOX, one.id)))
                for one in session.outbox
            ),
            applied=self._opened_values(of, Kind.APPLIED, session.applied),
            title=self._opened_title(of, session.title),
            tags=self._opened_tags(of, session.tags),
            extra=self._vault.open_value(session.extra, Place(of, Kind.EXTRA)),
        )

    def _opened_state(self, session: Session) -> bytes:
        """With what changed of it since it was written. Raises `CannotUnseal`."""
        state = self._vault.open(session.state, Place(session.id, Kind.STATE))
        self._behind.put(session.id, session.version, behind.Behind.of(session, state))
        try:
            known = None
            for one in session.changes:
                change = self._vault.open(one.delta, _place_of_change(session.id, one.version))
                state, known = apply_cuts(state, change, known)
        except DamagedDelta as error:
            raise CannotUnseal(f"a change of a session's state cannot be put to it: {error}") from None
        return state

    def _sealed_fields(self, of: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        sealed = dict(fields)
        if sealed.get("title") is not None:
            sealed["title"] = self._vault.seal_text(sealed["title"], Place(of, Kind.TITLE))
        if "tags" in sealed:
            sealed["tags"] = tuple(
                self._vault.seal_text(tag, Place(of, Kind.TAG, str(number)))
                for number, tag in enumerate(sealed["tags"])
            )
        if "extra" in sealed:
            sealed["extra"] = self._vault.seal_value(sealed["extra"], Place(of, Kind.EXTRA))
        return sealed

    def _opened_title(self, of: str, title: str | None) -> str | None:
        return None if title is None else self._vault.open_text(title, Place(of, Kind.TITLE))

    def _listed(self, one: Summary) -> Summary:
        """Without title and tags where the key is away."""
        try:
            return replace(one, title=self._opened_title(one.id, one.title), tags=self._opened_tags(one.id, one.tags))
        except KeyAway:
            return replace(one, title=None, tags=())

    def _opened_tags(self, of: str, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._vault.open_text(tag, Place(of, Kind.TAG, str(number))) for number, tag in enumerate(tags))

    def _sealed_step(self, of: str, step: Step | None) -> Step | None:
        if step is None:
            return None
        return replace(step, delta=self._vault.seal(step.delta, Place(of, Kind.DELTA, str(step.uid))))

    def _opened_step(self, of: str, step: Step | None) -> Step | None:
        if step is None:
            return None
        return replace(step, delta=self._vault.open(step.delta, Place(of, Kind.DELTA, str(step.uid))))

    def _opened_below(self, of: str, below: Iterable[Step]) -> Iterator[Step]:
        for step in below:
            yield replace(step, delta=self._vault.open(step.delta, Place(of, Kind.DELTA, str(step.uid))))

    def _sealed_outbox(self, of: str, entries: tuple[OutboxEntry, ...]) -> tuple[OutboxEntry, ...]:
        """Each with a ticket beside it, so that what a crash leaves behind can leave without a browser."""

        def sealed(one: OutboxEntry) -> OutboxEntry:
            body = self._vault.seal_value(one.body, Place(of, Kind.OUTBOX, one.id))
            ticket = self._vault.ticket(of, one.id)
            return replace(one, body={**body, TICKET: ticket} if ticket else body)

        return tuple(map(sealed, entries))

    def _sealed_values(self, of: str, kind: Kind, values: Mapping[str, object]) -> dict[str, object]:
        return {one: self._vault.seal_value(value, Place(of, kind, one)) for one, value in values.items()}

    def _opened_values(self, of: str, kind: Kind, values: Mapping[str, object]) -> dict[str, object]:
        return {one: self._vault.open_value(value, Place(of, kind, one)) for one, value in values.items()}


def _place_of_change(session: str, version: int) -> Place:
    return Place(session, Kind.CHANGE, str(version))
