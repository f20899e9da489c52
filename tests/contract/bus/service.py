"""`Probe` behind nameko: ``python -m shared.bus.green tests.contract.bus.service``, broker in AMQP_URI, names in PREFIX.

Optional: HEARTBEAT (of jobs), CALL_HEARTBEAT and CLAIMED_SECONDS in seconds, HEALTH_PORT, STOP_SECONDS.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from services.logs import configure
from shared.bus.covers import NO_COVER
from shared.bus.entrypoints import Component, calls, job
from shared.bus.host import Process, run
from shared.bus.messages import Job
from tests.contract.bus.probe import COVER, METHODS, POLICIES, QUEUE, Probe


class Built:
    def __init__(self, settings: Any, bus: Any) -> None:
        probe = Probe()
        self.methods = {name: getattr(probe, name) for name in METHODS}
        self.handle = probe.handle
        self.stopping = probe.stopping.set


class ProbeService:
    name = "probe"
    component = Component(Built)

    @calls
    def call(self, method: str, arguments: dict[str, Any]) -> Any:
        return self.component.methods[method](**arguments)

    @job(QUEUE)
    def handle(self, job: Job) -> None:
        self.component.handle(job)


if __name__ == "__main__":
    configure("DEBUG")
    health_port = os.environ.get("HEALTH_PORT")
    sys.exit(
        run(
            [ProbeService],
            Process(
                amqp_uri=os.environ["AMQP_URI"],
                prefix=os.environ["PREFIX"],
                policies=POLICIES,
                cover=COVER if os.environ.get("COVERED") else NO_COVER,
                workers={"calls": 4, QUEUE: 3},
                heartbeat=int(os.environ.get("HEARTBEAT", "20")),
                call_heartbeat=int(os.environ.get("CALL_HEARTBEAT", "1")),
                claimed_seconds=float(os.environ.get("CLAIMED_SECONDS", "600")),
                stop_seconds=float(os.environ.get("STOP_SECONDS", "6")),
                health=("127.0.0.1", int(health_port)) if health_port else None,
            ),
        )
    )
