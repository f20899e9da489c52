"""A screen's documents sent to an address that the user gives (docs documents.md, "Enabling the e-mailing of documents").

The mail leaves with the state, as every other. Documents that take longer than a screen waits for are made by a background task, which
then sends them: what they are made of goes with the task, so that answers given meanwhile change nothing in the mail. Not for: mails that
author code sends (`shared.authoring.functions.mail`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shared.authoring.errors import BackgroundResponse, BeingMade
from shared.authoring.functions.background import background_action
from shared.authoring.functions.mail import contents, send_email
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
    wanted = [(one, kind) for one in run.documents for kind in _kinds(one, editable)]
    subject, body, html = contents(*_texts(run))
    mail: dict[str, Any] = {"to": address, "subject": subject, "body": body, "html": html}
    try:
        made = [collected.file(run, one, kind) for one, kind in wanted]
    except BeingMade:
        files = [collected.to_be_made(run, one, kind) for one, kind in wanted]
        background_action(ACTION, "flash", **mail, attachments=files)
        log(word("Your documents are being made. They will be e-mailed to %s.") % address, "info")
        return
    send_email(**mail, attachments=[_file(run, *one) for one in made])
    log(word("Your documents were e-mailed to %s.") % address, "success")


def when_made(run: Run, arguments: Mapping[str, Any]) -> None:
    """What the task does: wait for the files, and send them. For a browser's own request this does nothing: `send` follows its screen."""
    if run.request.mode != "background":
        return
    given = {name: arguments[name] for name in ("to", "subject", "body", "html", "attachments")}
    send_email(**given)
    raise BackgroundResponse(word("Your documents were e-mailed to %s.") % given["to"], kind="flash")


def _kinds(document: Described, editable: bool) -> list[str]:
    kinds = collected.kinds(document)
    fixed = [kind for kind in kinds if kind == "pdf"]
    return kinds if editable or not fixed else fixed


def _file(run: Run, name: str, content: bytes, mimetype: str) -> DAFile:
    number = run.context.files.write(filename=name, mimetype=mimetype, content=content)
    return DAFile("document", number=number, filename=name, mimetype=mimetype)


def _texts(run: Run) -> tuple[str, str | None, None, object]:
    """Subject, text and template: as the author wants them, or what the names of the documents say."""
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
        return subject, run.render(said), None, template
    if template is not None:
        return subject, None, None, template
    text = word("Your document, %s, is attached.") if len(names) == 1 else word("Your documents, %s, are attached.")
    return subject, text % ", ".join(names), None, None
