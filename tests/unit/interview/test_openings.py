"""Who begins a session is sent on to its page, and gets there what beginning it has just shown: the step is not run twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from services.interview.openings import MOMENT, Openings
from shared.contract.caller import Browser, Caller
from shared.contract.effects import LogMessage
from shared.contract.outcome import StepResult
from shared.contract.reply import Notice, Reply
from shared.contract.screen import DrawnScreen
from shared.store.records import Session
from tests.unit.interview.house import WHO, House

NOW = datetime(2026, 1, 15, tzinfo=UTC)
ADA = Caller(client="a" * 20, browser=Browser(ip="192.0.2.1"))
REPLY = Reply(session="s1", interview="a:b.yml", version=1, step=0)


def session(**named: Any) -> Session:
    known: dict[str, Any] = {"id": "s1", "version": 1, "secret": b"1", "interview": "a:b.yml", "state": b"", "step": 0}
    return Session(**{**known, "created": NOW, "modified": NOW, "accessed": NOW, **named})


def ended(kind: str = "fields", **named: Any) -> StepResult:
    return StepResult(save="new", screen=DrawnScreen(json=b"{}", shown=b"{}", kind=kind), **named)


def test_it_is_there_once_for_the_one_who_began() -> None:
    openings = Openings(clock=lambda: NOW)
    openings.note(session(), ended(), REPLY, ADA)
    assert openings.take(session(), ADA) is REPLY
    assert openings.take(session(), ADA) is None


@pytest.mark.parametrize(
    ("found", "asker"),
    [
        (session(version=2), ADA),
        (session(secret=b"2"), ADA),
        (session(), Caller(client="b" * 20, browser=ADA.browser)),
        (session(), Caller(client=ADA.client, browser=Browser(ip="192.0.2.1", url_args={"x": "1"}))),
        (session(), Caller(client=ADA.client, browser=Browser(ip="192.0.2.1", languages=("de",)))),
    ],
    ids=["changed", "another session", "somebody else", "asks for more", "in another language"],
)
def test_it_is_for_nobody_else_and_nothing_else(found: Session, asker: Caller) -> None:
    openings = Openings(clock=lambda: NOW)
    openings.note(session(), ended(), REPLY, ADA)
    assert openings.take(found, asker) is None
    assert openings.take(session(), ADA) is None, "whoever looked in between may have changed it"


@pytest.mark.parametrize(
    ("result", "reply"),
    [
        (ended(kind="command"), REPLY),
        (ended(kind="response"), REPLY),
        (ended(kind="wait"), REPLY),
        (StepResult(save="new"), REPLY),
        (ended(effects=(LogMessage(message="begun", priority="log"),)), REPLY),
        (ended(), msgspec.structs.replace(REPLY, notices=(Notice(kind="log", message="welcome"),))),
        (ended(), msgspec.structs.replace(REPLY, version=2)),
    ],
    ids=["command", "response", "wait", "no screen", "effects", "said", "another version"],
)
def test_what_would_be_shown_otherwise_is_not_kept(result: StepResult, reply: Reply) -> None:
    openings = Openings(clock=lambda: NOW)
    openings.note(session(), result, reply, ADA)
    assert openings.take(session(), ADA) is None


def test_it_is_forgotten_after_a_moment_and_does_not_pile_up() -> None:
    now = NOW
    openings = Openings(clock=lambda: now)
    for number in range(700):
        openings.note(session(id=f"s{number}"), ended(), REPLY, ADA)
    assert len(openings._kept) == 500
    now += MOMENT
    assert openings.take(session(id="s1"), ADA) is None
    openings.note(session(), ended(), REPLY, ADA)
    assert len(openings._kept) == 1


def test_none_is_kept_where_an_author_looks_at_what_was_just_saved() -> None:
    openings = Openings(clock=lambda: NOW, most=0)
    openings.note(session(), ended(), REPLY, ADA)
    assert openings.take(session(), ADA) is None


def test_the_page_after_the_beginning_runs_no_step(house: House) -> None:
    shown: list[int] = []
    house.on_show = lambda state: shown.append(1)
    begun = house.desks[0].open(interview="demos:house.yml", request_id="another", caller=WHO)
    assert len(shown) == 1
    assert house.desks[0].screen(session=begun["session"], caller=WHO) == begun
    assert len(shown) == 1
    assert (
        house.desks[0].screen(session=begun["session"], caller=WHO)["screen"]["question"] == begun["screen"]["question"]
    )
    assert len(shown) == 2
    # Another process of the service knows nothing of it, and shows the same.
    assert house.desks[1].screen(session=begun["session"], caller=WHO)["version"] == begun["version"]
    assert len(shown) == 3


def test_what_was_answered_meanwhile_is_seen(house: House) -> None:
    begun = house.desks[0].open(interview="demos:house.yml", request_id="another", caller=WHO)
    asked = {"session": begun["session"], "request_id": "r" * 8, "token": begun["screen"]["token"], "caller": WHO}
    answered = house.desks[0].answer(values={"word": "Hello"}, **asked)
    now = house.desks[0].screen(session=begun["session"], caller=WHO)
    assert now["version"] == answered["version"] > begun["version"]
