"""`DAObject`: an object that knows its own name and lets the interview ask for what it does not have.

Every class of the documentation derives from it. Its state is its ``__dict__`` and nothing else, so that a session can be
encoded and decoded (``shared.state``) and every attribute can be asked for under ``instanceName.attribute``.
"""

from __future__ import annotations

import contextlib
import copy
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Self

from shared.authoring.context import current
from shared.authoring.errors import MissingAttribute
from shared.authoring.objects import naming, noun_phrase
from shared.authoring.objects.serialize import as_serializable, class_path
from shared.authoring.objects.speech import Speaking
from shared.authoring.text import language

#: Attributes of the machinery: never shown by ``as_serializable()``.
HIDDEN = frozenset({"_unnamed", "_gathering", "_wanted", "_completing", "_expected"})


class DAObjectPlusParameters:
    """A class and the attributes its objects are to begin with: what ``using()`` returns (objects.md, "using()")."""

    def __init__(self, object_class: type[DAObject], parameters: dict[str, object]) -> None:
        self.objectClass = object_class
        self.parameters = parameters

    def __call__(self, *pargs: object, **kwargs: object) -> object:
        """A new object; what is given here goes before what ``using()`` was given."""
        if not pargs:
            name = naming.assigned_name(None, sys._getframe(1))
            pargs = (name,) if name else pargs
        return self.objectClass(*pargs, **{**self.parameters, **kwargs})

    def using(self, **kwargs: object) -> DAObjectPlusParameters:
        return DAObjectPlusParameters(self.objectClass, {**self.parameters, **kwargs})

    def _serialized_as(self) -> type[DAObject]:
        return self.objectClass

    @property
    def __name__(self) -> str:
        return self.objectClass.__name__


#: What may stand where the documentation says "object type".
ObjectType = type["DAObject"] | DAObjectPlusParameters


def class_of(object_type: ObjectType) -> type[DAObject]:
    """The class itself, of a class or of what ``using()`` made of it."""
    return object_type.objectClass if isinstance(object_type, DAObjectPlusParameters) else object_type


#: In the ``__dict__`` of an object whose ``init()`` runs, if its class asks for that.
BEING_MADE = "_being_made"


