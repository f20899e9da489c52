"""Blocks that are no questions, modifiers, settings, and the interview as a whole."""

from __future__ import annotations

import copy

import pytest

from shared.language.findings import Severity
from shared.language.model import Expr, Kind
from tests.unit.language.sample import Pack, source


def test_modifiers(pack: Pack) -> None:
    block = pack.block(
        """\
        id: main one
        mandatory: a > 1
        language: es
        generic object: docassemble.base.util.Individual
        need:
          - x.name
          - post: [after]
          - pre: before
        if:
          - b
          - c == 1
        undefine: [old, x.older]
        reconsider: [again]
        depends on: x.income
        supersedes: other
        role: [advocate, user]
        comment: {anything: goes}
        code: |
          x.done = True
        """
    )
    assert (block.kind, block.id, block.language, block.generic) == (Kind.CODE, "main one", "es", "Individual")
    assert block.name == block.place.block == "ID main one"
    assert source(block.mandatory) == "a > 1"
    assert [(source(need.expr), need.post) for need in block.needs] == [
        ("x.name", False),
        ("after", True),
        ("before", False),
    ]
    assert source(block.conditions) == ["b", "c == 1"]
    assert (block.undefine, block.reconsider, block.depends_on) == (("old", "x.older"), ("again",), ("x.income",))
    assert (block.supersedes, block.roles) == (("other",), ("advocate", "user"))
    assert block.sets == ("x.done",)
    assert block.scan is True


@pytest.mark.parametrize(
    ("written", "value"),
    [("True", True), ("False", False), ("'True'", True), ("yes", True), ("a == 1", "a == 1"), ("1", True), ("", False)],
)
def test_mandatory(pack: Pack, written: str, value: object) -> None:
    assert source(pack.block(f"question: q\nmandatory: {written}\n").mandatory) == value


def test_reconsider_true(pack: Pack) -> None:
    assert pack.block("code: a = 1\nreconsider: True\n").reconsider is True
    assert pack.block("code: a = 1\nreconsider: False\n").reconsider == ()


def test_objects(pack: Pack) -> None:
    for written in (
        "\n  - spouse: Individual\n  - user.case: Case.using(a=1)",
        "\n  spouse: Individual\n  user.case: Case.using(a=1)",
        " |\n  - spouse: Individual\n  - user.case: Case.using(a=1)",
    ):
        block = pack.block(f"objects:{written}\n")
        assert block.kind is Kind.OBJECTS
        assert [(spec.name, source(spec.expr)) for spec in block.objects] == [
            ("spouse", "Individual"),
            ("user.case", "Case.using(a=1)"),
        ]
        assert block.sets == ("spouse", "user.case")


def test_objects_from_file(pack: Pack) -> None:
    (spec,) = pack.block("objects from file:\n  - claims: claim_list.yml\nuse objects: True\n").objects
    calls: list[object] = []
    namespace = {"objects_from_file": lambda file, **more: calls.append((file, more))}
    eval(spec.expr.compiled, namespace)("claims")
    assert calls == [("pack:data/sources/claim_list.yml", {"name": "claims", "use_objects": True})]


def test_template(pack: Pack) -> None:
    block = pack.block(
        "template: x.letter\ngeneric object: Individual\nsubject: To ${ x }\ncontent: |\n  Dear ${ x },\ntarget: here\n"
    )
    assert (block.kind, block.sets, block.generic) == (Kind.TEMPLATE, ("x.letter",), "Individual")
    assert source(dict(block.options)) == {"subject": "To ${ x }", "content": "Dear ${ x },\n", "target": "here"}


def test_template_from_files_and_code(pack: Pack) -> None:
    pack.write("One ${ a }", "data/templates/one.md")
    pack.write("Two", "data/templates/two.md")
    block = pack.block("template: t\ncontent file: [one.md, two.md]\n")
    assert block.options["content"].render({"a": 1}) == "One 1\nTwo"
    coded = pack.block("template: t\ncontent file:\n  code: which\n")
    assert isinstance(coded.options["content file"], Expr)
    assert coded.options["content"] is None


