"""The interview service's nameko shell: entrypoints, and nothing else. What they do: `services.interview.build`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.interview.build import build
from services.running import Running, ports, utc_now
from services.settings import Settings
from shared.bus.entrypoints import Part, calls, job
from shared.bus.messages import Bus, Job
from shared.store.ports import StoreUnavailable


def assemble(settings: Settings, bus: Bus) -> Running:
    store, runner = ports(settings)
    service = build(settings, store=store, bus=bus, runner=runner, clock=utc_now)
    return Running(store=store, runner=runner, methods=service.methods, jobs=service.jobs)


class InterviewShell:
    name = "interview"
    part = Part(assemble, wait_for=(StoreUnavailable,))

    @calls
    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        return self.part.methods[method](**arguments)

    @job("tick")
    def tick(self, job: Job) -> None:
        self.part.jobs["tick"](job)

    @job("mail")
    def mail(self, job: Job) -> None:
        self.part.jobs["mail"](job)
