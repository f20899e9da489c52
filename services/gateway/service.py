"""The gateway as a process of the distributed system: gunicorn with gevent workers around `create_app`.

Started by ``parley start gateway``. gevent patches the standard library before anything else is imported, so that the
bus's blocking sockets let other requests and the event streams go on. WEB_CONCURRENCY sets the number of processes.
"""

from __future__ import annotations

if __name__ == "__main__":
    from services.patching import patch_all

    patch_all()

import gc
import sys
from importlib import import_module
from types import FrameType

import gevent
from gunicorn.app.base import BaseApplication

from services import dumps, garbage
from services.gateway import serving
from services.gateway.http.peers import Peers
from services.installation import NotGiven, Secrets
from services.logs import configure
from services.settings import Settings, SettingsError, load

#: What requests need: gunicorn's first process answers none.
_APP = "services.gateway.app"


class Worker(serving.Worker):
    """Ends the event streams on SIGTERM: they would otherwise be waited for until the time is up."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        close = getattr(
            getattr(self, "wsgi", None), "close", None
        )  # not there yet if SIGTERM comes while the app is made
        if close is not None:
            gevent.spawn(close)


def _keep_shared(arbiter: object, worker: object) -> None:
    """What is imported is never garbage: a worker that looked at it would copy each of its pages."""
    gc.collect()
    gc.freeze()


def _ready(worker: object) -> None:
    garbage.settle()


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Behind a proxy all peers are the proxy.
        Worker.peers = Peers(0 if settings.trusted_proxies else settings.address_connections)
        Worker.silence = settings.request_seconds
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.cfg.set("bind", f"{host}:{settings.port}")
        self.cfg.set("worker_class", Worker)
        serving.limit(self.cfg)
        self.cfg.set("backlog", 2048)
        self.cfg.set("graceful_timeout", max(1, int(settings.stop_seconds)))
        self.cfg.set("timeout", 60)
        # One path for all gateways of a machine, which a read-only container cannot write anyway.
        self.cfg.set("control_socket_disable", True)
        self.cfg.set("proc_name", "parley-gateway")
        self.cfg.set("pre_fork", _keep_shared)
        self.cfg.set("post_worker_init", _ready)
        if self.cfg.workers > 1:
            import_module(_APP)  # once for all; a single one has it alone, or each page would be there twice

    def load(self) -> object:
        # Only in gunicorn's workers: the app, and amqp.
        from services.gateway.app import create_app  # noqa: PLC0415
        from shared import markup  # noqa: PLC0415
        from shared.bus.rabbit import RabbitBus  # noqa: PLC0415
        from shared.runner.marking import Marking  # noqa: PLC0415

        settings = self._settings
        if settings.amqp_uri is None:
            raise SettingsError(
                "AMQP_URI is not set: the distributed gateway needs RabbitMQ (parley run needs nothing)"
            )
        # In each of gunicorn's processes, which are forked: a process of one's own is nobody else's.
        markup.use(Marking())
        return create_app(
            RabbitBus(
                settings.amqp_uri, prefix=settings.bus_prefix, name="gateway", cover=Secrets.of(settings).cover()
            ),
            settings,
        )


def main() -> int:
    try:
        settings = load()
        if settings.amqp_uri is None:
            raise SettingsError(
                "AMQP_URI is not set: the distributed gateway needs RabbitMQ (parley run needs nothing)"
            )
        Secrets.of(settings).check(["gateway"])
    except (NotGiven, SettingsError) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    configure(settings.log_level)
    dumps.forbid()
    settings.announce()
    Server(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
