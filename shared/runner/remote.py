"""What a step may ask of the service, on the child's side: tasks, files and mails of its session, over the child's socket.

The service answers through `ports.Outside`, which is bound to one session; nothing asked here can reach another one.
"""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from shared.runner.wire import Wire
from shared.state.codec import decode_value


class OutsideError(RuntimeError):
    """The service could not answer; the message says why."""


class PackageFiles(Protocol):
    """Files of the interview packages, given by the engine adapter."""

    def find(self, reference: str) -> tuple[str, bytes]:
        """(filename, content) of ``package:path`` or a name in data/static. Raises FileNotFoundError."""
        ...

    def full_name(self, reference: str) -> str:
        """``package:path below data/static`` for a reference."""
        ...


class Ask:
    """One question at a time, while the step waits."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.asking = False  #: a message is on its way: whatever breaks in now would break the conversation

    def __call__(self, what: str, *arguments: Any) -> Any:
        self.asking = True
        try:
            self._wire.send({"ask": what, "arguments": list(arguments)})
            reply = self._wire.receive()
        finally:
            self.asking = False
        if "error" in reply:
            if reply.get("kind") == "LookupError":
                raise FileNotFoundError(reply["error"])
            raise OutsideError(reply["error"])
        return reply["answer"]


class RemoteTasks:
    """Implements ``shared.authoring.context.Tasks``; a value arrives decoded."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def view(self, task_id: str) -> Mapping[str, Any]:
        return _decoded(self._ask("task", task_id, None))

    def wait(self, task_id: str, timeout: float | None) -> Mapping[str, Any]:
        # Without a timeout the step's own time limit is the limit.
        return _decoded(self._ask("task", task_id, 86400.0 if timeout is None else float(timeout)))


def _decoded(view: Mapping[str, Any]) -> Mapping[str, Any]:
    value = view.get("value")
    return {**view, "value": decode_value(value)} if isinstance(value, bytes) else view


class RemoteFiles:
    """Implements ``shared.authoring.context.Files``."""

    def __init__(self, ask: Ask, packages: PackageFiles) -> None:
        self._ask = ask
        self._packages = packages

    def read(self, number: int) -> bytes:
        return bytes(self._ask("file_read", number))

    def info(self, number: int) -> Mapping[str, Any]:
        info = self._ask("file_info", number)
        if info is None:
            raise FileNotFoundError(f"file {number} is not a file of this session")
        return {**info, "extension": os.path.splitext(info["filename"])[1].lstrip(".").lower()}

    def write(self, *, filename: str, mimetype: str, content: bytes) -> int:
        mimetype = mimetype or mimetypes.guess_type(filename)[0] or "application/octet-stream"
        return int(self._ask("file_write", filename, mimetype, content))

    def find(self, reference: str) -> tuple[str, bytes]:
        if reference.isdigit():
            number = int(reference)
            return str(self.info(number)["filename"]), self.read(number)
        return self._packages.find(reference)

    def url(self, reference: str) -> str:
        if reference.isdigit():
            return f"/uploadedfile/{reference}/{quote(str(self.info(int(reference))['filename']))}"
        package, _, path = self._packages.full_name(reference).partition(":")
        return f"/packagestatic/{quote(package)}/{quote(path)}"


def emails(ask: Ask) -> Callable[[str | None], Iterable[Mapping[str, Any]]]:
    """``Request.emails``: mails received for the session, as `ports.Outside.emails` gives them."""

    def find(key: str | None) -> Iterable[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = ask("emails", key)
        return found

    return find
