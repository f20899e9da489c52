"""The clock's nameko shell: entrypoints, and nothing else. What they do: `services.clock.build`."""

from __future__ import annotations

from dataclasses import dataclass

from services.clock.build import ROUND, Clock, build
from services.clock.sweeps import SweepBus
from services.running import utc_now
from services.settings import Settings
from shared.bus.entrypoints import Part, every
from shared.store.open import open_store
from shared.store.ports import Store, StoreUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    clock: Clock
    store: Store

    def close(self) -> None:
        self.clock.close()
        self.store.close()


def assemble(settings: Settings, bus: SweepBus) -> Running:
    store = open_store(settings.database)
    return Running(clock=build(settings, store=store, bus=bus, clock=utc_now), store=store)


class ClockShell:
    name = "clock"
    part = Part(assemble, wait_for=(StoreUnavailable,))

    @every(seconds=ROUND)
    def round(self) -> None:
        self.part.clock.round()
