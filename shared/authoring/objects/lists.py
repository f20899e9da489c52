"""`DAList`: a list whose items the interview can ask for (objects.md, "DAList"; groups.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Self, SupportsIndex

from shared.authoring.errors import MissingItem
from shared.authoring.objects import naming
from shared.authoring.objects.base import DAObject, DAObjectPlusParameters, ObjectType
from shared.authoring.objects.completeness import is_complete
from shared.authoring.objects.editing import Editing
from shared.authoring.objects.empty import DAEmpty
from shared.authoring.objects.group import Group, plain_elements, same_elements
from shared.authoring.objects.group_speech import Item


class DAList(Editing, Group):
    """Acts like a list; what needs all items has them gathered first.

    Items that are objects and were named after the list (``mylist[2]``) keep such names when their index changes.
    """

    elements: list[Item]

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.elements = []
        elements = kwargs.pop("elements", None)
        rename = bool(kwargs.pop("set_instance_name", False))
        super().init(*pargs, **kwargs)
        if self.ask_object_type:
            self.object_type = None
        if elements is not None:
            for item in plain_elements(elements):
                self._append(item, set_instance_name=rename)
            self.gathered = True
            self.revisit = True

    # Gathering

    def _items(self) -> Iterable[object]:
        return self.elements

    def _gather_next(self) -> None:
        object_type = self._next_type()
        if object_type is None:
            self[len(self.elements)]
        else:
            self._new_item(object_type)

    def _new_item(self, object_type: ObjectType, *pargs: object, **kwargs: object) -> object:
        item = object_type(self.item_name(len(self.elements)), *pargs, **kwargs)
        self.elements.append(item)
        self.__dict__.pop("new_object_type", None)
        self._changed()
        return item

    def complete_elements(self, complete_attribute: object = None) -> Self:
        attribute = complete_attribute if complete_attribute is not None else self.complete_attribute
        return self._with([item for item in self.elements if is_complete(item, attribute)])

    # Adding

    def appendObject(self, *pargs: object, **kwargs: object) -> object:
        """Add a new object and return it (objects.md, "appendObject").

        The first argument may be a class (or what ``using()`` returned); without one, the list's `object_type` is
        used, then DAObject. Keyword arguments become attributes of the object.
        """
        object_type: ObjectType | None = None
        if pargs and isinstance(pargs[0], (type, DAObjectPlusParameters)):
            object_type, pargs = pargs[0], pargs[1:]
        return self._new_item(object_type or self._next_type() or DAObject, *pargs, **kwargs)

    append_object = appendObject

    def initializeObject(
        self, index: int, object_type: ObjectType | None = None, *pargs: object, **kwargs: object
    ) -> object:
        """Make item `index` a new object and return it (objects.md, "initializeObject")."""
        chosen = object_type or self.object_type or DAObject
        item = chosen(self.item_name(index), *pargs, **kwargs)
        self[index] = item
        return item

    initialize_object = initializeObject

    def append(self, *items: object, set_instance_name: bool = False) -> None:
        """Add items at the end (objects.md, "append"). With `set_instance_name`, objects are named after the list."""
        for item in items:
            self._append(item, set_instance_name=set_instance_name)
        if items:
            self._changed()

    def _append(self, item: object, *, set_instance_name: bool = False) -> None:
        if isinstance(item, DAObject) and (set_instance_name or "_unnamed" in item.__dict__):
            item._set_instance_name_recursively(self.item_name(len(self.elements)))
        self.elements.append(item)

    def extend(self, items: Iterable[Item]) -> None:
        """Add all of `items` at the end (objects.md, "extend")."""
        self.append(*plain_elements(items))

    def insert(self, index: SupportsIndex, item: object) -> None:
        """Put an item in at `index` (objects.md, "insert")."""
        self.elements.insert(index, item)
        self._renumber()
        self._changed()

    # Removing

    def clear(self) -> None:
        """Make the list empty (objects.md, "clear")."""
        self.elements = []

    def pop(self, index: SupportsIndex = -1) -> Item:
        """Take an item out and return it (objects.md, "pop"). Does not have the list gathered."""
        self.hook_on_remove(self.elements[index])
        item = self.elements.pop(index)
        self._removed()
        return item

    def remove(self, *items: object) -> None:
        """Take the given items out, if they are there (objects.md, "remove")."""
        found = False
        for item in items:
            if item in self.elements:
                self.hook_on_remove(item)
                self.elements.remove(item)
                found = True
        if found:
            self._removed()

    discard = remove

    def delitem(self, *indices: int) -> None:
        """Take out the items with these indices, if they are there (objects.md, "delitem")."""
        length = len(self.elements)
        for index in sorted({i + length if i < 0 else i for i in indices}, reverse=True):
            if 0 <= index < length:
                self.hook_on_remove(self.elements[index])
                del self.elements[index]
        if len(self.elements) < length:
            self._removed()

    def _removed(self) -> None:
        if self.__dict__.get("there_is_another"):
            del self.there_is_another  # it was about an item that is no longer the last (changelog 1.1.15)
        self._renumber()
        self._changed()

    def _renumber(self) -> None:
        """Name items after their index again, if they were named after an index of this list."""
        prefix = f"{self.instanceName}["
        for index, item in enumerate(self.elements):
            if isinstance(item, DAObject):
                name = item.instanceName
                if name.startswith(prefix) and name[len(prefix) : -1].isdigit():
                    item._set_instance_name_recursively(self.item_name(index))

    # Order

    def sort(self, *, key: Callable[[Item], Item] | None = None, reverse: bool = False) -> Self:
        """Put the gathered items in order; options as of ``sorted()``; returns the list (objects.md, "sort")."""
        self._trigger_gather()
        self.sort_elements(key=key, reverse=reverse)
        self.hook_after_gather()
        return self

    def sort_elements(self, *, key: Callable[[Item], Item] | None = None, reverse: bool = False) -> Self:
        """As `sort()`, without having the list gathered (objects.md, "sort_elements")."""
        self.elements = sorted(self.elements, key=key, reverse=reverse)
        self._renumber()
        return self

    def reverse(self) -> Self:
        """Turn the order of the gathered items round; returns the list (objects.md, "reverse")."""
        self._trigger_gather()
        self.elements.reverse()
        self._renumber()
        self.hook_after_gather()
        return self

    # Finding

    def index(self, item: object, *within: SupportsIndex) -> int:
        """Where an item is (objects.md, "index"). Raises ValueError if it is not there."""
        self._trigger_gather()
        return self.elements.index(item, *within)

    def count(self, item: object) -> int:
        """How often an item is there (objects.md, "count")."""
        self._trigger_gather()
        return self.elements.count(item)

    def first(self) -> Item:
        """The first item; asks for it if there is none yet (objects.md, "first")."""
        if not self.elements:
            self._trigger_gather()
        return self[0]

    def last(self) -> Item:
        """The last item of the gathered list (objects.md, "last"). Raises IndexError if the list is empty."""
        self._trigger_gather()
        if not self.elements:
            raise IndexError(f"last() of the empty list {self.instanceName}")
        return self[-1]

    def item(self, index: int) -> Item:
        """Item `index` of the gathered list, or empty text of which anything may be asked (objects.md, "item")."""
        self._trigger_gather()
        return self[index] if -len(self.elements) <= index < len(self.elements) else DAEmpty()

    def filter(self, *pargs: str, **conditions: object) -> Self:
        """A shallow copy with the items whose attributes have these values (objects.md, "filter").

        The optional positional argument is the name of the copy. Attributes that are missing are asked for.
        """
        self._trigger_gather()
        kept = [
            item for item in self.elements if all(getattr(item, name) == value for name, value in conditions.items())
        ]
        return self._with(kept, pargs[0] if pargs else None)

    def copy(self) -> Self:
        """A list with the same items, under the same name."""
        self._trigger_gather()
        return self._with(list(self.elements))

    def _shallow_state(self) -> dict[str, object]:
        return {**self.__dict__, "elements": list(self.elements)}

    # As a list

    def __getitem__(self, index: int | slice) -> Item:
        if isinstance(index, slice):
            self._trigger_gather()
            return self._with(self.elements[index])
        try:
            return self.elements[index]
        except IndexError:
            self._refuse_outside(index)
        self._fill_up_to(index)
        return self.elements[index]

    def _refuse_outside(self, index: int) -> None:
        state = self.__dict__
        if index < 0 or (self.auto_gather and state.get("gathered")):
            raise IndexError(
                f"{self.instanceName} has {len(self.elements)} items, so there is no item {index}"
            ) from None

    def _fill_up_to(self, index: int) -> None:
        """Make the objects up to `index`; a list without object type has that item asked for."""
        if self.object_type is None and not self.ask_object_type:
            raise MissingItem(self.item_name(index))
        while len(self.elements) <= index:
            self.appendObject()

    def __setitem__(self, index: int | slice, value: Item) -> None:
        if isinstance(index, slice):
            self.elements[index] = value
            self._renumber()
            return
        if index >= len(self.elements):
            missing = index - len(self.elements)
            if missing and self.object_type is not None:
                self._fill_up_to(index - 1)
            else:
                self.elements.extend([None] * missing)
            self.elements.append(value)
            self._changed()
        else:
            self.elements[index] = value
        if isinstance(value, DAObject) and "_unnamed" in value.__dict__:
            value._set_instance_name_recursively(self.item_name(index % len(self.elements)))

    def __delitem__(self, index: int | slice) -> None:
        for item in self.elements[index] if isinstance(index, slice) else [self.elements[index]]:
            self.hook_on_remove(item)
        del self.elements[index]
        self._removed()

    def __iter__(self) -> Iterator[Item]:
        self._trigger_gather()
        return iter(self.elements)

    def __reversed__(self) -> Iterator[Item]:
        self._trigger_gather()
        return iter(self.elements[::-1])

    def __contains__(self, item: object) -> bool:
        self._trigger_gather()
        return item in self.elements

    def __add__(self, other: object) -> object:
        """The items of both: a DAList (objects.md, changelog 0.3.0)."""
        self._trigger_gather()
        if isinstance(other, DAEmpty):
            return self._with(list(self.elements))
        if not isinstance(other, (list, DAList, tuple)):
            return NotImplemented
        made = self._with([*self.elements, *plain_elements(other)], naming.random_name())
        made._unnamed = True
        return made

    def __radd__(self, other: list[object]) -> object:
        self._trigger_gather()
        if isinstance(other, DAEmpty):
            return self._with(list(self.elements))
        return other + self.elements

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, (list, DAList)):
            return NotImplemented
        return same_elements(self, other)

    __hash__ = Group.__hash__
