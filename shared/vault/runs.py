"""What runs said, behind a vault: their lines and messages are sealed, what ran and how it ended stays clear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from shared.store import checks
from shared.store.overview import Page
from shared.store.ports import RunLog
from shared.store.records import RunRecord
from shared.vault.ports import CannotUnseal, KeyAway, Kind, Place, Vault, clear

#: Of a failure, what is the interview's and not the user's.
_CLEAR: Final = ("type", "file", "block", "line")
#: Under which name a failure holds what is sealed.
_SEALED: Final = "sealed"


class VaultedRuns:
    """`vaults`: the first seals, each may open. With none what was said cannot be read, only that it was."""

    def __init__(self, inner: RunLog, *vaults: Vault) -> None:
        self._inner = inner
        self._vaults = vaults

    def append(self, run: RunRecord) -> bool:
        checks.check_run(run)
        hidden = {name: value for name, value in run.failure.items() if name not in _CLEAR}
        told = {"lines": list(run.lines), "failure": hidden}
        sealed = self._vaults[0].seal_value(told, Place(run.session, Kind.RUN, run.id))
        return self._inner.append(replace(run, lines=(), failure={**clear(run.failure, _CLEAR), _SEALED: sealed}))

    def page(self, kind: str, *, after: str = "", limit: int = 100) -> Page[RunRecord]:
        """Without their lines where the key is away: that something failed, and where, is told all the same."""
        found = self._inner.page(kind, after=after, limit=limit)
        return replace(found, lines=tuple(self._opened(run) for run in found.lines))

    def forget(self, kind: str, *, before: datetime, keep: int) -> int:
        return self._inner.forget(kind, before=before, keep=keep)

    def _opened(self, run: RunRecord) -> RunRecord:
        if _SEALED not in run.failure:
            return run  # kept before there was sealing
        told = self._told(run)
        failure = {**clear(run.failure, _CLEAR), **told["failure"]}
        return replace(run, lines=tuple(told["lines"]), failure=failure)

    def _told(self, run: RunRecord) -> Mapping[str, Any]:
        for vault in self._vaults:
            try:
                told: Mapping[str, Any] = vault.open_value(run.failure[_SEALED], Place(run.session, Kind.RUN, run.id))
            except (KeyAway, CannotUnseal):
                continue
            return told
        return {"lines": (), "failure": {}}
