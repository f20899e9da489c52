"""What ends a step: messages, responses, commands, forced questions."""

from __future__ import annotations

import datetime

import pytest

from shared.authoring.errors import CommandSignal, ForcedName, MessageSignal, ResponseSignal, ValidationError
from shared.authoring.functions.actions import action_argument, action_arguments, force_ask, force_gather
from shared.authoring.functions.commands import (
    command,
    json_response,
    message,
    response,
    validation_error,
    variables_as_json,
)
from shared.authoring.objects import DAFile, DAFileList, Individual
from tests.unit.authoring.plain import plain_step

TEXT = {"content_type": "text/plain; charset=utf-8", "status": 200}


def parts(call):
    with pytest.raises(ResponseSignal) as caught:
        call()
    return caught.value.parts


def test_responses():
    assert parts(lambda: response("hello")) == {**TEXT, "text": "hello"}
    assert parts(lambda: response(response="x", content_type="text/csv", response_code=404)) == {
        "content_type": "text/csv",
        "status": 404,
        "text": "x",
    }
    assert parts(response) == {**TEXT, "text": ""}
    assert parts(lambda: response(binaryresponse=b"\x00")) == {**TEXT, "binary": b"\x00"}
    assert parts(lambda: response(url="http://x")) == {**TEXT, "url": "http://x"}
    assert parts(lambda: response(null=True)) == {**TEXT, "null": True}
    assert parts(lambda: response("later", sleep=0.1))["sleep"] == 0.1


def test_files(step):
    step.files.package["demos:data/static/a.pdf"] = b"%PDF"
    assert parts(lambda: response(file="a.pdf")) == {
        "content_type": "application/pdf",
        "status": 200,
        "binary": b"%PDF",
    }
    assert parts(lambda: response(file="a.pdf", content_type="x/y"))["content_type"] == "x/y"
    one = DAFile("one", number=7, filename="b.txt", mimetype="text/plain")
    for file in (one, DAFileList("many", elements=[one])):
        assert parts(lambda file=file: response(file=file)) == {
            "content_type": None,
            "status": 200,
            "file": {"number": 7},
        }
    with pytest.raises(ValueError, match="list without files"):
        response(file=DAFileList("none", elements=[]))


def test_a_response_has_one_content():
    with pytest.raises(ValueError, match="response and url were given"):
        response("a", url="b")


def test_json():
    assert parts(lambda: json_response({"a": (1, 2)}, response_code=201)) == {
        "json": {"a": [1, 2]},
        "content_type": "application/json",
        "status": 201,
    }
    with pytest.raises(TypeError, match="no JSON form"):
        json_response({"a": object()})
    day = datetime.datetime(2026, 5, 9, tzinfo=datetime.UTC)
    assert parts(lambda: json_response({"day": day, "hours": {datetime.time(9, 30)}}))["json"] == {
        "day": day.isoformat(),
        "hours": ["09:30:00"],
    }
    with plain_step(fruit="apple"):
        assert parts(variables_as_json)["all_variables"] == {"fruit": "apple"}
        assert parts(lambda: response(all_variables=True))["all_variables"] == {"fruit": "apple"}


def test_author_code_cannot_swallow_a_response():
    assert not issubclass(ResponseSignal, Exception)


def test_messages():
    with pytest.raises(MessageSignal) as caught:
        message("Bye!", "See ya later", show_restart=False)
    assert (caught.value.question, caught.value.subquestion, caught.value.options) == (
        "Bye!",
        "See ya later",
        {"show_restart": False},
    )


def test_leave_takes_the_place_of_exit():
    for options, shown in (({"show_leave": True}, False), ({"show_leave": True, "show_exit": True}, True)):
        with pytest.raises(MessageSignal) as caught:
            message("Bye!", **options)
        assert caught.value.options["show_exit"] is shown


def test_commands():
    with pytest.raises(CommandSignal) as caught:
        command("exit", url="https://example.com")
    assert (caught.value.command, caught.value.options) == ("exit", {"url": "https://example.com"})
    for options, seconds in (({}, 4), ({"sleep": 10}, 10), ({"seconds": 7}, 7)):
        with pytest.raises(CommandSignal) as caught:
            command("wait", **options)
        assert caught.value.options["sleep"] == seconds
    with pytest.raises(ValueError, match="there is no command 'explode'"):
        command("explode")


def test_validation_errors_can_be_caught_by_authors():
    with pytest.raises(ValidationError) as caught:
        validation_error("No", field="oath")
    assert isinstance(caught.value, Exception)
    assert (caught.value.message, caught.value.field) == ("No", "oath")


def forced(call):
    with pytest.raises(ForcedName) as caught:
        call()
    return caught.value


def test_force_ask(step):
    signal = forced(
        lambda: force_ask("fruit", {"recompute": ["cost"]}, {"action": "a", "arguments": {"n": 1}}, forget_prior=True)
    )
    assert signal.actions == ("fruit", {"recompute": ["cost"]}, {"action": "a", "arguments": {"n": 1}})
    assert (signal.gather, signal.options) == (False, {"forget_prior": True})
    assert forced(lambda: force_ask(["a", "b"])).actions == ("a", "b")
    assert forced(lambda: force_gather("food")).gather is True
    step.namespace["user"] = Individual("defendants[0]")
    assert forced(lambda: force_ask("user.name.first", evaluate=True)).actions == ("defendants[0].name.first",)


@pytest.mark.parametrize("names", [(), (1,), ("",), (None,)])
def test_force_ask_wants_names(step, names):
    with pytest.raises(TypeError, match=r"force_ask\(\) expects"):
        force_ask(*names)


def test_arguments_of_actions(step):
    step.arguments = {"amount": 10, "_initial": True, "_changed": None}
    step.action = "tip"
    assert action_argument("amount") == 10
    assert action_argument("missing") is None
    assert action_argument("_initial") is True
    assert action_argument() == "tip"
    assert action_arguments() == {"amount": 10}
