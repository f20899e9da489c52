"""Variables by name: defined, set, forgotten, and as data."""

from __future__ import annotations

import datetime

import pytest

from shared.authoring.errors import RerunLogic
from shared.authoring.functions.variables import (
    all_variables,
    define,
    defined,
    dispatch,
    forget_result_of,
    intrinsic_name,
    invalidate,
    need,
    re_run_logic,
    reconsider,
    set_variables,
    showif,
    showifdef,
    undefine,
    value,
)
from shared.authoring.objects import DAList, Individual
from shared.authoring.text.dates import as_datetime
from shared.authoring.text.simplify import as_objects, simplified
from tests.unit.authoring.plain import plain_step


def test_defined_and_value():
    with plain_step(fruit="apple", chosen="fruit") as step:
        assert defined("fruit")
        assert not defined("vegetable")
        assert value("fruit") == value(value("chosen")) == "apple"
        with pytest.raises(NameError):
            value("vegetable")
        assert step.asked == []


def test_names_must_be_text():
    with plain_step(fruit=1), pytest.raises(TypeError, match="name of a variable in quotation marks, not 1"):
        defined(1)


def test_prior_answers_count_only_when_asked_for():
    with plain_step() as step:
        step.prior = {"country": "SE"}
        assert not defined("country")
        assert defined("country", prior=True)
        assert value("country", prior=True) == "SE"
        assert showifdef("country", "US") == "US"
        assert showifdef("country", "US", prior=True) == "SE"
        define("country", "DE")
        assert showifdef("country", "US", prior=True) == "DE"


def test_setting_and_forgetting():
    with plain_step() as step:
        define("meaning", 42)
        set_variables({"a": 1, "b": [2]})
        assert step.namespace["meaning"] == 42
        assert step.namespace["b"] == [2]
        undefine("a", "never_there")
        assert not defined("a")
        invalidate("b")
        assert not defined("b")
        assert step.internal["dirty"]["b"] == [2]


def test_showif_asks_only_if_the_condition_holds():
    with plain_step() as step:
        step.answers["fruit"] = "apple"
        assert showif("fruit", False) == ""
        assert showif("fruit", False, "none") == "none"
        assert step.asked == []
        assert step.run(lambda: showif("fruit", True)) == "apple"


def test_need_and_kin(step):
    assert need(1, 2) is True
    with pytest.raises(RerunLogic):
        re_run_logic()
    forget_result_of("intro")


def test_reconsider_computes_anew():
    with plain_step(total=1) as step:
        step.answers["total"] = 2
        reconsider("total")
        assert value("total") == 2


def test_dispatch_visits_what_is_chosen_until_there_is_none():
    with plain_step() as step:
        choices = iter(["fruit_page", "rocks_page", None])
        step.answers.update(menu=lambda: next(choices), fruit_page=True, rocks_page=True)
        assert step.run(lambda: dispatch("menu")) is True
        assert step.asked == ["menu", "fruit_page", "menu", "rocks_page", "menu"]
        assert not any(defined(name) for name in ("menu", "fruit_page", "rocks_page"))


def test_intrinsic_names():
    with plain_step() as step:
        plaintiffs = DAList("plaintiffs", object_type=Individual, elements=[Individual("plaintiffs[0]")])
        step.namespace.update(user=plaintiffs.elements[0], party=plaintiffs, i=0)
        assert intrinsic_name("user.name.first") == "plaintiffs[0].name.first"
        assert intrinsic_name("party[i]") == "plaintiffs[0]"
        assert intrinsic_name("unknown.name") == "unknown.name"
        assert intrinsic_name("fruit") == "fruit"
        with pytest.raises(ValueError, match="not the name of a variable"):
            intrinsic_name("a b")


def test_all_variables():
    with plain_step(fruit="apple", when=datetime.date(2026, 1, 15), json=datetime, _hidden=1) as step:
        step.namespace["user"] = Individual("user")
        simple = all_variables()
        assert simple["fruit"] == "apple"
        assert simple["when"] == "2026-01-15"
        assert simple["user"]["_class"] == "docassemble.base.util.Individual"
        assert "json" not in simple
        assert "_hidden" not in simple
        assert all_variables(simplify=False)["user"] is step.namespace["user"]
        assert all_variables(simplify=False, make_copy=True)["user"] is not step.namespace["user"]
        assert set(all_variables(include_internal=True)) == {*simple, "_internal", "nav"}
        assert all_variables(special="metadata") == {}
        assert all_variables(special="tags") == set()
        with pytest.raises(ValueError, match="'titles', 'metadata' or 'tags'"):
            all_variables(special="secrets")


def test_simplified_stops_at_cycles(step):
    ring: list = []
    ring.append(ring)
    assert simplified(ring) is not None
    assert simplified({1: {2, 1}, "x": object()}) == {"1": [1, 2], "x": None}


def test_objects_come_back_from_their_simple_form(step):
    user = Individual("user")
    user.name.first = "Fred"
    user.birthdate = as_datetime("2000-04-01")
    made = as_objects(simplified(user))
    assert type(made) is Individual
    assert made.name.first == "Fred"
    assert made.name.instanceName == "user.name"
    assert made.birthdate == user.birthdate
    set_variables({"user": simplified(user), "at": "23:15:00"}, process_objects=True)
    assert step.namespace["user"].name.first == "Fred"
    assert step.namespace["at"] == datetime.time(23, 15)


@pytest.mark.parametrize(
    "path", ["os.system", "subprocess.Popen", "docassemble.base.util.re", "builtins.object", "Individual"]
)
def test_only_interview_classes_are_made_from_data(step, path):
    with pytest.raises(ValueError, match="not a class of interview objects"):
        as_objects({"_class": path, "instanceName": "x"})
