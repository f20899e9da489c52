"""A mark beside an embedded system's secret that says which database belongs to it. Not for whether that one is whole.

Without it, a database that was lost or emptied would look like a first start: everybody's answers would be gone without a word, and
whatever is written from then on would stand in the way of putting the right one back.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from shared.store.ports import Store, StoreError

NAME: Final = "database"


class DatabaseGone(StoreError):
    """The database that belongs here is not there, or nothing is in it. The message says what to do; nothing was changed."""


def expect(var: Path, store: Store, address: str) -> None:
    """Raise `DatabaseGone` if `store`, at `address`, was kept here before and has never been prepared. Before `Store.prepare`."""
    mark = var / NAME
    if not store.prepared() and mark.exists() and mark.read_text("utf-8", "replace").strip() == address:
        raise DatabaseGone(
            f"{address.removeprefix('sqlite:///')} is not there, or empty, although this system has kept answers in it. Nothing was changed. "
            f"Put back your last good copy; or, to begin with nothing, remove {mark}"
        )


def keep(var: Path, address: str) -> None:
    """Mark that `address` is prepared. Whole or not at all, whatever ends the process."""
    mark = var / NAME
    if mark.exists() and mark.read_text("utf-8", "replace").strip() == address:
        return
    draft = var / f"{NAME}.{secrets.token_hex(8)}"
    draft.write_text(address + "\n", "utf-8")
    os.replace(draft, mark)
