"""Buttons, background actions, catch-alls, empty objects, role changes, texts, breadcrumbs, and the serializable form."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from types import SimpleNamespace

import pytest

from shared.authoring import memory, objects
from shared.authoring.errors import CommandSignal, MissingAttribute
from shared.authoring.functions.roles import RoleChangeTracker
from shared.authoring.functions.waiting import BackgroundAction
from shared.authoring.objects import (
    Address,
    DABreadCrumbs,
    DACatchAll,
    DAContext,
    DADict,
    DAEmailRecipient,
    DAEmpty,
    DALink,
    DAList,
    DAObject,
    DATemplate,
    Individual,
    Thing,
)
from shared.authoring.text.urls import decode_action
from shared.contract.effects import SendMail, StartTask
from tests.unit.authoring.plain import plain_step


@pytest.fixture
def step():
    with plain_step() as running:
        yield running


def action_in(html: str) -> tuple[str, dict[str, object]]:
    code = html.partition("action=")[2].partition('"')[0]
    return decode_action(code)


class TestButtons:
    @pytest.fixture
    def people(self, step):
        made = DAList("person", object_type=Individual, gathered=True, complete_attribute="complete")
        made.appendObject()
        return made

    def test_add(self, people):
        html = people.add_action()
        assert action_in(html) == ("_da_list_add", {"list": "person"})
        assert '<i class="fa-solid fa-plus-circle"></i> Add another</a>' in html
        assert "btn btn-sm btn-secondary" in html
        people.clear()
        assert "Add an item" in people.add_action()
        styled = people.add_action(
            "I want one", color="success", size="lg", block=True, icon="far fa-star", classname="x"
        )
        assert 'class="btn btn-lg w-100 btn-success btn-darevisit x"' in styled
        assert '<i class="far fa-star"></i> I want one' in styled
        assert "&action=" in people.add_action(url_only=True)

    def test_colors_of_the_configuration(self, step, people):
        step.config = {"button colors": {"add": "primary"}}
        assert "btn-primary" in people.add_action()

    def test_edit_and_delete(self, people):
        edit, delete = people.item_actions(people[0], 0, "name.first", "fruit").strip().split("</a> ")
        assert action_in(edit) == (
            "_da_list_edit",
            {
                "items": [
                    {"follow up": ["person[0].name.first", "person[0].fruit"]},
                    {"action": "_da_list_ensure_complete", "arguments": {"group": "person"}},
                ]
            },
        )
        assert action_in(delete) == ("_da_list_remove", {"list": "person", "item": "0"})

    def test_what_is_not_wanted_is_not_there(self, people):
        assert people.item_actions(people[0], 0, edit=False, delete=False) == ""
        assert "_ensure_complete" not in json.dumps(
            action_in(people.item_actions(people[0], 0, ensure_complete=False, edit_url_only=True))
        )
        people.minimum_number = 1
        assert "Delete" not in people.item_actions(people[0], 0)

    def test_read_only(self, people):
        people[0].important = True
        assert people.item_actions(people[0], 0, read_only_attribute="important") == ""
        people[0].important = {"edit": False, "delete": True}
        html = people.item_actions(people[0], 0, read_only_attribute="important")
        assert "Delete" in html
        assert "Edit" not in html

    def test_items_that_are_no_objects_are_edited_themselves(self, step):
        fruit = DADict("fruit", elements={"it's": 3})
        html = fruit.item_actions(3, "it's", edit_url_only=True)
        assert action_in(html)[1]["items"][0] == {"follow up": ['fruit["it\'s"]']}

    def test_a_dictionary_undefines_completeness_first(self, step):
        income = DADict("income", object_type=DAObject, complete_attribute="complete", keys=["job"])
        name, arguments = action_in(income.item_actions(income["job"], "job", "receives", edit_url_only=True))
        assert name == "_da_dict_edit"
        assert arguments["items"][0] == {
            "action": "_da_undefine",
            "arguments": {"variables": ["income['job'].complete"]},
        }
        assert action_in(income.add_action())[1] == {"dict": "income"}

    def test_reorder_and_confirm(self, people):
        people.appendObject()
        html = people.item_actions(people[1], 1, reorder=True, confirm=True)
        assert action_in(html) == ("_da_list_reorder", {"list": "person", "item": "1", "by": -1})
        assert "data-confirm=" in html

    def test_the_first_does_not_move_up_and_the_last_not_down(self, people):
        people.appendObject()
        last = len(people) - 1
        first_row, last_row = (people.item_actions(people[n], n, reorder=True) for n in (0, last))
        assert ("Move up" in first_row, "Move down" in first_row) == (False, True)
        assert ("Move up" in last_row, "Move down" in last_row) == (True, False)

    def test_cancel_drops_pending_actions_and_the_incomplete_item(self, step, people):
        keep = {"action": "other", "arguments": {}}
        step.internal["stack"] = {
            "browser": [
                {"action": "person[1].name.first", "arguments": {}},
                {
                    "action": "_da_list_edit",
                    "arguments": {"items": [{"action": "_da_list_ensure_complete", "arguments": {"group": "person"}}]},
                },
                keep,
            ]
        }
        people.appendObject()
        people[0].complete = True
        people.cancel_add_or_edit()
        assert step.internal["stack"] == {"browser": [keep]}
        assert len(people.elements) == 1


class TestBackgroundAction:
    def test_start_wait_and_value(self, step):
        bg = BackgroundAction("bg")
        assert (bg.running(), bg.ready()) == (False, None)
        with pytest.raises(CommandSignal) as first:
            bg.run("bg_task", additional=3)
        assert (first.value.command, first.value.options["sleep"]) == ("wait", 4)
        assert [type(effect) for effect in step.effects] == [StartTask]
        step.effects.clear()
        assert (bg.running(), bg.ready()) == (True, False)
        with pytest.raises(CommandSignal):
            bg.run("bg_task", additional=3)
        assert step.step[memory.SAVE] == "ignore"
        step.tasks.views[bg.task.id] = {"status": "done", "ok": True, "value": 42}
        assert bg.ready()
        assert bg.run("bg_task", additional=3) == 42
        assert not bg.running()
        assert step.effects == []

    def test_failure(self, step):
        class Careful(BackgroundAction):
            refresh_seconds = 9

            def on_failure(self, result):
                return f"sorry: {result.error_type}"

        bg = Careful("bg")
        with pytest.raises(CommandSignal) as caught:
            bg.run("bg_task")
        assert caught.value.options["sleep"] == 9
        step.effects.clear()
        step.tasks.views[bg.task.id] = {"status": "failed", "ok": False, "error_type": "KeyError"}
        assert bg.run("bg_task") == "sorry: KeyError"


class TestCatchAll:
    @pytest.mark.parametrize(
        ("use", "context", "guess"),
        [
            (str, "str", "str"),
            (float, "float", "float"),
            (int, "int", "int"),
            (bool, "bool", "bool"),
            (lambda x: x + 1.5, "add", "float"),
            (lambda x: "a" + x, "radd", "str"),
            (lambda x: x * 2, "mul", "int"),
            (lambda x: x == "a", "eq", "str"),
            (lambda x: x / 2, "truediv", "float"),
            (lambda x: 3 - x, "rsub", "float"),
            (lambda x: -x, "neg", "float"),
        ],
    )
    def test_the_use_tells_what_is_wanted(self, use, context, guess):
        unknown = DACatchAll("salary")
        with pytest.raises(MissingAttribute) as caught:
            use(unknown)
        assert caught.value.variable == "salary.value"
        assert (unknown.context, unknown.data_type_guess()) == (context, guess)

    def test_then_it_works_as_its_value(self):
        salary = DACatchAll("salary", value=10)
        assert (salary + 5, 5 - salary, salary > 3, float(salary), f"{salary}") == (15, -5, True, 10.0, "10")
        assert salary.context == "str"
        assert not hasattr(salary, "operand")


def test_empty_objects_are_empty_whatever_is_asked():
    empty = DAEmpty()
    assert str(empty.a.b[3].c("x")) == ""
    assert (bool(empty), len(empty), list(empty), "x" in empty, int(empty)) == (False, 0, [], False, 0)
    empty.a = 3
    assert str(empty.a) == ""
    assert str(DAEmpty(str="not applicable")) == "not applicable"
    assert "a" + str(empty) + "b" == "ab"
    assert DAList("l", elements=[1]) + empty == [1]
    assert empty == ""


class TestRoleChange:
    def test_one_mail_for_one_change(self, step):
        client, advocate = (
            Individual("client", name="A", email="a@x.com"),
            Individual("advocate", name="B", email="b@x.com"),
        )
        letter = DATemplate("letter", subject="Your turn", content="Please come.")
        to = {"client": {"to": client, "email": letter}, "advocate": {"to": advocate, "email": letter}}
        tracker = RoleChangeTracker("tracker")
        assert tracker.send_email(["advocate"], **to)
        assert tracker.send_email(["advocate"], **to)
        assert [type(effect) for effect in step.effects] == [SendMail]
        assert tracker.send_email(["client"], **to)
        assert len(step.effects) == 2
        assert not tracker.send_email(["judge"], **to)


class TestTexts:
    def test_template_and_link(self):
        template = DATemplate("t", subject="**Hi**", content="*You*")
        assert (str(template), template.show(), template.subject) == ("*You*", "*You*", "**Hi**")
        assert "<em>You</em>" in template.content_as_html()
        assert str(DALink("l", url="https://x.com", anchor_text="Here")) == "[Here](https://x.com)"

    def test_recipient(self):
        fred = DAEmailRecipient("r", address="fred@x.com", name="Fred Smith")
        assert fred.email_address() == "Fred Smith <fred@x.com>"
        assert fred.email_address(include_name=False) == "fred@x.com"
        assert fred.exists()
        assert not DAEmailRecipient("r").exists()

    def test_context_dependent_text(self, step):
        fruit = DAContext("fruit", "on screen", "on paper", docx="in Word")
        assert str(fruit) == "on screen"
        step.step[memory.ATTACHMENT] = {"format": "pdf"}
        assert str(fruit) == "on paper"
        step.step[memory.ATTACHMENT] = {"format": "docx"}
        assert str(fruit) == "in Word"

    def test_breadcrumbs(self, step):
        crumbs = DABreadCrumbs("bc")
        assert (crumbs.get_crumbs(), crumbs.show()) == ([], "")
        step.step["breadcrumbs"] = ["Edit answers", "Edit <fruit>"]
        assert [crumb["breadcrumb"] for crumb in crumbs.get_crumbs()] == ["Edit answers", "Edit <fruit>"]
        html = crumbs.show()
        assert "Edit &lt;fruit&gt;" in html
        assert html.count('aria-current="page"') == 1


class TestSerializable:
    def test_a_list_has_the_documented_form(self):
        """api.md shows this very form."""
        fruit = DAList("user.favorite_fruit", object_type=Thing)
        fruit.appendObject(name="Orange", sweetness=7)
        fruit.there_is_another = False
        fruit.gathered = True
        fruit.revisit = True
        plain = fruit.as_serializable()
        assert list(plain) == [
            "_class", "instanceName", "elements", "auto_gather", "ask_number", "minimum_number", "object_type",
            "object_type_parameters", "complete_attribute", "ask_object_type", "there_are_any", "there_is_another", "gathered",
            "revisit",
        ]  # fmt: skip
        assert plain["object_type"] == {"_class": "type", "name": "docassemble.base.util.Thing"}
        assert plain["elements"] == [
            {
                "_class": "docassemble.base.util.Thing",
                "instanceName": "user.favorite_fruit[0]",
                "name": {
                    "_class": "docassemble.base.util.Name",
                    "instanceName": "user.favorite_fruit[0].name",
                    "text": "Orange",
                },
                "sweetness": 7,
            }
        ]

    def test_values_of_all_kinds(self):
        thing = DAObject(
            "x",
            day=datetime.date(2026, 1, 15),
            money=Decimal("1.5"),
            set={2, 1},
            map={1: (2,)},
            kind=Individual,
            odd=object,
        )
        thing.made = Thing.using(a=1)
        plain = json.loads(json.dumps(thing.as_serializable()))
        assert (plain["day"], plain["money"], plain["set"], plain["map"]) == ("2026-01-15", 1.5, [1, 2], {"1": [2]})
        assert plain["made"] == {"_class": "type", "name": "docassemble.base.util.Thing"}

    def test_a_cycle_ends_with_a_name(self):
        one = DAObject("one")
        one.self = one
        assert one.as_serializable()["self"] == {"_class": "docassemble.base.util.DAObject", "instanceName": "one"}

    def test_to_json_goes_first(self):
        class Odd(DAObject):
            def to_json(self):
                return "too odd"

        assert DAObject("x", odd=Odd("odd")).as_serializable()["odd"] == "too odd"

    def test_what_gathering_notes_for_itself_is_not_shown(self, step):
        fruit = DAList("fruit")
        with pytest.raises(MissingAttribute):
            fruit.gather()
        assert "_gathering" not in fruit.as_serializable()

    def test_order_of_an_address(self, step):
        """The differential corpus shows an address in this order (geocode.yml)."""
        place = Address("a", address="1 Main")
        place._geocoded = True
        assert list(place.as_serializable()) == [
            "_class", "instanceName", "location", "_geocoded", "geolocated", "city_only", "address",
        ]  # fmt: skip


def test_every_exported_class_can_be_made_and_named(step):
    made = {
        name: getattr(objects, name)("thing")
        for name in objects.__all__
        if isinstance(getattr(objects, name), type) and issubclass(getattr(objects, name), DAObject)
    }
    assert len(made) > 40
    assert {thing.instanceName for thing in made.values()} == {"thing"}
    assert SimpleNamespace(**made).DAList.using(a=1).parameters == {"a": 1}
