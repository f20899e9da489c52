"""Under which names requests may come. Whoever sends a request chooses the name in it (``Host``), and addresses are made of that name:
of mails with links, of redirects. So only names that the operator or this machine has count. Not for addresses of clients (rates.py).
"""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, abort

from services.gateway.http.current import asked
from services.gateway.options import Options

#: Probes come by whatever address the prober knows, and nothing is made of it there.
_PROBES = frozenset({"/healthz", "/metrics"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Hosts:
    def __init__(self, options: Options) -> None:
        own = urlsplit(options.url_root or "").netloc
        self._names = {*_LOOPBACK, _without_port(own.lower()), socket.gethostname().lower(), *options.hosts} - {""}
        self._below = tuple(name for name in options.hosts if name.startswith("."))
        self._any = "*" in options.hosts

    def install(self, app: Flask) -> None:
        @app.before_request
        def check() -> None:
            request = asked()
            if request.path not in _PROBES and not self.admits(request.host):
                abort(400, "host")

    def admits(self, host: str) -> bool:
        """Whether `host`, perhaps with a port, is a name of ours. An address is if it is one of this machine's."""
        name = _without_port(host.lower())
        return self._any or name in self._names or name.endswith(self._below) or _is_own_address(name.strip("[]"))


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


@lru_cache(maxsize=256)
def _is_own_address(text: str) -> bool:
    """An address that a socket can be bound to is the machine's own: a name is none, it could be made to lead here."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.is_unspecified or address.is_multicast:
        return False
    with socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((text, 0))
        except OSError:
            return False
    return True
