"""mail_ingest's nameko shell: entrypoints, and nothing else. What they do: `services.mail_ingest.build`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.mail_ingest.build import MailIngest, build
from services.running import utc_now
from services.settings import Settings
from shared.bus.entrypoints import Part, background
from shared.bus.messages import Bus
from shared.store.open import open_store
from shared.store.ports import Store, StoreUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    mail_ingest: MailIngest
    store: Store

    def close(self) -> None:
        self.mail_ingest.stop()
        self.store.close()


def assemble(settings: Settings, bus: Bus) -> Running:
    store = open_store(settings.database)
    return Running(mail_ingest=build(settings, store=store, bus=bus, clock=utc_now), store=store)


class MailIngestShell:
    name = "mail_ingest"
    part = Part(assemble, wait_for=(StoreUnavailable,))

    @background
    def serve(self, stopping: Any) -> None:
        self.part.mail_ingest.serve(stopping)
