"""Dialogues with the mail service: it answers or hangs up, and takes the next mail as before."""

from __future__ import annotations

import logging
import random
import smtplib
import socket
import tempfile
from pathlib import Path

import demos
from services.embedded.system import System
from services.mail_ingest.handler import LATER
from services.settings import load
from tests.fuzz.driver import ODD, Report, drive, mangled

LINES = [
    b"EHLO there", b"HELO there", b"MAIL FROM:<a@example.org>", b"MAIL FROM:<> SIZE=99999999999", b"RCPT TO:<x@localhost>",
    b"RCPT TO:<nobody@localhost>", b"DATA", b"Subject: x\r\n\r\ny\r\n.", b".", b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"RSET", b"NOOP",
    b"VRFY x", b"EXPN x", b"HELP", b"STARTTLS", b"AUTH PLAIN AGEAYg==", b"AUTH LOGIN", b"BDAT 4 LAST", b"TURN", b"QUIT",
    b"MAIL FROM:<a@example.org> BODY=8BITMIME SMTPUTF8 X=" + b"y" * 900, b"x" * 2000, b"\x00\xff\xfe", b"GET / HTTP/1.1",
]  # fmt: skip
MAIL = (
    b"From: a@example.org\r\nTo: x@localhost\r\nSubject: =?utf-8?q?=0d=0ax?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=nope\r\n\r\nx\r\n--b--\r\n.\r\n"
)


def run(*, count: int, seed: int, first: int = 0) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(demos.__file__).parents[1]
        given = {"PARLEY_SMTP_PER_MINUTE": "0"}
        system = System(load(given, var=folder, packages=str(root), smtp_port=0, port=0, log_level="ERROR"))
        system.start()
        logging.getLogger("mail.log").disabled = True
        try:
            return drive(lambda dice: _dialogue(dice, system.smtp_port), count=count, seed=seed, first=first)
        finally:
            system.stop()


def _dialogue(dice: random.Random, port: int) -> str:
    said = [dice.choice(LINES) for _ in range(dice.randint(1, 8))]
    if dice.random() < 0.5:
        said = [
            b"EHLO there",
            b"MAIL FROM:<a@example.org>",
            b"RCPT TO:<x@localhost>",
            b"DATA",
            mangled(dice, MAIL),
            *said,
        ]
    if dice.random() < 0.3:
        said.append(dice.choice(ODD).encode("utf-8", "surrogatepass"))
    ending = dice.choice([b"\r\n"] * 6 + [b"\n", b"\r", b""])
    sent = b"".join(mangled(dice, line) + ending if dice.random() < 0.3 else line + b"\r\n" for line in said)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        greeting = line.recv(500)
        assert greeting.startswith(b"220"), greeting
        heard = b""
        try:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            while piece := line.recv(4096):
                heard += piece
        except OSError:  # it hung up
            pass
    # The store is there: whoever is told to come later met a mistake of ours.
    assert not any(code in heard for code in (b"\n500 Error: (", LATER.encode(), b"Traceback")), heard[-500:]
    if dice.random() < 0.05:
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as after:
            assert after.noop()[0] == 250
    return heard.rsplit(b"\n", 2)[-2][:3].decode("ascii", "replace") if b"\n" in heard else "silence"
