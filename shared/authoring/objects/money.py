"""Amounts that may or may not exist, and dictionaries of them (objects.md, "Classes for currency", "FinancialList")."""

from __future__ import annotations

from decimal import Decimal

from shared.authoring.objects.base import DAObject
from shared.authoring.objects.dicts import DADict


class Value(DAObject):
    """An amount of money: ``exists`` says whether there is one, ``value`` how much (objects.md, "Value")."""

    def amount(self) -> Decimal | int:
        """The value; 0 without asking for it if it does not exist (objects.md, "Value.amount")."""
        return _decimal(self.value) if self.exists else 0

    def __str__(self) -> str:
        return _plain(self.amount())

    def __float__(self) -> float:
        return float(self.amount())

    def __int__(self) -> int:
        return int(self.amount())

    def __bool__(self) -> bool:
        return bool(self.amount())

    def __add__(self, other: object) -> object:
        return self.amount() + _decimal(other)

    __radd__ = __add__

    def __sub__(self, other: object) -> object:
        return self.amount() - _decimal(other)

    def __rsub__(self, other: object) -> object:
        return _decimal(other) - self.amount()

    def __mul__(self, other: object) -> object:
        return self.amount() * _decimal(other)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> object:
        return self.amount() / _decimal(other)

    def __neg__(self) -> object:
        return -self.amount()

    def __lt__(self, other: object) -> bool:
        return bool(self.amount() < _decimal(other))

    def __le__(self, other: object) -> bool:
        return bool(self.amount() <= _decimal(other))

    def __gt__(self, other: object) -> bool:
        return bool(self.amount() > _decimal(other))

    def __ge__(self, other: object) -> bool:
        return bool(self.amount() >= _decimal(other))


class PeriodicValue(Value):
    """A `Value` that applies ``period`` times a year (objects.md, "PeriodicValue")."""

    def amount(self, period_to_use: object = 1) -> Decimal | int:
        """The value a year; a month with ``period_to_use=12`` (objects.md, "PeriodicValue.amount")."""
        if not self.exists:
            return 0
        total = _decimal(self.value) * _decimal(self.period)
        return total if period_to_use == 1 else total / _decimal(period_to_use)


class FinancialList(DADict):
    """A dictionary of `Value`: what a person owns or owes (objects.md, "FinancialList"). New items exist unless told otherwise."""

    ValueClass: type[Value] = Value

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.object_type = self._value_class().using(exists=True)
        super().init(*pargs, **kwargs)

    def _value_class(self) -> type[Value]:
        return self.ValueClass

    def _take_new_values(self, key: object) -> None:
        if "new_item_value" in self.__dict__:
            self.elements[key].value = self.new_item_value

    def total(self) -> Decimal | int:
        """The sum of all values that exist (objects.md, "FinancialList.total")."""
        total: Decimal | int = sum((item.amount() for item in self.values() if item.exists), start=0)
        return total

    def existing_items(self) -> list[object]:
        """The keys of the values that exist (objects.md, "existing_items")."""
        return [key for key, item in self.items() if item.exists]

    def __str__(self) -> str:
        return _plain(self.total())

    def __float__(self) -> float:
        return float(self.total())

    def __int__(self) -> int:
        return int(self.total())


class Asset(FinancialList):
    """What a person owns (objects.md, "Asset")."""


class PeriodicFinancialList(FinancialList):
    """A dictionary of `PeriodicValue` (objects.md, "PeriodicFinancialList").

    A question about a new item may set ``new_item_name``, ``new_item_value`` and ``new_item_period`` at once.
    """

    PeriodicValueClass: type[PeriodicValue] = PeriodicValue

    def _value_class(self) -> type[Value]:
        return self.PeriodicValueClass

    def _take_new_values(self, key: object) -> None:
        super()._take_new_values(key)
        if "new_item_period" in self.__dict__:
            self.elements[key].period = self.new_item_period

    def _forget_new_item(self) -> None:
        super()._forget_new_item()
        self.delattr("new_item_period")

    def total(self, period_to_use: object = 1) -> Decimal | int:
        """The sum a year of all values that exist (objects.md, "PeriodicFinancialList.total")."""
        total: Decimal | int = sum((item.amount(period_to_use) for item in self.values() if item.exists), start=0)
        return total


class Income(PeriodicFinancialList):
    """What a person earns (objects.md, "Income")."""


class Expense(PeriodicFinancialList):
    """What a person spends (objects.md, "Expense")."""


def _decimal(value: object) -> Decimal:
    """Exact arithmetic with money: 0.1 + 0.2 is 0.3."""
    if isinstance(value, (Value, PeriodicValue)):
        return Decimal(value.amount())
    if isinstance(value, Decimal):
        return value
    return Decimal(str(value if value not in (None, "") else 0))


def _plain(amount: Decimal | int) -> str:
    return format(amount, "f")
