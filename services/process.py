"""One nameko service as a process: ``python -m shared.bus.green services.process interview`` (``parley start interview``).

Here settings become what `shared.bus.host` wants to know. The gateway is no nameko service: ``services.gateway.service``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from services.logs import configure
from services.settings import Settings, SettingsError, load

#: Where the shell of each service is.
SHELLS: Mapping[str, str] = {
    "interview": "services.interview.service:InterviewShell",
    "worker": "services.worker.service:WorkerShell",
    "clock": "services.clock.service:ClockShell",
    "mail_ingest": "services.mail_ingest.service:MailIngestShell",
}


def distributed(settings: Settings) -> Settings:
    """The settings, if they are those of a service over RabbitMQ and MongoDB. Raises `SettingsError`."""
    problems = []
    if settings.amqp_uri is None:
        problems.append("AMQP_URI: a service needs RabbitMQ (amqp://user:password@host/); `parley run` needs none")
    if settings.store_uri is None or settings.store_uri.startswith("sqlite"):
        problems.append("MONGO_URI: a service needs MongoDB (mongodb://host/parley); `parley run` needs none")
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def run_service(name: str, settings: Settings) -> int:
    """Run one nameko service until SIGTERM; returns the exit status. The process must be patched by eventlet."""
    from shared.bus.host import Process, run

    module, shell = SHELLS[name].split(":")
    process = Process(
        amqp_uri=str(settings.amqp_uri),
        prefix=settings.bus_prefix,
        settings=settings,
        workers={"calls": settings.interview_workers, "task": settings.task_workers, "tick": 4, "mail": 2, "send": 2},
        health=(settings.health_host, settings.health_port) if settings.health_port else None,
        stop_seconds=settings.stop_seconds,
    )
    return run(getattr(import_module(module), shell), process)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in SHELLS:
        print(f"parley: expected the name of a service: {', '.join(SHELLS)}", file=sys.stderr)
        return 2
    try:
        distributed(load(need_secret=False))  # before the secret: an embedded system would make one
        settings = load()
    except SettingsError as error:
        print("\n".join(f"parley: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 2
    configure(settings.log_level)
    return run_service(arguments[0], settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
