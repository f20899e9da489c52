"""``parley start SERVICE``: one service of the distributed system, in a process that is right for it."""

from __future__ import annotations

import os
import sys


def start(service: str) -> int:
    """Replace this process by the service's own: nameko's need eventlet before anything else, the gateway gunicorn."""
    if service == "gateway":
        module = ["services.gateway.service"]
    else:
        module = ["shared.bus.green", "services.process", service]
    os.execv(sys.executable, [sys.executable, "-m", *module])  # noqa: S606 - the interpreter itself, with fixed arguments
