"""Blocks that make something: objects, templates, tables, data and attachments of their own."""

from __future__ import annotations

from shared.language.model import Expr, Kind
from tests.unit.language.sample import Pack, source


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
