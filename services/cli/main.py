"""The command line: what can be said to it, and one clear line for everything that is wrong with it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

SERVICES = ("gateway", "interview", "worker", "clock", "mail_ingest")


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="parley", description="Guided interviews, and the work that goes on behind them."
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="the whole system in one process; with FILE, that interview from disk")
    run.add_argument(
        "file", nargs="?", metavar="FILE", help="an interview (YAML): served alone, loaded again when saved"
    )
    run.add_argument("--port", type=int, help="port of the web pages (8000)")
    run.add_argument("--host", help="address to listen on (127.0.0.1)")
    run.add_argument("--var", help="folder for what is kept (./var)")
    run.add_argument("--smtp-port", type=int, help="port for incoming mail (8025)")

    start = commands.add_parser("start", help="one service, over the RabbitMQ at AMQP_URI and the MongoDB at MONGO_URI")
    start.add_argument("service", choices=SERVICES)

    commands.add_parser("replay", help="run interviews from JSON lines and print their screens")

    check = commands.add_parser("check", help="find what can be found wrong in interviews without running them")
    check.add_argument("files", nargs="+", metavar="FILE")

    queues = commands.add_parser("queues", help="what waits and what failed, at the RabbitMQ at AMQP_URI")
    either = queues.add_mutually_exclusive_group()
    either.add_argument("--dead", metavar="QUEUE", help="list the jobs of a queue that failed again and again")
    either.add_argument("--revive", metavar="QUEUE", help="put them back on their queue")
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    if sys.version_info[:2] != (3, 11):
        print(f"parley: needs Python 3.11; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    given = parser().parse_args(arguments)
    if given.command == "run":
        # Before anything else is imported: the embedded system is one process, and gevent makes its waiting cheap.
        from gevent import monkey

        monkey.patch_all()
        from services.embedded.run import run

        return run(given)
    if given.command == "start":
        from services.cli.start import start

        return start(given.service)
    if given.command == "replay":
        from services.cli.replay import main as replay

        return replay([])
    if given.command == "queues":
        from services.cli.queues import queues

        return queues(dead=given.dead, revive=given.revive)
    from services.cli.check import check

    return check(given.files)


if __name__ == "__main__":
    sys.exit(main())
