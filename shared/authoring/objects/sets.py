"""`DASet`: a set whose items the interview can ask for (objects.md, "DASet"; groups.md, "Gathering information into sets")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Self

from shared.authoring.objects.completeness import is_complete
from shared.authoring.objects.group import (
    Group,
    as_plain_set,
    same_elements,
    sorted_if_possible,
)
from shared.authoring.objects.group_speech import Item


class DASet(Group):
    """Acts like a set; items are asked for as ``new_item``. Texts and loops go through it in alphabetical order."""

    elements: set[Item]

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.elements = set()
        elements = kwargs.pop("elements", None)
        super().init(*pargs, **kwargs)
        if isinstance(elements, Iterable):
            self.elements = as_plain_set(elements)
            self.gathered = True
            self.revisit = True

    def _items(self) -> Iterable[object]:
        return sorted_if_possible(self.elements)

    def _gather_next(self) -> None:
        item = self.new_item
        del self.new_item
        self.add(item)

    def complete_elements(self, complete_attribute: object = None) -> Self:
        attribute = complete_attribute if complete_attribute is not None else self.complete_attribute
        return self._with({item for item in self.elements if is_complete(item, attribute)})

    def _spoken_items(self) -> list[object]:
        return sorted_if_possible(self.elements)

    def _shallow_state(self) -> dict[str, object]:
        return {**self.__dict__, "elements": set(self.elements)}

    # Changing

    def add(self, *items: object) -> None:
        """Add items (objects.md, "add")."""
        self.elements.update(items)
        if items:
            self._changed()

    def remove(self, *items: object) -> None:
        """Take items out. Raises KeyError for one that is not there."""
        for item in items:
            self.elements.remove(item)
        self._changed()

    def discard(self, *items: object) -> None:
        """Take items out, if they are there."""
        found = self.elements.intersection(items)
        if found:
            self.remove(*found)

    def pop(self) -> Item:
        """Take the first item out and return it: the same one for the same set, so that a step can be repeated."""
        if not self.elements:
            raise KeyError(f"pop() from the empty set {self.instanceName}")
        item = self._spoken_items()[0]
        self.remove(item)
        return item

    def clear(self) -> None:
        """Make the set empty (objects.md, "clear")."""
        self.elements = set()

    # Reading

    def copy(self) -> Self:
        """A set with the same items, under the same name."""
        self._trigger_gather()
        return self._with(set(self.elements))

    def item(self, item: object) -> Item:
        """The item itself if it is there, else empty text."""
        self._trigger_gather()
        return item if item in self.elements else ""

    def filter(self, *pargs: str, **conditions: object) -> Self:
        """A shallow copy with the objects whose attributes have these values (objects.md, "filter")."""
        self._trigger_gather()
        kept = {
            item for item in self.elements if all(getattr(item, name) == value for name, value in conditions.items())
        }
        return self._with(kept, pargs[0] if pargs else None)

    def union(self, other: Iterable[object]) -> Self:
        return self._with(super().union(other))

    def intersection(self, other: Iterable[object]) -> Self:
        return self._with(super().intersection(other))

    def difference(self, other: Iterable[object]) -> Self:
        return self._with(super().difference(other))

    def __iter__(self) -> Iterator[Item]:
        self._trigger_gather()
        return iter(self._spoken_items())

    def __contains__(self, item: object) -> bool:
        self._trigger_gather()
        return item in self.elements

    def __or__(self, other: Iterable[object]) -> Self:
        return self.union(other)

    def __and__(self, other: Iterable[object]) -> Self:
        return self.intersection(other)

    def __sub__(self, other: Iterable[object]) -> Self:
        return self.difference(other)

    def __xor__(self, other: Iterable[object]) -> Self:
        return self._with(self._as_set().symmetric_difference(as_plain_set(other)))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, (set, frozenset, DASet)):
            return NotImplemented
        return same_elements(self, other)

    __hash__ = Group.__hash__
