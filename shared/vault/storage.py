"""What outlasts answers, behind a vault: a session's own under its key, everything else under a key of the installation.

Names are sealed like what they name: authors make them of what people answered. Areas (``user``, ``records``, …), times and versions stay
clear. Whom a scope is for is decided by who asks (`services.storage`), not by the key.

The key of names is one for ever, so that what is looked up is found while the installation's keys change. It is kept here, too, sealed
like the rest, under a name of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from shared.store import checks
from shared.store.overview import Page
from shared.store.packing import pack
from shared.store.ports import Storage, StoreError
from shared.store.records import StoredItem
from shared.vault.keys import InstallationKeys
from shared.vault.ports import CannotUnseal, KeyAway, Kind, Place, Vault
from shared.vault.sealed import SealedVault
from shared.vault.sealing import Key

#: Where the key of names is kept, in an area that nobody can name.
_NAMES: Final = ("names", "key")


@dataclass(frozen=True, slots=True)
class _Names:
    """How the keys of one scope are kept."""

    vault: Vault
    scope: str
    place: Place

    def key(self, key: str) -> str:
        return self.vault.seal_name(key, self.place)

    def opened(self, key: str) -> str:
        return self.vault.open_name(key, self.place)


class VaultedStorage:
    """`shared`: vaults of what is no session's; the first seals, each may open."""

    def __init__(self, inner: Storage, vault: Vault, *shared: Vault) -> None:
        self._inner = inner
        self._vault = vault
        self._shared = shared
        self._names: Vault | None = None

    def get(self, scope: str, key: str, *, session: str | None = None) -> StoredItem | None:
        names = self._of(scope, session)
        found = self._inner.get(names.scope, names.key(key), session=session)
        return None if found is None else replace(found, scope=scope, key=key, body=self._opened(found))

    def put(self, item: StoredItem) -> bool:
        checks.check_stored(item)
        pack("body", item.body, limit=checks.STORED_BYTES)
        names = self._of(item.scope, item.session)
        return self._inner.put(self._sealed(replace(item, scope=names.scope, key=names.key(item.key))))

    def remove(self, scope: str, key: str, *, version: int, session: str | None = None) -> bool:
        names = self._of(scope, session)
        return self._inner.remove(names.scope, names.key(key), version=version, session=session)

    def keys(self, scope: str, *, after: str = "", limit: int = 200, session: str | None = None) -> list[str]:
        names = self._of(scope, session)
        found = self._inner.keys(names.scope, after=after and names.key(after), limit=limit, session=session)
        return [names.opened(key) for key in found]

    def every(self, *, after: str = "", limit: int = 200) -> Page[tuple[str, str]]:
        return self._inner.every(after=after, limit=limit)

    def reseal(self, scope: str, key: str) -> bool:
        found = self._inner.get(scope, key) if len(self._shared) > 1 else None
        if found is None or found.session is not None:
            return False
        try:
            self._shared[0].open_value(found.body, _place(found))
        except (KeyAway, CannotUnseal):
            self._inner.put(
                self._sealed(replace(found, body=self._opened(found)))
            )  # or somebody else did: the next look says it
            return True
        return False

    def expire(self, *, before: datetime, limit: int) -> int:
        return self._inner.expire(before=before, limit=limit)

    # -- names

    def _of(self, scope: str, session: str | None) -> _Names:
        if session is not None or not self._shared:
            return _Names(self._vault, scope, Place(session or scope, Kind.STORED_NAME, scope))
        names, (area, slash, name) = self._named(), scope.partition("/")
        kept = f"{area}/{names.seal_name(name, Place('', Kind.STORED_NAME, area))}" if slash else scope
        return _Names(names, kept, Place("", Kind.STORED_NAME, scope))

    def _named(self) -> Vault:
        if self._names is None:
            kept = self._inner.get(*_NAMES)
            if kept is None:
                scope, key = _NAMES
                made = StoredItem(scope=scope, key=key, body={"key": Key.random().exposed()})
                self._inner.put(self._sealed(made))
                kept = self._inner.get(*_NAMES)  # that of whoever was first
            if kept is None:
                raise StoreError("the key of names is gone as soon as it was written")
            self._names = SealedVault(InstallationKeys(Key(self._opened(kept)["key"])))
        return self._names

    # -- bodies

    def _sealed(self, item: StoredItem) -> StoredItem:
        vault = self._vault if item.session is not None or not self._shared else self._shared[0]
        return replace(item, body=vault.seal_value(item.body, _place(item)))

    def _opened(self, kept: StoredItem) -> dict[str, Any]:
        """Raises `KeyAway`, `CannotUnseal`."""
        place = _place(kept)
        if kept.session is not None or not self._shared:
            return dict(self._vault.open_value(kept.body, place))
        for vault in self._shared[:-1]:
            try:
                return dict(vault.open_value(kept.body, place))
            except (KeyAway, CannotUnseal):
                continue
        return dict(self._shared[-1].open_value(kept.body, place))


def _place(kept: StoredItem) -> Place:
    """Of an item as it is kept: by its sealed names."""
    return Place(kept.session or kept.scope, Kind.STORED, f"{kept.scope}\n{kept.key}")
