"""A real SMTP server that takes every mail and remembers it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from bench.system import free_port


class Sink:
    """`mails` are those that it said 250 to, in the order in which they came."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.address = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]


@contextmanager
def sink() -> Iterator[Sink]:
    """A sink that listens on a port of this machine; `address` is what the setting for outgoing mail wants."""
    made = Sink()
    port = free_port()
    controller = Controller(made, hostname="127.0.0.1", port=port)
    controller.start()
    made.address = f"smtp://127.0.0.1:{port}"
    try:
        yield made
    finally:
        controller.stop()
