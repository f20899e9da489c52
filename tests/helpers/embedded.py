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

from services.embedded.system import System
from services.settings import load

#: A white picture, 1 x 1.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=")


def until(condition: Callable[[], bool], otherwise: str, *, seconds: float = 20.0) -> None:
    """Look again and again until `condition` holds; fails with `otherwise` after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(otherwise)
        time.sleep(0.02)


class Visit:
    """One browser in one session, speaking the calls of docs/architecture.md."""

    def __init__(self, system: System, interview: str) -> None:
        self._bus = system.bus
        self._who = {"client": uuid.uuid4().hex, "user": {}, "browser": {"url_root": "http://localhost/"}}
        self._heard: list[Mapping[str, Any]] = []
        self.reply: dict[str, Any] = {}
        self._call("open", interview=interview, request_id=uuid.uuid4().hex)
        self.session: str = self.reply["session"]

    @property
    def screen(self) -> Any:
        return self.reply["screen"]

    def _call(self, method: str, **arguments: Any) -> None:
        self.reply = self._bus.call("interview", method, who=self._who, **arguments)

    def show(self) -> Any:
        self._call("screen", session=self.session)
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
            who=self._who,
            token=self.screen["token"],
            action=self.screen["check_in"],
            values=dict(values),
            changed=changed,
        )
        return list(reply["commands"])

    def heard(self, command: Mapping[str, Any]) -> bool:
        """Has the page been told `command` by now?"""
        reply = self._bus.call("interview", "check_in", session=self.session, who=self._who)
        self._heard.extend(reply["commands"])
        return any(all(told.get(key) == value for key, value in command.items()) for told in self._heard)


class Embedded:
    """One embedded system in `folder`, for as long as a test module needs it."""

    def __init__(self, folder: Path) -> None:
        root = Path(__file__).parents[2]
        self.settings = load({}, var=str(folder), packages=str(root), smtp_port=0, port=0, log_level="WARNING")
        self.system = System(self.settings)
        self.system.start()

    def visit(self, interview: str) -> Visit:
        return Visit(self.system, interview)

    def send_mail(self, to: str, *, subject: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "sender@example.com", to, subject
        message.set_content("Good day.")
        with smtplib.SMTP("127.0.0.1", self.system.smtp_port) as server:
            server.send_message(message)

    def stop(self) -> None:
        self.system.stop()
