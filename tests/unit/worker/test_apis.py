"""Mail by Mailgun's and SendGrid's APIs, over HTTP to a stand-in of ours: what each gets, and what its answers mean."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from services.outgoing import Kind, OutgoingServer
from services.worker.handing_over import Deferred, NotTaken, Rejected
from services.worker.transports import Transport, transport_of

EVERYBODY = ["ada@example.com", "bob@example.org", "eve@example.net"]


class Provider(ThreadingHTTPServer):
    """Keeps what comes, and answers all of it with `code` and `text`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.code, self.text = 200, "Queued. Thank you, ada@example.com"
        self.came: list[tuple[Mapping[str, str], bytes]] = []

    def reach(self, kind: Kind, tmp_path: Any) -> Transport:
        address = f"http://127.0.0.1:{self.server_address[1]}/v3"
        return transport_of(OutgoingServer(name="api", kind=kind, url=address, key="secret"), folder=tmp_path)

    def parts(self) -> list[Any]:
        """The fields of the one form that came."""
        (headers, content), *others = self.came
        assert not others
        head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
        return list(message_from_bytes(head + content, policy=policy.HTTP).iter_parts())


class _Answering(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((dict(self.headers.items()), content))
        said = self.server.text.encode()
        self.send_response(self.server.code)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_arguments: object) -> None: ...


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    thread = threading.Thread(target=lambda: made.serve_forever(poll_interval=0.02))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def _message() -> EmailMessage:
    message = EmailMessage()
    message["Message-ID"] = "<one@parley.example>"
    message["From"] = "Court <court@example.com>"
    message["To"] = "Ada <ada@example.com>"
    message["Cc"] = "bob@example.org"
    message["Reply-To"] = "clerk@example.com"
    message["Subject"] = "Größe"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("In words: ☃\n")
    message.add_alternative("<p>In words: ☃</p>", subtype="html")
    message.add_attachment(b"%PDF-1.7 \x00", maintype="application", subtype="pdf", filename="letter.pdf")
    return message


def _send(transport: Transport, **variables: object) -> str:
    taken = transport.send(_message(), sender="court@example.com", recipients=EVERYBODY, variables=variables)
    assert not taken.refused
    return f"{taken.answer.code} {taken.answer.text}"


def test_mailgun_gets_the_whole_message_and_for_whom_it_is(provider: Provider, tmp_path: Any) -> None:
    said = _send(provider.reach(Kind.MAILGUN, tmp_path), case=7)
    assert said.startswith("200 Queued")
    assert "ada" not in said  # an answer is kept, and addresses belong into no log
    assert provider.came[0][0]["Authorization"] == "Basic " + base64.b64encode(b"api:secret").decode()
    *fields, whole = provider.parts()
    told = [(one.get_param("name", header="content-disposition"), one.get_payload(decode=True)) for one in fields]
    assert told == [*(("to", one.encode()) for one in EVERYBODY), ("h:X-Mailgun-Variables", b'{"case": 7}')]
    assert whole.get_filename() == "message.mime"
    message = message_from_bytes(whole.get_payload(0).as_bytes(), policy=policy.default)
    assert message["Subject"] == "Größe"
    assert message["Message-ID"] == "<one@parley.example>"
    (attached,) = message.iter_attachments()
    assert attached.get_content() == b"%PDF-1.7 \x00"
    assert "eve@" not in str(message["To"]) + str(message["Cc"])


def test_sendgrid_gets_the_parts_of_the_message(provider: Provider, tmp_path: Any) -> None:
    provider.code = 202
    assert _send(provider.reach(Kind.SENDGRID, tmp_path)).startswith("202")
    ((headers, content),) = provider.came
    assert headers["Authorization"] == "Bearer secret"
    body = json.loads(content)
    (people,) = body["personalizations"]
    assert people == {
        "to": [{"email": "ada@example.com", "name": "Ada"}],
        "cc": [{"email": "bob@example.org"}],
        "bcc": [{"email": "eve@example.net"}],
    }
    assert body["from"] == {"email": "court@example.com", "name": "Court"}
    assert body["reply_to"] == {"email": "clerk@example.com"}
    assert body["subject"] == "Größe"
    assert body["headers"] == {"Message-ID": "<one@parley.example>", "Auto-Submitted": "auto-generated"}
    assert [(one["type"], "☃" in one["value"]) for one in body["content"]] == [
        ("text/plain", True),
        ("text/html", True),
    ]
    (attached,) = body["attachments"]
    assert base64.b64decode(attached["content"]) == b"%PDF-1.7 \x00"
    assert (attached["filename"], attached["type"]) == ("letter.pdf", "application/pdf")


@pytest.mark.parametrize("kind", [Kind.MAILGUN, Kind.SENDGRID])
@pytest.mark.parametrize(
    ("code", "kept"),
    [(400, Rejected), (413, Rejected), (401, Deferred), (429, Deferred), (500, Deferred), (503, Deferred)],
)
def test_what_a_refusal_means(provider: Provider, tmp_path: Any, kind: Kind, code: int, kept: type[NotTaken]) -> None:
    provider.code, provider.text = code, "no <ada@example.com>"
    with pytest.raises(kept) as refused:
        _send(provider.reach(kind, tmp_path))
    assert (refused.value.answer.code, refused.value.answer.text) == (code, "no <…@example.com>")


@pytest.mark.parametrize("kind", [Kind.MAILGUN, Kind.SENDGRID])
def test_nobody_there_is_tried_again(tmp_path: Any, kind: Kind) -> None:
    gone = Provider()
    transport = gone.reach(kind, tmp_path)
    gone.server_close()
    with pytest.raises(Deferred, match="no answer from the provider"):
        _send(transport)
