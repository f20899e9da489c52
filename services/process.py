"""Nameko services as a process: ``python -m shared.bus.green services.process worker clock`` (``parley start worker clock``).

Here settings become what `shared.bus.host` wants to know. The gateway is no nameko service: ``services.gateway.service``.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from services import dumps, garbage, walls
from services.installation import NotGiven, Secrets
from services.logs import configure
from services.settings import Settings, SettingsError, load
from shared.bus.queues import DEFAULT, TASK, task_queue, with_task_queues

log = logging.getLogger(__name__)

#: Where the shell of each service is.
SHELLS: Mapping[str, str] = {
    "interview": "services.interview.service:InterviewShell",
    "worker": "services.worker.service:WorkerShell",
    "clock": "services.clock.service:ClockShell",
    "mail_ingest": "services.mail_ingest.service:MailIngestShell",
}


#: Those of them in which interviews run.
RUN_AUTHOR_CODE = frozenset({"interview", "worker"})


def wrong_names(names: Sequence[str]) -> str | None:
    """What is wrong with the names of services that are to share a process."""
    if not names or not set(names) <= SHELLS.keys():
        return f"expected names of services: {', '.join(SHELLS)}"
    if len(set(names)) < len(names):
        return "a service is in a process once; start more processes for more of it"
    return None


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


def _announced(settings: Settings) -> bool:
    """Log which walls stand around author code here; False if it must not be run, which is said."""
    try:
        around = walls.check(settings)
    except walls.WallsDown as problem:
        print("\n".join(f"parley: {line}" for line in str(problem).splitlines()), file=sys.stderr)
        return False
    for wall, up in around.active.items():
        log.log(
            logging.INFO if up else logging.WARNING, "wall", extra={"part": wall, "status": "up" if up else "missing"}
        )
    return True


#: How a process is told which queues of background actions its worker serves: ``--queue=slow,default``.
QUEUE = "--queue="


def wrong_queues(queues: Sequence[str], settings: Settings) -> str | None:
    """What is wrong with the names of queues that a worker is to serve."""
    unknown = [name for name in queues if name != DEFAULT and name not in settings.task_queues]
    if not unknown:
        return None
    return f"there is no queue {unknown[0]!r}: `task queues` has {', '.join((DEFAULT, *settings.task_queues))}"


def run_services(names: Sequence[str], settings: Settings, *, queues: Sequence[str] = ()) -> int:
    """Run nameko services until SIGTERM; returns the exit status. The process must be patched by eventlet.

    `queues` are those of background actions that a worker among them serves; none: all.
    """
    from shared.bus.host import Process, run  # noqa: PLC0415  heavy: nameko and eventlet, after the patch

    shells = [getattr(import_module(module), shell) for module, shell in (SHELLS[name].split(":") for name in names)]
    process = Process(
        amqp_uri=str(settings.amqp_uri),
        prefix=settings.bus_prefix,
        cover=Secrets.of(settings).cover(),
        settings=settings,
        policies=with_task_queues(settings.task_queues),
        serves={TASK: tuple(map(task_queue, queues or (DEFAULT, *settings.task_queues)))},
        workers={
            "calls": settings.interview_workers,
            "task": settings.task_workers,
            "ticks": settings.cron_workers,
            "mail": 4,
            "send": 8,
        },
        health=(settings.health_host, settings.health_port) if settings.health_port else None,
        stop_seconds=settings.stop_seconds,
        ready=garbage.settle,
    )
    return run(shells, process)


def main(given: Sequence[str]) -> int:
    queues = [name for one in given if one.startswith(QUEUE) for name in one.removeprefix(QUEUE).split(",")]
    arguments = [one for one in given if not one.startswith(QUEUE)]
    if problem := wrong_names(arguments):
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    try:
        distributed(load(need_secret=False))  # before the secret: an embedded system would make one
        settings = load()
        Secrets.of(settings).check(arguments)
        problem = wrong_queues(queues, settings)
        if problem is None and "mail_ingest" in arguments:
            # Here, so that the other services do not load what only mail needs: a resolver, certificates, SMTP.
            problem = import_module("services.mail_ingest.build").hindrance(settings)
        if problem:
            raise SettingsError(problem)
    except (NotGiven, SettingsError) as error:
        print("\n".join(f"parley: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 2
    configure(settings.log_level)
    dumps.forbid()
    settings.announce()
    if RUN_AUTHOR_CODE & set(arguments) and not _announced(settings):
        return 2
    return run_services(arguments, settings, queues=queues)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
