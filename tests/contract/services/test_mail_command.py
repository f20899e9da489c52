"""``parley mail --test`` and ``--check`` against servers that are there: the dialogue is printed, and no password."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from services.cli.mail import check, in_use
from services.cli.mail import test as send_a_test
from services.embedded.system import System
from services.heartbeat import MAIL_PORT
from services.outgoing import OutgoingServer
from services.settings import Settings, load
from shared.engine.outcome import Outcome
from shared.store.open import open_store
from tests.helpers.plainrunner import PlainRunner
from tests.helpers.smtp_script import scripted


def settings(port: int, **values: object) -> Settings:
    return Settings(mail_servers=(OutgoingServer(host="127.0.0.1", port=port, **values),), mail_sender="me@x.example")  # type: ignore[arg-type]


def test_the_dialogue_of_a_test_is_printed(tmp_path: Path) -> None:
    out = io.StringIO()
    with scripted(AUTH="235 2.7.0 welcome") as server:
        given = settings(server.port, username="office", password="a secret")
        assert send_a_test(given, "ops@example.org", None, out) == 0
    said = out.getvalue().splitlines()
    assert "< 220 scripted" in said
    printed = "\n".join(said).replace("FROM", "from")  # Python 3.13.5 writes it small
    assert "> mail from:<me@x.example> size=" in printed
    assert said[-1] == "Sent: 250 kept"
    assert "> AUTH …" in said
    assert "secret" not in out.getvalue()
    ((recipients, content),) = server.kept
    assert recipients == ["ops@example.org"]
    assert b"Auto-Submitted: auto-generated" in content


def test_a_refusal_is_printed_with_its_code() -> None:
    out = io.StringIO()
    with scripted(MAIL="550 5.7.1 not you") as server:
        assert send_a_test(settings(server.port), "ops@example.org", None, out) == 1
    assert out.getvalue().splitlines()[-1] == "Not sent: 550 5.7.1 not you"


def test_a_mail_ingest_that_answers_is_said() -> None:
    out = io.StringIO()
    with scripted() as server:
        given = Settings(smtp_port=server.port, smtp_domain=("mail.example.org",))
        assert check(given, out, look_up=lambda domain: ["10 mx.example.org."]) == 0
    assert "postmaster@mail.example.org: 250 ok" in out.getvalue()


def test_a_system_that_found_the_port_taken_is_asked_where_it_listens(tmp_path: Path) -> None:
    configured = load({}, var=str(tmp_path), port=0, log_level="WARNING")
    assert in_use(configured) == configured, "nothing runs, and there is no database yet"
    system = System(replace(configured, smtp_port=0), runner=PlainRunner(lambda state, request: Outcome(save="ignore")))
    system.start()
    try:
        found = in_use(configured)
        assert found.smtp_port == system.smtp_port != configured.smtp_port
        out = io.StringIO()
        assert check(found, out, look_up=lambda domain: ["10 mx.example.org."]) == 0
        assert f"mail_ingest on port {system.smtp_port}: 250" in out.getvalue()
    finally:
        system.stop()
    assert in_use(configured) == configured
    store = open_store(configured.database)
    store.schedule.note(MAIL_PORT, {"port": system.smtp_port})  # as one leaves it that was killed
    store.close()
    assert in_use(configured) == configured
