"""How objects and groups speak of themselves, from every point of view (objects.md, "Point of view")."""

from __future__ import annotations

import pytest

from shared.authoring import memory
from shared.authoring.errors import MissingAttribute
from shared.authoring.objects import DADict, DAList, DAObject, Individual, Person
from tests.unit.authoring.plain import plain_step

METHODS = {
    "possessive": ("fish",),
    "pronoun_possessive": ("fish",),
    "pronoun": (),
    "pronoun_subjective": (),
    "itself": (),
    "is_are_you": (),
    "do_question": ("testify",),
    "did_question": ("testify",),
    "were_question": ("guilty",),
    "have_question": ("lied",),
    "does_verb": ("testify",),
    "did_verb": ("testify",),
    "yourself_or_name": (),
    "pronoun_or_name": (),
    "subjective_pronoun_or_name": (),
}


def spoken(thing: DAObject, **options: object) -> list[str]:
    return [getattr(thing, method)(*words, **options) for method, words in METHODS.items()]


def john(gender: str = "male") -> Individual:
    made = Individual("client", gender=gender)
    made.name.first, made.name.last = "John", "Smith"
    return made


FIRST = ["my fish", "my fish", "me", "I", "myself", "am I", "do I testify", "did I testify", "was I guilty",
         "have I lied", "testify", "testified", "myself", "me", "I"]  # fmt: skip
SECOND = ["your fish", "your fish", "you", "you", "yourself", "are you", "do you testify", "did you testify",
          "were you guilty", "have you lied", "testify", "testified", "yourself", "you", "you"]  # fmt: skip
PLURAL = ["our fish", "our fish", "us", "we", "ourselves", "are we", "do we testify", "did we testify", "were we guilty",
          "have we lied", "testify", "testified", "ourselves", "us", "we"]  # fmt: skip


def third(name: str, possessive: str, objective: str, subjective: str, itself: str) -> list[str]:
    return [f"{name}'s fish", f"{possessive} fish", objective, subjective, itself, f"is {name}",
            f"does {name} testify", f"did {name} testify", f"was {name} guilty", f"has {name} lied", "testifies",
            "testified", name, name, name]  # fmt: skip


@pytest.mark.parametrize(
    ("gender", "words"),
    [
        ("male", ("his", "him", "he", "himself")),
        ("female", ("her", "her", "she", "herself")),
        ("other", ("their", "them", "they", "themself")),
    ],
)
def test_individuals_by_gender(gender, words):
    assert spoken(john(gender)) == third("John Smith", *words)


def test_companies_and_things_are_it():
    assert spoken(Person("company", name="ABC")) == third("ABC", "its", "it", "it", "itself")
    assert spoken(DAObject("turnip")) == third("turnip", "its", "it", "it", "itself")


@pytest.mark.parametrize(("person", "words"), [(1, FIRST), ("1", FIRST), ("1p", PLURAL), (2, SECOND)])
def test_point_of_view_as_an_argument_and_as_an_attribute(person, words):
    assert spoken(john(), person=person) == words
    client = john()
    client._point_of_view = person
    assert spoken(client) == words


def test_the_user_is_you_unless_the_third_person_is_wanted():
    with plain_step() as step:
        client = john()
        step.step[memory.INFO] = {"user": client}
        assert client.is_user()
        assert spoken(client) == SECOND
        assert spoken(client, person=3) == third("John Smith", "his", "him", "he", "himself")
        assert client.pronoun_possessive("fish", third_person=True) == "his fish"
        assert client.subject() == "you"
        assert not john().is_user()


def test_capitalize():
    client = john()
    assert client.pronoun_possessive("fish", capitalize=True) == "His fish"
    assert client.is_are_you(capitalize=True) == "Is John Smith"
    assert Person("x", name="acme").subjective_pronoun_or_name(capitalize=True) == "Acme"


def test_the_gender_is_asked_for_only_when_it_is_needed():
    client = Individual("client")
    client.name.first = "Kim"
    assert client.does_verb("testify") == "testifies"
    with pytest.raises(MissingAttribute) as caught:
        client.pronoun()
    assert caught.value.variable == "client.gender"


class TestGroups:
    @pytest.fixture
    def plaintiffs(self):
        dick, jane = Individual("dick", name="Dick", gender="male"), Individual("jane", name="Jane", gender="female")
        return DAList("plaintiffs", elements=[dick, jane])

    def test_several(self, plaintiffs):
        assert plaintiffs.itself() == "themselves"
        assert plaintiffs.do_question("accept service") == "do Dick and Jane accept service"
        assert plaintiffs.did_question("accept service") == "did Dick and Jane accept service"
        assert plaintiffs.were_question("informed") == "were Dick and Jane informed"
        assert plaintiffs.have_question("claimed") == "have Dick and Jane claimed"
        assert plaintiffs.does_verb("claim") == "claim"
        assert plaintiffs.did_verb("claim") == "claimed"
        assert plaintiffs.pronoun_possessive("assertion") == "their assertion"
        assert (plaintiffs.pronoun(), plaintiffs.pronoun_subjective()) == ("them", "they")
        assert plaintiffs.is_are_you() == "are Dick and Jane"
        assert plaintiffs.possessive("fish") == "plaintiffs' fish"

    def test_nouns(self, plaintiffs):
        assert (plaintiffs.as_noun(), plaintiffs.as_noun("ox")) == ("plaintiffs", "oxen")
        assert plaintiffs.as_singular_noun() == "plaintiff"
        assert plaintiffs.number_as_word() == "two"
        assert plaintiffs.quantity_noun("ox") == "two oxen"

    def test_one_speaks_for_itself(self, plaintiffs):
        plaintiffs.pop()
        assert plaintiffs.pronoun() == "him"
        assert plaintiffs.pronoun_possessive("assertion") == "his assertion"
        assert plaintiffs.is_are_you() == "is Dick"
        assert plaintiffs.does_verb("claim") == "claims"
        assert plaintiffs.as_noun() == "plaintiff"
        assert plaintiffs.possessive("fish") == "plaintiff's fish"

    def test_one_who_is_the_user(self, plaintiffs):
        with plain_step() as step:
            plaintiffs.pop()
            step.step[memory.INFO] = {"user": plaintiffs[0]}
            assert plaintiffs.pronoun() == "you"
            assert plaintiffs.does_verb("claim") == "claim"

    def test_one_text_is_it(self):
        assert DAList("fruit", elements=["apple"]).pronoun() == "it"
        assert DADict("fruit", elements={"apple": 3}).is_are_you() == "is apple"

    def test_an_ungathered_group_is_gathered_first(self):
        with pytest.raises(MissingAttribute) as caught:
            DAList("fruit").does_verb("be")
        assert caught.value.variable == "fruit.there_are_any"
