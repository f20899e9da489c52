"""The replay command: the protocol of the differential corpus, JSON lines in and out."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from services.cli import replay
from tests.unit.language.sample import Pack

INTERVIEW = """
    mandatory: True
    question: Hello, ${ name }
    subquestion: |
      ${ paper[0].filename }
    ---
    question: Who?
    fields:
      - Name: name
      - Age: age
        datatype: integer
      - Paper: paper
        datatype: file
    under: Below
    """


@pytest.fixture
def ask(pack: Pack) -> Any:
    def ask(text: str, *answers: dict[str, Any], **more: Any) -> dict[str, Any]:
        path = pack.write(text)
        out = io.StringIO()
        request = {"id": "one", "path": str(path), "answers": answers, **more}
        assert replay.main(lines=io.StringIO("\n" + json.dumps(request) + "\n"), out=out, confine=False) == 0
        (line,) = out.getvalue().splitlines()
        response: dict[str, Any] = json.loads(line)
        assert response["id"] == "one"
        return response

    return ask


FILE = {"file": {"name": "sample.png", "type": "image/png"}}


def test_screens_are_shown_until_nothing_is_left_to_answer(ask: Any) -> None:
    response = ask(INTERVIEW, {"set": {"name": "Ann", "age": 3, "paper": FILE}, "button": None})
    assert response["end"] == "final"
    assert [screen["kind"] for screen in response["screens"]] == ["fields", "end"]
    assert response["screens"][0]["extra"]["under"].strip() == "Below"
    assert response["screens"][1]["question"].strip() == "Hello, Ann"
    assert "sample.png" in response["screens"][1]["subquestion"]


def test_the_same_request_gives_the_same_response(ask: Any) -> None:
    answer = {"set": {"name": "Ann", "age": 3, "paper": FILE}, "button": None}
    assert ask(INTERVIEW, answer) == ask(INTERVIEW, answer)


def test_it_ends_when_answers_are_used_up(ask: Any) -> None:
    assert ask(INTERVIEW)["end"] == "answers_used"


def test_a_refused_answer_ends_it_with_the_screen_told_once(ask: Any) -> None:
    response = ask(INTERVIEW, {"set": {"name": "Ann", "age": "old", "paper": FILE}, "button": None})
    assert response["end"] == "invalid"
    assert len(response["screens"]) == 1
    assert "age" in response["screens"][0]["validation_error"]["fields"]


def test_the_number_of_screens_is_limited(ask: Any) -> None:
    again = {"set": {"name": "Ann", "age": 3, "paper": FILE}, "button": None}
    assert ask(INTERVIEW, again, max_screens=1)["end"] == "max_screens"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mandatory: True\nquestion: ${ missing }", "NotDefinable"),
        ("mandatory: True\nquestion: ${ 1 +", "LanguageErrors"),
        ("mandatory: True\ncode: |\n  a = 1", "NoEndpoint"),
    ],
)
def test_errors_are_told_with_their_place(ask: Any, text: str, kind: str) -> None:
    response = ask(text)
    assert response["end"] == "error"
    assert response["error"]["type"] == kind
    assert "main.yml" in response["error"]["message"]


def test_what_is_no_request_is_an_error_and_the_next_line_is_read() -> None:
    out = io.StringIO()
    replay.main(lines=io.StringIO("not json\n{}\n"), out=out)
    kinds = [json.loads(line)["error"]["type"] for line in out.getvalue().splitlines()]
    assert kinds == ["BadRequest", "KeyError"]


def test_what_outlasts_answers_is_kept_while_a_session_is_replayed(ask: Any) -> None:
    text = """
    objects:
      - store: DAStore
      - things: DAList
    ---
    mandatory: True
    code: |
      store.set('things', [name, things])
      store.set('gone', 1)
    ---
    question: Name?
    fields:
      - Name: name
    ---
    mandatory: True
    question: Go on
    field: seen
    ---
    mandatory: True
    code: |
      found = store.get('things')
      store.delete('gone')
    ---
    mandatory: True
    question: |
      ${ found[0] } ${ type(found[1]).__name__ } ${ store.keys() }
    """
    response = ask(text, {"set": {"name": "Ann"}, "button": None}, {"set": {"seen": True}, "button": None})
    assert [screen["question"].strip() for screen in response["screens"]][-1] == "Ann DAList ['things']"
