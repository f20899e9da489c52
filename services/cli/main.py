"""The command line: what can be said to it, and one clear line for everything that is wrong with it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

SUPPORTED = ((3, 11), (3, 12), (3, 13))
TASKS = ("list", "show", "revoke", "retry")
#: As `shared.contract.tasks.TaskStatus`, which is not imported before gevent has patched.
STATUSES = ("queued", "running", "responding", "done", "failed", "revoked")
LOGS = ("interview", "worker", "cron", "scheduler", "mail")
#: Runs that one command prints at most.
MOST = 10_000
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
    run.add_argument("--var", help="folder for what is kept ($XDG_STATE_HOME/parley, mostly ~/.local/state/parley)")
    run.add_argument("--smtp-port", type=int, help="port for incoming mail (8025, or a free one if that is taken)")

    start = commands.add_parser(
        "start", help="services in one process, over the RabbitMQ at AMQP_URI and the MongoDB at MONGO_URI"
    )
    start.add_argument("services", nargs="+", choices=SERVICES, metavar="SERVICE", help=", ".join(SERVICES))
    start.add_argument(
        "--queue", metavar="NAME,…", help="queues of background actions that a worker serves (all of `task queues`)"
    )

    commands.add_parser("replay", help="run interviews from JSON lines and print their screens")

    _add_authoring(commands)

    config = commands.add_parser("config", help="check the configuration, show what is in force, list the keys")
    config.add_argument("what", choices=("check", "show", "keys"))
    config.add_argument("file", nargs="?", metavar="FILE", help="a configuration file (PARLEY_CONFIG)")

    commands.add_parser(
        "doctor", help="what stands around author code on this machine, and whether services start here"
    )

    hashed = commands.add_parser("session-hash", help="what stands for a session in the logs")
    hashed.add_argument("session", metavar="ID")

    _add_schedules(commands)

    _add_queues_and_keys(commands)
    _add_looking(commands)
    return root


def _add_queues_and_keys(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What is asked of the bus, and of the installation's keys."""
    queues = commands.add_parser("queues", help="what waits and what failed, at the RabbitMQ at AMQP_URI")
    either = queues.add_mutually_exclusive_group()
    either.add_argument("--dead", metavar="QUEUE", help="list the jobs of a queue that failed again and again")
    either.add_argument("--revive", metavar="QUEUE", help="put them back on their queue")

    keys = commands.add_parser(
        "keys", help="the installation's keys: make one, see which are used, give a service its own"
    )
    keys.add_argument("what", choices=("new", "list", "derive", "env"))
    keys.add_argument(
        "service", nargs="?", choices=SERVICES, metavar="SERVICE", help="for derive: " + ", ".join(SERVICES)
    )


