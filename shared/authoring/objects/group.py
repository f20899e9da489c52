"""What lists, dictionaries and sets have in common: gathering their items from the user.

`Group.gather()` is the algorithm of groups.md ("Gathering information into lists", "Detailed explanation of gathering
process"). It asks by missing names only: ``there_are_any`` (or ``target_number``), the next item, what makes the item
complete, ``there_is_another``, and it may be broken off and begun again at any of them. Not for how items are stored:
that is `DAList`, `DADict` and `DASet`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Self

from shared.authoring.context import current_or_none
from shared.authoring.objects.base import BEING_MADE, DAObject, DAObjectPlusParameters, ObjectType
from shared.authoring.objects.completeness import attribute_names, complete, drop_pending_actions, is_complete
from shared.authoring.objects.group_speech import GroupSpeech, Item

#: What a group does unless it is told otherwise (groups.md, "Gathering information into lists").
SETTINGS: Mapping[str, object] = MappingProxyType(
    {
        "auto_gather": True,
        "ask_number": False,
        "minimum_number": None,
        "object_type": None,
        "complete_attribute": None,
        "ask_object_type": False,
    }
)


class Group(GroupSpeech):
    """A group of things that the interview can ask for.

    `elements` holds the items as a plain list, dict or set. Two private attributes remember where gathering was when a
    question interrupted it: `_gathering`, and `_wanted`, the number of items the user has promised so far.
    """

    auto_gather: object
    ask_number: object
    minimum_number: Any
    object_type: Any
    complete_attribute: object
    ask_object_type: object
    elements: Item

    def _before_init(self) -> None:
        self.__dict__[BEING_MADE] = True

    def init(self, *pargs: object, **kwargs: object) -> None:
        super().init(*pargs, **kwargs)
        self.__dict__.pop(BEING_MADE, None)

    def __getattr__(self, name: str) -> Any:
        """Settings have defaults once an object is made. Before, a class that says ``if not hasattr(self, 'object_type')`` in its
        ``init()`` is to find out whether whoever makes the object gave one."""
        if name in SETTINGS and BEING_MADE not in self.__dict__:
            return SETTINGS[name]
        return super().__getattr__(name)

    # What kinds of groups differ in.

    def _gather_next(self) -> None:
        """Add one item, or raise the missing name that stands in the way. May add nothing if the item was there."""
        raise TypeError(f"{type(self).__name__} does not say how an item is added")

    def _with(self, elements: object, name: str | None = None) -> Self:
        """A gathered group of the same class and settings with other elements."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.__dict__.pop("_gathering", None)
        made.__dict__.pop("_wanted", None)
        made.__dict__.update(elements=elements, gathered=True, there_are_any=bool(elements), there_is_another=False)
        if name is not None:
            made.set_instance_name(name)
        return made

    # Gathering

    def gather(
        self,
        *,
        number: int | None = None,
        item_object_type: ObjectType | None = None,
        minimum: int | None = None,
        complete_attribute: str | list[str] | None = None,
    ) -> bool:
        """Have all items asked for; True when they are there (objects.md, "gather"; groups.md, "manual").

        `number` is how many items there are to be, `minimum` how many at least; they go before ``target_number`` and
        ``minimum_number``. Raises the missing name that has to be answered first.
        """
        if self.__dict__.get("gathered"):
            return True
        self._gathering = True
        if item_object_type is not None:
            self.set_object_type(item_object_type)
        if number is None and self.ask_number:
            number = self._asked_number()
        attribute = complete_attribute if complete_attribute is not None else self.complete_attribute
        self._complete_items(attribute)
        self._gather_at_least(self._first_target(number, minimum), attribute)
        while number is None and self.there_is_another:
            self._wanted = len(self.elements) + 1
            del self.there_is_another
            self._gather_at_least(self._wanted, attribute)
        self._finish()
        return True

    def _asked_number(self) -> int:
        if "there_are_any" in self.__dict__ and not self.there_are_any:
            return 0
        return int(self.target_number)

    def _first_target(self, number: int | None, minimum: int | None) -> int:
        """How many items there must be before another one is asked about."""
        if number is not None:
            return int(number)
        target = minimum if minimum is not None else self.minimum_number
        if target is None:
            target = 0 if self.elements else int(bool(self.there_are_any))
            if not target and not self.elements:
                self.there_is_another = False
        return max(int(target), int(self.__dict__.get("_wanted", 0)))

    def _gather_at_least(self, target: int, attribute: object) -> None:
        while len(self.elements) < target:
            self._gather_next()
            self._complete_items(attribute)

    def _complete_items(self, attribute: object) -> None:
        for item in list(self._items()):
            complete(item, attribute)

    def _finish(self) -> None:
        self.hook_on_gather()
        if self.auto_gather:
            self.gathered = True
        else:
            self.__dict__.setdefault("gathered", True)
        self.revisit = True
        self.delattr("_gathering", "_wanted")
        self.hook_after_gather()

    def _trigger_gather(self) -> None:
        """Gather, unless that is done or is why the running block was called (groups.md, "Avoiding triggering")."""
        state = self.__dict__
        if state.get("gathered") or self._is_being_gathered():
            return
        if self.auto_gather:
            self.gather()
        else:
            self.hook_on_gather()
            self.gathered  # noqa: B018  the author says when: raises the missing name
            self.__dict__.setdefault("revisit", True)
            self.hook_after_gather()

    def _is_being_gathered(self) -> bool:
        """Whether something is being sought now on behalf of this group's gathering.

        Then the group is used as far as it has come: "So far, the fruits include ${ fruit }".
        """
        if "_gathering" not in self.__dict__ and self.auto_gather:
            return False
        context = current_or_none()
        if context is None:
            return False
        name = self.instanceName
        length = len(name)
        return any(sought.startswith(name) and sought[length : length + 1] in {".", "["} for sought in context.sought)

    def gathered_and_complete(self) -> bool:
        """Complete the items once more after one was edited or added (objects.md, "gathered_and_complete")."""
        state = self.__dict__
        if "_completing" not in state:
            state["_completing"] = bool(state.get("gathered"))
            if self.complete_attribute == "complete":
                for item in self._items():
                    if isinstance(item, DAObject):
                        item.delattr("complete")
            self.delattr("gathered")
        if state["_completing"]:
            self._gathering = True
            self._complete_items(self.complete_attribute)
            self._finish()
        else:
            self._trigger_gather()
        state.pop("_completing", None)
        return True

    def has_been_gathered(self) -> bool:
        """Whether the items have been gathered; asks nothing (objects.md, "has_been_gathered")."""
        return bool(self.__dict__.get("gathered"))

    def gathering_started(self) -> bool:
        """Whether gathering has begun or is complete (objects.md, "gathering_started")."""
        state = self.__dict__
        return bool(
            state.get("gathered")
            or state.get("elements")
            or "_gathering" in state
            or "there_are_any" in state
            or "there_is_another" in state
        )

    def reset_gathered(
        self, recursive: bool = False, only_if_empty: bool = False, mark_incomplete: bool = False
    ) -> None:
        """Have the group count as not yet gathered, so that items can be added (objects.md, "reset_gathered")."""
        if only_if_empty and self.elements:
            return
        if not self.elements:
            self.delattr("there_are_any")
        self.delattr("gathered", "there_is_another", "revisit", "target_number", "_wanted", "_completing")
        for item in self._items():
            if mark_incomplete and isinstance(item, DAObject):
                item.delattr(*attribute_names(self.complete_attribute))
            if recursive and isinstance(item, Group):
                item.reset_gathered(recursive=True, only_if_empty=only_if_empty, mark_incomplete=mark_incomplete)

    def complete_elements(self, complete_attribute: object = None) -> object:
        """A group of those items that are complete; asks nothing (objects.md, "complete_elements")."""
        raise TypeError(f"{type(self).__name__} does not say which of its items are complete")

    def set_object_type(self, object_type: ObjectType | None) -> None:
        """Say what the items are: a class, or what ``using()`` returned (objects.md, "set_object_type")."""
        self.object_type = object_type

    def _next_type(self) -> ObjectType | None:
        """What the next item is to be; asks for ``new_object_type`` if that is how the group works."""
        kind: ObjectType | None = self.object_type
        if not self.ask_object_type:
            return kind
        chosen = self.new_object_type
        return chosen if isinstance(chosen, (type, DAObjectPlusParameters)) else None

    def _changed(self) -> None:
        """Items were added or removed: ``there_are_any`` follows (changelog 1.1.22)."""
        self.__dict__["there_are_any"] = bool(self.elements)

    # Hooks: for subclasses (objects.md, "hook_on_gather" and the following).

    def hook_on_gather(self) -> None:
        """Called before the group is marked gathered; may ask questions."""

    def hook_after_gather(self) -> None:
        """Called after the group was marked gathered; must not ask questions."""

    def hook_on_item_complete(self, item: object) -> None:
        """For authors to call when an item is complete; never called by itself."""

    def hook_on_remove(self, item: object) -> None:
        """Called just before `item` is removed."""

    def _shown_state(self) -> dict[str, Any]:
        """Elements and settings in the order of the documentation (api.md); what is not set has its default."""
        kind = self.object_type
        from_using = isinstance(kind, DAObjectPlusParameters)
        settings = {
            "elements": self.elements,
            "auto_gather": self.auto_gather,
            "ask_number": self.ask_number,
            "minimum_number": self.minimum_number,
            "object_type": None,
            "object_type_parameters": kind.parameters if from_using else {},
            "complete_attribute": self.complete_attribute,
            "ask_object_type": self.ask_object_type,
        }
        return {**settings, **super()._shown_state(), "object_type": kind.objectClass if from_using else kind}

    # Sizes

    def number_gathered(self, if_started: bool = False) -> int:
        """How many items there are so far; asks nothing, unless `if_started` and gathering has not started (objects.md, "number_gathered")."""
        if if_started and not self.gathering_started():
            self._trigger_gather()
        return len(self.elements)

    def current_index(self) -> int:
        """The index of the last item so far, 0 if there is none (objects.md, "current_index")."""
        return max(len(self.elements) - 1, 0)

    def item_name(self, key: object) -> str:
        """The variable name of an item: ``mylist[0]`` (objects.md, "item_name")."""
        return f"{self.instanceName}[{key!r}]"

    def __len__(self) -> int:
        self._trigger_gather()
        return len(self.elements)

    def __repr__(self) -> str:
        self._trigger_gather()
        return repr(self.elements)

    # Sets made of groups. Results are plain sets, as documented for lists and dictionaries.

    def _as_set(self) -> set[Item]:
        self._trigger_gather()
        return set(self.elements)

    def union(self, other: Iterable[object]) -> object:
        """The items of both, as a set (objects.md, "union")."""
        return self._as_set().union(as_plain_set(other))

    def intersection(self, other: Iterable[object]) -> object:
        """The items that are in both, as a set (objects.md, "intersection")."""
        return self._as_set().intersection(as_plain_set(other))

    def difference(self, other: Iterable[object]) -> object:
        """The items that are not in `other`, as a set (objects.md, "difference")."""
        return self._as_set().difference(as_plain_set(other))

    def isdisjoint(self, other: Iterable[object]) -> bool:
        """Whether no item is in both (objects.md, "isdisjoint")."""
        return self._as_set().isdisjoint(as_plain_set(other))

    def issubset(self, other: Iterable[object]) -> bool:
        """Whether all items are in `other` (objects.md, "issubset")."""
        return self._as_set().issubset(as_plain_set(other))

    def issuperset(self, other: Iterable[object]) -> bool:
        """Whether all items of `other` are in this one (objects.md, "issuperset")."""
        return self._as_set().issuperset(as_plain_set(other))

    def cancel_add_or_edit(self) -> None:
        """Drop what is pending for this group, and a last item that is incomplete (groups.md, "Canceling an add or edit process")."""
        drop_pending_actions(self.instanceName)
        elements = self.elements
        if elements and isinstance(elements, (list, dict)):
            last = len(elements) - 1 if isinstance(elements, list) else next(reversed(elements))
            if not is_complete(elements[last], self.complete_attribute):
                del elements[last]
                self._changed()
        self.delattr("new_item_name", "new_item_value", "new_object_type", "_wanted", "_gathering")
        if self.__dict__.pop("_completing", False):
            self.gathered = True


def as_plain_set(value: Iterable[object]) -> set[object]:
    """The items of any group or iterable as a set."""
    return value._as_set() if isinstance(value, Group) else set(value)


def plain_elements(value: object) -> Item:
    """The plain list, dict or set of a gathered group; anything else as it is."""
    if isinstance(value, Group):
        value._trigger_gather()
        return value.elements
    return value


def same_elements(group: Group, other: object) -> bool:
    """Whether a group has the elements of another, or of a plain list, dict or set.

    Two groups are compared as far as they are gathered: looking for one in a list of lists must not ask anything.
    """
    if isinstance(other, Group):
        return bool(group.elements == other.elements)
    group._trigger_gather()
    return bool(group.elements == other)


def sorted_if_possible(items: Iterable[object]) -> list[Item]:
    """Items in their natural order; what cannot be compared is ordered by type and text, so that order never varies."""
    everything = list(items)
    if not any(isinstance(item, DAObject) for item in everything):
        try:
            return sorted(everything)
        except TypeError:
            pass
    return sorted(everything, key=_order)


def _order(item: object) -> tuple[str, str]:
    """Objects go by their variable name: their text may have to be asked for."""
    name = item.instanceName if isinstance(item, DAObject) else str(item)
    return (type(item).__name__, name)
