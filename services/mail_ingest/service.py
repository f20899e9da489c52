"""mail_ingest's nameko shell: entrypoints, and nothing else. What they do: `services.mail_ingest.build`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.mail_ingest.build import MailIngest, build
from services.running import clock_of, sealed_store, watched
from services.settings import Settings
from shared.bus.entrypoints import Component, background
from shared.bus.messages import Bus
from shared.store.ports import Store, StoreUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    mail_ingest: MailIngest
    store: Store
    watched: Mapping[str, Callable[[], str | None]]

    def close(self) -> None:
        self.mail_ingest.stop()
        self.store.close()


def assemble(settings: Settings, bus: Bus) -> Running:
    """Listening: what cannot is not started. Raises `OSError`."""
    store = sealed_store(settings)
    mail_ingest = build(settings, store=store, bus=bus, clock=clock_of(store), may_become=True)
    mail_ingest.start()
    return Running(
        mail_ingest=mail_ingest,
        store=store,
        watched=watched(store),
    )


class MailIngestShell:
    name = "mail_ingest"
    component = Component(assemble, wait_for=(StoreUnavailable,))

    @background
    def serve(self, stopping: object) -> None:
        self.component.mail_ingest.serve(stopping)
