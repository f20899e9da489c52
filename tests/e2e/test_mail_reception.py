"""Mail comes in over real SMTP: accepted means kept, refused means told why, and attacks named as they are."""

from __future__ import annotations

import smtplib
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import pytest

from services.mail_ingest.handler import MAX_RECIPIENTS, MAX_UNKNOWN
from shared.store.delivery import Delivery
from shared.store.ports import Mails, Store, StoreUnavailable
from shared.store.records import Address, Mail
from tests.e2e.reception import (
    DOMAIN,
    NOW,
    OURS,
    Announced,
    Line,
    Start,
    a_message,
    a_server,
    bus,
    kept,
    send,
    start,
    store,
)

__all__ = ["bus", "start", "store"]  # fixtures


def test_a_mail_is_kept_as_it_was_and_announced(start: Start, store: Store, bus: Announced) -> None:
    port = start()
    message = a_message(Message_ID="<1@example.org>")
    message.add_attachment(bytes(range(256)) * 1000, maintype="application", subtype="octet-stream", filename="a.bin")
    sent = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
    with smtplib.SMTP("127.0.0.1", port) as client:
        assert client.sendmail("ann@example.org", OURS, sent) == {}
    (mail,) = kept(store)
    assert (mail.address, mail.sender, mail.received, mail.status) == ("abcdef", "ann@example.org", NOW, "received")
    assert mail.raw == sent
    assert bus.came.acquire(timeout=5)
    assert bus.mails == [mail.id]


def test_addresses_are_found_in_any_case(start: Start, store: Store) -> None:
    assert send(start(), b"\r\nx", to="ABCdef@Mail.Example.COM")[0] == 250
    assert len(kept(store)) == 1


def test_each_recipient_has_the_mail_in_its_own_session(start: Start, store: Store) -> None:
    port = start()
    to = [OURS, f"second@{DOMAIN}", OURS, OURS.upper()]
    assert send(port, b"Message-ID: <1>\r\n\r\nx", to=to)[0] == 250
    assert (len(kept(store)), len(kept(store, "second"))) == (1, 1)


def test_bounces_have_no_sender_and_are_kept(start: Start, store: Store) -> None:
    assert send(start(), b"\r\nx", sender="")[0] == 250
    assert kept(store)[0].sender == ""


def test_a_mail_sent_again_is_kept_once(start: Start, store: Store) -> None:
    port = start()
    for _ in range(3):
        assert send(port, b"Message-ID: <1>\r\n\r\nx")[0] == 250
    assert len(kept(store)) == 1
    for _ in range(2):
        assert send(port, b"Subject: the same bytes within an hour\r\n\r\nx")[0] == 250
    assert len(kept(store)) == 2


def test_a_mail_that_comes_again_by_another_way_is_kept_once(start: Start, store: Store) -> None:
    port = start()
    content = b"Message-ID: <1>\r\nSubject: a\r\n\r\nx"
    for way in (
        b"",
        b"Received: by a;\r\n\tfor b\r\n",
        b"Return-Path: <x@y>\r\nAuthentication-Results: mx; spf=pass\r\n",
    ):
        assert send(port, way + content)[0] == 250
    assert len(kept(store)) == 1
    assert send(port, b"Message-ID: <1>\r\nSubject: b\r\n\r\nx")[0] == 250
    assert len(kept(store)) == 2


@pytest.mark.parametrize(
    "recipient",
    [
        f"nobody@{DOMAIN}",
        "abcdef@example.org",
        "someone@example.org",
        f"someone%example.org@{DOMAIN}",
        f'"someone@example.org"@{DOMAIN}',
        "abcdef@[127.0.0.1]",
        f"абв@{DOMAIN}",
    ],
)
def test_open_relay_and_unknown_addresses_are_refused_at_rcpt(start: Start, store: Store, recipient: str) -> None:
    line = Line(start())
    for command in (b"EHLO x\r\n", b"MAIL FROM:<a@example.org> SMTPUTF8\r\n"):
        assert line.say(command).startswith(b"250")
    assert line.say(f"RCPT TO:<{recipient}>\r\n".encode())[:3] in (b"550", b"553")
    assert line.say(b"DATA\r\n").startswith(b"503")
    line.close()
    assert kept(store) == []


def test_an_unknown_address_is_said_with_its_code(start: Start) -> None:
    code, answer = send(start(), b"x", to=f"nobody@{DOMAIN}")
    assert (code, answer[:5]) == (550, b"5.1.1")


