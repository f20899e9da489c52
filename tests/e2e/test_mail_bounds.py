"""Mail from whoever comes: encrypted, by LMTP, through servers in front, slowly, too often, too much; and what each is answered."""

from __future__ import annotations

import contextlib
import os
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from services.mail_ingest.certificates import BadCertificate, Certificates
from services.mail_ingest.connection import Limits
from services.mail_ingest.peers import Fronts
from services.mail_ingest.reception import Reception
from services.mail_ingest.refusals import Refusals
from services.mail_ingest.server import Around, Kind, Listener, MailServer
from shared.store.ports import Store
from shared.store.records import OPERATOR
from tests.e2e.reception import DOMAIN, NOW, OURS, Announced, Line, bus, kept, send, store
from tests.helpers import certificates

__all__ = ["bus", "store"]

SECOND = f"second@{DOMAIN}"
LOOPBACK = Fronts([ip_network("127.0.0.1")])

Start = Callable[..., MailServer]


@pytest.fixture
def start(store: Store, bus: Announced) -> Iterator[Start]:
    """Starts a server on one port of each kind, and ends it after the test."""
    started: list[MailServer] = []

    def begin(*kinds: Kind, around: Around | None = None, **limits: Any) -> MailServer:
        reception = Reception(
            mails=store.mails, bus=bus, clock=lambda: NOW, domains=[DOMAIN, "second.example.org"], keys=[b"a key"]
        )
        listeners = [Listener(host="127.0.0.1", port=0, kind=kind) for kind in kinds or (Kind.SMTP,)]
        refusals = Refusals(clock=lambda: NOW)
        server = MailServer(
            reception, listeners=listeners, domain=DOMAIN, limits=Limits(**limits), around=around, refusals=refusals
        )
        started.append(server)
        server.start()
        return server

    yield begin
    for server in started:
        server.stop()


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def from_address(source: str, port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))


# ------------------------------------------------------------------ encryption


def test_starttls(start: Start, store: Store, tmp_path: Path) -> None:
    certificate, key = certificates.make(tmp_path)
    port = start(around=Around(certificates=Certificates(certificate, key), require_tls=True)).ports[Kind.SMTP]
    with smtplib.SMTP("localhost", port) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        assert client.mail("a@example.org")[0] == 530
        client.starttls(context=trusting(certificate))
        client.ehlo()
        assert not client.has_extn("starttls")
        assert client.sendmail("a@example.org", OURS, b"\r\nx") == {}
    assert len(kept(store)) == 1


def test_what_was_said_before_starttls_is_forgotten(start: Start, store: Store, tmp_path: Path) -> None:
    """CVE-2011-0411: a command put behind STARTTLS in the clear is not run encrypted."""
    certificate, key = certificates.make(tmp_path)
    port = start(around=Around(certificates=Certificates(certificate, key))).ports[Kind.SMTP]
    line = Line(port)
    line.say(b"EHLO x\r\n")
    assert line.say(b"STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n").startswith(b"220")
    context = trusting(certificate)
    answer = b""
    # The clear text is taken for a part of the handshake, which fails; or it is forgotten. It is never a command.
    with contextlib.suppress(OSError):
        encrypted = context.wrap_socket(line._socket, server_hostname="localhost")
        encrypted.sendall(b"RCPT TO:<%s>\r\n" % OURS.encode())
        answer = encrypted.recv(100)
    assert answer[:1] in (b"", b"5")
    assert kept(store) == []


def test_encrypted_from_the_first_byte_and_a_new_certificate(start: Start, store: Store, tmp_path: Path) -> None:
    certificate, key = certificates.make(tmp_path)
    clock = [0.0]
    holder = Certificates(certificate, key, clock=lambda: clock[0])
    server = start(Kind.SMTP, Kind.SMTPS, around=Around(certificates=holder))

    def presented(kind: Kind) -> bytes:
        if kind is Kind.SMTPS:
            with smtplib.SMTP_SSL("localhost", server.ports[kind], context=trusting(certificate)) as client:
                assert not client.has_extn("starttls")
                return client.sock.getpeercert(True)  # type: ignore[union-attr, no-any-return]
        with smtplib.SMTP("localhost", server.ports[kind]) as client:
            client.starttls(context=trusting(certificate))
            return client.sock.getpeercert(True)  # type: ignore[union-attr, no-any-return]

    first = {kind: presented(kind) for kind in server.ports}
    assert first[Kind.SMTP] == first[Kind.SMTPS]
    certificates.make(tmp_path)
    clock[0] += 10
    second = {kind: presented(kind) for kind in server.ports}
    assert second[Kind.SMTP] == second[Kind.SMTPS] != first[Kind.SMTP]
    whole = certificate.read_bytes()
    certificate.write_text("half written")
    clock[0] += 10
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(whole)
    with smtplib.SMTP("localhost", server.ports[Kind.SMTP]) as client:
        client.starttls(context=trusting(trusted))
        assert client.sock.getpeercert(True) == second[Kind.SMTP]  # type: ignore[union-attr]


