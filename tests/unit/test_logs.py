"""Logs tell what happened to which session, and never what somebody answered."""

from __future__ import annotations

import io
import json
import logging

import pytest

from services.logs import configure


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
    logging.getLogger("services.worker").info("task_done", extra={"task": "t1", "session": "s1", "seconds": 0.25})
    [line] = lines()
    assert line["time"].endswith("+00:00")
    assert {key: line[key] for key in ("level", "event", "task", "session", "seconds", "logger")} == {
        "level": "info",
        "event": "task_done",
        "task": "t1",
        "session": "s1",
        "seconds": 0.25,
        "logger": "services.worker",
    }


def test_extras_that_are_not_known_to_be_harmless_are_left_out_by_name(lines):
    logging.getLogger("shared.x").warning(
        "answered", extra={"session": "s1", "answer": "Geheim", "sender": "a@b.example"}
    )
    [line] = lines()
    assert line["left_out"] == ["answer", "sender"]
    assert "Geheim" not in json.dumps(line)
    assert "a@b.example" not in json.dumps(line)


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


def test_arguments_are_not_formatted_into_an_event(lines):
    logging.getLogger("services.x").info("got %s", "Geheim")
    [line] = lines()
    assert line["event"] == "got %s"


def test_libraries_are_heard_from_warnings_on_and_gunicorn_in_full(lines):
    logging.getLogger("aiosmtpd").info("quiet")
    logging.getLogger("gunicorn.error").warning("Listening at: %s (%s)", "http://127.0.0.1:80", 7)
    assert [line["event"] for line in lines()] == ["Listening at: http://127.0.0.1:80 (7)"]


def test_a_line_is_one_line_whatever_is_in_it(lines):
    logging.getLogger("shared.x").warning("e", extra={"session": "a\nb"})
    assert [line["session"] for line in lines()] == ["a\nb"]
