"""Sending mail: one ``send`` job, one message handed to the outgoing server.

A message has the same Message-ID however often its job is delivered, so that a job repeated after a crash can be told
from a second message; a message that was handed over is marked, and not handed over again.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol

from shared.bus.messages import Job, Retry
from shared.store.ports import Store

log = logging.getLogger(__name__)


class Transport(Protocol):
    """Hands a message over. Raises OSError or `smtplib.SMTPException` if that must be tried again."""

    def __call__(self, message: EmailMessage) -> None: ...


def smtp_transport(
    *, host: str, port: int, username: str | None, password: str | None, implicit_tls: bool
) -> Transport:
    """Over SMTP; with a password only ever encrypted (from the first byte, or by STARTTLS)."""
    connect = smtplib.SMTP_SSL if implicit_tls else smtplib.SMTP

    def hand_over(message: EmailMessage) -> None:
        with connect(host, port, timeout=30) as server:
            if username and not implicit_tls:
                server.starttls()
            if username and password:
                server.login(username, password)
            server.send_message(message)

    return hand_over


def folder_transport(folder: Path) -> Transport:
    """For a system without an outgoing server: messages become files in `folder`, to be looked at."""

    def hand_over(message: EmailMessage) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = message["Message-ID"].strip("<>").partition("@")[0]
        (folder / f"{name}.eml").write_bytes(message.as_bytes())

    return hand_over


class Mailer:
    def __init__(
        self, *, store: Store, transport: Transport, clock: Callable[[], datetime], sender: str, domain: str
    ) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._sender = sender
        self._domain = domain

    def handle(self, job: Job) -> None:
        body = job.body
        mark = f"mail.{body['mail_id']}"
        if self._store.schedule.last(mark) is not None:
            return
        try:
            self._transport(self._message(body))
        except (OSError, smtplib.SMTPException) as error:
            raise Retry(min(2.0**job.attempt, 300.0), f"the outgoing server refused: {type(error).__name__}") from error
        self._store.schedule.claim(mark, period="sent", now=self._clock())
        log.info("mail sent", extra={"action": "mail_sent", "mail": body["mail_id"], "session": body.get("session")})

    def _message(self, body: Any) -> EmailMessage:
        message = EmailMessage()
        message["Message-ID"] = f"<{body['mail_id']}@{self._domain}>"
        message["Date"] = format_datetime(self._clock())
        message["From"] = body.get("sender") or self._sender
        message["To"] = ", ".join(body["to"])
        if body.get("cc"):
            message["Cc"] = ", ".join(body["cc"])
        if body.get("bcc"):
            message["Bcc"] = ", ".join(body["bcc"])
        if body.get("reply_to"):
            message["Reply-To"] = body["reply_to"]
        message["Subject"] = " ".join(str(body["subject"]).split())
        for name, value in body.get("headers") or []:
            message[name] = value
        message.set_content(body["body"])
        if body.get("html"):
            message.add_alternative(body["html"], subtype="html")
        for number in body.get("attachments") or []:
            info = self._store.files.info(number)
            if info is None:
                continue
            maintype, _, subtype = info.mimetype.partition("/")
            message.add_attachment(
                b"".join(self._store.files.read(number)),
                maintype=maintype or "application",
                subtype=subtype or "octet-stream",
                filename=info.filename,
            )
        return message