def test_a_certificate_that_does_not_fit_is_said_in_one_line(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    certificate, _ = certificates.make(one)
    _, other = certificates.make(two)
    with pytest.raises(BadCertificate, match="the key is not that of the certificate"):
        Certificates(certificate, other)
    with pytest.raises(BadCertificate, match="cannot be read: No such file"):
        Certificates(tmp_path / "none.pem", other)
    with pytest.raises(BadCertificate, match="no certificate and key in PEM"):
        Certificates(other, other)


# ------------------------------------------------------------------ announced and answered


def test_what_is_announced(start: Start) -> None:
    with smtplib.SMTP("127.0.0.1", start().ports[Kind.SMTP]) as client:
        client.ehlo()
        for extension in ("size", "8bitmime", "smtputf8", "pipelining", "enhancedstatuscodes"):
            assert client.has_extn(extension)
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", "PLAIN AGEAYg==")[0] == 502


@pytest.mark.parametrize(
    ("commands", "answer"),
    [
        ([b"MAIL FROM:<a@b.org>"], b"503 5.5.1"),
        ([b"HELO x", b"RCPT TO:<a@b.org>"], b"503 5.5.1"),
        ([b"EHLO x", b"DATA"], b"503 5.5.1"),
        ([b"EHLO x", b"MAIL FROM:<a@b.org> SIZE=99999999999"], b"552 5.3.4"),
        ([b"EHLO x", b"MAIL FROM:<a@b.org> FOO=1"], b"555 5.5.4"),
        ([b"EHLO x", b"MAIL FROM:<a@b.org>", b"MAIL FROM:<a@b.org>"], b"503 5.5.1"),
        ([b"EHLO x", b"MAIL FROM:<a@b.org>", b"RSET", b"RCPT TO:<%s>" % OURS.encode()], b"503 5.5.1"),
        ([b"EHLO x", b"MAIL FROM:<a@b.org>", b"RCPT TO:<%s>" % OURS.encode(), b"RSET", b"DATA"], b"503 5.5.1"),
        ([b"EHLO x", b"MAIL FROM:<a@b.org>", b"RCPT TO:<%s>" % OURS.encode(), b"EHLO x", b"DATA"], b"503 5.5.1"),
        ([b"EHLO x", b"NOOP \0\0\0"], b"250 2.0.0"),
        ([b"EHLO x", b"FOO"], b"500 5.5.2"),
        ([b"EHLO x", b"QUIT"], b"221 2.0.0"),
        ([b"EHLO x", b"STARTTLS"], b"454 4.7.0"),
    ],
)
def test_each_answer_has_its_code(start: Start, store: Store, commands: list[bytes], answer: bytes) -> None:
    line = Line(start().ports[Kind.SMTP])
    said = [line.say(command + b"\r\n") for command in commands]
    assert said[-1].startswith(answer)
    line.close()
    assert kept(store) == []


def test_an_address_whose_session_is_gone(start: Start, store: Store) -> None:
    store.mails.retire("session of abcdef", now=NOW)
    store.sessions.delete("session of abcdef")
    code, answer = send(start().ports[Kind.SMTP], b"x")
    assert (code, answer[:5]) == (550, b"5.1.6")


def test_the_operator_reads_what_comes_to_postmaster(start: Start, store: Store, bus: Announced) -> None:
    port = start().ports[Kind.SMTP]
    for name in ("postmaster", f"Postmaster@{DOMAIN}", f"abuse@{DOMAIN}", "postmaster@second.example.org"):
        assert send(port, f"Subject: {name}\r\n\r\nx".encode(), to=name)[0] == 250
    found = store.mails.of_session(OPERATOR)
    assert sorted(mail.address for mail in found) == ["abuse", "postmaster", "postmaster", "postmaster"]


def test_a_tag_and_a_second_domain(start: Start, store: Store) -> None:
    port = start().ports[Kind.SMTP]
    assert send(port, b"Message-ID: <1>\r\n\r\nx", to=["abcdef+Letters@second.example.org"])[0] == 250
    assert [mail.address for mail in kept(store)] == ["abcdef+Letters"]
    assert send(port, b"Message-ID: <1>\r\n\r\nx", to=OURS)[0] == 250
    assert len(kept(store)) == 1, "the same mail, however its address is spelled"


# ------------------------------------------------------------------ too much


def test_a_session_whose_room_for_mail_is_used_up(start: Start, store: Store) -> None:
    port = start(session_bytes=1000).ports[Kind.SMTP]
    assert send(port, b"Message-ID: <1>\r\n\r\n" + b"x" * 600)[0] == 250
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo()
        client.mail("a@example.org", ["SIZE=600"])
        code, answer = client.rcpt(OURS)
        assert (code, answer[:5]) == (452, b"4.2.2")
        assert client.rcpt(SECOND)[0] == 250, "another session has room"
    assert send(port, b"Message-ID: <2>\r\n\r\n" + b"x" * 600)[0] == 250
    assert send(port, b"Message-ID: <3>\r\n\r\nx")[:1] == (452,)


def test_one_sender_and_one_session_are_slowed_down(start: Start, store: Store) -> None:
    port = start(per_sender=2, per_session=3).ports[Kind.SMTP]
    codes = [send(port, b"Message-ID: <%d>\r\n\r\nx" % number, sender="a@example.org")[0] for number in range(3)]
    assert codes == [250, 250, 450]
    answers = [
        send(port, b"Message-ID: <x%d>\r\n\r\nx" % number, sender=f"b{number}@example.org") for number in range(3)
    ]
    assert [code for code, _ in answers] == [250, 450, 450]
    assert answers[-1][1].startswith(b"4.7.1")
    assert send(port, b"\r\nx", to=SECOND, sender="c@example.org")[0] == 250


def test_one_peer_does_not_lock_out_the_others(start: Start, store: Store) -> None:
    port = start(connections=100, connections_each=10).ports[Kind.SMTP]
    lines = [Line(port) for _ in range(10)]
    with pytest.raises(smtplib.SMTPConnectError) as refused:
        smtplib.SMTP("127.0.0.1", port)
    assert refused.value.smtp_code == 421
    with smtplib.SMTP("127.0.0.1", port, source_address=("127.0.0.9", 0)) as other:
        assert other.sendmail("a@example.org", OURS, b"\r\nx") == {}
    for line in lines:
        line.close()


def test_many_slow_peers_make_room_for_one_that_has_something_to_say(start: Start, store: Store) -> None:
    """200 connections from 30 addresses that send a byte now and then: another peer's mail is taken."""
    port = start(connections=200, connections_each=10).ports[Kind.SMTP]
    slow = [from_address(f"127.0.1.{number % 30}", port) for number in range(1, 201)]
    for one in slow:
        assert one.recv(100).startswith(b"220")
    began = time.monotonic()
    while time.monotonic() - began < 2.2:
        for one in slow:
            one.sendall(b"N")
        time.sleep(0.5)
    with smtplib.SMTP("127.0.0.1", port, source_address=("127.0.0.9", 0), timeout=10) as other:
        assert other.sendmail("a@example.org", OURS, b"\r\nx") == {}
    for one in slow:
        one.close()
    assert len(kept(store)) == 1


def test_a_slow_data_is_ended_and_a_slow_but_steady_one_is_not(start: Start, store: Store) -> None:
    port = start(data_rate=1000, data_look=0.3).ports[Kind.SMTP]
    slow = Line(port)
    slow.begin()
    slow._socket.sendall(b"Subject: x\r\n")
    assert slow.answer().startswith(b"421 4.4.2")
    assert slow.answer() == b""
    steady = Line(port)
    steady.begin()
    for _ in range(10):
        steady._socket.sendall(b"x" * 98 + b"\r\n")
        time.sleep(0.05)
    assert steady.say(b".\r\n").startswith(b"250")
    assert len(kept(store)) == 1


def test_a_data_without_end_is_ended(start: Start, store: Store) -> None:
    line = Line(start(data_seconds=0.3, data_rate=0).ports[Kind.SMTP])
    line.begin()
    assert line.answer() == b""
    assert kept(store) == []


def test_a_client_that_closes_its_half_after_the_mail(start: Start, store: Store) -> None:
    """What it did not wait to hear, it will send again; kept it is once."""
    port = start().ports[Kind.SMTP]
    for _ in range(2):
        line = Line(port)
        line.begin()
        line._socket.sendall(b"Message-ID: <1>\r\n\r\nx\r\n.\r\n")
        line._socket.shutdown(socket.SHUT_WR)
        while line.answer():
            pass
        line.close()
    assert send(port, b"Message-ID: <1>\r\n\r\nx")[0] == 250
    assert len(kept(store)) == 1


# ------------------------------------------------------------------ fronts


def test_a_front_is_no_sender(start: Start, store: Store) -> None:
    port = start(around=Around(fronts=LOOPBACK), per_minute=1, connections_each=1).ports[Kind.SMTP]
    held = Line(port)
    codes = [send(port, b"Message-ID: <%d>\r\n\r\nx" % number)[0] for number in range(5)]
    assert codes == [250] * 5
    held.close()


def test_a_load_balancer_says_for_whom_it_speaks(start: Start, store: Store) -> None:
    around = Around(fronts=LOOPBACK, proxy_protocol=True)
    port = start(around=around, per_minute=2).ports[Kind.SMTP]

    def send_for(source: str, number: int) -> bytes:
        sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        sock.sendall(f"PROXY TCP4 {source} 192.0.2.1 56324 25\r\n".encode())
        stream = sock.makefile("rwb", buffering=0)
        answer = b""
        for command in (b"", b"HELO x", b"MAIL FROM:<a%d@b.org>" % number, b"RCPT TO:<%s>" % OURS.encode(), b"DATA"):
            if command:
                stream.write(command + b"\r\n")
            answer = stream.readline()
            if answer[:1] in b"45":
                break
        if answer.startswith(b"354"):
            stream.write(b"Message-ID: <%d>\r\n\r\nx\r\n.\r\n" % number)
            answer = stream.readline()
        stream.close()
        sock.close()
        return answer[:3]

    assert [send_for("203.0.113.5", number) for number in range(3)] == [b"250", b"250", b"450"]
    assert send_for("203.0.113.6", 9) == b"250"
    sock = socket.create_connection(("127.0.0.1", port), timeout=10)
    sock.sendall(b"EHLO x\r\n")
    assert sock.recv(100) == b"", "a balancer that does not say it is misconfigured"
    sock.close()


def test_lmtp_answers_for_each_recipient(start: Start, store: Store) -> None:
    server = start(Kind.SMTP, Kind.LMTP)
    with smtplib.LMTP("127.0.0.1", server.ports[Kind.LMTP]) as client:
        assert client.docmd("EHLO", "x")[0] == 500
        client.ehlo()
        client.mail("a@example.org")
        assert client.rcpt(OURS)[0] == 250
        assert client.rcpt(SECOND)[0] == 250
        store.sessions.delete("session of second")
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(b"Message-ID: <1>\r\n\r\nx\r\n.\r\n")
        assert [client.getreply()[0] for _ in range(2)] == [250, 550]
    assert len(kept(store)) == 1


def test_root_gives_up_its_rights_once_the_port_is_open(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give up root's rights")
    code = (
        "import os, sys\n"
        "from services.mail_ingest.server import become\n"
        "become('nobody')\n"
        "print(os.geteuid() != 0, os.getegid() != 0)\n"
        "try:\n os.setuid(0)\nexcept PermissionError:\n print('for good')\n"
        "try:\n become('no-such-user-here')\nexcept OSError as error:\n print(error)\n"
    )
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["True True", "for good"]


def test_limits_are_what_the_documents_say() -> None:
    limits = Limits()
    assert (limits.connections_each, limits.idle_seconds, limits.data_seconds, limits.data_rate) == (10, 300, 600, 100)
