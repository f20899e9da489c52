"""Who answers is told when a newer answer was replaced, and when the same screen comes again. No process, no store."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.interview import commits, history, requests, tokens
from services.interview.notices import LOOK, notices, replaced
from shared.contract.outcome import Rejection, StepResult
from shared.contract.screen import DrawnScreen
from shared.engine.request import Answer, Shown
from shared.state.codec import encode_value
from shared.state.delta import reverse_delta
from shared.store.records import Session, Step

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
SHOWN = b'{"block":"Question_0","kind":"","variable":"color"}'
OTHER = b'{"block":"Question_1","kind":"","variable":"size"}'


class Tab:
    """A page of the session, and the service's own way of taking what it sends."""

    steps: dict[int, Step]

    def __init__(self) -> None:
        self.steps = {}
        self.session = Session(
            id="s", version=1, interview="demos:a.yml", state=encode_value({"n": 0}), step=0, secret=b"s" * 32,
            created=NOW, modified=NOW, accessed=NOW,
        )  # fmt: skip

    def token(self, shown: bytes = SHOWN) -> str:
        return tokens.sign(self.session.secret, shown, version=self.session.version)

    def answer(self, token: str, values: dict[str, Any], button: Any = None) -> tuple[str, ...]:
        """Send and save; which newer answers it replaced."""
        change = requests.answer(self.session, token=token, values=values, button=button, raw=False)
        assert change.run is not None
        assert change.run.answer is not None
        found = replaced(self.session, change.run.answer, self.steps.get)
        self._commit(change, StepResult(save="new", state=encode_value({"n": self.session.version})))
        return found

    def look(self) -> None:
        """Showing the screen computes something, which is saved with the newest step."""
        state = encode_value({"n": self.session.version, "computed": True})
        self._commit(requests.show(self.session), StepResult(save="overwrite", state=state))

    def _commit(self, change: Any, done: StepResult) -> None:
        commit = commits.plan(self.session, change, done, now=NOW, request_id=f"r{self.session.version}", client="c")
        assert commit is not None
        if self.session.top is not None and not commit.pop:
            self.steps[self.session.top.uid] = self.session.top
        made = commits.after(self.session, commit)
        assert made is not None
        self.session = made


def test_an_answer_that_was_given_since_the_page_was_shown_is_replaced() -> None:
    tab = Tab()
    stale = tab.token()
    assert tab.answer(tab.token(), {"color": "red"}) == ()
    assert tab.answer(stale, {"color": "blue"}) == ("color",)


def test_it_is_found_below_other_steps() -> None:
    tab = Tab()
    stale = tab.token()
    tab.answer(tab.token(), {"color": "red"})
    for number in range(LOOK - 1):
        tab.answer(tab.token(OTHER), {"size": number})
    assert tab.answer(stale, {"color": "blue"}) == ("color",)


def test_the_same_answer_again_replaces_nothing() -> None:
    tab = Tab()
    stale = tab.token()
    tab.answer(tab.token(), {"color": "red"})
    assert tab.answer(stale, {"color": "red"}) == ()


def test_an_older_answer_to_another_screen_replaces_nothing() -> None:
    tab = Tab()
    stale = tab.token()
    tab.answer(tab.token(OTHER), {"size": 3})
    assert tab.answer(stale, {"color": "blue"}) == ()


def test_whoever_sees_the_newer_answer_and_changes_it_is_told_nothing() -> None:
    tab = Tab()
    tab.answer(tab.token(), {"color": "red"})
    assert tab.answer(tab.token(), {"color": "blue"}) == ()


def test_a_step_that_showing_a_screen_wrote_anew_is_as_old_as_its_answer() -> None:
    tab = Tab()
    tab.answer(tab.token(), {"color": "red"})
    page = tab.token()
    tab.look()
    assert tab.answer(page, {"color": "blue"}) == ()


def test_buttons_are_answers() -> None:
    tab = Tab()
    stale = tab.token()
    tab.answer(tab.token(), {}, button="Red")
    assert tab.answer(stale, {}, button="Blue") == ("color",)
    stale = tab.token()
    tab.answer(tab.token(), {}, button="Blue")
    assert tab.answer(stale, {}, button="Blue") == ()


def test_a_page_and_steps_of_before_this_was_known_replace_nothing_or_what_their_uid_says() -> None:
    tab = Tab()
    old = Answer(shown=Shown(block="Question_0"), values={"color": "blue"})
    tab.answer(tab.token(), {"color": "red"})
    assert replaced(tab.session, old, tab.steps.get) == ()
    packed = encode_value({"delta": reverse_delta(tab.session.state, tab.session.state), "answered": {"color": "red"}})
    step = Step(uid=4, number=1, delta=packed, previous=None)
    assert history.answered_at(step) == history.Answered(at=4, values={"color": "red"})


ANSWER = Answer(shown=Shown(block="Question_0", variable="first", version=3), values={"first": "Ada"})


def a_result(shown: dict[str, Any], kind: str = "fields", **more: Any) -> StepResult:
    drawn = DrawnScreen(json=b"{}", shown=json.dumps(shown).encode(), kind=kind)
    return StepResult(save="new", screen=drawn, **more)


def test_the_same_screen_again_says_what_is_still_sought() -> None:
    [notice] = notices(ANSWER, a_result({"block": "Question_0", "variable": "middle"}), ())
    assert (notice.kind, notice.variables) == ("repeated", ("middle",))
    assert "middle" in notice.message


@pytest.mark.parametrize(
    "result",
    [
        a_result({"block": "Question_1", "variable": "middle"}),
        a_result({"block": "Question_0", "context": {"i": 1}}),
        a_result({"block": "Question_0"}, kind="command"),
        a_result({}, kind="wait"),  # the logic waits for a task
        a_result({"block": "Question_0"}, rejection=Rejection(fields={"first": "needed"})),
        StepResult(save="ignore"),
    ],
)
def test_another_screen_and_a_refusal_have_their_own_reasons(result: StepResult) -> None:
    assert notices(ANSWER, result, ()) == ()


def test_what_was_replaced_is_named_unless_nothing_was_taken() -> None:
    screen = {"block": "Question_1"}
    [notice] = notices(ANSWER, a_result(screen), ("color",))
    assert (notice.kind, notice.variables) == ("replaced", ("color",))
    assert notices(ANSWER, a_result(screen, rejection=Rejection(message="no")), ("color",)) == ()