def test_table(pack: Pack) -> None:
    block = pack.block(
        """\
        table: fruit.table
        rows: fruit
        columns:
          - Name of ${ thing }: row_item.name
          - header: |
              Seeds
            cell: |
              row_item.seeds
        edit:
          - row_item.name.first
          - seeds
          - row_item['a']
        delete buttons: False
        confirm: True
        read only: important
        show if empty: Nothing ${ here }
        not available label: "-"
        require gathered: False
        show incomplete: True
        allow reordering: True
        sort key: |
          lambda y: y.name
        sort reverse: True
        filter: row_item.seeds > 0
        """
    )
    assert block.sets == ("fruit.table",)
    assert source(dict(block.options)) == {
        "rows": "fruit",
        "header": ["Name of ${ thing }", "Seeds\n"],
        "cells": ["row_item.name", "row_item.seeds\n"],
        "edit": ["name.first", "seeds", "['a']"],
        "delete buttons": False,
        "confirm": True,
        "read only": "important",
        "show if empty": "Nothing ${ here }",
        "not available label": "-",
        "require gathered": False,
        "show incomplete": True,
        "allow reordering": True,
        "sort key": "lambda y: y.name\n",
        "sort reverse": True,
        "filter": "row_item.seeds > 0",
    }


def test_data(pack: Pack) -> None:
    block = pack.block(
        "variable name: fruits\nuse objects: True\ngathered: False\ndata:\n  Apple:\n    tasty: On ${ planet }\n    seeds: 5\n  Other: [1, x]\n"
    )
    assert (block.kind, block.sets) == (Kind.DATA, ("fruits",))
    assert source(dict(block.options)) == {
        "data": {"Apple": {"tasty": "On ${ planet }", "seeds": 5}, "Other": [1, "x"]},
        "use objects": True,
        "gathered": False,
    }
    coded = pack.block("variable name: fruits\nuse objects: objects\ndata from code:\n  a: 4 * n\n  b: [c, 1]\n")
    assert isinstance(coded.options["data"]["a"], Expr)
    assert isinstance(coded.options["data"]["b"][0], Expr)
    assert coded.options["use objects"] == "objects"


def test_a_standalone_attachment(pack: Pack) -> None:
    block = pack.block("attachment:\n  variable name: doc\n  name: D\n  content: C\n")
    assert (block.kind, block.sets) == (Kind.ATTACHMENT, ("doc",))
    assert block.options["attachments"][0].variable == "doc"


def test_setup_blocks(pack: Pack) -> None:
    interview = pack.interview(
        """\
        imports:
          - datetime
          - .local
        modules:
          - docassemble.base.util
        objects:
          - a: DAObject
        ---
        reset: [a, b.c]
        ---
        question: q
        mandatory: True
        """
    )
    assert [(block.kind, dict(block.options)) for block in interview.setup] == [
        (Kind.IMPORTS, {"names": ("datetime", ".local"), "package": "pack"}),
        (Kind.MODULES, {"names": ("docassemble.base.util",), "package": "pack"}),
        (Kind.RESET, {"names": ("a", "b.c")}),
    ]
    assert interview.blocks[0].kind is Kind.OBJECTS
    assert [block.number for block in interview.blocks] == list(range(5))
    assert [block.name for block in interview.ordered] == [interview.blocks[-1].name]


def test_on_change_is_a_block_for_each_variable(pack: Pack) -> None:
    interview = pack.interview("on change:\n  married: |\n    a = 1\n  user.age: b = 2\n")
    assert [(block.on_change, source(block.code)) for block in interview.blocks] == [
        ("married", "a = 1\n"),
        ("user.age", "b = 2"),
    ]
    assert dict(interview.index) == {}


SETTINGS = """\
metadata:
  title: One
  authors: [a, b]
  default language: fr
features:
  navigation: True
  use catchall: True
---
metadata:
  title: Two
features:
  progress bar: True
sections: [A, {b: B, subsections: [{c: C}]}]
progressive: False
---
default language: es
---
sections: [Uno]
default screen parts:
  under: Hola ${ name }
  right: x
---
default screen parts:
  right: null
interview help:
  heading: H
  content: C ${ x }
  label: L
terms:
  sol: ${ no mako }
default validation messages:
  required: |
    Falta.
---
language: de
interview help: Hilfe
auto terms:
  - phrases: [Sonne, Stern]
    definition: D
---
image sets:
  free:
    attribution: By me
    images:
      sun: sun.svg
images:
  moon: other:data/static/moon.svg
  web: https://example.com/x.png
translations: [words.xlsx]
machine learning storage: ml-x.json
---
question: q
yesno: a
"""


