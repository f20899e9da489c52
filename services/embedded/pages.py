"""The embedded system's web server: gunicorn's worker without gunicorn's processes, since the bus and the store are in this one.

So requests are read, limited and refused as by the gateway of the distributed system (`services.gateway.serving`).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.config import Config

from services.gateway import serving
from services.gateway.http.peers import Peers


class Pages:
    """Serves `app` on `listener`: so many `connections` with one peer at most (0: any), none silent for `silence` seconds."""

    def __init__(self, listener: socket.socket, app: Callable[..., Any], *, connections: int, silence: float) -> None:
        cfg = Config()
        serving.limit(cfg)
        self._worker = serving.Worker(0, os.getppid(), [], None, 0, cfg, serving.Messages(cfg))
        self._worker.wsgi = app
        self._worker.peers = Peers(connections)
        self._worker.silence = silence
        self._server = StreamServer(
            listener, handle=partial(self._worker.handle, listener), spawn=Pool(self._worker.worker_connections)
        )

    def start(self) -> None:
        self._server.start()

    def stop(self, *, timeout: float) -> None:
        """Take no further connection, and end those there are once their requests are answered, in `timeout` seconds at the latest."""
        self._worker.alive = False
        self._server.stop(timeout=timeout)
