"""Whether an action of the engine's own that a browser asks for is one: looked at before anything is done.

Links are plain text, so anybody can write one like those of a page. What cannot be meant is a `BadAction`: names that are none,
arguments that are missing or of the wrong kind, groups that are no groups. An item that is gone already is not of that kind, since two
people may delete it at once. Not for: which values a page offered to set (``authoring.offers``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from shared.authoring.errors import MISSING
from shared.authoring.objects.group import Group
from shared.engine.doing import builtin_actions
from shared.engine.errors import BadAction, NotDefinable
from shared.engine.naming import lookup
from shared.engine.naming.names import BadName, is_name, parts_of, variants
from shared.engine.request import Arguments
from shared.engine.run import Run

#: Actions in actions: a page has two or three.
_DEEPEST = 10

#: Characters of what came in that a message repeats.
_QUOTED = 60

#: Where our own code lies, and what of it follows names that came in.
_OURS = str(Path(__file__).parents[2])
_NAMING = ("/doing/builtin_actions.py", "/doing/groupactions.py", "/seeking/lookup.py", "/seeking/names.py")

_Check = Callable[[Run, str, Arguments, int], None]


def check(run: Run, name: str, arguments: Arguments, depth: int = 0) -> None:
    """Raises `BadAction` if `name` is no action of the engine's, or cannot be done with `arguments`."""
    known = _CHECKS.get(name)
    if known is None:
        raise BadAction(f"there is no action {_said(name)}")
    if depth > _DEEPEST:
        raise BadAction(f"{name}: more than {_DEEPEST} actions in one another")
    known(run, name, arguments, depth)


def refusal(run: Run, error: BaseException) -> str | None:
    """Why the browser's action cannot be done, if that is what `error` says; None if author code is at fault, or we are."""
    asked = run.request.action
    if run.request.mode != "foreground" or asked is None:
        return None
    if isinstance(error, BadAction):
        return str(error)
    if isinstance(error, NotDefinable):
        named = any(_mentions(text, error.variable) for text in _texts([asked.name, asked.arguments]))
        return f"{_said(asked.name)} cannot be done: {error}" if named else None
    if isinstance(error, BadName | TypeError | LookupError | AttributeError) and _of_a_name(error.__traceback__):
        return f"{_said(asked.name)} cannot be done: what it names cannot be looked up"
    return None


def _mentions(text: str, variable: str) -> bool:
    """Whether the name `text` begins with `variable`, or an index in it does."""
    if not is_name(text) or not is_name(variable):
        return False
    parts, wanted = parts_of(text), parts_of(variable)
    inside = (part[1:-1] for part in parts if part[0] == "[")
    return parts[: len(wanted)] == wanted or any(_mentions(index, variable) for index in inside)


def _texts(value: object) -> list[str]:
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
    return found


def _of_a_name(trace: TracebackType | None) -> bool:
    """Whether only our own code ran, and that on names and groups: an author's object, block or module had no part in it."""
    files = []
    while trace is not None:
        files.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return all(file.startswith(_OURS) for file in files) and any(file.endswith(_NAMING) for file in files)


# ------------------------------------------------------------------ what the commands take


def _nothing(run: Run, name: str, arguments: Arguments, depth: int) -> None:
    pass


def _names(run: Run, name: str, arguments: Arguments, depth: int) -> None:
    for item in _listed(name, arguments, "variables"):
        _name(name, item)


def _definable(run: Run, name: str, arguments: Arguments, depth: int) -> None:
    for item in _listed(name, arguments, "variables"):
        _there_or_sought(run, name, _name(name, item))


def _settings(run: Run, name: str, arguments: Arguments, depth: int) -> None:
    for item in _listed(name, arguments, "variables"):
        if not isinstance(item, Mapping):
            raise BadAction(f"{name}: {_said(item)} does not say what to set to which value")
        for variable in item:
            _name(name, variable)


def _questions(run: Run, name: str, arguments: Arguments, depth: int) -> None:
    """Names, ``{"action", "arguments"}``, or the words of force_ask()."""
    for item in _listed(name, arguments, "items" if name.endswith("_edit") else "variables"):
        if not isinstance(item, Mapping):
            _name(name, item)
        elif "action" in item:
            _nested(run, name, item["action"], item.get("arguments"), depth)
        else:
            words = [word for word in builtin_actions.WORDS if word in item]
            if not words:
                raise BadAction(f"{name}: {_said(item)} is neither a name nor an action")
            command = builtin_actions.WORDS[words[0]]
            check(run, command, {"variables": builtin_actions.as_list(item[words[0]])}, depth + 1)


