"""Logs tell what happened to which session, and never what somebody answered."""

from __future__ import annotations

import io
import json
import logging

import pytest

from services.cli.main import main
from services.logs import Guard, JsonLines, configure, misuse, session_hash


@pytest.fixture
def lines():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure("INFO", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], level = before
    root.setLevel(level)


def test_an_event_is_a_line_with_its_ids(lines):
    logging.getLogger("services.worker").info("task_done", extra={"task": "t1", "seconds": 0.25})
    [line] = lines()
    assert line["time"].endswith("+00:00")
    assert {key: line[key] for key in ("level", "event", "task", "seconds", "logger")} == {
        "level": "info",
        "event": "task_done",
        "task": "t1",
        "seconds": 0.25,
        "logger": "services.worker",
    }


def test_the_id_of_a_session_is_written_as_a_hash_that_the_command_line_knows(lines, capsys):
    logging.getLogger("services.worker").info("task_done", extra={"session": "s3cr3t"})
    logging.getLogger("services.worker").info("task_done", extra={"session": None})
    known, unknown = lines()
    assert main(["session-hash", "s3cr3t"]) == 0
    assert known["session"] == session_hash("s3cr3t") == capsys.readouterr().out.strip()
    assert "s3cr3t" not in json.dumps(known)
    assert unknown["session"] is None


def a_record(event: str = "answered", *arguments: object, name: str = "shared.x", **extra: object) -> logging.LogRecord:
    record = logging.LogRecord(name, logging.WARNING, "x.py", 1, event, arguments, None)
    record.__dict__.update(extra)
    return record


def test_a_field_that_is_not_known_to_be_harmless_fails_a_test_and_is_never_written():
    record = a_record(session="s1", answer="Geheim", sender="a@b.example")
    assert "answer, sender" in str(misuse(record))
    line = json.loads(JsonLines().format(record))
    assert line["left_out"] == ["answer", "sender"]
    assert "Geheim" not in json.dumps(line)
    assert "a@b.example" not in json.dumps(line)


def test_what_is_no_name_of_an_event_fails_a_test():
    assert "no" in str(misuse(a_record("mail sent")))
    assert misuse(a_record("mail_%s", "Geheim")) is not None
    assert misuse(a_record("mail_sent", mail="m1")) is None
    assert misuse(a_record("Whatever a library says %s", "x", name="pymongo")) is None


def test_the_guard_of_the_tests_sees_what_is_logged():
    found: list[str] = []
    logger = logging.getLogger("shared.x.guarded")
    logger.addHandler(Guard(found.append))
    logger.propagate = False
    logger.warning("mail_sent", extra={"subject": "Geheim"})
    assert ["subject" in one for one in found] == [True]


def test_a_harmless_name_does_not_carry_a_structure_or_a_long_text(lines):
    logging.getLogger("shared.x").warning(
        "e", extra={"reason": {"answer": "Geheim"}, "where": "x" * 5000, "queues": ["a"]}
    )
    [line] = lines()
    assert "Geheim" not in json.dumps(line)
    assert len(line["where"]) <= 500
    assert line["queues"] == ["a"]


def test_an_exception_gives_its_class_and_places_and_not_its_text(lines):
    try:
        raise ValueError("Geheim")
    except ValueError:
        logging.getLogger("services.x").exception("step_failed", extra={"session": "s1"})
        logging.getLogger("pymongo").exception("failed for %s", "Geheim")
    ours, other = lines()
    assert (ours["error"], other["event"]) == ("ValueError", "failed for %s")
    assert "test_logs.py" in ours["where"]
    assert "Geheim" not in json.dumps([ours, other])


def test_arguments_are_not_formatted_into_an_event():
    line = json.loads(JsonLines().format(a_record("got %s", "Geheim")))
    assert line["event"] == "got %s"


def test_libraries_are_heard_from_warnings_on_and_gunicorn_in_full(lines):
    logging.getLogger("aiosmtpd").info("quiet")
    logging.getLogger("gunicorn.error").warning("Listening at: %s (%s)", "http://127.0.0.1:80", 7)
    assert [line["event"] for line in lines()] == ["Listening at: http://127.0.0.1:80 (7)"]


def test_a_line_is_one_line_whatever_is_in_it(lines):
    logging.getLogger("shared.x").warning("e", extra={"task": "a\nb"})
    assert [line["task"] for line in lines()] == ["a\nb"]
