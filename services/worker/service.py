"""The worker's nameko shell: entrypoints, and nothing else. What they do: `services.worker.build`."""

from __future__ import annotations

from services import walls
from services.authorconfig import author_config
from services.pools import ports
from services.running import Running, clock_of, watched
from services.session_host import SessionHost
from services.settings import Settings
from services.worker.build import build
from shared.bus.entrypoints import Component, job
from shared.bus.messages import Bus, Job
from shared.store.ports import StoreUnavailable


def assemble(settings: Settings, bus: Bus) -> Running:
    store, runner = ports(settings)
    clock = clock_of(store)
    service = build(
        settings,
        store=store,
        vault=store.vault,
        bus=bus,
        runner=runner,
        host=lambda session: SessionHost(store, session, clock=clock),
        config=author_config(settings),
        clock=clock,
    )
    return Running(
        store=store,
        runner=runner,
        jobs=service.jobs,
        stopping=service.stopping,
        watched=watched(store),
        walls=walls.check(settings).active,
        ends=(service.close,),
    )


class WorkerShell:
    name = "worker"
    component = Component(assemble, wait_for=(StoreUnavailable,))

    @job("task")
    def task(self, job: Job) -> None:
        self.component.jobs["task"](job)

    @job("send")
    def send(self, job: Job) -> None:
        self.component.jobs["send"](job)