def _priority(run: Run, name: str, arguments: Arguments, depth: int) -> None:
    _nested(run, name, arguments.get("_action"), arguments.get("_arguments"), depth)


def _nested(run: Run, name: str, action: object, arguments: object, depth: int) -> None:
    if not isinstance(action, str) or not action:
        raise BadAction(f"{name}: {_said(action)} is not the name of an action")
    if arguments is not None and not isinstance(arguments, Mapping):
        raise BadAction(f"{name}: the arguments of {_said(action)} must be an object")
    if action.startswith("_da_"):
        check(run, action, arguments or {}, depth + 1)
    else:
        _name(name, action)


def _group(run: Run, name: str, arguments: Arguments, depth: int) -> None:
    _group_of(run, name, arguments)


def _add(run: Run, name: str, arguments: Arguments, depth: int) -> None:
    if "_before" in arguments:  # is kept there by the action itself
        raise BadAction(f"{name} takes no argument _before")
    _group_of(run, name, arguments)


def _item(run: Run, name: str, arguments: Arguments, depth: int) -> None:
    group = _group_of(run, name, arguments)
    item = arguments.get("item")
    if isinstance(item, bool) or not isinstance(item, str | int):
        raise BadAction(f"{name}: {_said(item)} names no item")
    try:
        key = lookup.index_value(run.namespace, str(item))
        hash(key)
    except (BadName, TypeError, LookupError, AttributeError, *MISSING):
        raise BadAction(f"{name}: {_said(item)} names no item") from None
    if group is not None and isinstance(group.elements, list) and (isinstance(key, bool) or not isinstance(key, int)):
        raise BadAction(f"{name}: an item of a list has a number, not {_said(item)}")


def _reorder(run: Run, name: str, arguments: Arguments, depth: int) -> None:
    _item(run, name, arguments, depth)
    by = arguments.get("by")
    try:
        if isinstance(by, bool) or not isinstance(by, str | int):
            raise ValueError
        int(by)
    except ValueError:
        raise BadAction(f"{name}: an item cannot be moved by {_said(by)}") from None


def _group_of(run: Run, name: str, arguments: Arguments) -> Any:
    """The group that is meant; None if it is still to be made."""
    given = next((arguments[key] for key in ("list", "dict", "set", "group") if key in arguments), None)
    variable = _name(name, given)
    _there_or_sought(run, name, variable)
    group = lookup.fetch_or(run.namespace, variable)
    if group is not None and not isinstance(group, Group):
        raise BadAction(f"{name}: {_said(variable)} is no group of things")
    return group


def _there_or_sought(run: Run, name: str, variable: str) -> None:
    catchall = run.interview.metadata.get("use catchall") or run.interview.features.get("use catchall")
    if lookup.is_defined(run.namespace, variable) or catchall:
        return
    if not any(form.name in run.plan.index for form in variants(variable)):
        raise BadAction(f"{name}: no block defines {_said(variable)}")


def _listed(name: str, arguments: Arguments, key: str) -> list[Any]:
    if arguments.get(key) is None:
        raise BadAction(f"{name} needs the argument {key}")
    return builtin_actions.as_list(arguments[key])


def _name(action: str, value: object) -> str:
    if not isinstance(value, str) or not is_name(value):
        raise BadAction(f"{action}: {_said(value)} is not the name of a variable")
    return value


def _said(value: object) -> str:
    """What came in, short: a name may be part of a message, a value of a user's may not."""
    if not isinstance(value, str):
        return "nothing" if value is None else f"a {type(value).__name__}"
    return repr(value if len(value) <= _QUOTED else value[:_QUOTED] + "…")


_CHECKS: Mapping[str, _Check] = {
    "_da_force_ask": _questions,
    "_da_follow_up": _questions,
    "_da_define": _definable,
    "_da_compute": _names,
    "_da_set": _settings,
    "_da_undefine": _names,
    "_da_invalidate": _names,
    "_da_priority_action": _priority,
    "_da_variables": _nothing,
    "_da_exit": _nothing,
    "_da_proven": _nothing,
    "_da_email_documents": _nothing,
    **{
        f"_da_{kind}_{verb}": command
        for kind in ("list", "dict", "set")
        for verb, command in {
            "add": _add,
            "complete": _group,
            "ensure_complete": _group,
            "edit": _questions,
            "remove": _item,
            "reorder": _reorder,
        }.items()
    },
}
