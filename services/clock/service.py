"""The clock's nameko shell: entrypoints, and nothing else. What they do: `services.clock.build`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.clock.build import LOOK, ROUND, Clock, build
from services.clock.sweeps import SweepBus
from services.running import clock_of, sealed_store, watched
from services.settings import Settings
from shared.bus.entrypoints import Component, every
from shared.store.ports import Store, StoreUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    clock: Clock
    store: Store
    watched: Mapping[str, Callable[[], str | None]]

    def close(self) -> None:
        self.clock.close()
        self.store.close()


def assemble(settings: Settings, bus: SweepBus) -> Running:
    store = sealed_store(settings)
    return Running(
        clock=build(settings, store=store, bus=bus, clock=clock_of(store)), store=store, watched=watched(store)
    )


class ClockShell:
    name = "clock"
    component = Component(assemble, wait_for=(StoreUnavailable,))

    @every(seconds=ROUND)
    def sweep(self) -> None:
        self.component.clock.sweep()

    @every(seconds=LOOK)
    def look(self) -> None:
        self.component.clock.look()
