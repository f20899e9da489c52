"""Sending mail: what the author says, made into a `SendMail` effect that leaves with the state.

A mail is therefore sent once however often the code runs again, and ``True`` means: it leaves when this step is saved.

Source: functions.md, send_email().
"""

from __future__ import annotations

import html as html_entities
import mimetypes
import re
from collections.abc import Iterable
from email.utils import formataddr, parseaddr
from typing import Any

from shared.authoring.context import current
from shared.authoring.effects import SendMail
from shared.authoring.functions.tracking import mark_task_as_performed

_FORMATS = ("pdf", "docx", "rtf", "md", "html", "raw")


def send_email(
    to: Any = None,
    sender: Any = None,
    reply_to: Any = None,
    cc: Any = None,
    bcc: Any = None,
    body: Any = None,
    html: Any = None,
    subject: Any = "",
    template: Any = None,
    task: str | None = None,
    task_persistent: Any = False,
    attachments: Any = None,
    mailgun_variables: Any = None,
    dry_run: bool = False,
    config: str | None = None,
) -> bool:
    """Send a mail when this step is saved; True, or False if nobody is to receive it.

    `to`, `cc`, `bcc`: one or a list of persons (with ``email``), recipients, or addresses; `sender`, `reply_to`: one of
    these. `template`: its subject and content, which `subject`, `body` and `html` override. `attachments`: file objects.
    `task` is marked as performed. With `dry_run` everything is looked up and nothing is sent. `mailgun_variables` and
    `config` belong to providers that are not used here, and are ignored.
    """
    receivers, copies, blind = addresses(to), addresses(cc), addresses(bcc)
    text = None if body is None else str(body)
    markup = None if html is None else str(html)
    title = "" if subject is None else str(subject)
    if template is not None:
        title = title or _one_line(getattr(template, "subject", ""))
        text, markup = _from_template(template, text, markup)
    numbers = tuple(number for item in _items(attachments) for number in file_numbers(item))
    reply = next(iter(addresses(reply_to)), None)
    origin = next(iter(addresses(sender)), None)
    if not receivers and not copies and not blind:
        return False
    if dry_run:
        return True
    context = current()
    context.effects.append(
        SendMail(
            mail_id=context.new_id("mail"),
            to=tuple(receivers),
            cc=tuple(copies),
            bcc=tuple(blind),
            subject=_one_line(title),
            body=text or "",
            html=markup,
            sender=origin,
            reply_to=reply,
            attachments=numbers,
        )
    )
    if task is not None:
        mark_task_as_performed(task, persistent=task_persistent)
    return True


def _from_template(template: Any, text: str | None, markup: str | None) -> tuple[str | None, str | None]:
    from shared.authoring.markup import to_html

    content = str(getattr(template, "content", template))
    return (as_plain_text(content) if text is None else text), (to_html(content) if markup is None else markup)


def as_plain_text(content: str) -> str:
    """Markdown as the text part of a mail: it reads well as it is, without HTML and without markup for pictures and layout."""
    text = re.sub(r"\[BR\]|<br ?/?>", "\n", content)
    text = re.sub(
        r"\[(?:FILE|QR|EMOJI|YOUTUBE|VIMEO|TARGET) [^\]]*\]|\[(?:PAGEBREAK|PAGENUM|NOINDENT|CENTER|BOLDCENTER|INDENTBY [^\]]*)\]",
        "",
        text,
    )
    text = html_entities.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", text))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"


def _one_line(text: Any) -> str:
    """Without line breaks: in a header they would begin another one."""
    return " ".join(str(text or "").split())


def _items(value: Any) -> list[Any]:
    """One or many: the things of a list, set or list object, or the thing itself; nothing for None and empty text."""
    if value is None or value == "":
        return []
    if isinstance(value, Iterable) and not isinstance(value, str | bytes) and not hasattr(value, "number"):
        return list(value)
    return [value]


def addresses(who: Any) -> list[str]:
    """RFC 5322 addresses of persons, recipients or texts; missing ``email`` attributes are asked for."""
    return [address for one in _items(who) for address in [address_of(one)] if address]


def address_of(one: Any) -> str:
    """``Name <address>`` of a person, a recipient or a text. ValueError if it is no address."""
    if isinstance(one, str):
        name, address = parseaddr(_one_line(one))
    elif hasattr(one, "address") and isinstance(one.address, str):  # DAEmailRecipient
        name, address = str(getattr(one, "name", None) or ""), one.address
    else:
        name, address = str(one), _one_line(one.email)
    if "@" not in address or not address.isprintable() or " " in address:
        raise ValueError(
            f"send_email() cannot write to {one if isinstance(one, str) else address!r}: it is not an e-mail address"
        )
    return formataddr((_one_line(name), address)) if name and name != address else address


def file_numbers(item: Any) -> list[int]:
    """The numbers of the session's files in a file object, list or collection of them, or reference to a package's file."""
    number = getattr(item, "number", None)
    if isinstance(number, int) and not isinstance(number, bool):
        return [number]
    formats = [getattr(item, name) for name in _FORMATS if hasattr(item, name)] if hasattr(item, "info") else []
    if formats:
        return [number for one in formats for number in file_numbers(one)]
    elements = getattr(item, "elements", item if isinstance(item, list | tuple) else None)
    if isinstance(elements, list | tuple):
        return [number for one in elements for number in file_numbers(one)]
    return [_copy_of_static(item)]


def _copy_of_static(item: Any) -> int:
    """A file of a package, copied into the session so that it can travel with the mail."""
    from shared.authoring.functions.urls import static_reference

    name = getattr(item, "filename", item)
    if not isinstance(name, str):
        raise TypeError(f"send_email() can attach files, lists and collections of files, not {item!r}")
    files = current().files
    filename, content = files.find(static_reference(name))
    mimetype = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return files.write(filename=filename, mimetype=mimetype, content=content)
