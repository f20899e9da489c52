"""The documented surface is there, under its documented names; what is not built says so."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from shared.authoring import modules, util
from shared.authoring.errors import MISSING, MissingAttribute, NotAvailable
from shared.authoring.functions.absent import ABSENT, ABSENT_CLASSES
from shared.authoring.functions.definitions import ensure_definition, prevent_dependency_satisfaction, raw
from shared.authoring.functions.stored import CLASSES


def test_every_name_is_there():
    names = modules.names()
    assert all(getattr(util, name) is value for name, value in names.items())
    for name in (
        "url_action",
        "background_action",
        "Individual",
        "DAList",
        "json",
        "nav",
        "DADateTime",
        "send_sms",
        "DAStore",
    ):
        assert name in names
    assert modules.default_names() == names


def test_small_phrases_are_not_in_the_namespace_of_interviews():
    assert "his" not in modules.names()
    assert "variables_snapshot_connect" not in modules.names()
    assert util.his("fish") == "his fish"


def test_suppressing_leaves_almost_nothing():
    assert set(modules.names(suppress=True)) == {"process_action", "nav"}


@pytest.mark.parametrize("name", sorted(ABSENT))
def test_absent_functions_say_what_they_need(name):
    with pytest.raises(NotAvailable, match=rf"{name}\(\) needs .+, which this server does not have"):
        ABSENT[name](1, x=2)


@pytest.mark.parametrize("name", sorted(ABSENT_CLASSES))
def test_absent_classes_refuse_to_make_objects(name):
    with pytest.raises(NotAvailable, match=f"{name} needs"):
        ABSENT_CLASSES[name]("instance")
    with pytest.raises(NotAvailable):
        ABSENT_CLASSES[name].using(a=1)("instance")


def test_stored_classes_have_names_of_their_own():
    assert len({cls.__name__ for cls in CLASSES}) == len(CLASSES)


def test_undefined_values_of_templates():
    ensure_definition(1, "a", x=None)
    undefined = type("Undefined", (), {"__module__": "jinja2.runtime", "_undefined_name": "fruit"})()
    with pytest.raises(NameError, match="name 'fruit' is not defined"):
        ensure_definition(1, undefined)
    assert raw(5).value == 5


def test_prevented_dependencies_are_ordinary_errors():
    @prevent_dependency_satisfaction
    def tasty(name):
        raise MissingAttribute(name)

    with pytest.raises(RuntimeError, match=r"tasty\(\) needs legume.index") as caught:
        tasty("legume.index")
    assert not isinstance(caught.value, MISSING)


@pytest.fixture
def packages(tmp_path):
    """A root with an interview package of its own and one below ``docassemble``; Python is put back afterwards."""
    for folder, text in (
        ("recipes", "from .other import TWO\nONE = 1\n"),
        ("docassemble/demo", "from docassemble.base.util import DAObject\nclass Fish(DAObject):\n    pass\n"),
    ):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "fish.py").write_text(text)
    (tmp_path / "recipes/other.py").write_text("TWO = 2\n")
    finders, loaded = list(sys.meta_path), dict(sys.modules)
    modules.install([tmp_path])
    yield tmp_path
    sys.meta_path[:] = finders
    for name in set(sys.modules) - set(loaded):
        del sys.modules[name]
    sys.modules.update(loaded)


def test_documented_modules(packages):
    for name in ("util", "core", "functions", "legal", "error"):
        module = importlib.import_module(f"docassemble.base.{name}")
        assert module.word("x") == "x"
        assert module.DAObject is util.DAObject
    scope: dict = {}
    exec("from docassemble.base.legal import *", scope)
    assert scope["url_action"] is util.url_action
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("docassemble.base.pandoc")


def test_author_modules(packages):
    fish = importlib.import_module("recipes.fish")
    assert (fish.ONE, fish.TWO) == (1, 2)
    assert issubclass(importlib.import_module("docassemble.demo.fish").Fish, util.DAObject)
    assert importlib.import_module(".fish", package="recipes") is fish
    assert {"recipes.fish", "recipes.other", "docassemble.demo.fish"} <= set(modules.author_modules())
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("recipes.nothing")


def test_python_itself_cannot_be_replaced(packages):
    (packages / "json.py").write_text("raise SystemExit\n")
    saved = sys.modules.pop("json")
    try:
        assert "site-packages" not in str(importlib.import_module("json").__file__)
        assert Path(str(sys.modules["json"].__file__)).parent != packages
    finally:
        sys.modules["json"] = saved


def test_changed_modules_are_loaded_again(packages):
    first = importlib.import_module("recipes.fish")
    assert modules.refresh() == ()
    assert modules.refresh() == ()
    (packages / "recipes/other.py").write_text("TWO = 22222\n")
    assert {"recipes.fish", "recipes.other"} <= set(modules.refresh())
    again = importlib.import_module("recipes.fish")
    assert (first.TWO, again.TWO) == (2, 22222)


def test_importing_the_surface_loads_no_large_library():
    large = ("num2words", "phonenumbers", "pycountry", "ua_parser")
    code = f"import sys, shared.authoring.util; print([name for name in {large} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(util.__file__).parents[2]
    )
    assert done.stdout.strip() == "[]"
