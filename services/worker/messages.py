"""A `SendMail` effect as the message that leaves (RFC 5322). Not for handing it over (`transports`)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from services.worker.headers import WIRE, addresses, filename, words
from shared.store.ports import Store
from shared.store.readers import is_for_everybody, is_of

log = logging.getLogger(__name__)

#: RFC 5322, 2.2: what a header's name may be.
_HEADER = re.compile(r"[!-9;-~]{1,76}")

#: The same, 3.2 of RFC 2045, for the type of a file.
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,64}/[A-Za-z0-9!#$&^_.+-]{1,100}")


def message_id(mail_id: str, domain: str) -> str:
    """The same however often the mail is tried, so that a recipient can tell one that came twice."""
    return f"<{mail_id}@{domain}>"


def message_of(
    body: Mapping[str, Any],
    *,
    mail_id: str,
    at: datetime,
    sender: str,
    domain: str,
    attachments: Sequence[tuple[str, str, bytes]],
) -> EmailMessage:
    """The message, without those who get it unseen. `attachments` are (name, type, content). Raises ValueError for headers that are none."""
    message = EmailMessage(policy=WIRE)
    message["Message-ID"] = message_id(mail_id, domain)
    message["Date"] = format_datetime(at)
    message["From"] = addresses([body.get("sender") or sender])
    message["To"] = addresses(body["to"]) if body["to"] else "undisclosed-recipients:;"
    if body.get("cc"):
        message["Cc"] = addresses(body["cc"])
    if body.get("reply_to"):
        message["Reply-To"] = addresses([body["reply_to"]])
    message["Subject"] = words(" ".join(str(body["subject"]).split()))
    if body.get("automatic"):
        message["Auto-Submitted"] = "auto-generated"
    for name, value in body.get("headers") or []:
        if not _HEADER.fullmatch(str(name)):
            raise ValueError("the name of a header has other characters than those of RFC 5322")
        message[name] = words(str(value))
    message.set_content(body["body"])
    if body.get("html"):
        message.add_alternative(body["html"], subtype="html")
    for name, mimetype, content in attachments:
        # Whoever sent a file wrote its type, too. And a file is a file: it is not to be taken apart on the way.
        if not _TYPE.fullmatch(mimetype) or mimetype.startswith(("multipart/", "message/")):
            mimetype = "application/octet-stream"
        maintype, _, subtype = mimetype.partition("/")
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=filename(name))
    return message


def attachments_of(
    store: Store, body: Mapping[str, Any], *, session: str, mail_id: str
) -> list[tuple[str, str, bytes]]:
    """Files of the session; those that are gone are left out: the text is still worth sending."""
    found = []
    for number in body.get("attachments") or []:
        info = store.files.info(number)
        if info is None or not (is_of(info, session) or is_for_everybody(info.session)):
            log.error("attachment_gone", extra={"mail": mail_id})
            continue
        found.append((info.filename, info.mimetype, b"".join(store.files.read(number))))
    return found
