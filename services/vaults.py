"""The store of a service, behind the vault that seals what holds answers (docs/adr/0027-keys-of-sessions.md).

Not for: the gateway, which has no store.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.installation import Secrets
from services.settings import Settings
from shared.store.ports import Store
from shared.vault.held import HeldKeys
from shared.vault.keys import InstallationKeys
from shared.vault.sealed import SealedVault
from shared.vault.slots import ServiceKeys
from shared.vault.store import VaultedStore


def sealed(settings: Settings, inner: Store, *, clock: Callable[[], datetime]) -> VaultedStore:
    """`inner` behind a vault with what this service has of the installation's keys: one that has none opens no session by itself."""
    secrets = Secrets.of(settings)
    service = ServiceKeys(secrets.keys("slots") if secrets.has("slots") else {})
    keys = HeldKeys(service, look=inner.sessions.load, clock=clock, allowed=settings.sealed_allows)
    return VaultedStore(
        inner, SealedVault(keys), runs=_installation(secrets, "runs"), shared=_installation(secrets, "storage")
    )


def runs_vaults(secrets: Secrets) -> list[SealedVault]:
    """What interviews say by log(), and what they fail of, is for those who run the installation: its keys open it."""
    return _installation(secrets, "runs")


def _installation(secrets: Secrets, purpose: str) -> list[SealedVault]:
    keys = secrets.keys(purpose).values() if secrets.has(purpose) else ()
    return [SealedVault(InstallationKeys(key)) for key in keys]
