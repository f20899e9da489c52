"""A screen's documents sent to an address that the user gives (docs documents.md, "Enabling the e-mailing of documents").

The mail leaves with the state, as every other. Not for: mails that author code sends (`shared.authoring.functions.mail`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shared.authoring import memory
from shared.authoring.functions.mail import send_email
from shared.authoring.functions.screen import log
from shared.authoring.objects import DAFile
from shared.authoring.text.words import word
from shared.contract.screen import Screen
from shared.engine.documents import collected
from shared.engine.documents.described import Described
from shared.engine.run import Run
from shared.language.model import Question

#: The action by which a page asks for it.
ACTION = "_da_email_documents"
#: As much of an address as can be told without asking its server; longer ones are none (RFC 5321, 4.5.3.1).
_ADDRESS = re.compile(r"[^\s@<>,;\"()]{1,64}@[^\s@<>,;\"()]{1,255}\Z")


def send(run: Run, screen: Screen, arguments: Mapping[str, Any]) -> None:
    """Send the documents of `screen`, if it allows that: ``address``, and with ``editable`` what word processors open, too."""
    address = str(arguments.get("address") or "").strip()
    if not run.documents or not screen.options.get("allow emailing"):
        return
    if not _ADDRESS.match(address):
        log(word("That does not look like an e-mail address."), "danger")
        return
    editable = bool(arguments.get("editable")) or bool(screen.options.get("always include editable files"))
    run.context.step[memory.PATIENT] = True  # whoever asked for the mail asks once
    files = [_file(run, *collected.file(run, one, kind)) for one in run.documents for kind in _kinds(one, editable)]
    subject, template, body = _texts(run)
    send_email(to=address, subject=subject, template=template, body=body, attachments=files)
    log(word("Your documents were e-mailed to %s.") % address, "success")


def _kinds(document: Described, editable: bool) -> list[str]:
    kinds = collected.kinds(document)
    fixed = [kind for kind in kinds if kind == "pdf"]
    return kinds if editable or not fixed else fixed


def _file(run: Run, name: str, content: bytes, mimetype: str) -> DAFile:
    number = run.context.files.write(filename=name, mimetype=mimetype, content=content)
    return DAFile("document", number=number, filename=name, mimetype=mimetype)


def _texts(run: Run) -> tuple[str, object, str | None]:
    """Subject, template and text: as the author wants them, or what the names of the documents say."""
    question: Question | None = run.question
    options: Mapping[str, Any] = question.options if question is not None else {}
    names = [str(one.said["name"]) for one in run.documents]
    template = run.value(options.get("email template"))
    stated = options.get("email subject")
    subject = run.render(stated).strip() if stated is not None else ""
    if not subject and template is None:
        subject = ", ".join(names) or word("Document")
    said = options.get("email body")
    if said is not None:
        return subject, template, run.render(said)
    if template is not None:
        return subject, template, None
    text = word("Your document, %s, is attached.") if len(names) == 1 else word("Your documents, %s, are attached.")
    return subject, None, text % ", ".join(names)
