"""``parley run``: the embedded system with its web pages, until Ctrl-C. One clear line for whatever keeps it from starting."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from gevent.pywsgi import WSGIServer

from services.embedded.system import System
from services.gateway.app import create_app
from services.gateway.options import Options
from services.logs import configure
from services.settings import Settings, SettingsError, load
from shared.language.errors import LanguageError, NoSource, SourceRefused
from shared.language.library import Library
from shared.language.sources import Sources, locate
from shared.store.ports import StoreError

ROOT = Path(__file__).parents[2]


class CannotStart(Exception):
    """Said to the operator as it is."""


def run(given: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit status: 0, or 2 if it cannot start."""
    try:
        settings, interview = _settings(given)
        # Somebody sits in front of it: what goes well is not worth a line, unless asked for.
        configure(settings.log_level if os.environ.get("PARLEY_LOG_LEVEL") else "WARNING")
        with _listen(settings.host, settings.port, "web pages", "--port") as web:
            return _serve(settings, web, interview)
    except (CannotStart, SettingsError) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2


def _settings(given: argparse.Namespace) -> tuple[Settings, str | None]:
    # The embedded system is the one without a broker, whatever is set for other commands.
    environ = {key: value for key, value in os.environ.items() if key not in ("AMQP_URI", "MONGO_URI")}
    settings = load(environ, port=given.port, host=given.host, var=given.var, smtp_port=given.smtp_port)
    packages = dict.fromkeys((*(path.resolve() for path in settings.packages), ROOT))
    interview = None
    if given.file is not None:
        interview, root = _one_file(Path(given.file))
        packages = dict.fromkeys((root, *packages))
    settings = replace(settings, packages=tuple(packages), debug=settings.debug or interview is not None)
    try:
        settings.var.mkdir(parents=True, exist_ok=True)
        probe = settings.var / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"cannot write to {settings.var}: {error.strerror}. Choose another folder with --var"
        ) from None
    return settings, interview


def _one_file(path: Path) -> tuple[str, Path]:
    """The name and the root of an interview given as a file."""
    try:
        sources, name = locate(path, Sources())
    except NoSource:
        raise CannotStart(f"there is no file {path}") from None
    if not sources.roots:  # it lies in no package: its own folder is one
        folder = path.resolve().parent
        name = f"{folder.name}:{path.name}"
        sources = Sources([folder.parent])
    try:
        Library(sources).load(name)
    except SourceRefused:
        raise CannotStart(
            f"the folder of {path} must have a name of letters, digits, - and _, beginning with a letter"
        ) from None
    except LanguageError as problem:
        print(f"parley: {problem}", file=sys.stderr)  # the page says it too, and is right again once the file is
    return name, sources.roots[0]


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
            f"port {port} on {host} is not free for {what} ({error.strerror}). Choose another with {option}"
        ) from None
    listener.listen(1024)
    listener.setblocking(False)
    return listener


def _serve(settings: Settings, web: socket.socket, interview: str | None) -> int:
    try:
        system = System(settings)
    except StoreError as error:
        raise CannotStart(f"cannot open the database: {error}") from None
    try:
        system.start()
    except OSError as error:
        system.stop()
        raise CannotStart(
            f"port {settings.smtp_port} on {settings.smtp_host} is not free for mail ({error.strerror}). "
            "Choose another with --smtp-port"
        ) from None
    app = create_app(system.bus, _options(settings, interview), settings.packages)
    server = WSGIServer(web, app, log=None, error_log=None)
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, stopping.set)
    server.start()
    _greet(settings, web, system, interview)
    stopping.wait()
    print("\nStopping …", flush=True)
    app.close()
    server.stop(timeout=2)
    system.stop()
    return 0


def _options(settings: Settings, interview: str | None) -> Options:
    options = Options.from_settings(settings)
    if interview is not None:
        options = replace(options, listing=(interview,), default_interview=interview)
    return options


def _greet(settings: Settings, web: socket.socket, system: System, interview: str | None) -> None:
    host, port = web.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    address: Any = f"http://{shown}:{port}/" + (f"interview?i={interview}" if interview else "")
    print(f"Parley is at {address}", flush=True)
    print(f"Answers are kept in {settings.var}; mail comes in on port {system.smtp_port}. Ctrl-C ends it.", flush=True)