def test_source_routing_is_not_followed(start: Start, store: Store) -> None:
    line = Line(start())
    assert line.say(b"EHLO x\r\n").startswith(b"250")
    assert line.say(b"MAIL FROM:<a@example.org>\r\n").startswith(b"250")
    answer = line.say(f"RCPT TO:<@{DOMAIN}:victim@example.org>\r\n".encode())
    assert answer[:1] == b"5"
    line.close()


def test_address_guessing_is_cut_off(start: Start) -> None:
    line = Line(start())
    line.say(b"EHLO x\r\n")
    line.say(b"MAIL FROM:<a@example.org>\r\n")
    answers = [line.say(b"RCPT TO:<guess%d@%s>\r\n" % (number, DOMAIN.encode()))[:3] for number in range(MAX_UNKNOWN)]
    assert answers == [b"550"] * (MAX_UNKNOWN - 1) + [b"421"]
    assert line.answer() == b"", "the connection is closed"
    line.close()


def test_vrfy_and_expn_tell_nothing(start: Start) -> None:
    line = Line(start())
    line.say(b"EHLO x\r\n")
    known, unknown = line.say(b"VRFY abcdef\r\n"), line.say(b"VRFY nobody\r\n")
    assert known.replace(b"abcdef", b"") == unknown.replace(b"nobody", b"")
    assert line.say(b"EXPN abcdef\r\n").startswith(b"502")
    line.close()


@pytest.mark.parametrize(
    "ending", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r\n\x00.\r\n", b"\n.\r\n\n"]
)
def test_smtp_smuggling(start: Start, store: Store, ending: bytes) -> None:
    """Nothing but <CR><LF>.<CR><LF> ends a mail, so no second one hides in the first."""
    line = Line(start())
    line.begin()
    hidden = b"MAIL FROM:<admin@example.com>\r\nRCPT TO:<%s>\r\nDATA\r\nHidden\r\n" % OURS.encode()
    answer = line.say(b"Subject: a\r\n\r\nOne" + ending + hidden + b"\r\n.\r\n")
    assert answer.startswith(b"250")
    assert line.say(b"NOOP\r\n").startswith(b"250")
    line.close()
    (mail,) = kept(store)
    assert mail.sender == "ann@example.org"
    assert mail.raw.startswith(b"Subject: a\r\n\r\nOne")
    assert mail.raw.endswith(b"Hidden\r\n\r\n")


def test_dots_are_unstuffed_and_pipelined_commands_are_answered_in_order(start: Start, store: Store) -> None:
    line = Line(start())
    to = b"RCPT TO:<%s>\r\n" % OURS.encode()
    answers = [
        line.say(b"EHLO x\r\nMAIL FROM:<a@example.org>\r\n" + to + b"DATA\r\n"),
        *(line.answer() for _ in range(3)),
    ]
    assert [answer[:3] for answer in answers] == [b"250", b"250", b"250", b"354"]
    assert line.say(b"Subject: a\r\n\r\n..\r\n...b\r\n.\r\nQUIT\r\n").startswith(b"250")
    assert line.answer().startswith(b"221")
    line.close()
    assert kept(store)[0].raw == b"Subject: a\r\n\r\n.\r\n..b\r\n"


def test_a_mail_over_the_limit_is_refused_before_and_after_data(start: Start, store: Store) -> None:
    port = start(max_bytes=100_000)
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo("x")
        assert client.esmtp_features["size"] == "100000"
        assert client.mail("a@example.org", ["SIZE=100001"])[0] == 552
        assert client.mail("a@example.org")[0] == 250
        assert client.rcpt(OURS)[0] == 250
        assert client.data(b"x" * 70 * 1500)[0] in (500, 552)
        assert client.mail("a@example.org")[0] == 250
        assert client.rcpt(OURS)[0] == 250
        assert client.data((b"x" * 70 + b"\r\n") * 2000)[0] == 552
        assert kept(store) == []
        assert client.mail("a@example.org")[0] == 250
        assert client.rcpt(OURS)[0] == 250
        assert client.data(b"x" * 40_000)[0] == 250
    assert len(kept(store)) == 1


def test_a_line_without_end_is_refused(start: Start) -> None:
    line = Line(start())
    assert line.say(b"EHLO " + b"x" * 200_000 + b"\r\n").startswith(b"500")
    assert line.say(b"EHLO x\r\n").startswith(b"250")
    line.close()


