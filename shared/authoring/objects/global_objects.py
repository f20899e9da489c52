"""`DAGlobal`: an object whose attributes are kept beyond the session, read when they are first needed and written when the step is saved.

Source: objects.md, DAGlobal. In the session's answers stand only its name, `key` and `base`. Whose each base is: ``services/storage.py``.
Two sessions at once: the last one that saves is right, but for attributes that are whole numbers, of which the difference is added, so
that both are counted. Why so: docs/adr/0032-storage.md. Not for: values by keys (`stores`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from shared.authoring.areas import Area, checked
from shared.authoring.context import Context, current, current_or_none
from shared.authoring.objects.base import DAObject, ObjectType
from shared.contract.effects import Keep

BASES: Final = ("user", "interview", "global")
#: Names of the areas of a base: of objects, and of the whole numbers among their attributes.
_OBJECTS, _NUMBERS = "objects", "numbers"
#: What stays in the session's answers, beside names that begin with an underscore.
_OWN: Final = frozenset({"instanceName", "key", "base"})
#: Key of ``Context.step``.
_STEP: Final = "global objects"


@dataclass(slots=True)
class _Shared:
    """The attributes under one base and key, as this step found and as it leaves them."""

    values: dict[str, Any]
    before: bytes  #: all but the numbers, encoded
    numbers: dict[str, int]  #: as they were
    removed: bool = False  #: by `delete()`, whatever was set after that


class DAGlobal(DAObject):
    """Its attributes are those of every object with the same `key` and `base`: user (the default), interview, or global."""

    key: str
    base: str

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.base = _base(kwargs.pop("base", "user"))
        given = kwargs.pop("key", None)
        self.key = checked("the key of a DAGlobal", given if given is not None else current().new_id("global"))
        super().init(*pargs, **kwargs)

    @classmethod
    def keys(cls, base: str, key: str | None = None) -> list[str] | bool:
        """The keys that there are; with `key`, whether it is one of them."""
        base = _base(base)
        names = {*Area(base, _OBJECTS).listed(), *Area(base, _NUMBERS).listed()}
        for (of_base, name), shared in _all(current()).items():
            if of_base == base:
                names = names | {name} if shared.values else names - {name}
        return sorted(names) if key is None else key in names

    def delete(self) -> None:
        """Delete what is kept, and the attributes."""
        shared = self._shared()
        shared.values.clear()
        shared.removed = True

    def _shared(self) -> _Shared:
        context = current()
        loaded = _all(context)
        place = (_base(self.base), self.key)
        shared = loaded.get(place)
        if shared is None:
            shared = loaded[place] = _read(context, *place)
            self._name_parts(shared)
            shared.before = context.encode(_but_numbers(shared.values))
        return shared

    def _name_parts(self, shared: _Shared) -> None:
        for name, value in shared.values.items():
            if isinstance(value, DAObject):
                value._set_instance_name_recursively(f"{self.instanceName}.{name}")

    def _values(self) -> dict[str, Any]:
        """None are known outside of a step, or before the object knows its key."""
        known = "key" in self.__dict__ and "base" in self.__dict__ and current_or_none() is not None
        return self._shared().values if known else {}

    # -- attributes

    def __getattr__(self, name: str) -> Any:
        if not _is_own(name):
            values = self._values()
            if name in values:
                return values[name]
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: object) -> None:
        if _is_own(name):
            object.__setattr__(self, name, value)
            return
        if isinstance(value, DAObject) and "_unnamed" in value.__dict__:
            value._set_instance_name_recursively(f"{self.instanceName}.{name}")
        self._shared().values[name] = value

    def __delattr__(self, name: str) -> None:
        if _is_own(name):
            super().__delattr__(name)
        elif name in (values := self._values()):
            del values[name]
        else:
            raise AttributeError(name)

    def initializeAttribute(self, name: str, object_type: ObjectType, *pargs: object, **kwargs: object) -> object:
        if name in self._values():
            return self._values()[name]
        return self.reInitializeAttribute(name, object_type, *pargs, **kwargs)

    initialize_attribute = initializeAttribute

    def _set_instance_name_recursively(self, name: str, matching: str | None = None) -> None:
        super()._set_instance_name_recursively(name, matching)
        loaded = current_or_none()
        shared = _all(loaded).get((self.base, self.key)) if loaded is not None and "key" in self.__dict__ else None
        if shared is not None and self.instanceName == name:
            self._name_parts(shared)

    def _shown_state(self) -> dict[str, Any]:
        return {**super()._shown_state(), **self._values()}


def changes(context: Context) -> tuple[Keep, ...]:
    """What is to be kept of the objects that the step used; for the engine, once the step is over."""
    made: list[Keep] = []
    for (base, key), shared in _all(context).items():
        made.extend(_changes(context, base, key, shared))
    return tuple(made)


def _changes(context: Context, base: str, key: str, shared: _Shared) -> list[Keep]:
    rest, numbers = _but_numbers(shared.values), _numbers(shared.values)
    encoded = context.encode(rest)
    before = {} if shared.removed else shared.numbers
    made: list[Keep] = []
    gone = shared.removed or not before.keys() <= numbers.keys()
    if shared.removed:
        made.append(Keep(area=base, name=_OBJECTS, key=key, delete=True))
    if encoded != shared.before or (shared.removed and rest):
        if rest:
            made.append(Keep(area=base, name=_OBJECTS, key=key, value=encoded))
        elif not shared.removed:
            made.append(Keep(area=base, name=_OBJECTS, key=key, delete=True))
    if gone:
        made.append(Keep(area=base, name=_NUMBERS, key=key, delete=True))
        if numbers:
            made.append(Keep(area=base, name=_NUMBERS, key=key, put=numbers))
        return made
    put = {name: number for name, number in numbers.items() if name not in before}
    add = {name: number - before[name] for name, number in numbers.items() if number != before.get(name, number)}
    if put or add:
        made.append(Keep(area=base, name=_NUMBERS, key=key, put=put, add=add))
    return made


def _all(context: Context) -> dict[tuple[str, str], _Shared]:
    found: dict[tuple[str, str], _Shared] = context.step.setdefault(_STEP, {})
    return found


def _read(context: Context, base: str, key: str) -> _Shared:
    kept, counted = Area(base, _OBJECTS).get(key), Area(base, _NUMBERS).get(key)
    numbers = {} if counted is None else counted[1]
    values = dict(context.decode(kept[0])) if kept is not None and kept[0] is not None else {}
    return _Shared(values={**values, **numbers}, before=b"", numbers=dict(numbers))


def _numbers(values: dict[str, Any]) -> dict[str, int]:
    return {name: value for name, value in values.items() if type(value) is int and abs(value) < 2**62}


def _but_numbers(values: dict[str, Any]) -> dict[str, Any]:
    numbers = _numbers(values)
    return {name: value for name, value in values.items() if name not in numbers}


def _is_own(name: str) -> bool:
    return name in _OWN or name.startswith("_")


def _base(given: object) -> str:
    base = str(given)
    if base not in BASES:
        raise ValueError(f"the base of a DAGlobal is one of {', '.join(BASES)}, not {base!r}")
    return base
