"""What interviews share, behind a vault: a session's own under its key, everything else under a key of the installation.

Scopes and keys, times and versions stay clear. Whom a scope is for is decided by who asks (`services.storage`), not by the key.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.store import checks
from shared.store.packing import pack
from shared.store.ports import Storage
from shared.store.records import StoredItem
from shared.vault.ports import CannotUnseal, KeyAway, Kind, Place, Vault


class VaultedStorage:
    """`shared`: vaults of what is no session's; the first seals, each may open."""

    def __init__(self, inner: Storage, vault: Vault, *shared: Vault) -> None:
        self._inner = inner
        self._vault = vault
        self._shared = shared

    def get(self, scope: str, key: str) -> StoredItem | None:
        found = self._inner.get(scope, key)
        return None if found is None else self._opened(found)

    def put(self, item: StoredItem) -> bool:
        checks.check_stored(item)
        pack("body", item.body, limit=checks.STORED_BYTES)
        vault = self._vault if item.session is not None or not self._shared else self._shared[0]
        return self._inner.put(replace(item, body=vault.seal_value(item.body, _place(item))))

    def remove(self, scope: str, key: str, *, version: int) -> bool:
        return self._inner.remove(scope, key, version=version)

    def keys(self, scope: str, *, after: str = "", limit: int = 200) -> list[str]:
        return self._inner.keys(scope, after=after, limit=limit)

    def expire(self, *, before: datetime, limit: int) -> int:
        return self._inner.expire(before=before, limit=limit)

    def _opened(self, item: StoredItem) -> StoredItem:
        """Raises `KeyAway`, `CannotUnseal`."""
        place = _place(item)
        if item.session is not None or not self._shared:
            return replace(item, body=self._vault.open_value(item.body, place))
        for vault in self._shared[:-1]:
            try:
                return replace(item, body=vault.open_value(item.body, place))
            except (KeyAway, CannotUnseal):
                continue
        return replace(item, body=self._shared[-1].open_value(item.body, place))


def _place(item: StoredItem) -> Place:
    return Place(item.session or item.scope, Kind.STORED, f"{item.scope}\n{item.key}")
