"""The small English phrases that the language methods of objects are made of: ``her turtle``, ``did Fred eat``.

Each is a language function: another language replaces it by ``update_language_function``. All take
``capitalize=True``, and ``language=`` to speak another language than the current one.

Source: functions.md, "All language-specific functions".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.authoring.text.words import ANY, finished, language_function_constructor, update_language_function

# name -> the words before the optional argument: her('turtle') is "her turtle", her() is "her".
_BEFORE_ONE = {
    "am_i": "am I",
    "are_we": "are we",
    "are_word": "are",
    "are_you": "are you",
    "are_you_plural": "are you",
    "did_i": "did I",
    "did_we": "did we",
    "did_you": "did you",
    "did_you_plural": "did you",
    "do_i": "do I",
    "do_we": "do we",
    "do_you": "do you",
    "do_you_plural": "do you",
    "genderless_objective": "them",
    "genderless_self": "themself",
    "genderless_subjective": "they",
    "have_i": "have I",
    "have_we": "have we",
    "have_you": "have you",
    "have_you_plural": "have you",
    "he_subjective": "he",
    "her": "her",
    "her_objective": "her",
    "herself": "herself",
    "him_objective": "him",
    "himself": "himself",
    "his": "his",
    "i_subjective": "I",
    "in_the": "in the",
    "is_word": "is",
    "it_objective": "it",
    "it_subjective": "it",
    "its": "its",
    "itself": "itself",
    "me_objective": "me",
    "my_possessive": "my",
    "myself": "myself",
    "of_the": "of the",
    "our_possessive": "our",
    "ourselves": "ourselves",
    "she_subjective": "she",
    "some": "some",
    "the": "the",
    "their": "their",
    "them_objective": "them",
    "themselves": "themselves",
    "these": "these",
    "they_subjective": "they",
    "this": "this",
    "us_objective": "us",
    "was_i": "was I",
    "we_subjective": "we",
    "were_we": "were we",
    "were_you": "were you",
    "were_you_plural": "were you",
    "you_objective": "you",
    "you_objective_plural": "you",
    "you_subjective": "you",
    "you_subjective_plural": "you",
    "your": "your",
    "your_plural": "your",
    "yourself": "yourself",
    "yourselves": "yourselves",
}

# name -> the word before two arguments: did_a_b('Fred', 'eat') is "did Fred eat".
_BEFORE_TWO = {
    "did_a_b": "did",
    "did_a_b_plural": "did",
    "do_a_b": "do",
    "does_a_b": "does",
    "has_a_b": "has",
    "have_a_b": "have",
    "was_a_b": "was",
    "were_a_b": "were",
    "were_a_b_plural": "were",
}


def _before_one(words: str) -> Callable[..., str]:
    def phrase(what: object = None, **options: object) -> str:
        text = words if what is None or what == "" else f"{words} {what}"
        return finished(text, options)

    return phrase


def _before_two(words: str) -> Callable[..., str]:
    def phrase(who: object, what: object = None, **options: object) -> str:
        text = f"{words} {who}" if what is None or what == "" else f"{words} {who} {what}"
        return finished(text, options)

    return phrase


def _a_preposition_b(first: object, second: object, preposition: str | None = None, **options: object) -> str:
    if preposition is None:
        preposition = getattr(first, "preposition", None)
    return finished(f"{first} {preposition or 'in the'} {second}", options)


def _possessify(owner: object, what: object, plural: bool = False, **options: object) -> str:
    name = str(owner)
    mark = "'" if plural and name.endswith("s") else "'s"
    text = f"{name}{mark}" if what is None or what == "" else f"{name}{mark} {what}"
    return finished(text, options)


def _possessify_long(owner: object, what: object, **options: object) -> str:
    return finished(f"the {what} of {owner}", options)


def _salutation(person: Any, **options: object) -> str:
    """``Mr.``, ``Dr. Jones``, ``Judge Jones:`` (objects.md, ".salutation()"). Gender and last name are asked for when needed."""
    suffix = getattr(person.name, "suffix", None)
    title = getattr(person, "salutation_to_use", None)
    if title is None:
        if getattr(person, "is_doctor", False) or suffix in ("MD", "PhD"):
            title = "Dr."
        elif getattr(person, "is_judge", False) or suffix == "J":
            title = "Judge"
        else:
            title = {"male": "Mr.", "female": "Ms."}.get(str(person.gender))
    punctuated = options.get("with_name_and_punctuation")
    if title is None:
        text = str(person.name.full())
    else:
        text = f"{title} {person.name.last}" if options.get("with_name") or punctuated else str(title)
    if punctuated:
        text += "," if getattr(person, "is_friendly", False) else ":"
    return finished(text, options)


def _a_in_the_b(first: object, second: object, **options: object) -> str:
    return finished(f"{first} in the {second}", options)


_DEFAULTS: dict[str, Callable[..., str]] = {
    **{name: _before_one(words) for name, words in _BEFORE_ONE.items()},
    **{name: _before_two(words) for name, words in _BEFORE_TWO.items()},
    "a_preposition_b": _a_preposition_b,
    "a_in_the_b": _a_in_the_b,
    "possessify": _possessify,
    "possessify_long": _possessify_long,
    "salutation": _salutation,
}

#: Every phrase function by its documented name.
PHRASES: dict[str, Callable[..., str]] = {}
for _name, _default in _DEFAULTS.items():
    update_language_function(ANY, _name, _default)
    PHRASES[_name] = language_function_constructor(_name)
