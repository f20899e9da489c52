"""Lists in words, documented phrases, translated words, and functions that a language replaces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.authoring.text import language
from shared.authoring.text.language import (
    add_separators,
    capitalize,
    comma_and_list,
    comma_list,
    language_function_constructor,
    name_suffix,
    period_list,
    set_language,
    title_case,
    update_language_function,
    update_word_collection,
    word,
)
from tests.unit.authoring.plain import plain_step


def test_comma_and_list():
    things = ["lions", "tigers", "bears"]
    fish = ("fish", "toads", "frogs")
    assert comma_and_list(things) == "lions, tigers, and bears"
    assert comma_and_list(things, oxford=False) == "lions, tigers and bears"
    assert comma_and_list(*fish) == "fish, toads, and frogs"
    assert comma_and_list("fish", "toads") == "fish and toads"
    assert comma_and_list("fish") == "fish"
    assert comma_and_list(*fish, and_string="or") == "fish, toads, or frogs"
    assert comma_and_list(*fish, comma_string="; ") == "fish; toads; and frogs"
    assert comma_and_list(*fish, comma_string="; ", before_and="---") == "fish; toads;---and frogs"
    assert comma_and_list(*fish, after_and=" (last but not least) ") == "fish, toads, and (last but not least) frogs"
    assert comma_and_list([]) == ""
    assert comma_and_list(["a", "b"], capitalize=True) == "A and b"


def test_comma_list_and_separators():
    assert comma_list(["lions", "tigers", "bears"], comma_string="; ") == "lions; tigers; bears"
    assert comma_list("fish") == "fish"
    assert add_separators(["a", "b", "c"]) == ["a;", "b; and", "c."]
    assert add_separators(["a"]) == ["a."]
    assert add_separators([]) == []
    assert add_separators(["a", "b"], separator=",", last_separator=" or", end_mark="!") == ["a or", "b!"]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=8))
def test_separators_keep_every_item(items):
    made = add_separators(items)
    assert len(made) == len(items)
    assert all(text.startswith(item) for text, item in zip(made, items, strict=True))


def test_choices():
    assert [times for times, _ in period_list()] == [12, 1, 52, 24, 26]
    assert name_suffix()[:2] == ["Jr", "Sr"]


def test_cases():
    assert capitalize("spaghetti marinara") == "Spaghetti marinara"
    assert title_case("the importance of being ernest") == "The Importance of Being Ernest"


@pytest.mark.parametrize(
    ("name", "args", "text"),
    [
        ("a_in_the_b", ("cat", "hat"), "cat in the hat"), ("a_preposition_b", ("fish", "sea"), "fish in the sea"),
        ("am_i", (), "am I"), ("are_word", ("fruit",), "are fruit"), ("did_a_b", ("Fred", "eat"), "did Fred eat"),
        ("do_you", ("smoke",), "do you smoke"), ("does_a_b", ("Fred", "smoke"), "does Fred smoke"), ("genderless_self", (), "themself"),
        ("has_a_b", ("Fred", "left"), "has Fred left"), ("her", ("turtle",), "her turtle"), ("i_subjective", (), "I"),
        ("in_the", ("house",), "in the house"), ("its", (), "its"), ("my_possessive", ("fish",), "my fish"),
        ("possessify", ("Fred", "cat"), "Fred's cat"), ("possessify_long", ("Fred", "cat"), "the cat of Fred"),
        ("was_i", ("here",), "was I here"), ("were_a_b", ("celebrities", "present"), "were celebrities present"),
        ("your", ("house",), "your house"), ("yourselves", (), "yourselves"),
    ],
)  # fmt: skip
def test_phrases(name, args, text):
    phrase = getattr(language, name)
    assert phrase(*args) == text
    assert phrase(*args, capitalize=True) == text[0].upper() + text[1:]


def test_plural_owner():
    assert language.possessify("the Smiths", "house", plural=True) == "the Smiths' house"
    assert language.possessify("children", "house", plural=True) == "children's house"


def test_preposition_of_an_object():
    class Plaintiff:
        preposition = "son of"

        def __str__(self):
            return "Thomas Smith"

    assert language.a_preposition_b(Plaintiff(), "James") == "Thomas Smith son of James"


def test_word_speaks_the_language_of_the_step():
    update_word_collection("es", {"fish": "pez"})
    assert word("fish") == "fish"
    with plain_step():
        set_language("es")
        assert (word("fish"), word("cow"), word("fish", capitalize=True), word("fish", language="en")) == (
            "pez",
            "cow",
            "Pez",
            "fish",
        )


def test_a_language_function_is_replaced_for_its_language_only():
    update_language_function("fr", "her", lambda thing, **_: f"sa {thing}")
    assert language.her("tortue") == "her tortue"
    assert language.her("tortue", language="fr") == "sa tortue"
    with plain_step():
        set_language("fr")
        assert language.her("tortue") == "sa tortue"


def test_a_new_language_function():
    closing = language_function_constructor("closing")
    with pytest.raises(ValueError, match=r"closing\(\) has no implementation for the language 'en'"):
        closing("Fred")
    update_language_function("*", "closing", lambda name, **_: f"Goodbye, {name}!")
    assert closing("Fred") == "Goodbye, Fred!"


def test_the_documented_period_list_takes_no_arguments():
    update_language_function("*", "period_list", lambda: [[365, "Per Day"]])
    assert period_list() == [[365, "Per Day"]]


def test_a_language_must_be_a_code():
    with plain_step(), pytest.raises(ValueError, match="set_language"):
        set_language("")
