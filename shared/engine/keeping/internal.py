"""The engine's own part of a session: `State.internal`, plain data only (None, bool, int, float, str, list, dict).

==================  =====================================================================================
key                 value
==================  =====================================================================================
``answered``        {block name: True}: mandatory blocks that are done, in the order in which they were
``front``           [version of the interview, how many of its ordered blocks from the first are done for good]
``stack``           {client: [{"action", "arguments", "context"}]}: actions waiting, the next one first
``gather``          [name]: names of force_gather; they outlive a change of user
``dirty``           {name: value as it would be answered}: values that were invalidated, offered as defaults
``prior``           {name: value}: what the user had answered at the step Back undid
``chosen``          {block name, or block/index/…: index}: what was pressed where choices run blocks
``tasks``           {task: times performed}
``done``            {run: {call: [value, {guard: worth}]}}: what blocks did that were interrupted (``keeping.runs``)
``sent``            {client: [screen, {variable: [[value, label]]}]}: choices that check-ins gave (``fields.sent``)
``accesstime``      {user id: ISO 8601 time}
``links``           signs the links that the session makes, see ``shared.authoring.offers`` (``offered`` likewise)
``starttime``       ISO 8601 time of the first step
``language``        the language set by set_language, or absent (likewise ``locale``, ``country``, ``dialect`` …)
``progress``        see ``shared.authoring.memory``, as for all keys of author functions
==================  =====================================================================================

Authoring functions add keys of their own; they document them where they do. The whole dict is encoded with the state.
"""

from __future__ import annotations

from shared.authoring import offers
from shared.engine.request import Request
from shared.state.session import State


def prepare(state: State, request: Request) -> bool:
    """Give a new session its keys; returns whether it was new."""
    internal = state.internal
    if "answered" in internal:
        return False
    internal.update(
        answered={},
        stack={},
        gather=[],
        chosen={},
        dirty={},
        prior={},
        tasks={},
        accesstime={},
        starttime=request.now.isoformat(),
        progress=None,
        links=offers.link_key(request.seed),
    )
    return True


def user_key(request: Request) -> str:
    """Under which `accesstime` keeps this user; all anonymous users share ``-1`` (spec, "tasks, access")."""
    user_id = request.user.get("id")
    return "-1" if user_id is None else str(user_id)


def touch(state: State, request: Request) -> None:
    """Note that the user did something. Only steps that are saved anyway call it: a plain show changes nothing."""
    if request.mode != "cron":
        state.internal["accesstime"][user_key(request)] = request.now.isoformat()


def client_of(request: Request) -> str:
    return str(request.browser.get("client") or "")
