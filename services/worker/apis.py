"""Mail by the HTTP APIs of providers (config.md, "Using the Mailgun API", "Using the SendGrid API").

A 5xx of HTTP is the provider's trouble, not the mail's: it is tried again.
"""

from __future__ import annotations

import base64
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from services.outgoing import OutgoingServer
from services.worker.handing_over import SECONDS, Answer, Deferred, Rejected, Taken

_ANSWER = 4096
#: What the request itself is to blame for: it would be refused again. 401, 403, 404, 408 and 429 are the operator's or the hour's.
_FINAL = (400, 406, 413, 415, 422)


class _Api:
    def __init__(self, server: OutgoingServer, *, seconds: float = SECONDS) -> None:
        self._server = server
        self._seconds = seconds

    def close(self) -> None: ...

    def _post(self, content: bytes, headers: Mapping[str, str]) -> Taken:
        request = urllib.request.Request(self._server.url, data=content, headers=dict(headers), method="POST")  # noqa: S310  (the operator's address)
        try:
            with urllib.request.urlopen(request, timeout=self._seconds) as reply:  # noqa: S310  (as above)
                return Taken(answer=Answer.of(reply.status, reply.read(_ANSWER)))
        except urllib.error.HTTPError as error:
            answer = Answer.of(error.code, error.read(_ANSWER))
            raise (Rejected(answer) if error.code in _FINAL else Deferred(answer)) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise Deferred(Answer(0, f"no answer from the provider: {reason}")) from None


class MailgunTransport(_Api):
    """The whole message as MIME, and for whom it is."""

    def send(
        self, message: EmailMessage, *, sender: str, recipients: Sequence[str], variables: Mapping[str, object]
    ) -> Taken:
        fields = [("to", one) for one in recipients]
        if variables:
            fields.append(("h:X-Mailgun-Variables", json.dumps(variables)))
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="message"; filename="message.mime"\r\n'
            "Content-Type: message/rfc822\r\n\r\n".encode()
            + message.as_bytes()
            + b"\r\n"
        )
        content = b"".join(parts) + f"--{boundary}--\r\n".encode()
        login = base64.b64encode(f"api:{self._server.key}".encode()).decode()
        return self._post(
            content, {"Authorization": f"Basic {login}", "Content-Type": f"multipart/form-data; boundary={boundary}"}
        )


class SendGridTransport(_Api):
    """The message taken apart into the provider's own JSON."""

    def send(
        self, message: EmailMessage, *, sender: str, recipients: Sequence[str], variables: Mapping[str, object]
    ) -> Taken:
        left = set(recipients)
        people: dict[str, Any] = {}
        for header in ("to", "cc"):
            found = [one for one in _people(message, header) if one["email"] in left]
            if found:
                people[header] = found
            left -= {one["email"] for one in found}
        if left:
            people["bcc"] = [{"email": one} for one in recipients if one in left]
        if "to" not in people:  # the API wants one
            people["to"] = (
                (people.pop("cc", None) or people.pop("bcc"))[:1] if len(recipients) == 1 else [{"email": sender}]
            )
        body: dict[str, Any] = {
            "personalizations": [people],
            "from": _people(message, "from")[0],
            "subject": str(message["Subject"] or " "),
            "content": _contents(message),
            "headers": {
                name: str(message[name]) for name in ("Message-ID", "References", "Auto-Submitted") if message[name]
            },
        }
        if reply := _people(message, "reply-to"):
            body["reply_to"] = reply[0]
        if attachments := _attachments(message):
            body["attachments"] = attachments
        return self._post(
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._server.key}", "Content-Type": "application/json"},
        )


def _people(message: EmailMessage, header: str) -> list[dict[str, str]]:
    pairs = getaddresses([str(value) for value in message.get_all(header, [])])
    return [{"email": address, **({"name": name} if name else {})} for name, address in pairs if address]


def _contents(message: EmailMessage) -> list[dict[str, str]]:
    found = []
    for kind in ("plain", "html"):
        part = message.get_body(preferencelist=(kind,))
        if part is not None:
            found.append({"type": f"text/{kind}", "value": part.get_content() or " "})
    return found


def _attachments(message: EmailMessage) -> list[dict[str, str]]:
    return [
        {
            "content": base64.b64encode(part.get_payload(decode=True) or b"").decode(),  # type: ignore[arg-type]
            "type": part.get_content_type(),
            "filename": part.get_filename() or "attachment",
            "disposition": "attachment",
        }
        for part in message.iter_attachments()
    ]
