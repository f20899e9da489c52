"""Starting what is measured: the embedded system, or five services, as an operator would; and ending it."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from shared.bus.rabbit import RabbitBus

ROOT = Path(__file__).parents[1]
SERVICES = ("interview", "worker", "clock", "mail_ingest", "gateway")


#: Limits that are for the world's visitors: here one address plays all of them.
_LIMITS = ("CLIENT_PER_MINUTE", "ADDRESS_PER_MINUTE", "ADDRESS_CONNECTIONS", "SESSION_FILES_MB", "UPLOADS_MB_PER_HOUR")
RAISED = {f"PARLEY_{name}": "0" for name in _LIMITS}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Running:
    """A system that answers at `url`. `processes` are by name; more of a service may be started with `start`."""

    url: str
    environment: Mapping[str, str]
    folder: Path
    seconds_to_first_page: float = 0.0
    processes: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)
    under: Sequence[str] = ()  #: a command that runs each service, such as a profiler

    def start(self, name: str, *arguments: str, module: str = "services.cli.main") -> subprocess.Popen[bytes]:
        with open(self.folder / f"{name}-{len(self.processes)}.log", "wb") as out:
            made = subprocess.Popen(
                [*self.under, sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=dict(self.environment),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append((name, made))
        return made

    def of(self, name: str) -> list[subprocess.Popen[bytes]]:
        return [process for known, process in self.processes if known == name and process.poll() is None]

    def memory(self) -> int:
        """Bytes of all processes together; pages they share are counted once (PSS)."""
        total = 0
        for _, process in self.processes:
            with psutil.Process(process.pid).oneshot():
                family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            for member in family:
                try:
                    total += member.memory_full_info().pss
                except psutil.Error:
                    continue
        return total

    def logs(self) -> str:
        return "\n".join(path.read_text("utf-8", "replace")[-3000:] for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        for _, process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for _, process in self.processes:
            try:
                process.wait(12)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(url: str, running: Running, *, seconds: float = 60.0) -> float:
    """Seconds until `url` answers. Raises RuntimeError with the logs if it does not."""
    begun = time.monotonic()
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                answer.read()
            return time.monotonic() - begun
        except (OSError, urllib.error.URLError) as error:
            dead = [name for name, process in running.processes if process.poll() is not None]
            if time.monotonic() - begun > seconds or dead:
                raise RuntimeError(f"{url} does not answer ({error}); ended: {dead}\n{running.logs()}") from error
            time.sleep(0.02)


@contextmanager
def embedded(packages: Path | None = None, *, under: Sequence[str] = (), **environment: str) -> Iterator[Running]:
    with tempfile.TemporaryDirectory() as folder:
        port, smtp = free_port(), free_port()
        inherited = {key: value for key, value in os.environ.items() if key not in ("AMQP_URI", "MONGO_URI")}
        running = Running(
            url=f"http://127.0.0.1:{port}",
            environment={**inherited, **RAISED, **_packages(packages), **environment, "PARLEY_SMTP_PORT": str(smtp)},
            folder=Path(folder),
            under=under,
        )
        running.start("embedded", "run", "--port", str(port), "--var", folder)
        try:
            running.seconds_to_first_page = wait_for(running.url + "/", running, seconds=300.0 if under else 60.0)
            yield running
        finally:
            running.stop()


@contextmanager
def distributed(
    packages: Path | None = None,
    *,
    count: Mapping[str, int] | None = None,
    together: Sequence[str] = (),
    **environment: str,
) -> Iterator[Running]:
    """Five services over ``AMQP_URI`` and a database of their own at ``MONGO_URI``; those of `together` in one process, "shared"."""
    mark = "b" + secrets.token_hex(4)
    with tempfile.TemporaryDirectory() as folder:
        port, smtp = free_port(), free_port()
        running = Running(
            url=f"http://127.0.0.1:{port}",
            environment={
                **os.environ,
                **RAISED,
                **_packages(packages),
                "MONGO_URI": os.environ["MONGO_URI"].rstrip("/") + f"/{mark}",
                "PARLEY_BUS_PREFIX": mark,
                "PARLEY_SECRET": secrets.token_urlsafe(40),
                "PARLEY_PORT": str(port),
                "PARLEY_SMTP_PORT": str(smtp),
                "PARLEY_VAR": folder,
                **environment,
            },
            folder=Path(folder),
        )
        if together:
            running.start("shared", "start", *together)
        for name in SERVICES:
            for _ in range(0 if name in together else (count or {}).get(name, 1)):
                running.start(name, "start", name)
        try:
            running.seconds_to_first_page = wait_for(running.url + "/interview?i=demos:welcome.yml&json=1", running)
            yield running
        finally:
            running.stop()
            bus = RabbitBus(os.environ["AMQP_URI"], prefix=mark)
            bus.remove(["interview"])
            bus.close()


def modes() -> list[str]:
    """Which systems can be measured here."""
    return ["embedded", "distributed"] if os.environ.get("AMQP_URI") and os.environ.get("MONGO_URI") else ["embedded"]


def _packages(folder: Path | None) -> dict[str, str]:
    roots = [str(ROOT)] + ([str(folder)] if folder is not None else [])
    return {"PARLEY_PACKAGES": ":".join(roots)}
