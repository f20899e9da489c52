"""Check-ins: the open page reports its fields, the interview answers with commands for the page.

The logic is assembled twice, once as it stands, then with the action; nothing becomes a new step, what was sent is not
stored. Rules: docs background.md ("check in"), engine specification "Check-in".
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.authoring.errors import MISSING, BackgroundResponse, BackgroundResponseAction, ResponseSignal, Suspended
from shared.contract.effects import LogMessage
from shared.engine.answering import answers
from shared.engine.documents import targets
from shared.engine.doing import actions
from shared.engine.fields import sent
from shared.engine.outcome import Outcome
from shared.engine.run import Run
from shared.engine.seeking import passes, pursuit, seek
from shared.engine.steps import endings
from shared.markup.commands import printable

_TELLS = "The check-in {0!r} needs what only a question gives ({1}). A check-in asks nothing, so it did nothing."


def answer(run: Run) -> Outcome:
    """Run the action of the check-in, if it has one; its response becomes the commands."""
    request = run.request.check_in
    assert request is not None
    screen = passes.assemble(run)
    commands: list[Mapping[str, object]] = []
    # The engine's own actions are for links and buttons; a check-in that names one was not made by a page.
    if request.action and not actions.is_builtin(request.action):
        if request.shown is not None:
            answers.bind(run, request.shown)
        run.queueing = False
        arguments: dict[str, object] = {**request.values, "_initial": request.initial, "_changed": request.changed}
        try:
            with targets.put_aside(run):
                _pursue(run, {"action": request.action, "arguments": arguments, "context": {}})
        except BackgroundResponse as response:
            commands.append(command(response))
            _remember(run, response)
        except (BackgroundResponseAction, Suspended):
            pass  # one that waits for a task has nothing to say yet; the next check-in runs it again
        if run.no_action:
            run.context.effects.append(LogMessage(message=seek.no_action(run)))
        run.context.action = None
        run.context.arguments = {}
    made = endings.outcome(run, screen, "overwrite")
    return Outcome(save=made.save, commands=tuple(commands), effects=made.effects, flags=made.flags)


def _remember(run: Run, response: BackgroundResponse) -> None:
    """Choices that the page puts on its screen now are choices of that screen."""
    request = run.request.check_in
    if response.kind == "fields" and request is not None and request.shown is not None:
        block, _ = answers.block_of(run, request.shown)
        sent.keep(run, block, request.shown.context, response.value)


def _pursue(run: Run, entry: dict[str, object]) -> None:
    """Have the action's code or template run. What it misses is sought among code; a question is not shown, and the author told."""
    while True:
        try:
            screen = pursuit.pursue(run, entry, queued=False)
        except ResponseSignal:
            return
        except MISSING as error:
            screen = passes.settle(run, passes.seeking(run, seek.name_missed(error)))
            if screen is None:
                continue
        if screen is not None and screen.block and screen.kind not in ("response", "command"):
            run.context.effects.append(LogMessage(message=_TELLS.format(entry["action"], screen.block)))
        return


def command(response: BackgroundResponse) -> dict[str, object]:
    """What the page is told: flash, refresh, javascript and fields by name, everything else as ``backgroundresponse``."""
    known = response.kind if response.kind in ("flash", "refresh", "javascript", "fields") else "backgroundresponse"
    return {"value": printable(known, response.value), "extra": known}
