"""Actions: what was asked for, and asking for something out of turn.

Links that run actions are made in ``urls``; running them is the engine's.

Source: functions.md, "Functions related to actions", force_ask(), force_gather().
"""

from __future__ import annotations

from shared.authoring.context import current
from shared.authoring.errors import ForcedName
from shared.authoring.functions.variables import intrinsic_name

#: Told by a check-in besides the fields; only `action_argument` gives them (background.md, "Processing interim user input").
_ABOUT_CHECK_IN = ("_initial", "_changed")


def process_action() -> None:
    """Run the action that this request asks for, or those that are still pending for this user."""
    current().process_action()


def process_actions() -> None:
    """The name of `process_action` in earlier documentation."""
    current().process_action()


def action_arguments() -> dict[str, object]:
    """The arguments of the action that is running."""
    return {name: given for name, given in current().arguments.items() if name not in _ABOUT_CHECK_IN}


def action_argument(name: str | None = None) -> object:
    """One argument of the action that is running, None if it was not given.

    Without a name: the action that was asked for, before it is processed.
    """
    context = current()
    return context.action if name is None else context.arguments.get(name)


def force_ask(*names: object, forget_prior: bool = False, evaluate: bool = False) -> None:
    """Ask for these, one after the other, even if they are defined. Never returns.

    Items are names of variables, ``{"action": …, "arguments": {…}}``, or one of the commands ``undefine``,
    ``invalidate``, ``recompute``, ``set``, ``follow up``. With `evaluate`, names are replaced by intrinsic names.
    """
    _force(names, "force_ask", gather=False, forget_prior=forget_prior, evaluate=evaluate)


def force_gather(*names: object, forget_prior: bool = False, evaluate: bool = False) -> None:
    """Ask for these, whoever the user is, until they are defined. Never returns."""
    _force(names, "force_gather", gather=True, forget_prior=forget_prior, evaluate=evaluate)


def _force(names: tuple[object, ...], function: str, *, gather: bool, forget_prior: bool, evaluate: bool) -> None:
    wanted: list[object] = []
    for name in names:
        for one in name if isinstance(name, list | tuple) else [name]:
            if not isinstance(one, str | dict) or not one:
                raise TypeError(
                    f"{function}() expects names of variables in quotation marks, or dictionaries, not {one!r}"
                )
            wanted.append(intrinsic_name(one) if evaluate and isinstance(one, str) else one)
    if not wanted:
        raise TypeError(f"{function}() expects the name of at least one variable")
    raise ForcedName(*wanted, gather=gather, forget_prior=forget_prior)
