"""Any store behind a vault: the same ports, and nothing that holds answers passes unsealed.

Stays readable: ids, versions, interviews, times, numbers of steps, sizes, status, kinds of errors, flags, events, progress,
owners, local parts of addresses, schedules and notes. Limits are those of the store for what is kept, which is some thirty
bytes longer than what was given (a third longer for titles and tags).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.store.ports import Store
from shared.vault.files import VaultedFiles
from shared.vault.mails import VaultedMails
from shared.vault.outgoing import VaultedOutgoing
from shared.vault.ports import Vault
from shared.vault.runs import VaultedRuns
from shared.vault.sessions import VaultedSessions
from shared.vault.storage import VaultedStorage
from shared.vault.tasks import VaultedTasks
from shared.vault.uploads import VaultedUploads


class VaultedStore(Store):
    """All ports over `inner`."""

    def __init__(self, inner: Store, vault: Vault, *, runs: Sequence[Vault] = (), shared: Sequence[Vault] = ()) -> None:
        """`runs` are the vaults of what runs said, if that is not for those who may open the session: the first seals, each may open;
        `shared` those of what sessions share.
        """
        self.inner = inner
        self.vault = vault
        self.sessions = VaultedSessions(inner.sessions, vault)
        self.tasks = VaultedTasks(inner.tasks, vault)
        self.files = VaultedFiles(inner.files, vault, *shared)
        self.uploads = VaultedUploads(inner.uploads, vault)
        self.mails = VaultedMails(inner.mails, vault)
        self.outgoing = VaultedOutgoing(inner.outgoing, vault)
        self.schedule = inner.schedule
        self.runs = VaultedRuns(inner.runs, *(runs or (vault,)))
        self.ticks = inner.ticks  # no text of a user's or an author's
        self.storage = VaultedStorage(inner.storage, vault, *shared)
        self.ledger = inner.ledger
        self.overview = inner.overview  # which shows only what is clear

    def prepare(self) -> None:
        self.inner.prepare()

    def prepared(self) -> bool:
        return self.inner.prepared()

    def ping(self) -> None:
        self.inner.ping()

    def time(self) -> datetime:
        return self.inner.time()

    def check(self) -> None:
        self.inner.check()

    def close(self) -> None:
        self.inner.close()
