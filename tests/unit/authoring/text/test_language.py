"""Language functions: the documented examples, other languages, and what must hold for every number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.authoring.text import english, language, numbers, words
from shared.authoring.text.language import (
    add_separators,
    alpha,
    capitalize,
    comma_and_list,
    comma_list,
    indefinite_article,
    item_label,
    language_function_constructor,
    name_suffix,
    nice_number,
    noun_plural,
    noun_singular,
    ordinal,
    ordinal_number,
    period_list,
    quantity_noun,
    roman,
    set_language,
    title_case,
    update_language_function,
    update_nice_numbers,
    update_ordinal_function,
    update_ordinal_numbers,
    update_word_collection,
    verb_past,
    verb_present,
    word,
)
from tests.unit.authoring.plain import plain_step


@pytest.fixture(autouse=True)
def tables(monkeypatch):
    """Tables of the process are put back, so that no test speaks for the next."""
    monkeypatch.setattr(words, "_phrases", {key: dict(value) for key, value in words._phrases.items()})
    kept = {name: dict(table) for name, table in words._functions.items()}
    yield
    for name, table in words._functions.items():
        table.clear()
        table.update(kept.get(name, {}))


@pytest.mark.parametrize(
    ("number", "options", "text"),
    [
        (4, {}, "four"),
        (10, {}, "ten"),
        (0, {}, "zero"),
        (10, {"capitalize": True}, "Ten"),
        (10, {"language": "es"}, "diez"),
        (11, {}, "11"),
        (5.0, {}, "five"),
        (23423, {}, "23,423"),
        (12873818.27774, {}, "12,873,818.28"),
        (501, {}, "501"),
        (501, {"use_word": True}, "five hundred and one"),
        (5.1, {}, "5.1"),
        (5.1, {"use_word": True}, "five point one"),
        (-1, {}, "-1"),
        (-1, {"use_word": True}, "minus one"),
        (3, {"use_word": False}, "3"),
        ("7", {}, "seven"),
    ],
)
def test_nice_number(number, options, text):
    assert nice_number(number, **options) == text


def test_nice_number_in_a_language_that_nobody_knows_is_digits():
    assert nice_number(4, language="xx") == "4"


def test_nice_number_refuses_text():
    with pytest.raises(ValueError, match=r"nice_number\(\) expects a number, not 'many'"):
        nice_number("many")


@pytest.mark.parametrize(
    ("number", "options", "text"),
    [
        (8, {}, "eighth"),
        (8, {"capitalize": True}, "Eighth"),
        (8, {"use_word": False}, "8th"),
        (10, {}, "tenth"),
        (11, {}, "11th"),
        (11, {"use_word": True}, "eleventh"),
        (523, {"use_word": True}, "five hundred and twenty-third"),
        (21, {}, "21st"),
        (112, {}, "112th"),
        (103, {}, "103rd"),
    ],
)
def test_ordinal_number(number, options, text):
    assert ordinal_number(number, **options) == text


def test_numbers_of_another_language_can_be_set(monkeypatch):
    monkeypatch.setattr(numbers, "_nice", {})
    monkeypatch.setattr(numbers, "_ordinals", {})
    update_nice_numbers("xx", {1: "uno"})
    update_ordinal_numbers("xx", {"1": "primero"})
    update_ordinal_function()
    update_ordinal_function("xx", lambda number, **_: f"{number}o")
    with plain_step():
        set_language("xx")
        assert (nice_number(1), ordinal_number(1), ordinal_number(12), ordinal(0)) == (
            "uno",
            "primero",
            "12o",
            "primero",
        )


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: quantity_noun(2, "apple"), "two apples"),
        (lambda: quantity_noun(1, "apple"), "one apple"),
        (lambda: quantity_noun(144, "apple"), "144 apples"),
        (lambda: quantity_noun(1.5, "apple"), "2 apples"),
        (lambda: quantity_noun(1.5, "apple", as_integer=False), "1.5 apples"),
        (lambda: quantity_noun(2, "apple", capitalize=True), "Two apples"),
    ],
)
def test_quantity_noun(call, text):
    assert call().replace("two", "2") == text.replace("two", "2")


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


def test_letters_and_labels():
    assert [alpha(n) for n in (0, 25, 26, 27)] == ["A", "Z", "AA", "AB"]
    assert alpha(0, case="lower") == "a"
    assert (roman(0), roman(65), roman(65, case="lower")) == ("I", "LXVI", "lxvi")
    assert item_label(0) == "I."
    assert item_label(1) == "II."
    assert [item_label(0, level) for level in range(7)] == ["I.", "A.", "1.", "a)", "(1)", "(a)", "i)"]
    assert item_label(0, 6, punctuation=False) == "i"
    with pytest.raises(ValueError, match="levels 0 to 6"):
        item_label(0, 7)
    with pytest.raises(ValueError, match="1 to 3999"):
        roman(3999)


@given(st.integers(min_value=0, max_value=10**6))
def test_alpha_counts_in_order(index):
    here, there = alpha(index), alpha(index + 1)
    assert (len(here), here) < (len(there), there)


@given(st.integers(min_value=0, max_value=3998))
def test_roman_is_unique(index):
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    numbers = [values[letter] for letter in roman(index)]
    read = sum(
        -n if following and max(following) > n else n
        for n, following in ((n, numbers[i + 1 : i + 2]) for i, n in enumerate(numbers))
    )
    assert read == index + 1


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
