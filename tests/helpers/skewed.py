"""Services on a machine whose clock is wrong: ``python -m shared.bus.green tests.helpers.skewed SECONDS SERVICE…`` (ahead; behind with a minus).

What a process reads of its machine's clock is moved before the services are loaded; the database and the broker keep their own.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from services import running

#: Arguments after the interpreter's own, for `bench.system.Running.start`.
MODULE = "shared.bus.green"


def arguments(seconds: float, service: str) -> tuple[str, ...]:
    return ("tests.helpers.skewed", str(seconds), service)


def set_clock(ahead: float) -> None:
    machine = time.time
    time.time = lambda: machine() + ahead
    running.utc_now = lambda: datetime.fromtimestamp(machine() + ahead, UTC)


if __name__ == "__main__":
    set_clock(float(sys.argv[1]))
    from services.process import main

    sys.exit(main(sys.argv[2:]))