class DAObject(Speaking):
    """The base of all objects of interviews (objects.md, "DAObject").

    The first positional argument is the intrinsic name; keyword arguments become attributes. Subclasses write
    ``init()``, not ``__init__()``.
    """

    instanceName: str

    @classmethod
    def using(cls, **kwargs: object) -> DAObjectPlusParameters:
        """This class with attributes its objects are to begin with (objects.md, "Special object method using()")."""
        return DAObjectPlusParameters(cls, kwargs)

    def __init__(self, *pargs: object, **kwargs: object) -> None:
        state = self.__dict__
        if pargs:
            state["instanceName"] = str(pargs[0])
            pargs = pargs[1:]
        else:
            name = naming.assigned_name(self, sys._getframe(1))
            if name is None:
                state["instanceName"] = naming.random_name()
                state["_unnamed"] = True
            else:
                state["instanceName"] = name
        self._before_init()
        self.init(*pargs, **kwargs)
        state.pop(BEING_MADE, None)

    def _before_init(self) -> None:
        """For classes whose attributes differ while an object is being made."""

    def init(self, *pargs: object, **kwargs: object) -> None:
        """Called on every new object; subclasses extend it (objects.md, "Initializing object attributes")."""
        for name, value in kwargs.items():
            setattr(self, name, value)

    # Attributes

    def __getattr__(self, name: str) -> Any:
        """Only called for what is not there: says its full name, so that the interview can ask for it."""
        if name.startswith("__") or name == "instanceName":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        found = getattr(type(self), name, None)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(self)  # the property itself missed something: let that be named, not the property
        raise MissingAttribute(f"{self.instanceName}.{name}")

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if isinstance(value, DAObject) and "_unnamed" in value.__dict__:
            value._set_instance_name_recursively(f"{self.instanceName}.{name}")

    def initializeAttribute(self, name: str, object_type: ObjectType, *pargs: object, **kwargs: object) -> object:
        """Make the attribute an object of that type unless it is defined; returns it (objects.md, "Methods for working with attributes")."""
        if name in self.__dict__:
            return self.__dict__[name]
        return self.reInitializeAttribute(name, object_type, *pargs, **kwargs)

    def reInitializeAttribute(self, name: str, object_type: ObjectType, *pargs: object, **kwargs: object) -> object:
        """As `initializeAttribute()`, also if the attribute is already defined."""
        setattr(self, name, object_type(f"{self.instanceName}.{name}", *pargs, **kwargs))
        return self.__dict__.get(name, getattr(self, name))

    initialize_attribute = initializeAttribute
    reinitialize_attribute = reInitializeAttribute

    def attribute_defined(self, name: str) -> bool:
        """Whether the attribute is defined; asks nothing (objects.md, "attribute_defined")."""
        return hasattr(self, name)

    def is_defined(self, name: str) -> bool:
        """The same as `attribute_defined()`."""
        return hasattr(self, name)

    def attr(self, name: str) -> object:
        """The attribute, or None if it is not defined; asks nothing (objects.md, "attr")."""
        return getattr(self, name, None)

    def attr_name(self, name: str) -> str:
        """The full name of an attribute, e.g. for ``force_ask()`` (objects.md, "attr_name")."""
        return f"{self.instanceName}.{name}"

    def delattr(self, *names: str) -> None:
        """Undefine attributes that may or may not be defined (objects.md, "delattr")."""
        for name in names:
            with contextlib.suppress(AttributeError):
                delattr(self, name)

    def invalidate_attr(self, *names: str) -> None:
        """Undefine attributes, keeping their values as defaults for when they are asked again (objects.md, "invalidate_attr")."""
        for name in names:
            if hasattr(self, name):
                current().invalidate(self.attr_name(name))

    def getattr_fresh(self, name: str) -> object:
        """Have the attribute computed again and return it (objects.md, "getattr_fresh")."""
        current().reconsider(self.attr_name(name))
        return getattr(self, name)

    fresh_getattr = getattr_fresh

    def raise_undefined_attribute_error(self, name: str) -> None:
        """Raise what a missing attribute raises: for getters of properties (objects.md, "raise_undefined_attribute_error")."""
        raise MissingAttribute(f"{self.instanceName}.{name}")

    # Names

    def object_name(self, **_options: object) -> str:
        """A readable name made of the intrinsic name: "front gate in the park" (objects.md, "object_name")."""
        return noun_phrase.phrase(self.instanceName)

    def object_possessive(self, target: object, **options: object) -> str:
        """ "the turnip's leaves", "the latch of the front gate in the park" (objects.md, "object_possessive")."""
        point = self._point(options.pop("person", None), bool(options.pop("third_person", False)))
        if point != "3":
            return self.possessive(target, person=point, **options)
        name = language.the(self.object_name())
        if "." in self.instanceName:
            return language.possessify_long(name, target, **options)
        return language.possessify(name, target, **options)

    def set_instance_name(self, name: str) -> None:
        """Give the object another intrinsic name, without touching what belongs to it."""
        self.__dict__.pop("_unnamed", None)
        self.__dict__["instanceName"] = name

    def _set_instance_name_recursively(self, name: str, matching: str | None = None) -> None:
        """Give the object another intrinsic name, and likewise everything that was named after it.

        With `matching`, only if the object's name begins with that.
        """
        old = self.instanceName
        if matching is not None and not old.startswith(matching):
            return
        self.set_instance_name(name)
        if old == name:
            return
        seen = {id(self)}
        waiting = list(_objects_in(self.__dict__))
        while waiting:
            part = waiting.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            known = part.instanceName
            if known.startswith(old) and known[len(old) : len(old) + 1] in {".", "["}:
                part.set_instance_name(name + known[len(old) :])
                waiting.extend(_objects_in(part.__dict__))

    # Copies and other forms

    def copy_shallow(self, name: str) -> Self:
        """A copy under another name that shares the objects inside it (objects.md, "copy_shallow")."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self._shallow_state())
        made.set_instance_name(name)
        return made

    def copy_deep(self, name: str) -> Self:
        """A copy under another name, of the objects inside it too (objects.md, "copy_deep")."""
        made = copy.deepcopy(self)
        made._set_instance_name_recursively(name)
        return made

    def _shallow_state(self) -> dict[str, object]:
        return dict(self.__dict__)

    def as_serializable(self) -> object:
        """A simplified form of plain dictionaries, lists and values, e.g. for JSON (objects.md, "as_serializable")."""
        return as_serializable(self)

    def _serialized_as(self) -> object:
        """What `serialize` puts in the place of this object."""
        to_json = getattr(self, "to_json", None) if hasattr(type(self), "to_json") else None
        if callable(to_json):
            return to_json()
        return {"_class": class_path(type(self)), "instanceName": self.instanceName, **self._shown_state()}

    def _shown_state(self) -> dict[str, Any]:
        return {name: part for name, part in self.__dict__.items() if name not in HIDDEN}

    def __str__(self) -> str:
        """The ``name`` if there is one, else a readable form of the variable's name (groups.md, "Gathering information into sets")."""
        name = self.__dict__.get("name")
        return self.object_name() if name is None else str(name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__dict__.get('instanceName')}>"

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __lt__(self, other: object) -> bool:
        return str(self) < str(other)

    def __le__(self, other: object) -> bool:
        return str(self) <= str(other)

    def __gt__(self, other: object) -> bool:
        return str(self) > str(other)

    def __ge__(self, other: object) -> bool:
        return str(self) >= str(other)


def _objects_in(value: Iterable[object]) -> Iterator[DAObject]:
    """The objects directly in a state, a list or a dictionary, looking through plain containers but not into objects."""
    parts: Iterable[object] = value.values() if isinstance(value, dict) else value
    for part in parts:
        if isinstance(part, DAObject):
            yield part
        elif isinstance(part, (list, tuple, set, dict)) and part:
            yield from _objects_in(part)
