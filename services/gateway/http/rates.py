"""How many requests one browser, and one network address, may make: 429 beyond. What one process knows, so each gateway counts for itself.

A bucket holds a minute's requests and fills evenly; whoever is silent for a minute may make as many at once again. Pages' own
files do not count: they are cached, and cost nothing.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from flask import Flask, Response, g

from services.gateway.http.current import asked
from services.gateway.http.peers import network
from services.gateway.options import Options

#: Buckets kept; of more, the ones used least lately are forgotten, which for them is as good as a minute's silence.
_KEPT = 50_000
_FREE = ("/assets/", "/packagestatic/", "/healthz", "/metrics")


class Buckets:
    """At most `per_minute` of each key; 0: any."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic, kept: int = _KEPT) -> None:
        self._most = per_minute
        self._clock = clock
        self._kept = kept
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  #: requests left, as of when

    def take(self, key: Hashable) -> int:
        """Take one from the bucket of `key`: 0, or the seconds after which there is one again."""
        if not self._most:
            return 0
        now, each = self._clock(), 60.0 / self._most
        left, when = self._left.pop(key, (float(self._most), now))
        left = min(float(self._most), left + (now - when) / each)
        refused = left < 1
        self._left[key] = (left if refused else left - 1, now)
        if len(self._left) > self._kept:
            self._left.popitem(last=False)
        return max(1, round((1 - left) * each)) if refused else 0

    def __len__(self) -> int:
        return len(self._left)


class Rates:
    def __init__(self, options: Options) -> None:
        self._clients = Buckets(options.client_per_minute)
        self._addresses = Buckets(options.address_per_minute)

    def install(self, app: Flask, refuse: Callable[[int], Response]) -> None:
        """`refuse(seconds)` makes the response to a request that is one too many."""

        @app.before_request
        def check() -> Response | None:
            request = asked()
            if request.path.startswith(_FREE):
                return None
            wait = self._addresses.take(network(request.remote_addr or ""))
            known = sorted(value for name, value in request.cookies.items() if "parley" in name)
            if not wait and known:
                # A cookie that we did not set gains nothing: the address still counts.
                wait = self._clients.take(hash(tuple(known)))
            if not wait:
                return None
            g.keep_cookie = True
            return refuse(wait)
