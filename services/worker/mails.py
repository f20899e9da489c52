"""Sending mail: one ``send`` job, one message handed to the outgoing server.

A message has the same Message-ID however often its job is delivered, so that a job repeated after a crash can be told
from a second message; a message that was handed over is marked, and not handed over again. While one worker hands it over,
a second delivery of the job waits.
"""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol

from shared.bus.messages import Job, Retry
from shared.store.ports import Store

log = logging.getLogger(__name__)

#: Where a message's mark stands, in the order in which one follows another: a second of time, that second and FAILED, SENT.
SENT, FAILED = "sent", ".failed"
#: A worker that has not handed a message over after so many seconds is dead: `smtplib` gives up each command after 30.
HANDING_OVER = 240
#: RFC 5322, 2.2: what a header's name may be.
_HEADER = re.compile(r"[!-9;-~]{1,76}")


class Transport(Protocol):
    """Hands a message over. Raises OSError or `smtplib.SMTPException` if that must be tried again."""

    def __call__(self, message: EmailMessage) -> None: ...


def smtp_transport(
    *, host: str, port: int, username: str | None, password: str | None, implicit_tls: bool
) -> Transport:
    """Over SMTP; with a password only ever encrypted (from the first byte, or by STARTTLS)."""
    # Without a context of our own smtplib believes every certificate, and the password is anybody's.
    context = ssl.create_default_context()

    def connect() -> smtplib.SMTP:
        if implicit_tls:
            return smtplib.SMTP_SSL(host, port, timeout=30, context=context)
        return smtplib.SMTP(host, port, timeout=30)

    def hand_over(message: EmailMessage) -> None:
        with connect() as server:
            if username and not implicit_tls:
                server.starttls(context=context)
            if username and password:
                server.login(username, password)
            refused = server.send_message(message)
            if refused:
                log.warning("mail partly refused", extra={"action": "mail_partly_refused", "count": len(refused)})

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
        message = self._message(body)
        moment = self._begin(mark)
        if moment is None:
            return
        try:
            self._transport(message)
        except (OSError, smtplib.SMTPException) as error:
            self._store.schedule.claim(mark, period=moment + FAILED, now=self._clock())
            raise Retry(min(2.0**job.attempt, 300.0), f"the outgoing server refused: {type(error).__name__}") from error
        self._store.schedule.claim(mark, period=SENT, now=self._clock())
        log.info("mail sent", extra={"action": "mail_sent", "mail": body["mail_id"], "session": body.get("session")})

    def _begin(self, mark: str) -> str | None:
        """Mark that the message is being handed over; when that began, or None if it has been. Raises `Retry`."""
        last, now = self._store.schedule.last(mark), self._clock()
        if last == SENT:
            return None
        if last is not None and not last.endswith(FAILED) and now.timestamp() < int(last) + HANDING_OVER:
            raise Retry(60.0, "another worker is handing it over")
        moment = f"{int(now.timestamp()):012}"
        if not self._store.schedule.claim(mark, period=moment, now=now):
            raise Retry(2.0, "another worker was faster")
        return moment

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
            if not _HEADER.fullmatch(str(name)):
                raise ValueError("the name of a header has other characters than those of RFC 5322")
            message[name] = value
        message.set_content(body["body"])
        if body.get("html"):
            message.add_alternative(body["html"], subtype="html")
        for number in body.get("attachments") or []:
            info = self._store.files.info(number)
            if info is None or info.session != body.get("session"):
                # Its session was deleted in between, or the file was: the text is still worth sending.
                log.error("attachment is gone", extra={"action": "attachment_gone", "mail": body["mail_id"]})
                continue
            maintype, _, subtype = info.mimetype.partition("/")
            message.add_attachment(
                b"".join(self._store.files.read(number)),
                maintype=maintype or "application",
                subtype=subtype or "octet-stream",
                filename=info.filename,
            )
        return message
