"""How objects speak of themselves: possessives, pronouns and little questions, from any point of view.

The words themselves are language functions (``shared.authoring.text.language``), which interviews and modules may
replace for their language. What this module knows is which of them suits the point of view: first (1), first
plural (1p), second (2, 2p) or third person (3) (objects.md, "Methods for writing language programmatically" and
"Point of view").
"""

from __future__ import annotations

from collections.abc import Callable

from shared.authoring import memory
from shared.authoring.text import language

Phrase = Callable[..., str]

#: For each kind of phrase, the language functions of the points of view 1, 1p, 2 and 2p. The third person is said
#: by the object's class.
_NOT_THIRD: dict[str, tuple[Phrase, Phrase, Phrase, Phrase]] = {
    "possessive": (language.my_possessive, language.our_possessive, language.your, language.your_plural),
    "objective": (
        language.me_objective,
        language.us_objective,
        language.you_objective,
        language.you_objective_plural,
    ),
    "subjective": (
        language.i_subjective,
        language.we_subjective,
        language.you_subjective,
        language.you_subjective_plural,
    ),
    "self": (language.myself, language.ourselves, language.yourself, language.yourselves),
    "is": (language.am_i, language.are_we, language.are_you, language.are_you_plural),
    "do": (language.do_i, language.do_we, language.do_you, language.do_you_plural),
    "did": (language.did_i, language.did_we, language.did_you, language.did_you_plural),
    "were": (language.was_i, language.were_we, language.were_you, language.were_you_plural),
    "have": (language.have_i, language.have_we, language.have_you, language.have_you_plural),
}
_POINTS = ("1", "1p", "2", "2p")
#: The number and person of a verb, as the verb functions take it.
_PRESENT = {"1": "1sg", "1p": "1pl", "2": "2sg", "2p": "2pl", "3": "3sg"}
_PAST = {"1": "1sgp", "1p": "ppl", "2": "2sgp", "2p": "ppl", "3": "3sgp"}


