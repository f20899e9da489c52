"""How a documented statement is played: an interview around it, an action that begins, and what comes of it."""

from __future__ import annotations

from typing import Any

from services.embedded.system import System
from tests.helpers.embedded import Visit, until

#: Above each case; an action named `begin` starts what it is about, and one named `now` tells what has come of it, or nothing yet.
AROUND = """
mandatory: True
code: |
  kept = 'as it was'
---
mandatory: True
question: Here
---
event: save
code: |
  told = action_argument('told')
  background_response('from the response')
---
event: fails
code: |
  {}['lost']
---
"""
#: The action `now` of a case that has none of its own.
NOW = "\n---\nevent: now\ncode: |\n  json_response(task.get() if task.ready() else None)\n"


def whole(text: str) -> str:
    """The interview of a case."""
    return AROUND + text.strip("\n") + ("" if "event: now" in text else NOW)


def named(case: str) -> str:
    """What the interview of a case is called by."""
    return case.replace(" ", "_")


def now(visit: Visit) -> Any:
    """What has come of it; None while nothing has."""
    visit.action("now", {})
    if visit.screen["kind"] != "response":
        return None
    return visit.screen["response"]["json"]


def outcome(visit: Visit) -> Any:
    """What comes of it in the end."""
    found: list[Any] = []
    until(lambda: found.append(now(visit)) or found[-1] is not None, "it never ended", seconds=60)
    return found[-1]


def played(system: System, case: str) -> Any:
    """What comes of a case in the end."""
    visit = Visit(system, f"documented:{named(case)}.yml")
    visit.action("begin", {})
    return outcome(visit)
