"""A RabbitMQ node of a test's own, to be stopped and started at will; its data survive a restart."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path

from tests.helpers.proxy import free_port
from tests.helpers.waiting import eventually

#: Debian's wrapper in /usr/sbin changes to another user, who could not write to our folder.
SERVER = next(filter(os.path.exists, ("/usr/lib/rabbitmq/bin/rabbitmq-server",)), shutil.which("rabbitmq-server"))


class Broker:
    """`start()` returns when it takes connections, `stop()` when its process has ended."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="broker-"))
        self.port = free_port()
        self._node = f"parley-{uuid.uuid4().hex[:8]}@localhost"
        self._dist = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def start(self) -> None:
        folder = str(self._folder)
        (self._folder / "enabled_plugins").write_text("[].")
        environment = {
            "HOME": folder,  # the Erlang cookie
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist),
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_SCHEMA_DIR": f"{folder}/schema",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/schema",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
        }
        with open(self._folder / "output", "ab") as output:
            self._process = subprocess.Popen(
                [str(SERVER)],
                cwd=folder,
                env={**os.environ, **environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        eventually(self._listens, seconds=60)

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _listens(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError((self._folder / "output").read_text()[-2000:])
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True
