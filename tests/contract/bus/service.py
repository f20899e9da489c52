"""`Probe` behind nameko, as a process: ``python -m tests.contract.bus.service`` with the broker in AMQP_URI and a PREFIX.

Optional: HEARTBEAT and CLAIMED_SECONDS in seconds, HEALTH_PORT, STOP_SECONDS.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from services.logs import configure  # noqa: E402
from shared.bus.entrypoints import Part, calls, job  # noqa: E402
from shared.bus.host import Process, run  # noqa: E402
from shared.bus.messages import Job  # noqa: E402
from tests.contract.bus.probe import METHODS, POLICIES, QUEUE, Probe  # noqa: E402


class Built:
    def __init__(self, settings: Any, bus: Any) -> None:
        probe = Probe()
        self.methods = {name: getattr(probe, name) for name in METHODS}
        self.handle = probe.handle


class ProbeService:
    name = "probe"
    part = Part(Built)

    @calls
    def call(self, method: str, arguments: dict[str, Any]) -> Any:
        return self.part.methods[method](**arguments)

    @job(QUEUE)
    def handle(self, job: Job) -> None:
        self.part.handle(job)


if __name__ == "__main__":
    configure("DEBUG")
    health_port = os.environ.get("HEALTH_PORT")
    sys.exit(
        run(
            ProbeService,
            Process(
                amqp_uri=os.environ["AMQP_URI"],
                prefix=os.environ["PREFIX"],
                policies=POLICIES,
                workers={"calls": 4, QUEUE: 3},
                heartbeat=int(os.environ.get("HEARTBEAT", "20")),
                claimed_seconds=float(os.environ.get("CLAIMED_SECONDS", "600")),
                stop_seconds=float(os.environ.get("STOP_SECONDS", "6")),
                health=("127.0.0.1", int(health_port)) if health_port else None,
            ),
        )
    )