def test_settings_are_merged_and_kept_by_language(pack: Pack) -> None:
    interview = pack.interview(SETTINGS)
    assert dict(interview.metadata) == {"title": "Two", "authors": ["a", "b"], "default language": "fr"}
    assert dict(interview.features) == {"navigation": True, "use catchall": True, "progress bar": True}
    assert interview.default_language == "fr"
    assert interview.options["catchall"] is True
    assert interview.options["progressive"] is False
    assert dict(interview.sections) == {"*": ["A", {"b": "B", "subsections": [{"c": "C"}]}], "es": ["Uno"]}
    assert source(interview.default_parts) == {"es": {"under": "Hola ${ name }"}}
    assert source(interview.interview_help) == {
        "es": [{"heading": "H", "content": "C ${ x }", "label": "L"}],
        "de": [{"content": "Hilfe"}],
    }
    assert interview.terms["es"]["sol"].render({}) == "${ no mako }"
    assert sorted(interview.auto_terms["de"]) == ["Sonne", "Stern"]
    assert dict(interview.validation_messages["es"]) == {"required": "Falta."}
    assert dict(interview.images) == {
        "sun": {"file": "pack:data/static/sun.svg", "attribution": "By me"},
        "moon": {"file": "other:data/static/moon.svg", "attribution": None},
        "web": {"file": "https://example.com/x.png", "attribution": None},
    }
    assert interview.translations == ("pack:data/sources/words.xlsx",)
    assert interview.options["machine learning storage"] == "ml-x.json"
    assert interview.blocks[-1].language == "es"


def test_the_code_of_an_event_is_known_by_its_events_only(pack: Pack) -> None:
    block = pack.block("event: remove\nsets: also\ncode: |\n  people.there_is_another = False\n")
    assert (block.sets, block.events, block.event) == (("also", "remove"), ("remove",), True)


def test_default_language_does_not_reach_included_files(pack: Pack) -> None:
    pack.write("question: q\nyesno: inner\n", "data/questions/inner.yml")
    interview = pack.interview("default language: es\n---\ninclude: inner.yml\n---\nquestion: q\nyesno: outer\n")
    assert [(block.sets, block.language) for block in interview.blocks if block.sets] == [
        (("inner",), "*"),
        (("outer",), "es"),
    ]


def test_default_role_with_code_is_walked(pack: Pack) -> None:
    interview = pack.interview("default role: client\ncode: |\n  role = 'client'\n")
    assert (interview.ordered[0].default_role, interview.ordered[0].kind) == ("client", Kind.CODE)


def test_who_processes_actions(pack: Pack) -> None:
    assert pack.interview("initial: True\ncode: |\n  process_action()\n").author_processes_actions
    assert pack.interview("code: |\n  process_actions( )\n").author_processes_actions
    assert not pack.interview("code: reprocess_action()\n").author_processes_actions


def test_a_compiled_interview_cannot_be_changed(pack: Pack) -> None:
    interview = pack.interview("metadata:\n  a: [1, {b: 2}]\n---\nquestion: q\nyesno: a\n")
    with pytest.raises(TypeError, match="cannot be changed"):
        interview.metadata["a"].append(3)  # type: ignore[union-attr]
    with pytest.raises(TypeError, match="cannot be changed"):
        interview.metadata["a"][1]["b"] = 3  # type: ignore[index]
    with pytest.raises(TypeError):
        interview.index["x"] = ()  # type: ignore[index]

    opened = copy.deepcopy(interview.metadata["a"])
    opened[1]["b"] = 3
    assert interview.metadata["a"] == [1, {"b": 2}]


