"""What interviews' code said and failed of in one session, for the author who has its page open (``parley run FILE``).

The same records as ``parley log``: screens, check-ins, background actions, scheduled events, received mails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.store.ports import RunLog
from shared.store.records import RunRecord

#: Runs that are told, the newest of each kind.
TOLD = 20
_KINDS = ("interview", "worker", "cron", "mail")
_OF_FAILURE = ("type", "message", "file", "block", "line")


class Workshop:
    def __init__(self, runs: RunLog) -> None:
        self._runs = runs

    @property
    def methods(self) -> Mapping[str, Callable[..., object]]:
        return {"said": self.said}

    def said(self, *, session: str) -> list[dict[str, Any]]:
        """The newest runs of `session` that said something or failed, the newest first."""
        found = [run for kind in _KINDS for run in self._runs.page(kind, limit=TOLD).lines if run.session == session]
        return [_told(run) for run in sorted(found, key=lambda run: run.at, reverse=True)[:TOLD]]


def _told(run: RunRecord) -> dict[str, Any]:
    failure = {name: run.failure[name] for name in _OF_FAILURE if run.failure.get(name)}
    return {
        "id": run.id,
        "at": run.at.isoformat(),
        "what": run.what,
        "name": run.name,
        "lines": list(run.lines),
        **({} if run.ok else {"failure": failure}),
    }
