"""A task's way into other sessions: by calls to the interview service, on behalf of who started it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from shared.bus.messages import Bus
from shared.contract.errors import NoSession, Refused
from shared.contract.reply import OtherSession

#: Bytes of the id of a session that a task begins. It need not come out the same again: only the run that counts leaves its effects.
_ID = 20


class TaskReach:
    """Implements ``services.session_host.Reach``."""

    def __init__(self, bus: Bus, *, user: Mapping[str, object], browser: Mapping[str, object]) -> None:
        self._bus = bus
        self._who = {"user": dict(user), "browser": dict(browser)}

    def begin(self, interview: str) -> str:
        self._ask("begin", interview, "", None)
        return secrets.token_hex(_ID)

    def check(self, interview: str, session: str, secret: str | None) -> None:
        self._ask("check", interview, session, secret)

    def variables(self, interview: str, session: str, secret: str | None) -> bytes:
        return bytes(self._ask("variables", interview, session, secret).variables)

    def state(self, interview: str, session: str, secret: str | None) -> bytes:
        return self._ask("state", interview, session, secret).state or b""

    def question(self, interview: str, session: str, secret: str | None) -> bytes:
        return bytes(self._ask("question", interview, session, secret).screen)

    def _ask(self, what: str, interview: str, other: str, secret: str | None) -> OtherSession:
        try:
            return self._bus.call(
                "interview",
                "other",
                returns=OtherSession,
                what=what,
                interview=interview,
                other=other,
                secret=secret,
                behalf=self._who,
            )
        except (NoSession, Refused) as error:
            raise LookupError(str(error)) from None
