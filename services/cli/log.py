"""``parley log KIND``: what runs of interviews said by log(), and what they failed of; the newest first.

From the store that the settings name: MongoDB at MONGO_URI, else the file in the folder of `parley run` (it may run meanwhile). What an
interview says may hold answers, which the services' own logs never do. Exit status: 0, 2 if it cannot tell.
"""

from __future__ import annotations

import sys
from typing import TextIO

from services.cli.stores import open_named, settings_for
from services.installation import Secrets
from services.logs import session_hash
from services.runs.text import as_text
from services.settings import SettingsError
from services.vaults import runs_vaults
from shared.store.overview import Page
from shared.store.ports import StoreError
from shared.store.records import RunRecord
from shared.vault.runs import VaultedRuns

#: Runs that are looked through at a time; a kind has some ten thousand at most.
_LOOK = 200


def log(
    kind: str,
    *,
    limit: int = 50,
    after: str = "",
    session: str = "",
    var: str | None = None,
    out: TextIO | None = None,
) -> int:
    """Print a page. With `session` (its hash, or its beginning) all there is of that session, however far back."""
    out = sys.stdout if out is None else out
    try:
        settings = settings_for(var)
        store = open_named(settings)
    except (SettingsError, StoreError) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    try:
        runs = VaultedRuns(store.runs, *runs_vaults(Secrets.of(settings)))
        page = _of_session(runs, kind, session) if session else runs.page(kind, after=after, limit=limit)
    except StoreError as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    finally:
        store.close()
    for run in page.lines:
        print(as_text(run), end="", file=out)
    if page.after is not None:
        print(f"More: parley log {kind} --after {page.after}", file=out)
    elif not page.lines and not after:
        whose = f" of session {session}" if session else ""
        print(f"No run of {kind}{whose} has said anything or failed in the last 30 days.", file=out)
    return 0


def _of_session(runs: VaultedRuns, kind: str, session: str) -> Page[RunRecord]:
    found: list[RunRecord] = []
    after: str | None = ""
    while after is not None:
        page = runs.page(kind, after=after, limit=_LOOK)
        found += [run for run in page.lines if session_hash(run.session).startswith(session)]
        after = page.after
    return Page(tuple(found), None)
