"""Check-ins: the open page reports its fields, the interview answers with commands for the page.

The logic is assembled twice, once as it stands, then with the action; nothing becomes a new step, what was sent is not
stored. Rules: docs background.md ("check in"), engine specification "Check-in".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.authoring.errors import MISSING, BackgroundResponse, BackgroundResponseAction, ResponseSignal
from shared.engine import actions, answers, endings, passes, pursuit, seek
from shared.engine.outcome import Outcome
from shared.engine.run import Run


def answer(run: Run) -> Outcome:
    """Run the action of the check-in, if it has one; its response becomes the commands."""
    request = run.request.check_in
    assert request is not None
    screen = passes.assemble(run)
    commands: list[Mapping[str, Any]] = []
    # The engine's own actions are for links and buttons; a check-in that names one was not made by a page.
    if request.action and not actions.is_builtin(request.action):
        if request.shown is not None:
            answers.bind(run, request.shown)
        run.queueing = False
        arguments: dict[str, Any] = {**request.values, "_initial": request.initial, "_changed": request.changed}
        try:
            _pursue(run, {"action": request.action, "arguments": arguments, "context": {}})
        except BackgroundResponse as response:
            commands.append(command(response))
        except BackgroundResponseAction:
            pass
        run.context.action = None
        run.context.arguments = {}
    made = endings.outcome(run, screen, "overwrite")
    return Outcome(save=made.save, commands=tuple(commands), effects=made.effects, flags=made.flags)


def _pursue(run: Run, entry: dict[str, Any]) -> None:
    """Have the action's code or template run. What it misses is sought among code; a question is not shown."""
    while True:
        try:
            pursuit.pursue(run, entry, queued=False)
            return
        except ResponseSignal:
            return
        except MISSING as error:
            if passes.settle(run, passes.seeking(run, seek.name_missed(error))) is not None:
                return


def command(response: BackgroundResponse) -> dict[str, Any]:
    """What the page is told: flash, refresh, javascript and fields by name, everything else as ``backgroundresponse``."""
    known = response.kind if response.kind in ("flash", "refresh", "javascript", "fields") else "backgroundresponse"
    return {"value": response.value, "extra": known}
