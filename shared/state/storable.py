"""Which objects a state may hold, by how Python lays them out; what to tell an author about the others.

Not for: which classes are known (`classes`), and how objects are written (`encoding`).
"""

from __future__ import annotations

import builtins
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType, ModuleType, SimpleNamespace

#: Immutable types whose subclasses (an author's ``class Money(Decimal)``) are stored as base value plus attributes.
VALUE_BASES: tuple[type, ...] = (str, int, float, bytes, tuple, datetime, date, time, timedelta, Decimal)


#: Built-in types below author classes whose whole state is in attributes.
OPEN_BASES = (object, SimpleNamespace)
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: the class was made by a class statement


def solid_base(cls: type) -> type[object]:
    """The first built-in type among the bases of `cls`: what decides how its objects are laid out in memory."""
    return next(base for base in cls.__mro__ if not base.__flags__ & _HEAP_TYPE)


def slots_of(cls: type) -> tuple[str, ...]:
    """Names of the slots of `cls` and its bases, mangled as they are stored."""
    names: list[str] = []
    for base in cls.__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name in ("__dict__", "__weakref__"):
                continue
            if name.startswith("__") and not name.endswith("__"):
                name = f"_{base.__name__.lstrip('_')}{name}"
            names.append(name)
    return tuple(names)


def why_not(value: object) -> str:
    """What to tell an author about a value that no state may hold."""
    cls = type(value)
    if isinstance(value, FunctionType | BuiltinFunctionType | MethodType):
        return "a function cannot be stored"
    if isinstance(value, ModuleType):
        return "a module cannot be stored"
    if isinstance(value, GeneratorType):
        return "a generator cannot be stored; make a list of it"
    if hasattr(cls, "fileno") and hasattr(cls, "read"):
        return "an open file cannot be stored; keep its content or its name"
    name = f"{cls.__module__}.{cls.__qualname__}"
    if isinstance(value, type):
        return f"the class {value.__module__}.{value.__qualname__} is in no module of an interview package"
    if cls.__module__ in ("builtins", "__main__") and not hasattr(builtins, cls.__qualname__):
        return f"an object of the class {cls.__qualname__} cannot be stored: define the class in a module, not in a code block"
    return f"an object of the class {name} cannot be stored"
