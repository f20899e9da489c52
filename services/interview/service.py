"""The interview service's nameko shell: entrypoints, and nothing else. What they do: `services.interview.build`."""

from __future__ import annotations

from collections.abc import Mapping

from services import walls
from services.interview.build import build
from services.pools import ports
from services.running import Running, clock_of, watched
from services.settings import Settings
from shared.bus.entrypoints import Component, calls, calls_to, job
from shared.bus.messages import Bus, Job
from shared.runner.dissector import ChildDissector
from shared.store.ports import StoreUnavailable


def assemble(settings: Settings, bus: Bus) -> Running:
    store, runner = ports(settings, ready=True)
    clock = clock_of(store)
    dissect = ChildDissector(lender=runner.lender)
    service = build(settings, store=store, vault=store.vault, bus=bus, runner=runner, clock=clock, dissect=dissect)
    return Running(
        store=store,
        runner=runner,
        methods=service.methods,
        jobs=service.jobs,
        services={"ticks": service.ticks},
        watched=watched(store),
        walls=walls.check(settings).active,
        ends=(dissect.close,),
    )


class InterviewShell:
    name = "interview"
    component = Component(assemble, wait_for=(StoreUnavailable,))

    @calls
    def call(self, method: str, arguments: Mapping[str, object]) -> object:
        return self.component.methods[method](**arguments)

    @calls_to("ticks")
    def tick(self, method: str, arguments: Mapping[str, object]) -> object:
        return self.component.services["ticks"][method](**arguments)

    @job("mail")
    def mail(self, job: Job) -> None:
        self.component.jobs["mail"](job)
