"""A received mail, taken apart into a `DAEmail`.

Texts and addresses are there at once. Parts that are files (bodies, headers, attachments) become files of the session when
they are first asked for, once per mail: the session's memory keeps their numbers, so that a screen that lists subjects
makes no files.

Source: objects.md, "DAEmail"; background.md, "E-mailing the interview".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from shared.authoring.context import current
from shared.authoring.functions.dates import DADateTime, as_datetime
from shared.authoring.memory import MAIL_FILES
from shared.authoring.objects import DAEmail, DAEmailRecipient, DAEmailRecipientList, DAFile, DAFileList

_FILES = ("body_text", "body_html", "headers", "attachment")


class ReceivedEmail(DAEmail):
    """A `DAEmail` that makes files of its parts when one of them is first used. `mail_id` is that of the stored mail."""

    def __getattr__(self, name: str) -> Any:
        if name in _FILES and "mail_id" in self.__dict__:
            _add_files(self)
            return self.__dict__[name]
        return super().__getattr__(name)


def email_object(mail: Mapping[str, Any]) -> Any:
    """The `DAEmail` of a mail as ``Context.emails`` gives it: id, address, key, index, raw, received."""
    message = _message(mail["raw"])
    made = ReceivedEmail(f"_email_{mail['id']}")
    made.mail_id = str(mail["id"])
    made.short = mail["address"]
    made.key = mail.get("key")
    made.index = mail.get("index")
    made.address_owner = mail.get("owner")
    made.subject = str(message["Subject"] or "")
    made.to_address = _recipients(made, "to_address", message, "To")
    made.cc_address = _recipients(made, "cc_address", message, "Cc")
    made.from_address = _recipient(made, "from_address", message, "From")
    made.reply_to = _recipient(made, "reply_to", message, "Reply-To")
    made.return_path = _recipient(made, "return_path", message, "Return-Path", otherwise=mail.get("sender"))
    made.datetime_message = _stated_time(message)
    made.datetime_received = _moment(mail.get("received"))
    return made


def _message(raw: bytes) -> EmailMessage:
    return message_from_bytes(bytes(raw), policy=policy.default)


def _addresses(message: EmailMessage, header: str) -> list[tuple[str, str]]:
    return [
        (name, address)
        for name, address in getaddresses([str(value) for value in message.get_all(header, [])])
        if address
    ]


def _recipient(owner: Any, attribute: str, message: EmailMessage, header: str, otherwise: Any = None) -> Any:
    found = _addresses(message, header) or ([("", str(otherwise))] if otherwise else [])
    return _one(f"{owner.instanceName}.{attribute}", *found[0]) if found else None


def _recipients(owner: Any, attribute: str, message: EmailMessage, header: str) -> Any:
    name = f"{owner.instanceName}.{attribute}"
    people = [_one(f"{name}[{place}]", *pair) for place, pair in enumerate(_addresses(message, header))]
    made = DAEmailRecipientList(name, elements=people)
    made.gathered = True
    return made


def _one(instance: str, name: str, address: str) -> Any:
    return DAEmailRecipient(instance, name=name or None, address=address)


def _stated_time(message: EmailMessage) -> DADateTime | None:
    """The time in the Date header; None if there is none that can be read."""
    try:
        return as_datetime(parsedate_to_datetime(str(message["Date"])))
    except (TypeError, ValueError, OverflowError):
        return None


def _moment(received: Any) -> DADateTime | None:
    return as_datetime(received) if isinstance(received, datetime) else None


def _add_files(made: ReceivedEmail) -> None:
    memory = current().internal.setdefault(MAIL_FILES, {})
    numbers = memory.get(made.mail_id)
    if numbers is None:
        mail = next((mail for mail in current().emails(None) if str(mail["id"]) == made.mail_id), None)
        if mail is None:
            raise LookupError(f"the mail {made.mail_id} is no longer kept")
        numbers = memory[made.mail_id] = _write(_message(mail["raw"]))
    for part in ("body_text", "body_html", "headers"):
        number = numbers.get(part)
        setattr(made, part, None if number is None else _file(f"{made.instanceName}.{part}", number))
    name = f"{made.instanceName}.attachment"
    files = [_file(f"{name}[{place}]", number) for place, number in enumerate(numbers["attachment"])]
    made.attachment = DAFileList(name, elements=files)
    made.attachment.gathered = True


def _write(message: EmailMessage) -> dict[str, Any]:
    """Write the parts of a mail as files of the session; their numbers."""
    files = current().files
    numbers: dict[str, Any] = {"attachment": []}
    for part, kind, filename in (("body_text", "plain", "body.txt"), ("body_html", "html", "body.html")):
        body = message.get_body(preferencelist=(kind,))
        if body is not None:
            numbers[part] = files.write(filename=filename, mimetype=f"text/{kind}", content=_text(body).encode())
    headers = json.dumps([[name, str(value)] for name, value in message.items()])
    numbers["headers"] = files.write(filename="headers.json", mimetype="application/json", content=headers.encode())
    for place, attached in enumerate(_attachments(message), start=1):
        content = attached.get_payload(decode=True)
        numbers["attachment"].append(
            files.write(
                filename=_safe_name(attached.get_filename(), place),
                mimetype=attached.get_content_type(),
                content=content if isinstance(content, bytes) else b"",
            )
        )
    return numbers


def _attachments(message: EmailMessage) -> list[Any]:
    try:
        return list(message.iter_attachments())
    except (AttributeError, KeyError, TypeError):  # a broken multipart: what it says it is, it is not
        return []


def _text(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError, ValueError):  # an unknown or wrong charset
        content = part.get_payload(decode=True)
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _safe_name(filename: str | None, place: int) -> str:
    from shared.authoring.functions.text import space_to_underscore

    return space_to_underscore(filename or "") or f"attachment{place}"


def _file(instance: str, number: int) -> Any:
    info = current().files.info(number)
    return DAFile(
        instance,
        number=number,
        filename=info["filename"],
        mimetype=info["mimetype"],
        extension=info.get("extension") or str(info["filename"]).rpartition(".")[2],
        ok=True,
        initialized=True,
    )
