"""The worker's nameko shell: entrypoints, and nothing else. What they do: `services.worker.build`."""

from __future__ import annotations

from services.authorconfig import author_config
from services.outside import SessionOutside
from services.running import Running, ports, utc_now
from services.settings import Settings
from services.worker.build import build
from shared.bus.entrypoints import Part, job
from shared.bus.messages import Bus, Job
from shared.store.ports import StoreUnavailable


def assemble(settings: Settings, bus: Bus) -> Running:
    store, runner = ports(settings)
    service = build(
        settings,
        store=store,
        bus=bus,
        runner=runner,
        outside=lambda session: SessionOutside(store, session, clock=utc_now),
        config=author_config(settings),
        clock=utc_now,
    )
    return Running(store=store, runner=runner, jobs=service.jobs)


class WorkerShell:
    name = "worker"
    part = Part(assemble, wait_for=(StoreUnavailable,))

    @job("task")
    def task(self, job: Job) -> None:
        self.part.jobs["task"](job)

    @job("send")
    def send(self, job: Job) -> None:
        self.part.jobs["send"](job)
