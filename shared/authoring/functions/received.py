"""A received mail as a `DAEmail`.

Texts and addresses are there at once, read from its header. Bodies, headers and attachments are files of the session, made when the
mail came in (``services.interview.mail_parts``), and known by their numbers when one is first asked for, so that a screen that lists subjects
reads no more than subjects. A mail that nobody has taken apart yet (its session was sealed, or it came a moment ago) is taken apart
here, once: the session's memory keeps the numbers.

Source: objects.md, "DAEmail"; background.md, "E-mailing the interview". ``raw``, ``problems``, ``reply_text``, ``automatic`` and
``authentication`` are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from shared.authoring.context import current
from shared.authoring.memory import MAIL_FILES
from shared.authoring.objects import DAEmail, DAEmailRecipient, DAEmailRecipientList, DAFile, DAFileList
from shared.authoring.text.dates import DADateTime, as_datetime
from shared.contract import typed
from shared.contract.mail import MailParts
from shared.mail.automatic import reason
from shared.mail.dissect import dissect
from shared.mail.filing import file_parts
from shared.mail.headers import Header, split
from shared.mail.plaintext import text_of_html
from shared.mail.replies import without_quotation

_PARTS = ("body_text", "body_html", "headers", "attachment", "problems")
#: The configuration's name of the mail server whose word on a sender counts.
AUTHENTICATION = "authentication server"
#: In the session's memory, beside the parts of a mail: the number of the file that holds all of it.
_RAW = "raw"


class ReceivedEmail(DAEmail):
    """A `DAEmail` that learns what it is made of when that is first asked for. `mail_id` is that of the stored mail."""

    def __getattr__(self, name: str) -> Any:
        if "mail_id" in self.__dict__ or "made_of" in self.__dict__:
            if name in _PARTS:
                _add_parts(self)
                return self.__dict__[name]
            if name == "raw":
                self.raw = _raw_file(self)
                return self.raw
            if name == "reply_text":
                return _reply(self)
            if name == "authentication":
                self.authentication = _authentication(self)
                return self.authentication
        return super().__getattr__(name)


class AttachedMessage(DAFile):
    """An attached message: ``email`` is what it is, as a `DAEmail`."""

    def __getattr__(self, name: str) -> Any:
        if name == "email" and "made_of" in self.__dict__:
            self.email = _attached_email(self)
            return self.email
        return super().__getattr__(name)


def email_object(mail: Mapping[str, Any]) -> ReceivedEmail:
    """The `DAEmail` of a mail as ``Context.emails`` gives it: id, address, key, index, head, received."""
    made = ReceivedEmail(f"_email_{mail['id']}")
    made.mail_id = str(mail["id"])
    made.short = mail["address"]
    made.key = mail.get("key")
    made.index = mail.get("index")
    made.tag = mail.get("tag") or None
    made.address_owner = mail.get("owner")
    header, _ = split(bytes(mail["head"]))
    _describe(made, header, sender=str(mail.get("sender") or ""), received=mail.get("received"))
    return made


def _authentication(made: ReceivedEmail) -> str | None:
    """What the operator's own mail server found out about the sender (RFC 8601); None if it said nothing that counts.

    Anybody can write such a header: it counts in a mail that a trusted front handed over, under the name that this server goes by.
    """
    server = str(current().config.get(AUTHENTICATION) or "").lower()
    mail = current().email(made.mail_id) if server and "mail_id" in made.__dict__ else None
    if mail is None or not mail.get("front"):
        return None
    for field in split(bytes(mail["head"]))[0].all("Authentication-Results"):
        name, _, results = field.text.partition(";")
        if name.split()[:1] and name.split()[0].lower() == server:
            return results.strip()
    return None


def _attached_email(file: AttachedMessage) -> ReceivedEmail:
    made = ReceivedEmail(f"{file.instanceName}.email")
    made.made_of = file.made_of
    made.raw = DAFile(f"{made.instanceName}.raw", number=file.number, filename=file.filename, mimetype=file.mimetype)
    made.short = made.key = made.index = made.tag = made.address_owner = None
    header, _ = split(current().files.read(file.number))
    _describe(made, header, sender=header.text("Return-Path").strip("<> ") or "unknown", received=None)
    return made


def _describe(made: ReceivedEmail, header: Header, *, sender: str, received: object) -> None:
    """What the header says."""
    made.subject = header.text("Subject")
    made.to_address = _recipients(made, "to_address", header, "To")
    made.cc_address = _recipients(made, "cc_address", header, "Cc")
    made.from_address = _recipient(made, "from_address", header, "From")
    made.reply_to = _recipient(made, "reply_to", header, "Reply-To")
    made.return_path = _recipient(made, "return_path", header, "Return-Path", otherwise=sender)
    made.datetime_message = _stated_time(header)
    made.datetime_received = as_datetime(received) if isinstance(received, datetime) else None
    made.automatic = reason(header, sender=sender, domains=_own_domains())


def _own_domains() -> list[str]:
    config = current().config
    return [str(config[key]) for key in ("incoming mail domain", "external hostname") if config.get(key)]


def _recipient(owner: Any, attribute: str, header: Header, name: str, otherwise: str = "") -> object:
    found = header.addresses(name) or ([("", otherwise)] if otherwise else [])
    return _one(f"{owner.instanceName}.{attribute}", *found[0]) if found else None


def _recipients(owner: Any, attribute: str, header: Header, name: str) -> object:
    instance = f"{owner.instanceName}.{attribute}"
    people = [_one(f"{instance}[{place}]", *pair) for place, pair in enumerate(header.addresses(name))]
    made = DAEmailRecipientList(instance, elements=people)
    made.gathered = True
    return made


def _one(instance: str, name: str, address: str) -> object:
    return DAEmailRecipient(instance, name=name or None, address=address)


def _stated_time(header: Header) -> DADateTime | None:
    """The time in the Date header; None if there is none that can be read."""
    try:
        return as_datetime(parsedate_to_datetime(header.text("Date")))
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


# ------------------------------------------------------------------ parts


def _add_parts(made: ReceivedEmail) -> None:
    parts = typed.convert(made.made_of if "made_of" in made.__dict__ else _parts_of(made.mail_id), MailParts)
    for part, number, filename, mimetype in (
        ("body_text", parts.body_text, "body.txt", "text/plain"),
        ("body_html", parts.body_html, "body.html", "text/html"),
        ("headers", parts.headers, "headers.json", "application/json"),
    ):
        name = f"{made.instanceName}.{part}"
        setattr(
            made, part, None if number is None else DAFile(name, number=number, filename=filename, mimetype=mimetype)
        )
    name = f"{made.instanceName}.attachment"
    files: list[object] = []
    for place, one in enumerate(parts.attachments):
        about = {"number": one.number, "filename": one.filename, "mimetype": one.mimetype}
        if one.email is None:
            files.append(DAFile(f"{name}[{place}]", **about))
        else:
            files.append(AttachedMessage(f"{name}[{place}]", made_of=msgspec.to_builtins(one.email), **about))
    made.attachment = DAFileList(name, elements=files)
    made.attachment.gathered = True
    made.problems = list(parts.problems)


def _parts_of(mail_id: str) -> object:
    """What the mail is made of: as the service found it, or as it is found now."""
    memory = current().internal.get(MAIL_FILES, {})
    kept = memory.get(mail_id)
    if kept is not None and "attachments" in kept:
        return kept
    mail = current().email(mail_id)
    if mail is None:
        raise LookupError(f"the mail {mail_id} is no longer kept")
    if mail.get("parts") is not None:
        return mail["parts"]
    parts = file_parts(dissect(current().email_raw(mail_id)).plain(), current().files.write)
    found = msgspec.to_builtins(parts)
    current().internal.setdefault(MAIL_FILES, {}).setdefault(mail_id, {}).update(found)
    return found


def _raw_file(made: ReceivedEmail) -> DAFile:
    """All of the mail as a file, written when it is first asked for."""
    memory = current().internal.setdefault(MAIL_FILES, {}).setdefault(made.mail_id, {})
    if _RAW not in memory:
        content = current().email_raw(made.mail_id)
        memory[_RAW] = current().files.write(filename="mail.eml", mimetype="message/rfc822", content=content)
    return DAFile(f"{made.instanceName}.raw", number=memory[_RAW], filename="mail.eml", mimetype="message/rfc822")


def _reply(made: ReceivedEmail) -> str:
    """What the sender wrote, as far as that can be told from what they quoted and signed with."""
    if made.body_text is not None:
        return without_quotation(made.body_text.slurp())
    if made.body_html is not None:
        return without_quotation(text_of_html(made.body_html.slurp()))
    return ""
