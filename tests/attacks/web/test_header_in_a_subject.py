"""Words that a mail program, or Python's own (CVE-2024-6923), would read as further headers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.web.conftest import attacked
from tests.e2e.browser.conftest import Site
from tests.helpers.smtp_sink import Sink, sink
from tests.helpers.visitor import Visitor
from tests.helpers.waiting import eventually

HOME = "/interview?i=attacks:mail.yml"
ENCLOSED = "/interview?i=attacks:enclosed.yml"
WORDS = [
    "=?utf-8?q?Hello=0d=0aBcc:_planted@example.com=0d=0a=0d=0aplanted?=",
    "=?utf-8?b?SGVsbG8NCkJjYzogcGxhbnRlZEBleGFtcGxlLmNvbQ==?=",
    "Hello\r\nBcc: planted@example.com",
]


@pytest.fixture
def outbound() -> Iterator[Sink]:
    with sink() as made:
        yield made


@pytest.fixture
def mailing(tmp_path_factory: pytest.TempPathFactory, outbound: Sink) -> Iterator[Site]:
    made = attacked(tmp_path_factory.mktemp("mailing"), PARLEY_OUTGOING_SMTP=outbound.address)
    yield made
    made.stop()


def test_it_stays_a_word(mailing: Site, outbound: Sink) -> None:
    for words in WORDS:
        visitor = Visitor(mailing.address).go(HOME)
        visitor.post(
            HOME, {**visitor.fields(), "address": "you@example.com", "subject": words}, Sec_Fetch_Site="same-origin"
        )
    harmless = Visitor(mailing.address).go(HOME).answer(HOME, {"address": "you@example.com", "subject": "The last"})
    assert "Sent" in harmless.text
    eventually(lambda: any("The last" in subject for subject in outbound.subjects), seconds=60)
    assert len(outbound.mails) >= 2
    for mail in outbound.mails:
        assert mail["Bcc"] is None
        assert mail["To"] == "you@example.com"
        assert "planted" not in mail.get_content()


@pytest.mark.parametrize(
    "kind",
    [
        "a/=?utf-8?q?=0d=0aBcc:_planted@example.com=0d=0a=0d=0aplanted?=",
        "multipart/mixed; boundary=x",
        "é/ü",
        'text/x"y',
    ],
)
def test_the_type_of_a_file_stays_a_type(mailing: Site, outbound: Sink, kind: str) -> None:
    visitor = Visitor(mailing.address).go(ENCLOSED)
    fields = {**visitor.fields(), "address": "you@example.com", ":files": "papers"}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    head = f'--x\r\nContent-Disposition: form-data; name="papers"; filename="a.txt"\r\nContent-Type: {kind}\r\n\r\n'
    body = f"{''.join(parts)}{head}content\r\n--x--\r\n".encode()
    form = {"Content_Type": "multipart/form-data; boundary=x", "Sec_Fetch_Site": "same-origin"}
    visitor.ask("POST", ENCLOSED, body, **form)
    assert visitor.status == 303
    visitor.go(ENCLOSED)
    assert "Sent" in visitor.text
    eventually(lambda: bool(outbound.mails), seconds=60)
    [mail] = outbound.mails
    [enclosed] = mail.iter_attachments()
    assert {name.lower() for name, _ in enclosed.items()} <= {
        "content-type", "content-disposition", "content-transfer-encoding", "mime-version"
    }  # fmt: skip
    assert enclosed.get_content_type() == "application/octet-stream"
    assert enclosed.get_content() == b"content"
