"""`DACatchAll`: stands for a variable that no block defines, and asks for its value in the way it is used.

Every use (``str(x)``, ``x + 1``, ``if x:``) notes itself in ``context``, and the other side of an operator in ``operand``,
and then works on ``value``, which a generic question may ask for (objects.md, "DACatchAll"; fields.md, "Catchall questions").
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from shared.authoring.objects.base import DAObject

_WHOLE = frozenset({"index", "int", "long", "hex", "oct", "lshift", "rlshift", "rshift", "rrshift", "and", "rand", "or", "ror",
                    "xor", "rxor", "invert"})  # fmt: skip
_NUMBERS = frozenset({"float", "abs", "neg", "pos", "div", "rdiv", "divmod", "rdivmod", "floordiv", "rfloordiv", "pow", "rpow",
                      "truediv", "rtruediv", "sub", "rsub"})  # fmt: skip
_BY_OPERAND = frozenset({"add", "radd", "mul", "rmul", "mod", "rmod", "eq", "ne", "lt", "le", "gt", "ge"})
_TYPES = ((bool, "bool"), (int, "int"), (float, "float"), (complex, "complex"), (str, "str"))


class DACatchAll(DAObject):
    """The value of a variable that nothing defines. Attributes: ``value`` (asked for), ``context``, ``operand``."""

    def data_type_guess(self) -> str:
        """'str', 'int', 'float', 'bool' or 'complex', by the way the value was used (fields.md, "Catchall questions")."""
        context = self.__dict__.get("context", "str")
        if context in _BY_OPERAND:
            operand = self.__dict__.get("operand")
            for kind, name in _TYPES:
                if isinstance(operand, kind):
                    return name
            return "str"
        if context in {"bool", "complex"}:
            return str(context)
        if context in _WHOLE:
            return "int"
        return "float" if context in _NUMBERS else "str"

    def _used(self, context: str, *operand: object) -> Any:
        self.context = context
        if operand:
            self.operand = operand[0]
        else:
            self.delattr("operand")
        return self.value

    def __str__(self) -> str:
        return str(self._used("str"))

    def __repr__(self) -> str:
        return repr(self._used("repr"))

    def __format__(self, specification: str) -> str:
        return format(self._used("str"), specification)

    def __bool__(self) -> bool:
        return bool(self._used("bool"))

    def __int__(self) -> int:
        return int(self._used("int"))

    def __float__(self) -> float:
        return float(self._used("float"))

    def __complex__(self) -> complex:
        return complex(self._used("complex"))

    def __index__(self) -> int:
        return operator.index(self._used("index"))

    def __len__(self) -> int:
        return len(self._used("len"))

    def __iter__(self) -> Iterator[object]:
        return iter(self._used("iter"))

    def __reversed__(self) -> object:
        return reversed(self._used("reversed"))

    def __getitem__(self, key: object) -> object:
        return self._used("getitem")[key]

    def __contains__(self, item: object) -> bool:
        return item in self._used("contains", item)

    def __hash__(self) -> int:
        return object.__hash__(self)  # a variable that is asked for by being put into a set would be asked too early

    def __abs__(self) -> object:
        return abs(self._used("abs"))

    def __neg__(self) -> object:
        return -self._used("neg")

    def __pos__(self) -> object:
        return +self._used("pos")

    def __invert__(self) -> object:
        return ~self._used("invert")


def _forward(name: str, act: Callable[..., object]) -> Callable[[DACatchAll, object], object]:
    def method(self: DACatchAll, other: object) -> object:
        return act(self._used(name, other), other)

    return method


def _reflected(name: str, act: Callable[..., object]) -> Callable[[DACatchAll, object], object]:
    def method(self: DACatchAll, other: object) -> object:
        return act(other, self._used(name, other))

    return method


for _name, _act in {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv,
    "floordiv": operator.floordiv, "mod": operator.mod, "divmod": divmod, "pow": operator.pow, "lshift": operator.lshift,
    "rshift": operator.rshift, "and": operator.and_, "or": operator.or_, "xor": operator.xor,
}.items():  # fmt: skip
    setattr(DACatchAll, f"__{_name}__", _forward(_name, _act))
    setattr(DACatchAll, f"__r{_name}__", _reflected(f"r{_name}", _act))
for _name, _act in {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}.items():  # fmt: skip
    setattr(DACatchAll, f"__{_name}__", _forward(_name, _act))
