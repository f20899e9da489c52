"""Sending mail: what the author says, made into a `SendMail` effect that leaves with the state.

``True`` means: it will be tried when this step is saved, for two days if need be. A block that runs again after it was interrupted does not
send it again. What became of it tells `mail_status`.

Source: functions.md, send_email().
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from shared.authoring import jobs
from shared.authoring.context import Context, current
from shared.authoring.functions.mail_files import attached
from shared.authoring.functions.recipients import addresses, copies, one_line
from shared.authoring.functions.tracking import count_task, lasting, times_task_performed
from shared.authoring.jobs import Job
from shared.authoring.memory import ADDRESSES, seen
from shared.contract.effects import LogMessage, SendMail
from shared.mail.plaintext import text_of_html

#: Under this key of what authors may read of the configuration stands: ``servers`` (name -> largest mail in bytes) and ``default``.
OUTGOING = "outgoing mail"


class MailStatus(SimpleNamespace):
    """``status``: queued, sent, failed or bounced; ``code`` and ``text`` of the server, ``refused``: addresses that it refused."""

    def __str__(self) -> str:
        return str(self.status)


_NO_SERVER = "send_email(): no server for outgoing mail is configured, so nothing was sent"


def send_email(
    to: object = None,
    sender: object = None,
    reply_to: object = None,
    cc: object = None,
    bcc: object = None,
    body: object = None,
    html: object = None,
    subject: object = "",
    template: object = None,
    task: str | None = None,
    task_persistent: object = False,
    attachments: object = None,
    mailgun_variables: object = None,
    dry_run: bool = False,
    config: str | None = None,
) -> bool:
    """Send a mail when this step is saved; True, or False if nobody is to receive it or no server is configured.

    `to`, `cc`, `bcc`: one or a list of persons (with ``email``), recipients, or texts with addresses; `sender`, `reply_to`: one of
    these. `template`: its subject and content, which `subject`, `body` and `html` override. `attachments`: file objects; of a document in
    several formats the first. `task` is marked as performed, and unmarked if the mail fails for good. With `dry_run` all is looked up and
    nothing sent. `config` names a server of the configuration. Raises ValueError and TypeError, which say what is wrong with which argument.
    """
    # asked for before what the mail says
    receivers, copied, blind = tuple(addresses(to)), tuple(copies(cc)), tuple(copies(bcc))
    title, text, markup = contents(subject, body, html, template)
    mail = SendMail(mail_id="", to=receivers, cc=copied, bcc=blind, subject=one_line(title), body=text, html=markup)
    mail = replace(mail, reply_to=next(iter(addresses(reply_to)), None), sender=next(iter(addresses(sender)), None))
    if (job := jobs.running_or_none()) is not None:
        _needs_interview(attachments=attachments, task=task, mailgun_variables=mailgun_variables)
        mail = replace(mail, mail_id=secrets.token_hex(16), server=config, automatic=True)
        return _from_job(job, mail, dry_run=dry_run)
    context = current()
    server, largest = _server(context, config)
    numbers = attached(attachments, largest=largest, beside=len(text) + len(markup or ""))
    if dry_run or not _has_receivers(mail):
        return _has_receivers(mail)
    if server is None:
        context.effects.append(LogMessage(message=_NO_SERVER))
        return False
    mail = replace(
        mail,
        attachments=numbers,
        headers=_thread(mail.reply_to),
        task=task,
        task_persistent=task is not None and lasting(task_persistent),
        server=server or None,
        variables=_variables(mailgun_variables),
        automatic=context.mode in ("cron", "email"),
    )
    return _once(context, mail, task, task_persistent)


def _has_receivers(mail: SendMail) -> bool:
    return bool(mail.to or mail.cc or mail.bcc)


def _needs_interview(**given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise ValueError(f"send_email(): {name} needs an interview, and a job has none")


def _from_job(job: Job, mail: SendMail, *, dry_run: bool) -> bool:
    """It leaves with the end of the job, by the server of its name or the default one."""
    wanted = _has_receivers(mail)
    if wanted and not dry_run:
        job.effects.append(mail)
    return wanted


def _once(context: Context, mail: SendMail, task: str | None, persistent: object) -> bool:
    def send() -> bool:
        context.effects.append(replace(mail, mail_id=context.new_id("mail")))
        if task is not None:
            count_task(task, persistent=persistent)
        return True

    # What the author asks for is the same mail, whoever is there when its block goes on: a user, a schedule, a mail that came.
    asked = replace(mail, automatic=False, headers=())
    return context.once("send_email", (asked, task), send, task=task)


def mail_status(task: str) -> MailStatus | None:
    """What became of the last mail that was sent for `task`; None if there was none."""
    context = current()
    if any(isinstance(effect, SendMail) and effect.task == task for effect in context.effects):
        return MailStatus(status="queued", code=None, text="", refused=[])
    found = context.mail_status(str(task))
    if found is None:
        # It is saved, and about to be handed to whoever sends it.
        performed = times_task_performed(task) or times_task_performed(task, persistent=True)
        return MailStatus(status="queued", code=None, text="", refused=[]) if performed else None
    return MailStatus(**found)


def contents(subject: object, body: object, html: object, template: object) -> tuple[str, str, str | None]:
    """Subject, text and HTML of a mail; a `template` gives what is not stated. A text that nobody wrote is made from the HTML.

    Raises ValueError for a template without a subject.
    """
    title = "" if subject is None else str(subject)
    text = None if body is None else str(body)
    markup = None if html is None else str(html)
    if template is not None:
        from shared.markup import to_html  # noqa: PLC0415  heavy: Markdown and nh3, 160 ms; few steps send mail

        if not title.strip():
            title = text_of_html(to_html(str(getattr(template, "subject", "") or "")))
            if not title.strip():
                name = getattr(template, "instanceName", None)
                what = f"the template {name}" if name else "the template"
                raise ValueError(
                    f"send_email(): {what} has no subject; write `subject:` in its block, or give subject="
                )
        if markup is None:
            markup = to_html(str(getattr(template, "content", template)))
    if text is None:
        text = text_of_html(markup) if markup else ""
    return title, text, markup


def _server(context: Context, config: object) -> tuple[str | None, int]:
    """The name of the configuration to be used (None: there is no server; empty: the default), and the largest mail that it takes."""
    known: Mapping[str, Any] = context.config.get(OUTGOING) or {"servers": {"": 0}, "default": ""}
    servers: Mapping[str, int] = known["servers"]
    metadata = getattr(context.interview, "metadata", None) or {}
    name, source = (
        (config, "config=") if config is not None else (metadata.get("email config"), "`email config` in the metadata")
    )
    if name is None:
        return (known["default"], servers[known["default"]]) if servers else (None, 0)
    if name not in servers:
        there = f"there are {', '.join(sorted(servers))}" if servers else "there is none"
        raise ValueError(f"send_email(): {source} names the mail configuration {str(name)!r}, and {there}")
    return str(name), servers[str(name)]


def _variables(given: object) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"send_email(): mailgun_variables is a dictionary, not {type(given).__name__}")
    return {
        str(key): value if isinstance(value, str | int | float | bool) else str(value) for key, value in given.items()
    }


def _thread(reply: str | None) -> tuple[tuple[str, str], ...]:
    """With an address of this session to answer to: what makes mail programs show its mails as one conversation."""
    if reply is None:
        return ()
    local, _, domain = reply.rpartition("<")[2].rstrip(">").partition("@")
    if any(held["address"] == local for held in seen(ADDRESSES, ())):
        return (("References", f"<{local}.thread@{domain}>"),)
    return ()
