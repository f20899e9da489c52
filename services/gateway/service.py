"""The gateway as a process of the distributed system: gunicorn with gevent workers around `create_app`.

Started by ``parley start gateway``. gevent patches the standard library before anything else is imported, so that the
bus's blocking sockets let other requests and the event streams go on. WEB_CONCURRENCY sets the number of processes.
"""

from __future__ import annotations

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import sys
from types import FrameType
from typing import Any

import gevent
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

from services.gateway.app import Gateway, create_app
from services.logs import configure
from services.settings import Settings, SettingsError, load

#: Connections of one process beyond its event streams.
REQUESTS = 1000


class Worker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Ends the event streams on SIGTERM: they would otherwise be waited for until the time is up."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        app = getattr(self, "wsgi", None)  # not there yet if SIGTERM comes while the app is made
        if isinstance(app, Gateway):
            gevent.spawn(app.close)


class Messages(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's messages through the process's own logging, as JSON lines."""

    def setup(self, cfg: Any) -> None:
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.access_log.disabled = True


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.cfg.set("bind", f"{host}:{settings.port}")
        self.cfg.set("worker_class", Worker)
        self.cfg.set("worker_connections", 5000 + REQUESTS)
        self.cfg.set("backlog", 2048)
        self.cfg.set("keepalive", 30)
        self.cfg.set("graceful_timeout", max(1, int(settings.stop_seconds)))
        self.cfg.set("timeout", 60)
        self.cfg.set("accesslog", None)
        self.cfg.set("logger_class", Messages)
        # One path for all gateways of a machine, which a read-only container cannot write anyway.
        self.cfg.set("control_socket_disable", True)
        self.cfg.set("proc_name", "parley-gateway")
        # A proxy's headers are read by the app, which knows how many proxies there are (ProxyFix).
        self.cfg.set("forwarded_allow_ips", "")
        # Sending a heartbeat through a file on a slow disk stops the worker; memory does not.
        self.cfg.set("worker_tmp_dir", "/dev/shm" if sys.platform == "linux" else None)  # noqa: S108

    def load(self) -> Any:
        from shared.bus.rabbit import RabbitBus

        settings = self._settings
        if settings.amqp_uri is None:
            raise SettingsError(
                "AMQP_URI is not set: the distributed gateway needs RabbitMQ (parley run needs nothing)"
            )
        return create_app(RabbitBus(settings.amqp_uri, prefix=settings.bus_prefix, name="gateway"), settings)


def main() -> int:
    try:
        settings = load()
        if settings.amqp_uri is None:
            raise SettingsError(
                "AMQP_URI is not set: the distributed gateway needs RabbitMQ (parley run needs nothing)"
            )
    except SettingsError as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    configure(settings.log_level)
    Server(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
