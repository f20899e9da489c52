"""The documented surface is there, under its documented names; what is not built says so."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from shared.authoring import jinjafilters, modules, util
from shared.authoring.errors import MISSING, MissingAttribute, NotAvailable
from shared.authoring.functions.absent import ABSENT, ABSENT_CLASSES
from shared.authoring.functions.definitions import ensure_definition, prevent_dependency_satisfaction, raw
from shared.authoring.functions.stored import CLASSES
from tests.unit.authoring.plain import plain_step


def test_every_name_is_there():
    names = modules.names()
    assert all(getattr(util, name) is value for name, value in names.items() if name != "_internal")
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
    assert modules.names() == names


def test_small_phrases_are_not_in_the_namespace_of_interviews():
    assert "his" not in modules.names()
    assert "variables_snapshot_connect" not in modules.names()
    assert util.his("fish") == "his fish"


def test_suppressing_leaves_almost_nothing():
    assert set(modules.names(suppress=True)) == {"_internal", "process_action", "nav"}


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
    for name in ("util", "core", "functions", "legal"):
        module = importlib.import_module(f"docassemble.base.{name}")
        assert module.word("x") == "x"
        assert module.DAObject is util.DAObject
    scope: dict = {}
    exec("from docassemble.base.legal import *", scope)
    assert scope["url_action"] is util.url_action
    with pytest.raises(ImportError):
        exec("from docassemble.base.util import misspelt_name", scope)


def test_inner_modules_import_and_say_what_is_missing_when_they_are_used(packages):
    scope: dict = {}
    exec(
        "from docassemble.webapp.server import api_verify, redirect\n"
        "from docassemble.webapp.app_object import app, csrf\n"
        "from docassemble.webapp.db_object import db\n"
        "import docassemble.base.pandoc\n"
        "@app.route('/x', methods=['GET'])\n"
        "@csrf.exempt\n"
        "def page(): return 'mine'\n"
        "class Row(db.Model):\n"
        "    number = db.Column(db.Integer)\n",
        scope,
    )
    assert scope["page"]() == "mine"
    for use in ("api_verify()", "redirect('/')", "Row()", "list(db.engine)", "bool(db.engine)", "app['x']"):
        with pytest.raises(NotAvailable, match="docassemble"):
            eval(use, scope)


def test_inner_names_that_mean_something_work(packages):
    scope: dict = {}
    exec(
        "from docassemble.base.functions import safe_json, serializable_dict, get_current_info, this_thread, server\n"
        "from docassemble.base.generate_key import random_alphanumeric, random_lower_string\n"
        "from docassemble.base.config import daconfig\n"
        "from docassemble.base.error import DAError\n"
        "from docassemble.base.logger import logmessage\n"
        "from docassemble.base.util import object_name_convert, markdown_to_html, DALazyTemplate, DATemplate\n",
        scope,
    )
    assert eval("safe_json({1: {2, 3}, 'a': object()})", scope) == {"1": [2, 3], "a": None}
    assert eval("serializable_dict({'a': 1, '_b': 2, 'c': len, 'd': None})", scope) == {"a": 1, "d": None}
    assert eval("object_name_convert('al_income.ALIncomeList')", scope) == "alincome list"
    assert eval("markdown_to_html('*a*', trim=True)", scope) == "<em>a</em>"
    assert eval("len(random_alphanumeric(12)), random_lower_string(5).islower()", scope) == (12, True)
    with plain_step() as step:
        step.config = {"theme": "plain"}
        step.request = {"interview": "a:b.yml"}
        exec("logmessage('a'); dict(daconfig)", scope)
        assert eval("daconfig['theme'], daconfig.get('none', 1), list(daconfig)", scope) == ("plain", 1, ["theme"])
        assert eval("get_current_info()['yaml_filename'], this_thread.evaluation_context", scope) == ("a:b.yml", None)
        with pytest.raises(KeyError):
            eval("daconfig['none']", scope)


def test_sql_tables_have_no_rows_and_say_so(packages):
    scope: dict = {}
    exec("from docassemble.webapp.db import session_scope", scope)
    with plain_step() as step:
        exec(
            "with session_scope() as session:\n"
            "    rows = session.execute('SELECT * FROM userdict WHERE key = :key', {'key': 'secret'}).fetchall()\n",
            scope,
        )
        assert scope["rows"] == []
        (said,) = step.effects
        assert "SELECT of userdict" in said.message
        assert "secret" not in said.message


def test_filters_of_modules_are_known_by_their_names(packages):
    util.register_jinja_filter("louder", str.upper)
    assert jinjafilters.registered()["louder"]("a") == "A"
    for name, function in (("no name", str.upper), ("fine", "text")):
        with pytest.raises(TypeError):
            util.register_jinja_filter(name, function)


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
