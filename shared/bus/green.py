"""``python -m shared.bus.green MODULE ARGUMENT…`` runs a module in a process that eventlet patched before anything else.

Locks and sockets made before the patch would block the whole process; so nothing may be imported above it.
"""

import os
import warnings

# "Eventlet is deprecated": known (DESIGN §2), and not news for whoever starts a service.
warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")

# Its own resolver takes 19 MB of every process, and 0.2 s of its start. The machine's is asked instead, in a thread: it blocks.
os.environ["EVENTLET_NO_GREENDNS"] = "yes"
os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", "4")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import ipaddress  # noqa: E402
import runpy  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

import eventlet.green.socket  # noqa: E402
from eventlet import tpool  # noqa: E402


def _off_the_loop(ask: Callable[..., Any]) -> Callable[..., Any]:
    """`ask`, which waits for others, in a thread; for what is an address already, here."""

    def asked(host: object, *args: object, **kwargs: object) -> Any:
        try:
            if host is not None:
                ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)  # type: ignore[arg-type]
        except ValueError:
            return tpool.execute(ask, host, *args, **kwargs)
        return ask(host, *args, **kwargs)

    return asked


def resolve_off_the_loop() -> None:
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        asked = _off_the_loop(getattr(socket, name))
        for module in (socket, eventlet.green.socket):
            setattr(module, name, asked)


resolve_off_the_loop()

if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
