"""A server that takes mail in, over real SMTP, with a store of two addresses, a bus that tells what arrived, and clients of it."""

from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.mail_ingest.connection import Limits
from services.mail_ingest.reception import Reception
from services.mail_ingest.refusals import Refusals
from services.mail_ingest.server import Around, Listener, MailServer
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import Job
from shared.store.open import open_store
from shared.store.ports import Mails, Store
from shared.store.records import Address, Mail

NOW = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
DOMAIN = "mail.example.com"
OURS = f"abcdef@{DOMAIN}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/mail.sqlite")
    for name in ("abcdef", "second"):
        opened.mails.open(Address(address=name, session=f"session of {name}", key=None, index=None, created=NOW))
    yield opened
    opened.close()


class Announced(InProcessBus):
    """The bus of the embedded system, with what arrived on the queue ``mail``."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[str] = []
        self.came = threading.Semaphore(0)
        self.consume("mail", self._note)

    def _note(self, job: Job) -> None:
        self.mails.append(job.body["mail"])
        self.came.release()


@pytest.fixture
def bus() -> Iterator[Announced]:
    one = Announced()
    yield one
    one.close()


Start = Callable[..., int]


def a_server(
    mails: Mails,
    bus: Announced,
    limits: Limits | None = None,
    *,
    port: int = 0,
    around: Around | None = None,
    refusals: Refusals | None = None,
) -> MailServer:
    reception = Reception(mails=mails, bus=bus, clock=lambda: NOW, domains=[DOMAIN], keys=[b"a key"])
    listeners = [Listener(host="127.0.0.1", port=port)]
    return MailServer(
        reception,
        listeners=listeners,
        domain=DOMAIN,
        limits=limits or Limits(),
        around=around,
        refusals=refusals or Refusals(clock=lambda: NOW),
    )


@pytest.fixture
def start(store: Store, bus: Announced) -> Iterator[Start]:
    """Starts a server with the limits and mails given, and ends it after the test."""
    started: list[MailServer] = []

    def begin(*, mails: Mails | None = None, around: Around | None = None, **limits: Any) -> int:
        server = a_server(mails or store.mails, bus, Limits(**limits), around=around)
        started.append(server)
        return server.start()

    yield begin
    for server in started:
        server.stop()


def a_message(**headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ann <ann@example.org>"
    message["To"] = OURS
    message["Subject"] = "Évidence"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Good day.\n.\n..two dots\n")
    return message


def send(
    port: int, content: bytes, *, to: list[str] | str = OURS, sender: str = "ann@example.org"
) -> tuple[int, bytes]:
    """The answer to the mail, whoever gave it."""
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.ehlo("client.example.org")
        for code, answer in [client.mail(sender), *(client.rcpt(one) for one in ([to] if isinstance(to, str) else to))]:
            if code >= 400:
                return code, answer
        return client.data(content)


class Line:
    """A client that sends exactly the bytes it is told to."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._answers = self._socket.makefile("rb")
        assert self.answer().startswith(b"220 ")

    def answer(self) -> bytes:
        """One answer, all its lines."""
        text = b""
        while True:
            line = self._answers.readline()
            text += line
            if line[3:4] != b"-":
                return text

    def say(self, data: bytes) -> bytes:
        self._socket.sendall(data)
        return self.answer()

    def begin(self, to: str = OURS) -> None:
        for line in (b"EHLO x", b"MAIL FROM:<ann@example.org>", b"RCPT TO:<%s>" % to.encode(), b"DATA"):
            assert self.say(line + b"\r\n")[:1] in b"23"

    def close(self) -> None:
        self._answers.close()
        self._socket.close()


def kept(store: Store, name: str = "abcdef") -> list[Mail]:
    return store.mails.of_session(f"session of {name}")
