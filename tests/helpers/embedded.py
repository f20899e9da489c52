"""The embedded system for tests: its services called over its own bus, without the web pages in between."""

from __future__ import annotations

import base64
import smtplib
import time
import uuid
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec

import demos
from services.embedded.system import System
from services.settings import load
from shared.contract.reply import Reply
from shared.contract.screen import Screen

#: A white picture, 1 x 1.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=")


def until(condition: Callable[[], bool], otherwise: str, *, seconds: float = 20.0) -> None:
    """Look again and again until `condition` holds; fails with `otherwise` after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(otherwise)
        time.sleep(0.02)


class NoScreen(Exception):
    """The reply had no screen; the text is the reply."""


class Visit:
    """One browser in one session, speaking the calls of docs/architecture.md."""

    def __init__(self, system: System, interview: str, *, client: str | None = None) -> None:
        self._bus = system.bus
        self.client = client or uuid.uuid4().hex
        self._who = {"client": self.client, "user": {}, "browser": {"url_root": "http://localhost/"}}
        self._heard: list[Mapping[str, Any]] = []
        self.reply: dict[str, Any] = {}
        self._call("open", interview=interview, request_id=uuid.uuid4().hex)
        self.session: str = self.reply["session"]

    @property
    def screen(self) -> Any:
        return self.reply["screen"]

    def _call(self, method: str, **arguments: Any) -> None:
        reply = self._bus.call("interview", method, returns=Reply, caller=self._who, **arguments)
        self.reply = msgspec.json.decode(msgspec.json.encode(reply))
        if self.reply["screen"] is not None:
            msgspec.convert(self.reply["screen"], Screen)  # what clients are promised: docs/http.md "Types"

    def show(self) -> Any:
        self._call("screen", session=self.session)
        if self.screen is None:
            raise NoScreen(self.reply)
        screen = dict(self.screen)
        screen["question"] = (screen["question"] or "").strip()
        return screen

    def answer(
        self, values: Mapping[str, Any], *, button: Any = None, token: str | None = None, request_id: str | None = None
    ) -> None:
        self._call(
            "answer",
            session=self.session,
            request_id=request_id or uuid.uuid4().hex,
            token=token or self.screen["token"],
            values={name: self._uploaded(value) for name, value in values.items()},
            button=button,
        )

    def _uploaded(self, value: Any) -> Any:
        if not (isinstance(value, dict) and "upload" in value):
            return value
        kept = self._bus.call(
            "interview",
            "upload",
            session=self.session,
            upload=uuid.uuid4().hex,
            filename=value["upload"],
            mimetype="image/png",
            offset=0,
            chunk=base64.b64encode(PNG).decode(),
            last=True,
        )
        return {"files": [kept["file"]]}

    def action(self, name: str, arguments: Mapping[str, Any]) -> None:
        self._call("action", session=self.session, request_id=uuid.uuid4().hex, name=name, arguments=dict(arguments))

    def back(self) -> None:
        self._call("back", session=self.session, request_id=uuid.uuid4().hex)

    def check_in(self, values: Mapping[str, str], *, changed: str | None = None) -> list[dict[str, Any]]:
        reply = self._bus.call(
            "interview",
            "check_in",
            session=self.session,
            caller=self._who,
            token=self.screen["token"],
            action=self.screen["check_in"],
            values=dict(values),
            changed=changed,
        )
        return list(reply["commands"])

    def heard(self, command: Mapping[str, Any]) -> bool:
        """Has the page been told `command` by now?"""
        reply = self._bus.call("interview", "check_in", session=self.session, caller=self._who)
        self._heard.extend(reply["commands"])
        return any(all(told.get(key) == value for key, value in command.items()) for told in self._heard)


class Embedded:
    """One embedded system in `folder`, for as long as a test module needs it."""

    def __init__(
        self, folder: Path, *, packages: Path | None = None, given: Mapping[str, Any] | None = None, **arguments: Any
    ) -> None:
        root = Path(demos.__file__).parents[1]  # of the tree or of an installed wheel, whichever is tested
        roots = f"{root}:{packages}" if packages is not None else str(root)
        self.settings = load(
            {}, var=str(folder), packages=roots, smtp_port=0, port=0, log_level="WARNING", **(given or {})
        )
        self.system = System(self.settings, **arguments)
        self.system.start()

    def visit(self, interview: str, *, like: Visit | None = None) -> Visit:
        """A new session; `like`: of the same browser as that one."""
        return Visit(self.system, interview, client=like.client if like is not None else None)

    def send_mail(self, to: str, *, subject: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "sender@example.com", to, subject
        message.set_content("Good day.")
        with smtplib.SMTP("127.0.0.1", self.system.smtp_port) as server:
            server.send_message(message)

    def stop(self) -> None:
        self.system.stop()
