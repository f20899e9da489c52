"""Asking for, setting and forgetting variables by name.

Source: functions.md, "Functions for working with variable values", showif(), showifdef().
"""

from __future__ import annotations

import ast
import copy
import types
from collections.abc import Mapping
from typing import Any

from shared.authoring.context import Context, current
from shared.authoring.errors import MISSING, RerunLogic
from shared.authoring.functions.navigation import nav
from shared.authoring.functions.screen import session_tags
from shared.authoring.memory import PARTS
from shared.authoring.text.simplify import as_objects, simplified

#: What is never part of an interview's answers: names bound by imports.
_NOT_ANSWERS = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)


def _name(name: object, function: str) -> str:
    if not isinstance(name, str) or not name.strip():
        raise TypeError(f"{function}() expects the name of a variable in quotation marks, not {name!r}")
    return name.strip()


def defined(name: str, prior: bool = False) -> bool:
    """Whether the variable has a value. With `prior`, answers that Back undid count too. Never asks anything."""
    context = current()
    name = _name(name, "defined")
    return context.defined(name) or (prior and name in context.prior)


def value(name: str, prior: bool = False) -> Any:
    """The value of the variable; asked for if it has none. With `prior`, the answer that Back undid is good enough."""
    context = current()
    name = _name(name, "value")
    if prior and name in context.prior and not context.defined(name):
        return context.prior[name]
    return context.value(name)


def define(name: str, value: object) -> None:
    """Give the variable `name` this value, as ``name = value`` would."""
    current().set_value(_name(name, "define"), value)


def undefine(*names: str, invalidate: bool = False) -> None:
    """Take the values of variables away; what is not defined is left alone."""
    wanted = [_name(name, "undefine") for name in names]
    if invalidate:
        current().invalidate(*wanted)
    else:
        current().undefine(*wanted)


def invalidate(*names: str) -> None:
    """`undefine`, but the old values are offered as defaults when the questions are asked again."""
    current().invalidate(*(_name(name, "invalidate") for name in names))


def showif(name: str, condition: object, alternative: object = "", prior: bool = False) -> object:
    """The value of the variable if `condition` is true (asked for if need be), else `alternative`."""
    return value(name, prior=prior) if condition else alternative


def showifdef(name: str, alternative: object = "", prior: bool = False) -> object:
    """The value of the variable if it is defined, else `alternative`."""
    return value(name, prior=prior) if defined(name, prior=prior) else alternative


def set_variables(variables: Mapping[str, object], process_objects: bool = False) -> None:
    """Set many variables: a mapping from name to value. With `process_objects`, serialized objects become objects."""
    context = current()
    for name, given in variables.items():
        context.set_value(_name(name, "set_variables"), as_objects(given) if process_objects else given)


def need(*values: object) -> bool:
    """Does nothing: naming its arguments makes the interview ask for them."""
    return True


def reconsider(*names: str, evaluate: bool = False) -> None:
    """Compute variables anew, each at most once in a step."""
    wanted = [_name(name, "reconsider") for name in names]
    current().reconsider(*([intrinsic_name(name) for name in wanted] if evaluate else wanted))


def forget_result_of(*ids: str) -> None:
    """Let blocks with these ids be asked or run again."""
    current().forget_result_of(*(str(block_id) for block_id in ids))


def re_run_logic() -> None:
    """Stop here and evaluate the interview from its first block. Never returns."""
    raise RerunLogic


def dispatch(name: str) -> bool:
    """Show the menu that sets the variable `name` and what is chosen from it, until the choice is None.

    The choices are names of variables, sought one after the other; they and `name` are undefined afterwards.
    Returns True.
    """
    context = current()
    name = _name(name, "dispatch")
    while True:
        choice = context.value(name)
        if choice in (None, "None", ""):
            context.undefine(name)
            return True
        context.value(str(choice))
        context.undefine(str(choice), name)


def intrinsic_name(name: str, context: Context | None = None) -> str:
    """`name` with what it is an attribute or item of replaced by that object's own name, if that can be evaluated."""
    try:
        tree = ast.parse(name, mode="eval").body
    except SyntaxError:
        raise ValueError(f"{name!r} is not the name of a variable") from None
    if not isinstance(tree, ast.Attribute | ast.Subscript):
        return name
    owner = ast.unparse(tree.value)
    try:
        found = (context or current()).value(owner)
    except (*MISSING, AttributeError, LookupError, TypeError):
        return name
    own_name = getattr(found, "instanceName", None)
    if not isinstance(own_name, str):
        return name
    ending = f".{tree.attr}" if isinstance(tree, ast.Attribute) else f"[{_key(tree.slice, context)}]"
    return own_name + ending


def _key(key: ast.expr, context: Context | None) -> str:
    """An index as it is in an intrinsic name: a literal."""
    text = ast.unparse(key)
    try:
        return repr((context or current()).value(text))
    except (*MISSING, AttributeError, LookupError, TypeError):
        return text


def all_variables(
    simplify: bool = True, include_internal: bool = False, special: object = False, make_copy: bool = False
) -> object:
    """All answers, simplified for JSON; or as they are. `special`: ``titles``, ``metadata`` or ``tags``."""
    context = current()
    if special:
        return _special(str(special), context)
    answers = {
        name: given
        for name, given in context.namespace.items()
        if not name.startswith("_") and not isinstance(given, _NOT_ANSWERS)
    }
    if include_internal:
        answers = {**answers, "_internal": context.internal, "nav": nav if not simplify else nav.as_serializable()}
    else:
        answers.pop("nav", None)
    if simplify:
        return simplified(answers)
    return copy.deepcopy(answers) if make_copy else answers


def _special(what: str, context: Context) -> object:
    metadata = dict(context.interview.metadata) if context.interview is not None else {}
    if what == "metadata":
        return simplified(metadata)
    if what == "titles":
        names = ("title", "short title", "tab title", "subtitle", "logo", "short logo", "exit link", "exit label")
        parts = {name: metadata[name] for name in names if name in metadata}
        parts.update(context.internal.get(PARTS, {}))
        return simplified(parts)
    if what == "tags":
        return set(session_tags())
    raise ValueError(f"all_variables(special=…) can be 'titles', 'metadata' or 'tags', not {what!r}")