class Speaking:
    """Language methods of one thing that is an "it"; classes of persons and groups say the third person differently.

    Every method takes ``person`` (1, '1p', 2, '2p' or 3; default: `_point_of_view`, else 2 if the object is the user,
    else 3), ``third_person=True`` (the same as ``person=3``) and ``capitalize=True``.
    """

    _plural = False  #: whether verbs in the third person are plural

    def get_point_of_view(self) -> str | None:
        """The point of view set on the object by ``_point_of_view``, as text, or None (objects.md, "Point of view")."""
        point = self.__dict__.get("_point_of_view")
        return None if point is None else str(point)

    def is_user(self) -> bool:
        """Whether the object is the user, as told by ``set_info(user=…)`` (objects.md, "Person.is_user")."""
        return memory.note(memory.INFO, {}).get("user") is self

    def _point(self, person: object, third_person: bool) -> str:
        if third_person:
            return "3"
        if person is not None:
            return str(person)
        return self.get_point_of_view() or ("2" if self.is_user() else "3")

    def _say(
        self,
        kind: str,
        third: Phrase,
        first_words: tuple[object, ...],
        third_words: tuple[object, ...],
        **options: object,
    ) -> str:
        """The phrase of `kind`: `third` said with `third_words`, or another person's with `first_words`."""
        point = self._point(options.pop("person", None), bool(options.pop("third_person", False)))
        if point in _POINTS:
            options.pop("plural", None)
            return _NOT_THIRD[kind][_POINTS.index(point)](*first_words, **options)
        return third(*third_words, **options)

    # The third person: what classes replace.

    def _third_possessive(self, target: object, **options: object) -> str:
        return language.its(target, **options)

    def _third_objective(self, **options: object) -> str:
        return language.it_objective(**options)

    def _third_subjective(self, **options: object) -> str:
        return language.it_subjective(**options)

    def _third_self(self, **options: object) -> str:
        return language.itself(**options)

    # The documented methods.

    def possessive(self, target: object, **options: object) -> str:
        """ "ABC Corporation's fish", or "your fish" (objects.md, "Person.possessive")."""
        return self._say(
            "possessive",
            lambda word, **more: language.possessify(str(self), word, **more),
            (target,),
            (target,),
            **options,
        )

    def pronoun_possessive(self, target: object, **options: object) -> str:
        """ "its fish", "her fish", "your fish" (objects.md, "Individual.pronoun_possessive")."""
        return self._say("possessive", self._third_possessive, (target,), (target,), **options)

    def pronoun(self, **options: object) -> str:
        """ "it", "her", "you": the objective pronoun (objects.md, "Individual.pronoun")."""
        return self._say("objective", self._third_objective, (), (), **options)

    def pronoun_objective(self, **options: object) -> str:
        """The same as `pronoun()` (objects.md, "Individual.pronoun_objective")."""
        return self.pronoun(**options)

    def pronoun_subjective(self, **options: object) -> str:
        """ "it", "she", "you" (objects.md, "Individual.pronoun_subjective")."""
        return self._say("subjective", self._third_subjective, (), (), **options)

    def pronoun_or_name(self, **options: object) -> str:
        """ "you" or "me" if the point of view has a pronoun, else the name (objects.md, "Language methods")."""
        return self._say("objective", self._name, (), (), **options)

    def subjective_pronoun_or_name(self, **options: object) -> str:
        """ "you" or "I" if the point of view has a pronoun, else the name (objects.md, "Language methods")."""
        return self._say("subjective", self._name, (), (), **options)

    def yourself_or_name(self, **options: object) -> str:
        """ "yourself" if the object is the user, else its name (objects.md, "Individual.yourself_or_name")."""
        return self._say("self", self._name, (), (), **options)

    def itself(self, **options: object) -> str:
        """ "itself", "herself", "yourself", "themselves" (objects.md, "Language methods")."""
        return self._say("self", self._third_self, (), (), **options)

    def is_are_you(self, **options: object) -> str:
        """ "is ABC Corporation", "are Dick and Jane" or "are you" (objects.md, "Person.is_are_you")."""
        third = language.are_word if self._is_plural() else language.is_word
        return self._say("is", self._named(third), (), (), **options)

    def do_question(self, the_verb: str, **options: object) -> str:
        """ "does ABC Corporation testify" or "do you testify" (objects.md, "Person.do_question")."""
        third = language.do_a_b if self._is_plural() else language.does_a_b
        return self._say("do", self._named(third), (the_verb,), (the_verb,), **options)

    def did_question(self, the_verb: str, **options: object) -> str:
        """ "did ABC Corporation testify" or "did you testify" (objects.md, "Person.did_question")."""
        third = language.did_a_b_plural if self._is_plural() else language.did_a_b
        return self._say("did", self._named(third), (the_verb,), (the_verb,), **options)

    def were_question(self, the_target: str, **options: object) -> str:
        """ "was ABC Corporation guilty" or "were you guilty" (objects.md, "Person.were_question")."""
        third = language.were_a_b if self._is_plural() else language.was_a_b
        return self._say("were", self._named(third), (the_target,), (the_target,), **options)

    def have_question(self, the_target: str, **options: object) -> str:
        """ "has ABC Corporation lied" or "have you lied" (objects.md, "Person.have_question")."""
        third = language.have_a_b if self._is_plural() else language.has_a_b
        return self._say("have", self._named(third), (the_target,), (the_target,), **options)

    def does_verb(
        self,
        the_verb: str,
        *,
        past: object = None,
        present: object = None,
        **options: object,
    ) -> str:
        """ "testifies", or "testify" for the user and for several; ``past=True``: "testified" (objects.md, "Person.does_verb")."""
        point = self._point(options.pop("person", None), bool(options.pop("third_person", False)))
        if past and not present:
            code = "ppl" if point == "3" and self._is_plural() else _PAST.get(point, "3sgp")
            return language.verb_past(the_verb, code, **options)
        code = "3pl" if point == "3" and self._is_plural() else _PRESENT.get(point, "3sg")
        return language.verb_present(the_verb, code, **options)

    def did_verb(self, the_verb: str, **options: object) -> str:
        """The verb in the past tense (objects.md, "Person.did_verb")."""
        return self.does_verb(the_verb, **{**options, "past": True})

    def _is_plural(self) -> bool:
        return self._plural

    def _name(self, *, capitalize: bool = False, **_options: object) -> str:
        return language.capitalize(str(self)) if capitalize else str(self)

    def _named(self, phrase: Phrase) -> Phrase:
        """`phrase` with this object's name as its first word."""
        return lambda *words, **options: phrase(str(self), *words, **options)
