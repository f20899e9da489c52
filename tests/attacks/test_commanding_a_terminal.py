"""Somebody writes to postmaster, or has a server of his own refuse a mail, in words that an operator's terminal would obey."""

from __future__ import annotations

import argparse
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.cli.mail import mail
from shared.store.open import open_store
from shared.store.records import OPERATOR, Mail, OutgoingMail

NOW = datetime(2026, 1, 15, tzinfo=UTC)
COMMANDS = "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\r\u202e"
ASKED: Mapping[str, object] = {
    **dict.fromkeys(("test", "server", "show", "retry", "delete", "hours", "status")), "check": False, "limit": 100, "after": ""
}  # fmt: skip


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AMQP_URI", "MONGO_URI", "PARLEY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    store = open_store(f"sqlite:///{tmp_path / 'parley.sqlite'}")
    head = b"Subject: =?utf-8?q?hello=1b]0;owned=07=1b[2J=c2=9b31m=08=0d=e2=80=ae?=\r\nFrom: \x1b[2J <a@b.example>\r\n\r\nx"
    store.mails.keep(
        Mail(id="in1", address="postmaster", session=OPERATOR, sender="a@b.example", raw=head, received=NOW)
    )
    last = {"code": 550, "text": f"no{COMMANDS}", "final": True}
    store.outgoing.add(
        OutgoingMail(id="out1", session=OPERATOR, created=NOW, due=NOW, body={"to": [], "subject": COMMANDS}, last=last)
    )
    store.close()
    return tmp_path


@pytest.mark.parametrize("given", [{"show": "in1"}, {"show": "out1"}, {"status": "queued"}, {"status": "received"}])
def test_nothing_that_a_terminal_obeys_is_printed(var: Path, given: dict[str, object]) -> None:
    out = io.StringIO()
    assert mail(argparse.Namespace(**{**ASKED, **given}, var=str(var)), out=out) == 0
    said = out.getvalue()
    assert said.strip()
    assert [sign for sign in said if not sign.isprintable() and sign != "\n"] == []
