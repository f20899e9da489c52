"""``parley mail``: what came, what leaves, what failed; one mail looked at, tried again or deleted; a test of the way out and of the way in.

From the store that the settings name, as ``parley log``. Exit status: 0; 1 if something failed or cannot be done; 2 if it cannot tell.
"""

from __future__ import annotations

import argparse
import io
import smtplib
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TextIO, cast

from services.cli.buses import named_bus
from services.cli.stores import open_named, settings_for
from services.heartbeat import MAIL_PORT
from services.installation import NotGiven
from services.mail_desk import MailDesk
from services.runs.text import harmless
from services.settings import Settings, SettingsError
from services.vaults import sealed
from services.worker.handing_over import NotTaken, bare
from services.worker.messages import message_id
from services.worker.transports import SmtpTransport, transport_of
from shared.bus.messages import BusError
from shared.store.ports import StoreError


class _Plain(io.TextIOBase):
    """A terminal gets no commands from whoever writes to postmaster, or from another's server."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        self._out.write("\n".join(map(harmless, text.split("\n"))))
        return len(text)

    def flush(self) -> None:
        self._out.flush()


def mail(given: argparse.Namespace, *, out: TextIO | None = None) -> int:
    out = cast("TextIO", _Plain(sys.stdout if out is None else out))
    try:
        settings = settings_for(given.var)
        if given.test is not None:
            return test(settings, given.test, given.server, out)
        if given.check:
            return check(in_use(settings), out)
        store = open_named(settings)
    except (SettingsError, StoreError) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    bus = None
    try:
        opened = sealed(settings, store, clock=_now)
        bus = named_bus(settings, name="mail") if given.retry is not None else None
        with opened.vault.work():
            return _desk(MailDesk(store, clock=_now, bus=bus, opened=opened), given, out, at_once=bus is not None)
    except (NotGiven, StoreError, BusError) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    finally:
        if bus is not None:
            bus.close()
        store.close()


def _now() -> datetime:
    return datetime.now(UTC)


def _desk(desk: MailDesk, given: argparse.Namespace, out: TextIO, *, at_once: bool) -> int:
    if given.show is not None:
        shown = desk.show(given.show)
        if shown is None:
            return _none(given.show, out)
        for name, value in shown.about:
            print(f"{name}: {' '.join(value.split())}", file=out)
        return 0
    if given.retry is not None:
        return _retry(desk, given.retry, out, at_once=at_once)
    if given.delete is not None:
        done = desk.delete(given.delete)
        print("It is deleted." if done else f"{given.delete} is no mail.", file=out)
        return 0 if done else 1
    if given.status is not None:
        return _list(desk, given.status, given.after, given.limit, out)
    if given.hours is not None:
        return hours(desk, given.hours, out)
    counts = desk.counts()
    print(f"in   {'waiting':10}{counts.incoming:8}", file=out)
    for status, count in counts.outgoing.items():
        print(f"out  {status:10}{count:8}", file=out)
    if counts.oldest is not None:
        print(f"The oldest that waits to be sent is of {counts.oldest.isoformat(timespec='seconds')}.", file=out)
    return 1 if counts.outgoing["failed"] else 0


def hours(desk: MailDesk, count: int, out: TextIO) -> int:
    """A line for each hour in which mails came or were refused; 1 if an action of one failed."""
    found = desk.hours(count)
    for one in found:
        accepted = one.waiting + one.acted
        print(
            f"{one.begin:%Y-%m-%d %H:%M}  accepted {accepted}  acted on {one.acted}  waiting {one.waiting}  failed {_numbers(one.failed)}"
            f"  refused {_numbers(one.refused)}",
            file=out,
        )
    if not found:
        print(f"No mail came in the last {count} hours.", file=out)
    return 1 if any(one.failed for one in found) else 0


def _numbers(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {number}" for kind, number in sorted(counts.items())) or "0"


def _list(desk: MailDesk, status: str, after: str, limit: int, out: TextIO) -> int:
    if status in ("received", "done"):
        incoming = desk.incoming(status, after=after, limit=limit)
        for line in incoming.lines:
            print(f"{line.id}  {line.received.isoformat(timespec='seconds')}  {line.session}", file=out)
        more = incoming.after
    else:
        outgoing = desk.outgoing(status, after=after, limit=limit)
        for one in outgoing.lines:
            said = f"{one.last.get('code') or ''} {one.last.get('text') or ''}".strip()
            print(
                f"{one.id}  {one.created.isoformat(timespec='seconds')}  {one.attempts} tries  {said}".rstrip(),
                file=out,
            )
        more = outgoing.after
    if more is not None:
        print(f"More: parley mail --status {status} --after {more}", file=out)
    return 0


def _retry(desk: MailDesk, mail_id: str, out: TextIO, *, at_once: bool) -> int:
    if desk.retry(mail_id):
        print("It is tried again." if at_once else "It is tried again within a minute.", file=out)
        return 0
    task = desk.failed_action(mail_id)
    if task is None:
        print(f"{mail_id} is no mail that can be tried again.", file=out)
    else:
        print(f"The mail is delivered; its action failed. parley tasks retry {task} has it run again.", file=out)
    return 1


def _none(mail_id: str, out: TextIO) -> int:
    print(f"There is no mail {mail_id}.", file=out)
    return 1


def test(settings: Settings, address: str, server: str | None, out: TextIO) -> int:
    """Send a mail to `address` and print what is said."""
    chosen = next((one for one in settings.servers if server in (None, one.name)), None)
    if not settings.servers:
        print("parley: no server for mail is configured (`mail` in the configuration: docs/mail.md)", file=sys.stderr)
        return 2
    if chosen is None:
        names = ", ".join(one.name for one in settings.servers) or "none"
        print(f"parley: there is no server for mail called {server or 'default'}; there are: {names}", file=sys.stderr)
        return 2
    now = datetime.now(UTC)
    message = EmailMessage()
    message["Message-ID"] = message_id(f"test.{int(now.timestamp())}", settings.mail_domain)
    message["Date"] = format_datetime(now)
    message["From"] = chosen.sender or settings.sender
    message["To"] = address
    message["Subject"] = "A test of Parley"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("This mail was sent by `parley mail --test`.\n")
    transport = transport_of(chosen, folder=settings.var / "mail")
    try:
        if isinstance(transport, SmtpTransport):
            transport.speak(lambda line: print(line, file=out))
        taken = transport.send(message, sender=bare(str(message["From"])), recipients=[bare(address)], variables={})
    except NotTaken as error:
        print(f"Not sent: {error.answer.code or ''} {error.answer.text}", file=out)
        return 1
    finally:
        transport.close()
    print(f"Sent: {taken.answer.code} {taken.answer.text}", file=out)
    return 0


def in_use(settings: Settings) -> Settings:
    """The settings with the port of a `parley run` that found the configured one taken, while it answers there."""
    try:
        store = open_named(settings)
        try:
            note = store.schedule.notes(MAIL_PORT).get(MAIL_PORT, {})
        finally:
            store.close()
        port = int(note.get("port") or settings.smtp_port)
        socket.create_connection((_host(settings), port), timeout=10).close()
    except (SettingsError, StoreError, OSError):
        return settings  # none that runs, or one that was killed
    return replace(settings, smtp_port=port)


def _host(settings: Settings) -> str:
    return settings.smtp_host.replace("0.0.0.0", "127.0.0.1")  # noqa: S104  (where it listens)


def check(settings: Settings, out: TextIO, *, look_up: Callable[[str], list[str]] | None = None) -> int:
    """Whether mail for our domains finds us: the MX record of each, and a conversation with ourselves."""
    well = True
    for domain in settings.mail_domains:
        try:
            found = (look_up or _mail_exchangers)(domain)
        except Exception as error:  # whatever the resolver raises is what the operator wants to know
            found, why = [], type(error).__name__
        else:
            why = "there is none"
        print(f"MX of {domain}: {', '.join(found) if found else why}", file=out)
        well = well and bool(found)
    try:
        with smtplib.SMTP(_host(settings), settings.smtp_port, timeout=10) as client:
            code, said = client.ehlo()
            print(
                f"mail_ingest on port {settings.smtp_port}: {code} {said.decode('utf-8', 'replace').splitlines()[0]}",
                file=out,
            )
            print(f"encryption: {'STARTTLS' if client.has_extn('starttls') else 'none'}", file=out)
            client.mail(f"postmaster@{settings.mail_domain}")
            code, said = client.rcpt(f"postmaster@{settings.mail_domain}")
            print(f"postmaster@{settings.mail_domain}: {code} {said.decode('utf-8', 'replace')}", file=out)
            well = well and code == 250
    except (OSError, smtplib.SMTPException) as error:
        print(f"mail_ingest on port {settings.smtp_port}: {error}", file=out)
        well = False
    return 0 if well else 1


def _mail_exchangers(domain: str) -> list[str]:
    import dns.resolver  # noqa: PLC0415  heavy, and of no other command

    answers = dns.resolver.resolve(domain, "MX", lifetime=10)
    return [f"{one.preference} {one.exchange}" for one in answers]
