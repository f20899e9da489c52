"""English grammar: plurals and singulars of nouns, tenses of verbs, and the article before a word."""

from __future__ import annotations

import pytest

from shared.authoring.text import english
from shared.authoring.text.language import (
    indefinite_article,
    noun_plural,
    noun_singular,
    verb_past,
    verb_present,
)


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("friend", "friends"), ("fish", "fish"), ("moose", "mooses"), ("barrel", "barrels"), ("child", "children"),
        ("person", "people"), ("bus", "buses"), ("gas", "gases"), ("lens", "lenses"), ("analysis", "analyses"), ("status", "statuses"),
        ("witness", "witnesses"), ("party", "parties"), ("leaf", "leaves"), ("house", "houses"), ("use", "uses"),
        ("news", "news"), ("attorney general", "attorneys general"), ("mother-in-law", "mothers-in-law"),
        ("change of address", "changes of address"), ("Sample text 2", "Sample text 2s"), ("Child", "Children"),
        ("LLC", "LLCs"), ("e-mail", "e-mails"), ("menu", "menus"),
        ("policewoman", "policewomen"), ("grandchild", "grandchildren"), ("human", "humans"), ("movie", "movies"),
        ("quiz", "quizzes"), ("virus", "viruses"), ("cause", "causes"), ("tax", "taxes"), ("cache", "caches"), ("church", "churches"),
        ("potato", "potatoes"), ("photo", "photos"), ("shellfish", "shellfish"), ("criterion", "criteria"),
    ],
)  # fmt: skip
def test_nouns(singular, plural):
    assert noun_plural(singular) == plural
    assert noun_plural(plural) == plural
    assert noun_singular(plural) == singular
    assert noun_singular(singular) == singular


def test_noun_number():
    assert noun_plural("friends", 1) == "friend"
    assert noun_plural("friend", [1, 2]) == "friends"
    assert noun_plural("friend", {"a": 1}) == "friend"
    assert noun_singular("friends", 2) == "friends"
    assert noun_singular("friends", {1}) == "friend"
    assert noun_plural("glass", noun_is_singular=True, capitalize=True) == "Glasses"
    assert noun_singular("fishes") == "fish"


@pytest.mark.parametrize(
    ("base", "past", "third"),
    [
        ("help", "helped", "helps"), ("eat", "ate", "eats"), ("try", "tried", "tries"), ("plan", "planned", "plans"),
        ("Sample text", "Sample texted", "Sample texts"), ("Sample text 2", "Sample text 2ed", "Sample text 2s"),
        ("have", "had", "has"), ("be", "was", "is"), ("go", "went", "goes"), ("do", "did", "does"), ("pay", "paid", "pays"),
        ("need", "needed", "needs"), ("agree", "agreed", "agrees"), ("create", "created", "creates"),
    ],
)  # fmt: skip
def test_verbs(base, past, third):
    assert verb_past(base) == past
    assert verb_present(base, "3sg") == third


@pytest.mark.parametrize(
    ("form", "tense", "expected"),
    [("help", "3gp", "helped"), ("help", "ppl", "helped"), ("is", "ppl", "were"), ("go", "ppart", "gone")],
)
def test_past_tenses(form, tense, expected):
    assert verb_past(form, tense) == expected


@pytest.mark.parametrize(
    ("form", "tense", "expected"),
    [
        ("helped", "3sg", "helps"),
        ("helps", "1sg", "help"),
        ("helps", "pl", "help"),
        ("is", "pl", "are"),
        ("be", "1sg", "am"),
        ("run", "part", "running"),
    ],
)
def test_present_tenses(form, tense, expected):
    assert verb_present(form, tense) == expected


def test_an_unknown_tense_is_named():
    with pytest.raises(ValueError, match="there is no tense 'future'"):
        verb_present("help", "future")


@pytest.mark.parametrize(
    "verb",
    [
        "settle",
        "require",
        "close",
        "change",
        "owe",
        "file",
        "argue",
        "include",
        "treat",
        "locate",
        "invite",
        "vote",
        "visit",
        "open",
    ],
)
def test_base_form_is_found_again(verb):
    assert english.base(english.past(verb)) == verb
    assert english.base(english.third_person(verb)) == verb
    assert english.base(english.present_participle(verb)) == verb


@pytest.mark.parametrize(
    ("noun", "text"),
    [
        ("bean", "a bean"),
        ("apple", "an apple"),
        ("hour", "an hour"),
        ("8 ball", "an 8 ball"),
        ("", ""),
        ("union", "a union"),
        ("uninsured person", "an uninsured person"),
        ("umbrella", "an umbrella"),
        ("European", "a European"),
        ("LLC", "an LLC"),
        ("UFO", "a UFO"),
        ("one-time fee", "a one-time fee"),
        ("x-ray", "an x-ray"),
        ("11th", "an 11th"),
        ("180", "a 180"),
        ("heir", "an heir"),
    ],
)
def test_indefinite_article(noun, text):
    assert indefinite_article(noun) == text
