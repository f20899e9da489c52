"""`StandIn`: something of the reference's server that is not here. Importing and naming it works; using it says what is missing.

Modules do more than import when they are loaded: they decorate functions (``@app.route("/x")``), derive classes (``class Row(db.Model)``)
and ask for a connection (``db = init_sqlalchemy()``). All of that gives stand-ins again. What would have to give a value, or do
something, raises `NotAvailable`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from shared.authoring.errors import NotAvailable

#: Ends of names that are called while a module loads: what they give is a stand-in, too.
_LOADING = frozenset(
    [
        "Blueprint",
        "Column",
        "ForeignKey",
        "Table",
        "add_url_rule",
        "before_request",
        "errorhandler",
        "init_sqlalchemy",
        "register_blueprint",
        "relationship",
        "route",
        "task",
    ]
)


class StandIn:
    """The thing that docassemble calls `name`, which stands for what this server does not have."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __repr__(self) -> str:
        return f"<{self.__name__}: not on this server>"

    def __getattr__(self, attribute: str) -> StandIn:
        if attribute.startswith("__") and attribute.endswith("__"):
            raise AttributeError(attribute)
        return StandIn(f"{self.__name__}.{attribute}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and _is_defined_by_an_author(args[0]):
            return args[0]  # a decorator: the function stays what it is
        if self.__name__.rpartition(".")[2] in _LOADING:
            return StandIn(f"{self.__name__}()")
        if self.__name__.endswith("()"):
            raise NotAvailable(self.__name__, "what docassemble's own server offers")
        raise NotAvailable(f"{self.__name__}()", "what docassemble's own server offers")

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        """A class that derives from this can be defined; making one is refused."""
        return (_refusing(self.__name__),)

    def _refuse(self, *args: object) -> NoReturn:
        raise NotAvailable(self.__name__, "what docassemble's own server offers")

    __iter__ = __len__ = __getitem__ = __contains__ = __enter__ = __str__ = __int__ = __float__ = __bool__ = _refuse
    __exit__ = _refuse


def _is_defined_by_an_author(value: object) -> bool:
    return isinstance(value, type) or (
        callable(value) and not isinstance(value, StandIn) and hasattr(value, "__code__")
    )


def _refusing(name: str) -> type:
    def refuse(self: object, *args: object, **kwargs: object) -> NoReturn:
        raise NotAvailable(name, "what docassemble's own server offers")

    return type(name.rpartition(".")[2], (), {"__init__": refuse})


def factory(module: str) -> Callable[[str], StandIn]:
    """``__getattr__`` of a module of that name: a stand-in for everything that is not defined in it."""

    def __getattr__(name: str) -> StandIn:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return StandIn(f"{module}.{name}")

    return __getattr__