def test_a_line_of_a_mail_may_be_so_long(start: Start, store: Store) -> None:
    """Longer than the standard's 1,000 bytes, which many programs do not keep to; not longer than 64 kB."""
    line = Line(start())
    line.begin()
    assert line.say(b"\r\n" + b"x" * 65_000 + b"\r\n.\r\n").startswith(b"250")
    line.begin()
    assert line.say(b"\r\n" + b"x" * 67_000 + b"\r\n.\r\n")[:3] in (b"500", b"552", b"554")
    line.begin()
    assert line.say(b"\r\nx\r\n.\r\n").startswith(b"250"), "the connection goes on"
    line.close()
    assert len(kept(store)) == 2


def test_commands_that_are_none(start: Start, store: Store) -> None:
    line = Line(start())
    for command in (b"GET / HTTP/1.1", b"\xff\xfe\x00", b"MAIL", b"RCPT TO:<x>", b"DATA", b"MAIL FROM:" + b"<" * 400):
        assert line.say(command + b"\r\n")[:1] == b"5", command
    line.close()
    assert send(start(), b"\r\nx")[0] == 250


@pytest.mark.parametrize(
    "address", [b"<", b"< ", b"<@", b'"', b'<"', b"<(", b"<a@", b"(" * 3000, b"<" * 400, b"<a@[", b"a@b@c"]
)
def test_addresses_that_break_off(start: Start, caplog: pytest.LogCaptureFixture, address: bytes) -> None:
    line = Line(start())
    line.say(b"EHLO x\r\n")
    assert line.say(b"MAIL FROM:" + address + b"\r\n")[:1] == b"5"
    assert line.say(b"MAIL FROM:<me@example.org>\r\n").startswith(b"250")
    assert line.say(b"RCPT TO:" + address + b"\r\n")[:1] == b"5"
    line.close()
    assert "mail_failed" not in caplog.text


def test_a_sender_that_is_not_utf_8_is_kept_readable(start: Start, store: Store) -> None:
    line = Line(start())
    line.say(b"EHLO x\r\n")
    assert line.say(b"MAIL FROM:<m\xfcller@example.org> SMTPUTF8\r\n").startswith(b"250")
    assert line.say(b"RCPT TO:<%s>\r\n" % OURS.encode()).startswith(b"250")
    assert line.say(b"DATA\r\n").startswith(b"354")
    assert line.say(b"\xff\x00\xfe\r\n.\r\n").startswith(b"250")
    line.close()
    assert (kept(store)[0].sender, kept(store)[0].raw) == ("m\ufffdller@example.org", b"\xff\x00\xfe\r\n")


def test_a_mail_in_circles_is_refused(start: Start, store: Store) -> None:
    assert send(start(), b"Received: x\r\n" * 101 + b"\r\nx")[0] == 554
    assert send(start(), b"Received: x\r\n" * 100 + b"\r\n" + b"Received: x\r\n" * 9)[0] == 250


def test_too_many_recipients_are_put_off(start: Start) -> None:
    with smtplib.SMTP("127.0.0.1", start()) as client:
        client.ehlo("x")
        client.mail("a@example.org")
        spelled = ["".join(letters) for letters in product(*((letter, letter.upper()) for letter in "abcdef"))]
        everyone = [f"{name}@{domain}" for name in spelled for domain in (DOMAIN, DOMAIN.upper())]
        codes = [client.rcpt(one)[0] for one in everyone]
    assert codes[:MAX_RECIPIENTS] == [250] * MAX_RECIPIENTS
    assert set(codes[MAX_RECIPIENTS:]) == {452}


def test_a_flood_from_one_peer_is_slowed_down(start: Start, store: Store) -> None:
    port = start(per_minute=3)
    codes = [send(port, b"\r\nmail %d" % number)[0] for number in range(5)]
    assert codes == [250, 250, 250, 450, 450]
    assert len(kept(store)) == 3


def test_a_flood_of_connections_is_refused_and_passes(start: Start, store: Store) -> None:
    port = start(connections=3)
    lines = [Line(port) for _ in range(3)]
    with pytest.raises(smtplib.SMTPConnectError) as refused:
        smtplib.SMTP("127.0.0.1", port)
    assert refused.value.smtp_code == 421
    for line in lines:
        line.say(b"QUIT\r\n")
        line.answer()
        line.close()
    for _ in range(100):  # the server notices the ends in its own time
        try:
            assert send(port, b"\r\nx")[0] == 250
            break
        except smtplib.SMTPConnectError:
            continue
    assert len(kept(store)) == 1


