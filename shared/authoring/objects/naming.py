"""The name an object gets when author code writes ``x = DAObject()``: what the assignment says, read from its bytecode.

Not for objects that are given their name (``DAObject('x')``, objects blocks, ``initializeAttribute``): those never come
here. The documentation calls the magic fragile (objects.md, "Intrinsic names"), so whatever is not a plain
assignment to a name, an attribute or an item gets a random name, as there.
"""

from __future__ import annotations

import dis
import itertools
import string
from types import CodeType, FrameType
from typing import Any

from shared.authoring.context import current_or_none

_UNKNOWN = object()
_CALL = frozenset({"CALL", "CALL_FUNCTION_EX"})
_LOAD_NAMES = frozenset({"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FAST", "LOAD_DEREF", "LOAD_CLASSDEREF"})
_STORE_NAMES = frozenset({"STORE_NAME", "STORE_GLOBAL"})
_outside = itertools.count(1)

#: One value on the interpreter's stack: how the author would write it, and what it is if we can tell.
_Term = tuple[str, Any]


def random_name() -> str:
    """A name that nothing else has: twelve letters, the same again when the step is replayed."""
    context = current_or_none()
    if context is None:
        return f"_object{next(_outside)}"
    return "".join(context.random.choices(string.ascii_letters, k=12))


def assigned_name(made: object, frame: FrameType | None) -> str | None:
    """What the running statement assigns `made` to, as an intrinsic name; None if it is no plain assignment.

    `frame` is the one that called the constructor. Frames of constructors of subclasses are passed over. A local
    variable of a function is not a name the interview could ask for, so it counts as no assignment.
    """
    while frame is not None and frame.f_code.co_name == "__init__" and frame.f_locals.get("self") is made:
        frame = frame.f_back
    if frame is None:
        return None
    return _Target(frame).read()


class _Target:
    """Follows the instructions after the running call up to the one that stores its result."""

    def __init__(self, frame: FrameType) -> None:
        self.frame = frame
        self.stack: list[_Term] = []

    def read(self) -> str | None:
        started = False
        name: str | None
        for instruction in dis.get_instructions(self.frame.f_code):
            if instruction.offset < self.frame.f_lasti:
                continue
            if not started:
                if instruction.opname not in _CALL:
                    return None
                started = True
                continue
            name, done = self.step(instruction)
            if done:
                return name
        return None

    def step(self, instruction: dis.Instruction) -> tuple[str | None, bool]:
        """Take one instruction: (the name, True) at the end, (None, True) if it is nothing we understand."""
        operation, argument = instruction.opname, instruction.argval
        if operation in _STORE_NAMES:
            return (str(argument), True) if not self.stack else (None, True)
        if operation in _LOAD_NAMES:
            self.stack.append(self.variable(str(argument)))
        elif operation == "LOAD_CONST":
            self.stack.append((repr(argument), argument))
        elif operation == "LOAD_ATTR" and self.stack:
            self.stack.append(_attribute(self.stack.pop(), str(argument)))
        elif operation == "BINARY_SUBSCR" and len(self.stack) >= 2:
            index, owner = self.stack.pop(), self.stack.pop()
            self.stack.append(_item(owner, index))
        elif operation == "STORE_ATTR" and len(self.stack) == 1:
            return f"{self.stack[0][0]}.{argument}", True
        elif operation == "STORE_SUBSCR" and len(self.stack) == 2:
            (group, _), (key_text, key) = self.stack
            return f"{group}[{key_text if key is _UNKNOWN else repr(key)}]", True
        elif operation not in {"COPY", "CACHE", "NOP", "EXTENDED_ARG"}:
            return None, True
        return None, False

    def variable(self, name: str) -> _Term:
        value = self.frame.f_locals.get(name, self.frame.f_globals.get(name, _UNKNOWN))
        return _named(name, value)


def _named(text: str, value: object) -> _Term:
    """An object of the interview is written by its intrinsic name, whatever alias the author used."""
    intrinsic = _state(value).get("instanceName")
    return (intrinsic, value) if isinstance(intrinsic, str) else (text, value)


def _attribute(owner: _Term, name: str) -> _Term:
    text, value = owner
    return _named(f"{text}.{name}", _state(value).get(name, _UNKNOWN))


def _item(group: _Term, key: _Term) -> _Term:
    (text, value), (key_text, key_value) = group, key
    if key_value is _UNKNOWN:
        return f"{text}[{key_text}]", _UNKNOWN
    elements = _state(value).get("elements", value)
    found: Any = _UNKNOWN
    if isinstance(elements, (list, dict)):
        try:
            found = elements[key_value]
        except (LookupError, TypeError):
            found = _UNKNOWN
    return _named(f"{text}[{key_value!r}]", found)


def _state(value: object) -> dict[str, Any]:
    """The attributes an object really has: no lookup of ours may make the interview ask something."""
    try:
        return object.__getattribute__(value, "__dict__") if not isinstance(value, (type, CodeType)) else {}
    except AttributeError:
        return {}
