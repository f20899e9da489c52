"""What log() says to whoever sees the next screen (functions.md, log())."""

from __future__ import annotations

import pytest

from services.interview.replies import said
from shared.contract.effects import PRINTED, LogMessage, Remember
from shared.contract.outcome import StepResult
from shared.contract.screen import Screen, draw


def ended(*priorities: str, screen: bool = True) -> StepResult:
    effects = (*(LogMessage(message=f"m {one}", priority=one) for one in priorities), Remember(key="k", value=1))
    return StepResult(save="new", effects=effects, screen=draw(Screen(kind="fields"), back=False) if screen else None)


def test_all_but_the_servers_own_is_said_in_its_order() -> None:
    told = said(ended("log", "console", PRINTED, "success", "javascript"))
    assert [(one.kind, one.message, one.priority) for one in told] == [
        ("log", "m console", "console"),
        ("log", "m success", "success"),
        ("log", "m javascript", "javascript"),
    ]


@pytest.mark.parametrize("priorities", [(), ("success",)])
def test_nothing_is_said_where_there_is_no_screen(priorities: tuple[str, ...]) -> None:
    assert said(ended(*priorities, screen=False)) == ()
