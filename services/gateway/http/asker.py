"""`Asker`: who makes a request, whatever it is that says so. A cookie does today (browser.py); a key of the API could.

Not for: what the user may do (services/accounts).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.gateway.client.interview import Opened
from shared.contract.entry import Entered


class Asker(Protocol):
    @property
    def client(self) -> str:
        """The id under which the asker's steps are made (`Caller.client`)."""
        ...

    @property
    def csrf(self) -> str:
        """What the next POST must bring; empty if it need not bring anything."""
        ...

    @property
    def browsers(self) -> Sequence[str]:
        """Under which ids the interview service knows the sessions of the asker. Empty: there can be none."""
        ...

    def check_post(self, token: str | None) -> None:
        """Refuse a POST (403) that somebody else may have caused."""
        ...

    def settle(self) -> None:
        """Make sure that the interview service will know the asker again (`browsers`)."""
        ...

    def at(self, session: str) -> Opened:
        """`session`, with what shows that the asker may enter."""
        ...

    def beginning(self, interview: str, request_id: str) -> Opened:
        """The session that a request to begin `interview` makes."""
        ...

    def done_with(self, session: str) -> None:
        """`of_before` does not give the session any more."""
        ...

    def of_before(self, interview: str | None = None) -> Sequence[Entered]:
        """Sessions (of `interview`) known from before the interview service knew of them, the one used last first."""
        ...
