"""``parley start SERVICE…``: services of the distributed system, in a process that is right for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from services.process import QUEUE, wrong_names

_GATEWAY = "gateway"


def start(services: Sequence[str], queues: str | None = None) -> int:
    """Replace this process by the services' own: nameko's need eventlet before anything else, the gateway gunicorn.

    `queues`: those that a worker serves, separated by commas. Returns only if there is something wrong: the exit status.
    """
    if _GATEWAY not in services:
        if problem := wrong_names(services):
            print(f"parley: {problem}", file=sys.stderr)
            return 2
        if queues is not None and "worker" not in services:
            print("parley: --queue is about a worker, which is not among these services", file=sys.stderr)
            return 2
        module = ["shared.bus.green", "services.process", *services, *([] if queues is None else [f"{QUEUE}{queues}"])]
    elif len(services) == 1:
        module = ["services.gateway.service"]
    else:
        print("parley: the gateway is a process of its own (gunicorn); start the others apart from it", file=sys.stderr)
        return 2
    os.execv(sys.executable, [sys.executable, "-m", *module])  # noqa: S606 - the interpreter itself, with fixed arguments
    return 0  # exec does not come back
