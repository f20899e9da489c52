"""Services on a machine whose clock is wrong: ``python -m shared.bus.green tests.helpers.skewed SECONDS SERVICE…`` (ahead; behind with a minus).

What a process reads of its machine's clock is moved before the services are loaded; the database and the broker keep their own.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from services import running

if TYPE_CHECKING:
    from bench.system import Running


def start(system: Running, service: str, *, ahead: float = 0.0) -> subprocess.Popen[bytes]:
    """One more process of a service, on a machine whose clock is ahead by so many seconds."""
    if ahead:
        return system.start(service, "tests.helpers.skewed", str(ahead), service, module="shared.bus.green")
    return system.start(service, "start", service)


def set_clock(ahead: float) -> None:
    machine = time.time
    time.time = lambda: machine() + ahead
    running.utc_now = lambda: datetime.fromtimestamp(machine() + ahead, UTC)


if __name__ == "__main__":
    set_clock(float(sys.argv[1]))
    from services.process import main

    sys.exit(main(sys.argv[2:]))
