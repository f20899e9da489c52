"""How groups speak of themselves: one item speaks for itself, several are "they" (objects.md, "Methods for group objects").

Every phrase about the whole group needs to know how many items it has, so it has the group gathered first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.authoring.objects import noun_phrase
from shared.authoring.objects.base import DAObject
from shared.authoring.objects.speech import Phrase
from shared.authoring.text import language

#: An item of a group, its key or its elements: whatever the author puts there.
Item = Any


class GroupSpeech(DAObject):
    """The language methods of a group; `Group` says what its items are and has them gathered."""

    elements: Item

    def _items(self) -> Iterable[object]:
        """The items that may be objects to be completed, in order."""
        raise TypeError(f"{type(self).__name__} does not say what its items are")

    def _trigger_gather(self) -> None:
        """Have the items gathered."""

    def number(self) -> int:
        """How many items there are; has them gathered (objects.md, "number").

        While they are being gathered and the user has said how many there will be, that is the number.
        """
        self._trigger_gather()
        promised = self.__dict__.get("target_number") if "gathered" not in self.__dict__ else None
        return max(len(self.elements), int(promised or 0))

    def number_as_word(self, language: str | None = None, capitalize: bool = False) -> str:
        """ "two" (objects.md, "number_as_word")."""
        return _in_words(self.number(), language=language, capitalize=capitalize)

    def number_gathered_as_word(self, language: str | None = None, capitalize: bool = False) -> str:
        """How many items there are so far, as a word."""
        return _in_words(len(self.elements), language=language, capitalize=capitalize)

    def _spoken_items(self) -> list[Item]:
        """What a text lists: the items, or the keys."""
        return list(self.elements)

    def comma_and_list(self, **options: object) -> str:
        """ "apples, pears, and plums" (objects.md, "comma_and_list")."""
        self._trigger_gather()
        return str(language.comma_and_list(self._spoken_items(), **options))

    def __str__(self) -> str:
        return self.comma_and_list()

    def _one(self) -> DAObject | None:
        self._trigger_gather()
        items = list(self._items())
        return items[0] if len(items) == 1 and isinstance(items[0], DAObject) else None

    def _is_plural(self) -> bool:
        self._trigger_gather()
        return len(self.elements) != 1

    def _point(self, person: object, third_person: bool) -> str:
        point = super()._point(person, third_person)
        if point == "3" and person is None and not third_person:
            one = self._one()
            if one is not None:
                return one._point(None, False)
        return point

    def _third(self, one: str, singular: Phrase, plural: Phrase, *words: object, **options: object) -> str:
        item = self._one()
        if item is not None:
            return str(getattr(item, one)(*words, **options))
        return (plural if self._is_plural() else singular)(*words, **options)

    def _third_possessive(self, target: object, **options: object) -> str:
        return self._third("_third_possessive", language.its, language.their, target, **options)

    def _third_objective(self, **options: object) -> str:
        return self._third("_third_objective", language.it_objective, language.them_objective, **options)

    def _third_subjective(self, **options: object) -> str:
        return self._third("_third_subjective", language.it_subjective, language.they_subjective, **options)

    def _third_self(self, **options: object) -> str:
        return self._third("_third_self", language.itself, language.themselves, **options)

    def possessive(self, target: object, **options: object) -> str:
        """ "plaintiff's fish" or "plaintiffs' fish", after the name of the variable (objects.md, "DAList.possessive")."""
        if self._point(options.get("person"), bool(options.get("third_person"))) != "3":
            return super().possessive(target, **options)
        options.pop("person", None)
        options.pop("third_person", None)
        return language.possessify(self.as_noun(), target, plural=self._is_plural(), **options)

    def as_noun(self, noun: str | None = None, **options: object) -> str:
        """The variable's name, or `noun`, as a noun in the number of the group (objects.md, "as_noun")."""
        the_noun = noun if noun is not None else self.as_singular_noun()
        if self._is_plural():
            return str(language.noun_plural(the_noun, **options))
        return str(language.noun_singular(the_noun, **options))

    def as_singular_noun(self) -> str:
        """The last part of the intrinsic name: "plaintiff" for ``case.plaintiff`` (objects.md, "as_singular_noun")."""
        return str(language.noun_singular(noun_phrase.last_noun(self.instanceName)))

    def quantity_noun(self, noun: str | None = None, **options: object) -> str:
        """ "two oxen" (objects.md, "quantity_noun")."""
        the_noun = noun if noun is not None else self.as_singular_noun()
        return str(language.quantity_noun(self.number(), the_noun, **options))


def _in_words(number: int, **options: object) -> str:
    return str(language.nice_number(number, **options))