def _add_authoring(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What an author asks of interviews, without running them, and of packages."""
    check = commands.add_parser("check", help="find what can be found wrong in interviews without running them")
    check.add_argument("files", nargs="+", metavar="FILE")
    check.add_argument("--strict", action="store_true", help="exit with 1 for warnings, too")
    check.add_argument(
        "--format", choices=("text", "json"), default="text", help="lines with excerpts, or one JSON list"
    )

    packages = commands.add_parser("packages", help="interview packages with what they need, in a folder of their own")
    packages.add_argument("what", choices=("list", "add", "remove", "check"))
    packages.add_argument("name", nargs="?", metavar="PACKAGE", help="a name, a wheel, a zip, a folder, git+https://…")
    packages.add_argument("--into", metavar="FOLDER", help="the folder (~/.local/share/parley/packages)")

    fields = commands.add_parser("fields", help="the fields of a PDF form or a DOCX template, as a first interview")
    fields.add_argument("file", metavar="FILE")

    phrases = commands.add_parser("phrases", help="a spreadsheet of an interview's phrases, for a translator")
    phrases.add_argument("file", metavar="FILE")
    phrases.add_argument("language", metavar="LANGUAGE", help="into which they are to be translated, as fr")
    phrases.add_argument("--output", metavar="XLSX", help="where it goes (FILE-LANGUAGE.xlsx here)")

    commands.add_parser("schema", help="the language as a JSON schema, for editors")


def _add_looking(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What is asked of a store: background actions, mails, and what interviews said."""
    _mail(
        commands.add_parser("mail", help="what came and what leaves by mail, what failed of it, and whether it would")
    )
    tasks = commands.add_parser(
        "tasks", help="background actions that wait, run or failed; one of them; ending it, running it again"
    )
    tasks.add_argument("what", nargs="?", choices=TASKS, default="list", help=", ".join(TASKS))
    tasks.add_argument("task", nargs="?", metavar="ID", help="of the task (show, revoke, retry)")
    tasks.add_argument("--status", choices=STATUSES, help="list those of one status")
    tasks.add_argument("--limit", type=_page, default=50, help="how many of each status (50), the newest first")
    tasks.add_argument("--after", default="", help="go on where another page ended (with --status)")
    tasks.add_argument("--var", help="folder of `parley run` (as there)")

    log = commands.add_parser("log", help="what interviews said by log() where nobody looks, and what failed of them")
    log.add_argument("kind", choices=LOGS, metavar="KIND", help=", ".join(LOGS))
    log.add_argument("--limit", type=_page, default=50, help="how many runs (50), the newest first")
    log.add_argument("--after", default="", help="go on where another page ended")
    log.add_argument(
        "--session", default="", metavar="HASH", help="only of this session: the number that a user was told"
    )
    log.add_argument("--var", help="folder of `parley run` (as there)")


def _add_schedules(commands: Any) -> None:
    """The commands about what happens by itself."""
    cron = commands.add_parser("cron", help="run a scheduled event now, in every session that offers it, and wait")
    cron.add_argument("-type", "--type", dest="name", required=True, metavar="NAME", help="cron_daily, or any name")
    cron.add_argument("--again", action="store_true", help="also where it ran in this period already")
    cron.add_argument("--var", help="folder of `parley run` (as there)")

    schedule = commands.add_parser("schedule", help="every schedule, its last tick and its next ones")
    schedule.add_argument("what", nargs="?", default="list", choices=("list", "show", "run", "pause", "resume", "log"))
    schedule.add_argument("name", nargs="?", metavar="NAME")
    schedule.add_argument("--again", action="store_true", help="run: also where it ran in this period already")
    schedule.add_argument("--var", help="folder of `parley run` (as there)")

    task = commands.add_parser("task", help="write app/tasks/NAME.py, a new Task class")
    task.add_argument("name", metavar="NAME")
    due = commands.add_parser("schedule:run", help="run the Task classes of this folder that are due in this minute")
    due.add_argument("--task", metavar="NAME", help="only this one")
    due.add_argument("--force", action="store_true", help="also if it is not due")


def _mail(mail: argparse.ArgumentParser) -> None:
    either = mail.add_mutually_exclusive_group()
    statuses = ("received", "done", "queued", "sending", "sent", "failed", "bounced")
    either.add_argument(
        "--status", choices=statuses, metavar="STATUS", help=f"list those of one: {', '.join(statuses)}"
    )
    either.add_argument("--show", metavar="ID", help="one mail, without its attachments")
    either.add_argument("--retry", metavar="ID", help="try to send, or to act on, one again")
    either.add_argument("--delete", metavar="ID", help="forget one, whichever way it goes")
    either.add_argument("--hours", type=_page, metavar="N", help="what came in each of the last N hours")
    either.add_argument("--test", metavar="ADDRESS", help="send a mail there, and print what is said")
    either.add_argument("--check", action="store_true", help="look up the MX records, and talk to mail_ingest")
    mail.add_argument("--server", metavar="NAME", help="the server for --test")
    mail.add_argument("--limit", type=_page, default=50, help="how many mails (50)")
    mail.add_argument("--after", default="", help="go on where another page ended")
    mail.add_argument("--var", help="folder of `parley run` (as there)")


def _page(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST:
        raise ValueError
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    try:
        status = _main(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read it (`| head`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _main(arguments: Sequence[str] | None) -> int:
    if sys.version_info[:2] not in SUPPORTED:
        print(f"parley: needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    given = parser().parse_args(arguments)
    if given.command == "run":
        # Before anything else is imported: the embedded system is one process, and gevent makes its waiting cheap.
        from services.patching import patch_all  # noqa: PLC0415  first of all: nothing may be imported unpatched

        patch_all()
        from services.embedded.run import run  # noqa: PLC0415  after the patch

        return run(given)
    if given.command == "start":
        from services.cli.start import start  # noqa: PLC0415  heavy: each command loads what it needs

        return start(given.services, given.queue)
    if given.command == "replay":
        from services.cli.replay import main as replay  # noqa: PLC0415  heavy, as above

        return replay([])
    if given.command == "packages":
        from services.cli.packages import packages  # noqa: PLC0415  as above

        return packages(given.what, given.name, into=given.into)
    if given.command == "fields":
        from services.cli.fields import fields  # noqa: PLC0415  heavy, as above

        return fields(given.file)
    if given.command == "phrases":
        from services.cli.phrases import write  # noqa: PLC0415  heavy, as above

        return write(given.file, given.language, given.output)
    if given.command == "schema":
        from services.cli.schema import schema  # noqa: PLC0415  heavy, as above

        return schema()
    if given.command == "config":
        from services.cli.config import config  # noqa: PLC0415  heavy, as above

        return config(given.what, given.file)
    if given.command == "doctor":
        from services.cli.doctor import doctor  # noqa: PLC0415  heavy, as above

        return doctor()
    if given.command == "session-hash":
        from services.logs import session_hash  # noqa: PLC0415  as above

        print(session_hash(given.session))
        return 0
    if given.command in ("cron", "schedule", "task", "schedule:run"):
        return _scheduled(given)
    if given.command in ("log", "keys", "tasks", "mail", "queues"):
        return _looked_into(given)
    from services.cli.check import check  # noqa: PLC0415  heavy, as above

    return check(given.files, strict=given.strict, form=given.format)


def _looked_into(given: argparse.Namespace) -> int:
    """The commands that look into the store, the keys or the bus; each loads what it needs."""
    if given.command == "log":
        from services.cli.log import log  # noqa: PLC0415  heavy

        return log(given.kind, limit=given.limit, after=given.after, session=given.session, var=given.var)
    if given.command == "keys":
        from services.cli.keys import keys  # noqa: PLC0415  heavy

        return keys(given.what, given.service)
    if given.command == "mail":
        from services.cli.mail import mail  # noqa: PLC0415  heavy

        return mail(given)
    if given.command == "queues":
        from services.cli.queues import queues  # noqa: PLC0415  heavy

        return queues(dead=given.dead, revive=given.revive)
    from services.cli.tasks import tasks  # noqa: PLC0415  heavy

    if (given.what == "list") is not (given.task is None):
        print("parley: show, revoke and retry are about one task, list is about all", file=sys.stderr)
        return 2
    return tasks(given.what, given.task, status=given.status, limit=given.limit, after=given.after, var=given.var)


def _scheduled(given: argparse.Namespace) -> int:
    """The commands of `_add_schedules`; each loads what it needs."""
    if given.command == "cron":
        from services.cli.cron import cron  # noqa: PLC0415  heavy

        return cron(given.name, again=given.again, var=given.var)
    if given.command != "schedule":
        from services.cli.craft import new_task, run_due  # noqa: PLC0415  heavy

        return new_task(given.name) if given.command == "task" else run_due(task=given.task, force=given.force)
    if given.what == "log":
        from services.cli.log import log  # noqa: PLC0415  heavy

        return log("scheduler", var=given.var)
    if given.what != "list" and not given.name:
        print(f"parley: schedule {given.what} needs the name of a schedule", file=sys.stderr)
        return 2
    from services.cli.schedule import schedule  # noqa: PLC0415  heavy

    return schedule(given.what, given.name, again=given.again, var=given.var)


if __name__ == "__main__":
    sys.exit(main())
