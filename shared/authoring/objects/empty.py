"""`DAEmpty`: stands where an object might have been, and is empty text whatever is asked of it (objects.md, "DAEmpty")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Nothing:
    """What both `DAEmpty` and the gaps of drafts are: false, empty, and the same again whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Any:
        return self

    def __call__(self, *_pargs: object, **_kwargs: object) -> Any:
        return self

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __contains__(self, item: object) -> bool:
        return False


class DAEmpty(Nothing):
    """Not a DAObject: it has no name and nothing is ever asked for. ``DAEmpty(str='not applicable')`` shows that text."""

    def __init__(self, *_pargs: object, **kwargs: object) -> None:
        self.__dict__["str"] = str(kwargs.get("str", ""))

    def __getattr__(self, name: str) -> Any:
        if name == "str":
            raise AttributeError(name)
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: object) -> None:
        """Nothing sticks to it."""

    def __delattr__(self, name: str) -> None:
        """Nothing sticks to it."""

    def __setitem__(self, key: object, value: object) -> None:
        """Nothing sticks to it."""

    def __delitem__(self, key: object) -> None:
        """Nothing sticks to it."""

    def __str__(self) -> str:
        return str(self.__dict__.get("str", ""))

    def __repr__(self) -> str:
        return repr(str(self))

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, (str, DAEmpty)) else False

    def __hash__(self) -> int:
        return hash(str(self))

    def __add__(self, other: object) -> object:
        return other

    __radd__ = __add__

    def __lt__(self, other: object) -> bool:
        return bool(other) and not isinstance(other, DAEmpty)

    def __gt__(self, other: object) -> bool:
        return False

    def __le__(self, other: object) -> bool:
        return True

    def __ge__(self, other: object) -> bool:
        return not other or isinstance(other, DAEmpty)

    def __int__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0
