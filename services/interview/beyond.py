"""What steps do to other sessions, as the unit of work sees it. Implemented by `others.Others`; without one there are no others."""

from __future__ import annotations

from typing import Protocol

from services.session_host import Reach
from shared.contract.caller import Caller
from shared.contract.effects import BeginSession, ChangeSession
from shared.store.records import OutboxEntry, Session


class Asking(Reach, Protocol):
    """A `Reach` that says which keys it lacked."""

    @property
    def wanted(self) -> tuple[str, ...]:
        """Sessions that could not be looked into without the asker's keys. If there are any, nothing of the step may count."""
        ...


class Beyond(Protocol):
    def reach(self, session: str, caller: Caller, *, asked: str | None) -> Asking | None:
        """For one step of `session`. `asked` names the request; None: nothing of the step is saved. None while it is read from outside."""
        ...

    def ready(self, session: Session, entries: tuple[OutboxEntry, ...], caller: Caller) -> tuple[OutboxEntry, ...]:
        """`entries` that a commit of `session` is about to write, those about other sessions with what will open them."""
        ...

    def begin(self, effect: BeginSession, entry: OutboxEntry, *, of: Session, caller: Caller) -> None: ...
    def change(self, effect: ChangeSession, entry: OutboxEntry, *, of: Session, caller: Caller) -> None: ...
