"""Other sessions as author functions ask for them, and the effects by which they change them."""

from __future__ import annotations

import pytest

from shared.authoring.errors import CommandSignal, NotAvailable
from shared.authoring.functions.sessions import (
    NoSuchSession,
    create_session,
    get_question_data,
    get_session_variables,
    go_back_in_session,
    run_action_in_session,
    set_session_variables,
)
from shared.contract import others
from shared.contract.effects import BeginSession, ChangeSession

KEY = "k" * 43


class Known:
    """Sessions that the running user may enter."""

    def __init__(self) -> None:
        self.asked = []

    def begin(self, interview):
        if interview == "demos:none.yml":
            raise FileNotFoundError("there is no interview demos:none.yml")
        self.asked.append(interview)
        return f"new{len(self.asked)}"

    def check(self, interview, session, secret):
        self.asked.append((interview, session, secret))
        if session != "mine":
            raise FileNotFoundError("there is no such session")

    def variables(self, interview, session, secret):
        self.check(interview, session, secret)
        return b'{"name": "Mia"}'

    def question(self, interview, session, secret):
        self.check(interview, session, secret)
        return b'{"kind": "fields", "question": "Who?", "block": "ID who", "shown": {"version": 3}}'

    def answers(self, interview, session, secret):
        self.check(interview, session, secret)
        return {"name": "Mia", "_internal": {}, "nav": object(), "when": {1, 2}}


@pytest.fixture
def known(step):
    step.sessions = Known()
    return step.sessions


def test_beginning_one(step, known):
    assert create_session("other.yml", secret=KEY, url_args={"told": {"when": 5}}) == "new1"
    assert create_session("x:other.yml") == "new2"
    assert step.effects == [
        BeginSession(session="new1", interview="demos:other.yml", url_args={"told": {"when": 5}}, secret=KEY),
        BeginSession(session="new2", interview="x:other.yml"),
    ]
    with pytest.raises(NoSuchSession, match="no interview demos:none"):
        create_session("none.yml")


def test_reading_one(step, known):
    assert get_session_variables("other.yml", "mine") == {"name": "Mia"}
    assert get_session_variables("other.yml", "mine", KEY, simplify=False) == {"name": "Mia", "when": {1, 2}}
    assert known.asked == [("demos:other.yml", "mine", None), ("demos:other.yml", "mine", KEY)]
    with pytest.raises(NoSuchSession):
        get_session_variables("other.yml", "theirs")


def test_what_another_one_shows(step, known):
    assert get_question_data("other.yml", "mine", secret=KEY) == {
        "kind": "fields",
        "question": "Who?",
        "block": "ID who",
        "questionName": "ID who",
        "event_list": [],
        "message_log": [],
    }
    assert known.asked == [("demos:other.yml", "mine", KEY)]
    with pytest.raises(NoSuchSession):
        get_question_data("other.yml", "theirs")
    with pytest.raises(ValueError, match="this session"):
        get_question_data("demos:plain.yml", "s1")
    begun = create_session("other.yml")
    with pytest.raises(CommandSignal):
        get_question_data("other.yml", begun)


def test_what_this_step_changes_is_read_once_it_is_saved(step, known):
    session = create_session("other.yml")
    with pytest.raises(CommandSignal) as signal:
        get_session_variables("other.yml", session)
    assert signal.value.command == "continue"
    step.mode = "background"
    with pytest.raises(RuntimeError, match="background_response_action"):
        get_session_variables("other.yml", session)


def test_changing_one(step, known):
    set_session_variables("o.yml", "mine", {"a.b": 1}, question_name="q", process_objects=True, delete=["c"])
    set_session_variables("o.yml", "mine", {}, overwrite=True, secret=KEY)
    run_action_in_session("o.yml", "mine", "greet", arguments={"n": 1}, persistent=True)
    run_action_in_session("o.yml", "mine", "greet", read_only=True, overwrite=True)
    go_back_in_session("o.yml", "mine")
    assert [(one.action, one.save, one.asks, one.secret) for one in step.effects] == [
        (others.SET, "new", False, None),
        (others.SET, "overwrite", False, KEY),
        ("greet", "new", True, None),
        ("greet", "ignore", False, None),
        (others.BACK, "new", False, None),
    ]
    given = {"variables": {"a.b": 1}, "delete": ["c"], "question": "q", "process_objects": True}
    assert step.decode(step.effects[0].arguments) == given
    assert step.decode(step.effects[2].arguments) == {"n": 1}


def test_one_that_this_step_begins_need_not_be_there_yet(step, known):
    session = create_session("other.yml")
    set_session_variables("other.yml", session, {"a": 1})
    assert isinstance(step.effects[-1], ChangeSession)
    assert known.asked == ["demos:other.yml"]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: set_session_variables("o.yml", "theirs", {}), NoSuchSession),
        (lambda: get_session_variables("o.yml", ""), NoSuchSession),
        (lambda: get_session_variables("o.yml", None), NoSuchSession),
        (lambda: get_session_variables("o.yml", "mine", "short"), NoSuchSession),
        (lambda: create_session("o.yml", secret="short"), NoSuchSession),
        (lambda: get_session_variables("demos:plain.yml", "s1"), ValueError),
        (lambda: run_action_in_session("o.yml", "mine", "_da_set"), ValueError),
        (lambda: run_action_in_session("o.yml", "mine", ""), ValueError),
    ],
)
def test_what_is_refused_changes_nothing(step, known, call, error):
    with pytest.raises(error):
        call()
    assert step.effects == []


def test_where_there_are_no_others_it_says_so(step):
    step.sessions = None
    with pytest.raises(NotAvailable):
        create_session("o.yml")
