"""`DADict` and its kin: dictionaries whose keys and values the interview can ask for (objects.md, "DADict"; groups.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Self

from shared.authoring.context import current
from shared.authoring.errors import MissingItem
from shared.authoring.objects.base import DAObject, ObjectType
from shared.authoring.objects.completeness import is_complete
from shared.authoring.objects.editing import Editing
from shared.authoring.objects.empty import DAEmpty
from shared.authoring.objects.group import Group, plain_elements, same_elements, sorted_if_possible
from shared.authoring.objects.group_speech import Item
from shared.authoring.objects.lists import DAList

_ABSENT = object()


class DADict(Editing, Group):
    """Acts like a dict; what needs all items has them gathered first. Its keys come in alphabetical order.

    ``using(keys=[…])`` says which keys there are to begin with: with an object type their objects are made at once,
    otherwise their values are asked for when the dictionary is gathered.
    """

    _kind = "dict"
    elements: dict[Item, Item]

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.elements = {}
        elements = kwargs.pop("elements", None)
        keys = kwargs.pop("keys", None)
        super().init(*pargs, **kwargs)
        if self.ask_object_type:
            self.object_type = None
        if keys is not None:
            self._begin_with(plain_elements(keys))
        if elements is not None:
            for key, value in dict(plain_elements(elements)).items():  # a mapping, or pairs
                self[key] = value
            self.gathered = True
            self.revisit = True

    def _begin_with(self, keys: Iterable[object]) -> None:
        if self.object_type is not None:
            self.new(*keys)
        else:
            self._expected = list(keys)
        self.__dict__["there_are_any"] = bool(self.elements or self.__dict__.get("_expected"))

    # Gathering

    def _ordered_keys(self) -> list[object]:
        return sorted_if_possible(self.elements)

    def _items(self) -> Iterable[object]:
        return [self.elements[key] for key in self._ordered_keys()]

    def _complete_items(self, attribute: object) -> None:
        for key in self.__dict__.get("_expected", ()):
            self[key]
        if self.__dict__.get("new_item_name", _ABSENT) in self.elements:
            self._forget_new_item()
        super()._complete_items(attribute)

    def _gather_next(self) -> None:
        key = self.new_item_name
        object_type = self._next_type()
        if key not in self.elements:
            if object_type is not None:
                self.initializeObject(key, object_type)
                self._take_new_values(key)
            elif "new_item_value" in self.__dict__:
                self[key] = self.new_item_value
            else:
                self[key]
        self._forget_new_item()

    def _take_new_values(self, key: object) -> None:
        """What the question about the new key answered about its value, for classes that use it."""

    def _forget_new_item(self) -> None:
        self.delattr("new_item_name", "new_item_value", "new_object_type")

    def complete_elements(self, complete_attribute: object = None) -> Self:
        attribute = complete_attribute if complete_attribute is not None else self.complete_attribute
        return self._with({key: item for key, item in self.elements.items() if is_complete(item, attribute)})

    # Adding

    def initializeObject(
        self, key: object, object_type: ObjectType | None = None, *pargs: object, **kwargs: object
    ) -> object:
        """Make the value of `key` a new object and return it (objects.md, "DADict")."""
        chosen = object_type or self.object_type or DAObject
        item = chosen(self.item_name(key), *pargs, **kwargs)
        self[key] = item
        return item

    initialize_object = initializeObject

    def new(self, *keys: object, **kwargs: object) -> None:
        """Make new objects of the dictionary's type under these keys; lists of keys are unpacked (objects.md, "new")."""
        for key in keys:
            if isinstance(key, (list, tuple, set, Group)):
                self.new(*plain_elements(key), **kwargs)
            else:
                self.initializeObject(key, None, **kwargs)

    def update(self, *pargs: object, **kwargs: object) -> None:
        """As of dict."""
        for key, value in dict(*(plain_elements(part) for part in pargs), **kwargs).items():
            self[key] = value

    def setdefault(self, key: object, default: object = None) -> Item:
        """As of dict."""
        if key not in self.elements:
            self[key] = default
        return self.elements[key]

    # Removing

    def clear(self) -> None:
        """Make the dictionary empty (objects.md, "clear")."""
        self.elements = {}

    def pop(self, key: object, *default: object) -> Item:
        """As of dict; does not have the dictionary gathered."""
        if key not in self.elements:
            return self.elements.pop(key, *default)
        self.hook_on_remove(self.elements[key])
        value = self.elements.pop(key)
        self._removed()
        return value

    def popitem(self) -> tuple[object, object]:
        """As of dict."""
        if self.elements:
            self.hook_on_remove(self.elements[next(reversed(self.elements))])
        pair = self.elements.popitem()
        self._removed()
        return pair

    def delitem(self, *keys: object) -> None:
        """Remove the items with these keys, if they are there (objects.md, "delitem")."""
        for key in keys:
            if key in self.elements:
                del self[key]

    def _removed(self) -> None:
        if self.__dict__.get("there_is_another"):
            del self.there_is_another
        self._changed()

    def invalidate_item(self, *keys: object) -> None:
        """Undefine items, keeping their values as defaults for when they are asked again (objects.md, "invalidate_item")."""
        for key in keys:
            if key in self.elements:
                current().invalidate(self.item_name(key))

    def getitem_fresh(self, key: object) -> object:
        """Have the item computed again and return it (objects.md, "getitem_fresh")."""
        current().reconsider(self.item_name(key))
        return self[key]

    # Reading

    def keys(self) -> list[Item]:
        """The keys of the gathered dictionary, in order."""
        self._trigger_gather()
        return self._ordered_keys()

    def values(self) -> list[Item]:
        """The values of the gathered dictionary, in the order of the keys."""
        return [self.elements[key] for key in self.keys()]

    def items(self) -> list[tuple[Item, Item]]:
        """Pairs of key and value of the gathered dictionary, in the order of the keys."""
        return [(key, self.elements[key]) for key in self.keys()]

    iterkeys, itervalues, iteritems = keys, values, items

    def get(self, key: object, default: object = None) -> Item:
        """As of dict: asks nothing (changelog 1.8.0)."""
        return self.elements.get(key, default)

    def has_key(self, key: object) -> bool:
        """Whether the key is there."""
        return key in self.elements

    def item(self, key: object) -> Item:
        """The value of `key`, or empty text of which anything may be asked (objects.md, "item")."""
        self._trigger_gather()
        return self.elements[key] if key in self.elements else DAEmpty()

    def slice(self, *pargs: object) -> Self:
        """A shallow copy with the given keys, or with the values for which a function is true (objects.md, "slice")."""
        self._trigger_gather()
        if len(pargs) == 1 and callable(pargs[0]) and not isinstance(pargs[0], DAObject):
            keep: Callable[[object], object] = pargs[0]
            return self._with({key: value for key, value in self.elements.items() if keep(value)})
        return self._with({key: self.elements[key] for key in pargs if key in self.elements})

    def copy(self) -> Self:
        """A dictionary with the same items, under the same name."""
        self._trigger_gather()
        return self._with(dict(self.elements))

    def _shallow_state(self) -> dict[str, object]:
        return {**self.__dict__, "elements": dict(self.elements)}

    def _spoken_items(self) -> list[object]:
        return self._ordered_keys()

    # Checkboxes (objects.md, "all_true"; fields.md, "checkboxes")

    def true_values(self, insertion_order: bool = False) -> DAList:
        """The keys whose value is true, as a DAList (objects.md, "true_values")."""
        return self._keys_where(True, insertion_order)

    def false_values(self, insertion_order: bool = False) -> DAList:
        """The keys whose value is false, as a DAList (objects.md, "false_values")."""
        return self._keys_where(False, insertion_order)

    def _keys_where(self, truth: bool, insertion_order: bool) -> DAList:
        self._trigger_gather()
        keys = list(self.elements) if insertion_order else self._ordered_keys()
        name = f"{self.instanceName}.{'true' if truth else 'false'}_values()"
        return DAList(name, elements=[key for key in keys if bool(self.elements[key]) is truth])

    def all_true(self, *keys: object, exclusive: bool = False) -> bool:
        """Whether all values are true, or those of `keys` (`exclusive`: and no other) (objects.md, "all_true")."""
        return self._all_are(True, keys, exclusive)

    def all_false(self, *keys: object, exclusive: bool = False) -> bool:
        """Whether all values are false, or those of `keys` (`exclusive`: and no other) (objects.md, "all_false")."""
        return self._all_are(False, keys, exclusive)

    def any_true(self, *keys: object, exclusive: bool = False) -> bool:
        """The opposite of `all_false()` (objects.md, "any_true")."""
        return not self.all_false(*keys, exclusive=exclusive)

    def any_false(self, *keys: object, exclusive: bool = False) -> bool:
        """The opposite of `all_true()` (objects.md, "any_false")."""
        return not self.all_true(*keys, exclusive=exclusive)

    def _all_are(self, truth: bool, keys: tuple[object, ...], exclusive: bool) -> bool:
        self._trigger_gather()
        if not keys:
            return all(bool(value) is truth for value in self.elements.values())
        if any(bool(self.elements.get(key)) is not truth for key in keys):
            return False
        return not exclusive or all(bool(value) is not truth for key, value in self.elements.items() if key not in keys)

    # As a dict

    def __getitem__(self, key: object) -> Item:
        try:
            return self.elements[key]
        except KeyError:
            return self._missing(key)

    def _missing(self, key: object) -> object:
        """A key that is not there: its object is made if the type is known, else its value is asked for."""
        if self.object_type is not None:
            return self.initializeObject(key)
        raise MissingItem(self.item_name(key)) from None

    def __setitem__(self, key: object, value: object) -> None:
        self.elements[key] = value
        if isinstance(value, DAObject) and "_unnamed" in value.__dict__:
            value._set_instance_name_recursively(self.item_name(key))
        self._changed()

    def __delitem__(self, key: object) -> None:
        if key in self.elements:
            self.hook_on_remove(self.elements[key])
        del self.elements[key]
        self._removed()

    def __iter__(self) -> Iterator[Item]:
        return iter(self.keys())

    def __contains__(self, key: object) -> bool:
        self._trigger_gather()
        return key in self.elements

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, (Mapping, DADict)):
            return NotImplemented
        return same_elements(self, other)

    __hash__ = Group.__hash__


class DAOrderedDict(DADict):
    """A `DADict` that keeps its keys in the order in which they were added (objects.md, "DAOrderedDict")."""

    def _ordered_keys(self) -> list[object]:
        return list(self.elements)


class DADefaultDict(DADict):
    """A `DADict` of which a missing key has the value of its attribute ``default`` (None unless set)."""

    default: object = None

    def _missing(self, key: object) -> object:
        return self.initializeObject(key) if self.object_type is not None else self.default