def test_a_connection_that_says_nothing_is_ended(start: Start) -> None:
    line = Line(start(idle_seconds=0.1))
    assert line.answer() == b""
    line.close()


def test_a_sender_that_goes_away_in_the_middle_leaves_nothing(start: Start, store: Store) -> None:
    port = start()
    line = Line(port)
    line.begin()
    line._socket.sendall(b"Subject: a\r\n\r\nHalf of a mai")
    line.close()
    assert send(port, b"\r\nx")[0] == 250
    assert len(kept(store)) == 1


class Broken:
    """A store's mails, of which one part fails while `fails` says so."""

    def __init__(self, mails: Mails, *methods: str, error: Exception | None = None) -> None:
        self._mails = mails
        self.fails = set(methods)
        self._error = error or StoreUnavailable("gone")

    def __getattr__(self, name: str) -> Any:
        if name in self.fails:
            raise self._error
        return getattr(self._mails, name)


@pytest.mark.parametrize("method", ["destination", "deliver"])
@pytest.mark.parametrize("error", [StoreUnavailable("gone"), RuntimeError("a mistake of ours")])
def test_no_250_without_the_store(start: Start, store: Store, bus: Announced, method: str, error: Exception) -> None:
    broken = Broken(store.mails, method, error=error)
    port = start(mails=broken)
    code, answer = send(port, b"Message-ID: <1>\r\n\r\nx")
    assert (code, answer[:5]) == (451, b"4.3.0")
    assert kept(store) == []
    broken.fails = set()
    assert send(port, b"Message-ID: <1>\r\n\r\nx")[0] == 250
    assert len(kept(store)) == 1
    assert bus.came.acquire(timeout=5)
    assert len(bus.mails) == 1


def test_a_mail_waits_for_the_sweep_when_the_bus_is_away(start: Start, store: Store, bus: Announced) -> None:
    bus.close()
    assert send(start(), b"\r\nx")[0] == 250
    assert store.mails.waiting(older_than=NOW, limit=5) == [kept(store)[0].id]


def test_a_session_deleted_between_rcpt_and_data(start: Start, store: Store) -> None:
    line = Line(start())
    line.begin()
    store.sessions.delete("session of abcdef")
    assert line.say(b"x\r\n.\r\n").startswith(b"550")
    line.close()
    assert kept(store) == []


def test_a_hundred_mails_at_once(start: Start, store: Store, bus: Announced) -> None:
    port = start(per_minute=0, per_sender=0, per_session=0)
    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(lambda number: send(port, b"Message-ID: <%d>\r\n\r\nx" % number)[0], range(100)))
    assert codes == [250] * 100
    assert len(kept(store)) == 100
    assert all(bus.came.acquire(timeout=5) for _ in range(100))
    assert sorted(bus.mails) == sorted(mail.id for mail in kept(store))


@pytest.mark.parametrize("command", [b"VRFY @\xff\xfe", b"\xff\xfe", b"HELP \xff", b"EXPN \xed\xa0\x80"])
def test_a_command_that_is_no_text_is_answered_like_any_other(start: Start, command: bytes) -> None:
    line = Line(start())
    assert line.say(b"EHLO there\r\n").startswith(b"250")
    assert line.say(command + b"\r\n")[:2] in (b"50", b"25")
    line.close()


def test_a_port_that_is_taken_is_said(start: Start, store: Store, bus: Announced) -> None:
    second = a_server(store.mails, bus, port=start())
    with pytest.raises(OSError, match=r"in use \(smtp on 127.0.0.1:"):
        second.start()
    second.stop()


def test_stopping_keeps_what_is_being_kept(store: Store, bus: Announced) -> None:
    """SIGTERM in the middle of DATA's answer: the mail is kept and acknowledged, and then the connection ends."""
    entered, go_on = threading.Event(), threading.Event()

    class Slow(Broken):
        def deliver(self, mail: Mail, *, to: Address) -> Delivery:
            entered.set()
            assert go_on.wait(10)
            return store.mails.deliver(mail, to=to)

    server = a_server(Slow(store.mails), bus)  # type: ignore[arg-type]
    line = Line(server.start())
    line.begin()
    line._socket.sendall(b"x\r\n.\r\n")
    assert entered.wait(10)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    go_on.set()
    assert line.answer().startswith(b"250")
    assert line.answer().startswith(b"421")
    assert line.answer() == b""
    stopping.join(10)
    assert not stopping.is_alive()
    line.close()
    assert len(kept(store)) == 1
