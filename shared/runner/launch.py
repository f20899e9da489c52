"""``python -m shared.runner.launch``: takes on the limits of a tool, then becomes it. Started by `tools`, which says them in JSON.

A process of its own does this, because code between fork and exec in a service of many threads may find a lock held for ever.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from shared.runner import isolation, landlock

#: What a program needs to start and to find its libraries, fonts and settings.
SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/etc/alternatives",
    "/etc/localtime",
    "/opt",
)
DEVICES = ("/dev/urandom", "/dev/random", "/dev/zero")


def launch(order: dict[str, Any]) -> None:
    """Replace this process by ``order["command"]`` in the folder that is its working directory. Does not return."""
    folder = os.getcwd()
    isolation.leave_network()
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, order["cpu"]),
        (resource.RLIMIT_FSIZE, order["size"]),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_NPROC, 512),
    ):
        _limit(kind, value)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(order["user"], order["user"], order["user"])
        os.setresuid(order["user"], order["user"], order["user"])
    isolation.forbid_new_privileges()
    landlock.restrict(
        read=[*DEVICES], list_only=(), write=[folder, os.devnull], connect=False, execute=[*SYSTEM, *order["programs"]]
    )
    # Last: this Python's own address space is larger than what many tools need.
    _limit(resource.RLIMIT_AS, order["memory"])
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}
    os.execvpe(order["command"][0], order["command"], environment)  # noqa: S606 - an operator's tool, no shell


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    try:
        launch(json.loads(sys.argv[1]))
    except OSError as error:
        print(f"cannot start: {error.strerror}", file=sys.stderr)
        sys.exit(127)
