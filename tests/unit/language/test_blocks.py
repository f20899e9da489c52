"""What any block may have beside what it is: modifiers, events, a role, code that runs on a change."""

from __future__ import annotations

import pytest

from shared.language.model import Kind
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


def test_on_change_is_a_block_for_each_variable(pack: Pack) -> None:
    interview = pack.interview("on change:\n  married: |\n    a = 1\n  user.age: b = 2\n")
    assert [(block.on_change, source(block.code)) for block in interview.blocks] == [
        ("married", "a = 1\n"),
        ("user.age", "b = 2"),
    ]
    assert dict(interview.index) == {}


def test_the_code_of_an_event_is_known_by_its_events_only(pack: Pack) -> None:
    block = pack.block("event: remove\nsets: also\ncode: |\n  people.there_is_another = False\n")
    assert (block.sets, block.events, block.event) == (("also", "remove"), ("remove",), True)


def test_default_role_with_code_is_walked(pack: Pack) -> None:
    interview = pack.interview("default role: client\ncode: |\n  role = 'client'\n")
    assert (interview.ordered[0].default_role, interview.ordered[0].kind) == ("client", Kind.CODE)
