"""``parley run``: the embedded system with its web pages, until Ctrl-C. One clear line for whatever keeps it from starting."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gevent
from gevent.event import Event

from services import dumps, garbage, walls
from services.embedded.lock import FolderLock, InUse
from services.embedded.mark import DatabaseGone
from services.embedded.pages import Pages
from services.embedded.system import System
from services.gateway.app import create_app
from services.gateway.options import Options
from services.logs import configure
from services.mail_ingest.build import told
from services.mail_ingest.certificates import BadCertificate
from services.settings import Settings, SettingsError, load_with_places, make_folder
from shared import markup
from shared.language.errors import LanguageError, NoSource
from shared.language.sources import Root, Sources, locate
from shared.runner.marking import Marking
from shared.store.ports import StoreDamaged, StoreError
from shared.store.probe import Probe

#: Comes with the program, wherever it is installed.
DEMOS = Root(Path(__file__).parents[2] / "demos", "demos")


class CannotStart(Exception):
    """Said to the operator as it is."""


def run(given: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit status: 0, or 2 if it cannot start."""
    try:
        settings, interview = _settings(given)
        # Somebody sits in front of it: what goes well is not worth a line, unless asked for.
        configure(settings.log_level if os.environ.get("PARLEY_LOG_LEVEL") else "WARNING")
        settings.announce()
        dumps.forbid()
        with _alone(settings.var), _listen(settings.host, settings.port, "web pages", "--port") as web:
            settings = walls.at_an_authors_desk(settings)
            return _serve(settings, web, interview, _walls(settings))
    except (CannotStart, SettingsError) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2


def _settings(given: argparse.Namespace) -> tuple[Settings, str | None]:
    # The embedded system is the one without a broker, whatever is set for other commands.
    environ = {key: value for key, value in os.environ.items() if key not in ("AMQP_URI", "MONGO_URI")}
    loaded = load_with_places(environ, port=given.port, host=given.host, var=given.var, smtp_port=given.smtp_port)
    settings = loaded.settings
    if "smtp_port" not in loaded.places and not _is_free(settings.smtp_host, settings.smtp_port):
        print(f"Port {settings.smtp_port} is taken; mail comes in on a free one (--smtp-port chooses one).", flush=True)
        settings = replace(settings, smtp_port=0)
    packages = [*map(Root.of, settings.packages), DEMOS]
    interview = None
    if given.file is not None:
        interview, root = _one_file(Path(given.file))
        # That package and what the operator named, not whatever lies around: neither its parent nor the working directory.
        packages = [root, *(map(Root.of, settings.packages) if "packages" in loaded.places else ())]
    settings = replace(settings, packages=tuple(dict.fromkeys(packages)), debug=settings.debug or interview is not None)
    try:
        make_folder(settings.var)
        probe = settings.var / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"cannot write to {settings.var}: {error.strerror}. Choose another folder with --var (make run VAR=…)"
        ) from None
    return settings, interview


def _walls(settings: Settings) -> walls.Walls:
    try:
        return walls.check(settings)
    except walls.WallsDown as problem:
        raise CannotStart(str(problem)) from None


@contextmanager
def _alone(var: Path) -> Iterator[None]:
    """Two embedded systems over one database would each do what they find left behind: all background work twice."""
    try:
        lock = FolderLock(var)
    except InUse as problem:
        raise CannotStart(
            f"{var} is in use by another parley{f' (process {problem.pid})' if problem.pid else ''}. "
            "End that one, or choose another folder with --var (make run VAR=…)"
        ) from None
    except OSError as error:
        raise CannotStart(
            f"cannot lock {var}: {error.strerror}. Choose another folder with --var (make run VAR=…)"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _one_file(path: Path) -> tuple[str, Root]:
    """The name and the package of an interview given as a file. In no package, its own folder is one, whatever it is called."""
    try:
        sources, name = locate(path, Sources())
        package = name.partition(":")[0]
        folder = sources.folder(package)
        assert folder is not None
    except NoSource:
        raise CannotStart(f"there is no file {path}") from None
    from shared.language.library import Library  # noqa: PLC0415  the compiler, which is at home in other processes

    try:
        Library(sources).load(name)
    except LanguageError as problem:
        print(f"parley: {problem}", file=sys.stderr)  # the page says it too, and is right again once the file is
    return name, Root(folder, package)


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _listen(host: str, port: int, what: str, option: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Inherited by every connection: a reply of two packets must not wait 40 ms for the acknowledgement of the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotStart(
            f"port {port} on {host} is not free for {what} ({error.strerror}). Choose another with {option} (make run PORT=…)"
        ) from None
    listener.listen(1024)
    listener.setblocking(False)
    return listener


def _serve(settings: Settings, web: socket.socket, interview: str | None, around: walls.Walls) -> int:
    try:
        system = System(settings)
    except (StoreDamaged, DatabaseGone) as error:
        raise CannotStart(str(error)) from None
    except StoreError as error:
        raise CannotStart(f"cannot open the database: {error}") from None
    except BadCertificate as error:
        raise CannotStart(told(error)) from None
    try:
        system.start()
    except OSError as error:
        system.stop()
        raise CannotStart(
            f"mail cannot come in: {told(error)}. Choose other ports with --smtp-port (make run SMTP_PORT=…), `smtp tls port`, `lmtp port`"
        ) from None
    marking = Marking()
    markup.use(marking)
    marking.warm()
    app = create_app(
        system.bus,
        _options(settings, interview),
        settings.packages,
        watched={"store": Probe(system.store)},
        walls=around.active,
    )
    limit = 0 if settings.trusted_proxies else settings.address_connections
    server = Pages(web, app, connections=limit, silence=settings.request_seconds)
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, stopping.set)
    server.start()
    _greet(settings, web, system, interview)
    print(around.line, flush=True)
    garbage.settle()
    stopping.wait()
    print("\nStopping …", flush=True)
    app.close()
    server.stop(timeout=2)
    marking.close()
    system.stop()
    return 0


def _options(settings: Settings, interview: str | None) -> Options:
    options = replace(Options.from_settings(settings), mailbox=not settings.servers)
    if interview is not None:
        # The package of the file stands first (_settings).
        folder = Root.of(settings.packages[0]).folder
        options = replace(options, listing=(interview,), default_interview=interview, workshop=folder)
    return options


def _greet(settings: Settings, web: socket.socket, system: System, interview: str | None) -> None:
    host, port = web.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    address: Any = f"http://{shown}:{port}/" + (f"interview?i={quote(interview, safe=':/')}" if interview else "")
    print(f"Parley is at {address}", flush=True)
    print(f"Answers are kept in {settings.var}; mail comes in on port {system.smtp_port}. Ctrl-C ends it.", flush=True)
