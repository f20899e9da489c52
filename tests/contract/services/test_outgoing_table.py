"""What the author, the operator and the recipient see of each thing that a mail server may do: the table of docs/mail.md is made here.

`PARLEY_WRITE_DOCS=1 pytest tests/contract/services/test_outgoing_table.py` writes it anew.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.system import free_port
from services.outgoing import OutgoingServer
from tests.contract.services.outgoing import house, job
from tests.helpers import certificates
from tests.helpers.smtp_script import BREAK, HANG, KEEP_AND_BREAK, Answer, Server, scripted

PAGE = Path(__file__).parents[3] / "docs" / "mail.md"
BEGIN, END = "<!-- made by tests/contract/services/test_outgoing_table.py -->\n", "<!-- end -->\n"
TWO = ["one@example.com", "two@example.com"]

Answers = dict[str, Answer]


def only_two(said: str) -> Callable[[str], str]:
    return lambda line: said if "two@" in line else "250 ok"


#: What the server does, what it says at each step, and with which settings it is met.
CASES: list[tuple[str, Answers, dict[str, object]]] = [
    ("takes it", {}, {}),
    ("450 for every recipient", {"RCPT": "450 4.2.1 mailbox busy"}, {}),
    ("550 for every recipient", {"RCPT": "550 5.1.1 no such user"}, {}),
    ("550 for one of two", {"RCPT": only_two("550 5.1.1 no such user")}, {}),
    ("450 for one of two", {"RCPT": only_two("450 4.2.1 mailbox busy")}, {}),
    ("550 for the sender", {"MAIL": "550 5.7.1 sender not allowed"}, {}),
    ("451 after the content", {"end": "451 4.3.0 try later"}, {}),
    ("554 after the content", {"end": "554 5.7.1 looks like spam"}, {}),
    ("554 as a greeting", {"connect": "554 5.7.1 not here"}, {}),
    ("hangs when connected to", {"connect": HANG}, {}),
    ("hangs at EHLO", {"EHLO": HANG}, {}),
    ("hangs at MAIL", {"MAIL": HANG}, {}),
    ("hangs at RCPT", {"RCPT": HANG}, {}),
    ("hangs at DATA", {"DATA": HANG}, {}),
    ("hangs after the content", {"end": HANG}, {}),
    ("breaks off before it kept the mail", {"end": BREAK}, {}),
    ("breaks off after it kept the mail", {"end": KEEP_AND_BREAK}, {}),
    ("is not there", {}, {"port": 0}),
    ("offers no encryption, and `use tls` asks for it", {}, {"tls": "starttls"}),
    ("has a certificate that nobody trusts", {}, {"tls": "starttls", "certificate": True}),
    ("does not take the password", {"AUTH": "535 5.7.8 wrong"}, {"username": "u", "password": "p", "tls": ""}),
    ("takes less than the mail has", {"EHLO": "250-scripted\r\n250 SIZE 100"}, {}),
]


@contextmanager
def server_for(answers: Answers, settings: dict[str, object], folder: Path) -> Iterator[tuple[Server, OutgoingServer]]:
    context = None
    given = dict(settings)
    if given.pop("certificate", False):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificates.make(folder))
    with scripted(tls=context, **answers) as server:
        port = free_port() if given.pop("port", None) == 0 else server.port
        yield server, OutgoingServer(host="127.0.0.1", port=port, **given)  # type: ignore[arg-type]


def row(name: str, answers: Answers, settings: dict[str, object], folder: Path) -> str:
    """A line of the table: what came of one try, and of the next."""
    folder.mkdir()
    with house(folder) as post, server_for(answers, settings, folder) as (server, outgoing):
        mailer = post.mailer(outgoing, seconds=0.3)
        post.add(to=TWO, task="t")
        mailer.handle(job())
        first = post.row()
        copies = [sum(one in who for who, _ in server.kept) for one in TWO]
        if first.status == "queued":
            minutes = round((first.due - post.now).total_seconds() / 60)
            author = "`queued`"
            after = f"tried again after {minutes} min"
            post.later(minutes=minutes)
            mailer.handle(job())
            again = [sum(one in who for who, _ in server.kept) for one in TWO]
            if max(again) > 1 and max(again) > max(copies):
                copies = again
        elif first.status == "failed":
            author = "`failed`, task unmarked, `mail_failed`"
            after = "never tried again"
            assert len(post.told) == 1
        else:
            refused = len(first.last["refused"])
            author = "`sent`" + (f", {refused} in `refused`" if refused else "")
            after = "done"
        said = f"{first.last['code']} {first.last['text']}" if first.last["code"] else str(first.last["text"])
        received = "nothing yet" if first.status == "queued" and not any(copies) else " and ".join(map(str, copies))
        if first.status == "failed":
            received = "nothing"
        return f"| {name} | {author} | {said} | {after} | {received} |"


def test_the_table_of_the_documentation(tmp_path: Path) -> None:
    lines = [
        row(name, answers, settings, tmp_path / str(number)) for number, (name, answers, settings) in enumerate(CASES)
    ]
    header = [
        "| the server … | author: `mail_status()` | operator: its last words | then | copies of the two recipients |",
        "|---|---|---|---|---|",
    ]
    table = "\n".join([*header, *lines]) + "\n"
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    written, _, after = rest.partition(END)
    if os.environ.get("PARLEY_WRITE_DOCS"):
        PAGE.write_text(before + BEGIN + table + END + after, "utf-8")
    else:
        assert written == table, "run with PARLEY_WRITE_DOCS=1 to write it anew"


@pytest.mark.parametrize("said", ["550", "450"])
def test_the_log_names_code_session_and_mail_and_no_address(
    tmp_path: Path, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with house(tmp_path) as post, scripted(RCPT=f"{said} <user@example.com> is no good") as server:
        post.add()
        post.mailer(OutgoingServer(host="127.0.0.1", port=server.port)).handle(job())
    (record,) = [one for one in caplog.records if one.msg in ("mail_put_off", "mail_failed_for_good")]
    assert (record.code, record.session, record.mail) == (int(said), "s1", "m1")  # type: ignore[attr-defined]
    assert record.text == "<…@example.com> is no good"  # type: ignore[attr-defined]
