"""The certificate of the mail server: read, read again when it changed, kept where the new one is none."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import pytest

from services.mail_ingest.certificates import LOOK, BadCertificate, Certificates
from tests.helpers.certificates import make


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def subject(context: ssl.SSLContext, folder: Path) -> bytes:
    """The certificate that a client is shown."""
    client, server = ssl.MemoryBIO(), ssl.MemoryBIO()
    asks = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    asks.check_hostname, asks.verify_mode = False, ssl.CERT_NONE
    ours = context.wrap_bio(client, server, server_side=True)
    theirs = asks.wrap_bio(server, client, server_hostname="localhost")
    for _ in range(4):
        for side in (theirs, ours):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
    return theirs.getpeercert(binary_form=True) or b""


def test_a_new_certificate_is_taken_without_a_restart(tmp_path: Path) -> None:
    paths, clock = make(tmp_path), Clock()
    certificates = Certificates(*paths, clock=clock)
    context, always = certificates.context(), certificates.for_server()
    before = subject(context, tmp_path)
    assert before == subject(always, tmp_path) != b""
    make(tmp_path)
    assert certificates.context() is context, "it is looked at once in a while"
    clock.now += LOOK
    assert certificates.context() is not context
    assert subject(certificates.context(), tmp_path) == subject(always, tmp_path) != before


def test_one_that_is_half_written_changes_nothing(tmp_path: Path) -> None:
    paths, clock = make(tmp_path), Clock()
    certificates = Certificates(*paths, clock=clock)
    context, whole = certificates.context(), paths[0].read_bytes()
    paths[0].write_bytes(whole[:100])
    clock.now += LOOK
    assert certificates.context() is context
    paths[0].write_bytes(whole)
    os.utime(paths[0], (1, 1))
    clock.now += LOOK
    assert certificates.context() is not context


def test_what_is_no_certificate_is_said_with_its_file(tmp_path: Path) -> None:
    certificate, key = make(tmp_path)
    (tmp_path / "other").mkdir()
    _, other = make(tmp_path / "other")
    (tmp_path / "text.pem").write_text("hello")
    for given, says in (
        ((tmp_path / "none.pem", key), "none.pem: cannot be read: No such file"),
        ((tmp_path / "text.pem", key), "no certificate and key in PEM"),
        ((certificate, other), "the key is not that of the certificate"),
    ):
        with pytest.raises(BadCertificate, match=says):
            Certificates(*given)