@pytest.mark.parametrize(
    ("text", "line", "words", "hint"),
    [
        ("mandatory: True\n", 1, "this block does nothing", "question"),
        ("- a\n- b\n", 1, "a block must be a mapping (key: value), not a list", ""),
        ("just text\n", 1, "a block must be a mapping (key: value), not text", ""),
        ("question: q\nyesno: a\nquestion: r\n", 3, "'question' is written twice", "line 1"),
        ("question: q: r\n", 1, "mapping values are not allowed", "quotation marks"),
        ("subquestion: x\nyesno: a\n", 1, "'subquestion' without 'question'", "add `question: |`"),
        ("code: |\n  a = 1\n  if b\n", 3, "'code' is not Python", ""),
        ("code: [a]\n", 1, "'code' must be Python code, not a list", ""),
        ("code: return 5\n", 1, "'code' is not Python", ""),
        ("objects:\n  - a:\n", 2, "has no class", ""),
        ("objects: 3\n", 1, "'objects' must be a list of `name: Class`", ""),
        ("objects:\n  - a: DAList.using(\n", 2, "is not Python", ""),
        ("template: t\n", 1, "this template has no 'content'", ""),
        ("table: t\nrows: r\n", 1, "a table needs 'columns'", ""),
        ("table: t\nrows: r\ncolumns:\n  - A:\n", 4, "has no expression", ""),
        ("data: [1]\n", 1, "'data' needs 'variable name'", ""),
        ("variable name: v\nuse objects: maybe\ndata: [1]\n", 2, "'use objects' must be", ""),
        ("attachment:\n  name: x\n", 2, "needs 'variable name'", ""),
        ("modules:\n  - my-module.py\n", 2, "is not the name of a module", ""),
        ("imports: 3\n", 1, "must be a list of names of modules", ""),
        ("def: tools\n", 1, "a 'def' block needs 'mako'", ""),
        ("def: tools\nmako: |\n  <%def name='x'>\n", 3, "Missing parenthesis", ""),
        ("on change:\n  a: |\n    b =\n", 3, "is not Python", ""),
        ("include: nowhere.yml\n", 1, "there is no file 'nowhere.yml'", ""),
        ("include: ../x.yml\n", 1, "must stay inside of its package", ""),
        ("include: [1]\n", 1, "'include' must name files", ""),
        ("metadata: text\n", 1, "'metadata' must be a mapping", ""),
        ("features: [a]\n", 1, "'features' must be a mapping", ""),
        ("sections: text\n", 1, "'sections' must be a list", ""),
        ("interview help:\n  heading: x\n", 2, "needs 'content'", ""),
        ("image sets:\n  a:\n    attribution: b\n", 3, "has no 'images'", ""),
        ("default screen parts: text\n", 1, "must be a mapping", ""),
        ("question: q\ngeneric object: a b\n", 2, "must be the name of a class", ""),
        ("question: q\nneed:\n  after: x\n", 3, "'after' is not a key of 'need'", ""),
        ("question: q\nneed: a b\n", 2, "'need' is not Python", ""),
        ("question: q\nif: a =\n", 2, "'if' is not Python", ""),
        ("question: q\nmandatory: [a]\n", 2, "must be a Python expression, not a list", ""),
        ("question: q\nevent: [a b]\n", 2, "not the name of a variable", ""),
        ("question: q\nlanguage: [en]\n", 2, "'language' must be a code", ""),
    ],
)
def test_mistakes(pack: Pack, text: str, line: int, words: str, hint: str) -> None:
    problem = pack.problem(text)
    assert words in problem.message
    assert hint in problem.hint
    assert (problem.place.file, problem.place.line) == ("pack:data/questions/main.yml", line)


def test_every_mistake_of_every_file_is_told_at_once(pack: Pack) -> None:
    pack.write("id: inner\nquestion: ${ x\n", "data/questions/inner.yml")
    errors = pack.errors(
        "question: q\nyesno: 8\n---\ninclude: inner.yml\n---\ncode: 1 +\n---\nfields: []\nmandatory: a b\n"
    )
    assert [(error.place.file.rpartition("/")[2], error.place.block, error.place.line) for error in errors] == [
        ("main.yml", "Question_0", 2),
        ("inner.yml", "ID inner", 2),
        ("main.yml", "Question_3", 6),
        ("main.yml", "Question_4", 9),
    ]


def test_unknown_keys_are_warnings_unless_surely_misspelt(pack: Pack) -> None:
    compiled = pack.compiled("question: q\nyesno: a\nmy own notes: x\ncomments: y\n")
    assert compiled.interview is not None
    assert [(problem.severity, problem.place.line) for problem in compiled.problems] == [
        (Severity.WARNING, 3),
        (Severity.WARNING, 4),
    ]


def test_a_problem_reads_as_one_line(pack: Pack) -> None:
    problem = pack.error("id: start\nquestion: q\nyesno: a b\n")
    assert (
        str(problem)
        == "pack:data/questions/main.yml:3: ID start: 'yesno': 'a b' is not the name of a variable (a variable name has no spaces)"
    )
