"""What a step may ask of the service, on the child's side: tasks, files and mails of its session, over the child's socket.

The service answers through `ports.HostApi`, which is bound to one session; nothing asked here can reach another one.
"""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from shared.documents import ports
from shared.runner.wire import Message, Wire
from shared.state.codec import decode, decode_value


class HostApiError(RuntimeError):
    """The service could not answer; the message says why."""


class PackageFiles(Protocol):
    """Files of the interview packages, given by the engine adapter."""

    def find(self, reference: str, folder: str = "static") -> tuple[str, bytes]:
        """(filename, content) of ``package:path`` or a name in data: in `folder` first. Raises FileNotFoundError."""
        ...

    def full_name(self, reference: str) -> str:
        """``package:path below data/static`` for a reference."""
        ...


class Ask:
    """One question at a time, while the step waits."""

    def __init__(self, wire: Wire, step: int) -> None:
        self._wire = wire
        self._step = step
        self.asking = False  #: a message is on its way: whatever breaks in now would break the conversation

    def __call__(self, what: str, *arguments: object) -> Any:
        self.asking = True
        try:
            reply = self._exchange(what, list(arguments))
        finally:
            self.asking = False
        if "error" in reply:
            if reply.get("kind") == "LookupError":
                raise FileNotFoundError(reply["error"])
            raise HostApiError(reply["error"])
        return reply["answer"]

    def state(self) -> bytes:
        """The bytes of the state that the step begins with."""
        return bytes(self._exchange("state", [])["state"])

    def _exchange(self, what: str, arguments: list[object]) -> Message:
        self._wire.send({"ask": what, "arguments": arguments, "step": self._step})
        return self._wire.receive()


class RemoteTasks:
    """Implements ``shared.authoring.context.Tasks``; a value arrives decoded."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def view(self, task_id: str) -> Mapping[str, object]:
        return _decoded(self._ask("task", task_id, None))

    def wait(self, task_id: str, timeout: float | None) -> Mapping[str, object]:
        # Without a timeout the step's own time limit is the limit.
        return _decoded(self._ask("task", task_id, 86400.0 if timeout is None else float(timeout)))

    def on_progress(self, fraction: float | None, text: str) -> None:
        self._ask("on_progress", fraction, text)

    def on_error(self, action: str, arguments: bytes) -> None:
        self._ask("on_error", action, arguments)


def _decoded(view: Mapping[str, object]) -> Mapping[str, object]:
    value = view.get("value")
    return {**view, "value": decode_value(value)} if isinstance(value, bytes) else view


class RemoteFiles:
    """Implements ``shared.authoring.context.Files``."""

    def __init__(self, ask: Ask, packages: PackageFiles) -> None:
        self._ask = ask
        self._packages = packages

    def read(self, number: int) -> bytes:
        return bytes(self._ask("file_read", number))

    def info(self, number: int) -> Mapping[str, object]:
        info = self._ask("file_info", number)
        if info is None:
            raise FileNotFoundError(f"file {number} is not a file of this session")
        return {**info, "extension": os.path.splitext(info["filename"])[1].lstrip(".").lower()}

    def write(self, *, filename: str, mimetype: str, content: bytes) -> int:
        mimetype = mimetype or mimetypes.guess_type(filename)[0] or "application/octet-stream"
        return int(self._ask("file_write", filename, mimetype, content))

    def share(self, *, filename: str, mimetype: str, content: bytes, lasting: bool) -> int:
        mimetype = mimetype or mimetypes.guess_type(filename)[0] or "application/octet-stream"
        return int(self._ask("file_share", filename, mimetype, content, lasting))

    def find(self, reference: str, folder: str = "static") -> tuple[str, bytes]:
        if reference.isdigit():
            number = int(reference)
            return str(self.info(number)["filename"]), self.read(number)
        return self._packages.find(reference, folder)

    def url(self, reference: str) -> str:
        if reference.isdigit():
            return f"/uploadedfile/{reference}/{quote(str(self.info(int(reference))['filename']))}"
        package, _, path = self._packages.full_name(reference).partition(":")
        return f"/packagestatic/{quote(package)}/{quote(path)}"


class RemoteDocuments:
    """Implements ``shared.authoring.context.Documents``."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def make(self, order: Mapping[str, Any]) -> bytes:
        reply = self._ask("make", dict(order))
        if isinstance(made := reply.get("made"), bytes):
            return made
        raise ports.error_of(str(reply.get("kind")), str(reply.get("error")))


class RemoteMails:
    """Implements ``shared.authoring.context.Mails``."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def heads(self, key: str | None) -> Iterable[Mapping[str, Any]]:
        after: str | None = ""
        while after is not None:
            page: Mapping[str, Any] = self._ask("emails", key, after)
            yield from page["mails"]
            after = page["after"]

    def whole(self, mail_id: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._ask("email", mail_id)
        return found

    def raw(self, mail_id: str) -> bytes:
        return bytes(self._ask("email_raw", mail_id))

    def sent(self, task: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._ask("mail_status", task)
        return found


class RemoteVisits:
    """Implements ``shared.authoring.context.Visits``."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def all(self) -> Iterable[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self._ask("visits")
        return found


class RemoteStorage:
    """Implements ``shared.authoring.context.Storage``."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def get(self, area: str, name: str, key: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._ask("stored", area, name, key)
        return found

    def keys(self, area: str, name: str) -> Iterable[str]:
        after = ""
        while page := self._ask("stored_keys", area, name, after):
            yield from page
            after = page[-1]


class RemoteSessions:
    """Implements ``shared.authoring.context.Sessions``."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def begin(self, interview: str) -> str:
        return str(self._ask("session_begin", interview))

    def check(self, interview: str, session: str, secret: str | None) -> None:
        self._ask("session_check", interview, session, secret)

    def variables(self, interview: str, session: str, secret: str | None) -> bytes:
        return bytes(self._ask("session_variables", interview, session, secret))

    def answers(self, interview: str, session: str, secret: str | None) -> dict[str, Any]:
        return decode(bytes(self._ask("session_state", interview, session, secret))).variables

    def question(self, interview: str, session: str, secret: str | None) -> bytes:
        return bytes(self._ask("session_question", interview, session, secret))
