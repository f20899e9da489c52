"""What a step that lost its race came to, put on top of what won it: a long response action is not run again for every answer given meanwhile.

Only where the two leave each other alone (``shared.state.merging``); otherwise the step is run again, as every other is.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from services.interview.change import Change, Saving
from services.session_host import SessionHost
from shared.contract.outcome import Flags, StepResult
from shared.state.merging import merged
from shared.store.records import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """`result` of a step on `base`; the files it wrote are `host`'s, and go where it comes to nothing."""

    base: Session
    result: StepResult
    host: SessionHost

    @classmethod
    def of(cls, base: Session, change: Change, result: StepResult | None, host: SessionHost) -> Carried | None:
        """None, and its files gone, for what is to be run again."""
        lasts = change.carries and change.saving is Saving.STEP
        if not lasts or result is None or result.failure is not None or result.state is None:
            host.discard()
            return None
        return cls(base=base, result=result, host=host)

    def onto(self, found: Session) -> StepResult | None:
        """The result as if the step had been run on `found`; None if that cannot be told."""
        assert self.result.state is not None
        state = merged(self.base.state, found.state, self.result.state)
        if state is None or found.interview != self.base.interview:
            return None
        return msgspec.structs.replace(self.result, state=state, change=None, reverse=None, flags=self._flags(found))

    def _flags(self, found: Session) -> Flags:
        """Those that the step changed as it left them, the others as they are now."""
        flags = self.result.flags
        kept = {
            name: getattr(found, name)
            for name in flags.__struct_fields__
            if getattr(flags, name) == getattr(self.base, name)
        }
        return msgspec.structs.replace(flags, **kept)


def forget(carried: Carried | None) -> None:
    """The files that its step wrote go again."""
    if carried is not None:
        carried.host.discard()
