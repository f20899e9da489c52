"""What is computed again or forgotten: reconsider, need, reset, reruns."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from tests.unit.engine.play import Play

Open = Callable[..., Play]


def test_need_is_sought_before_and_after(play: Open) -> None:
    session = play("""
        mandatory: True
        need:
          - first
          - post: last
        question: Middle
        fields:
          - Middle: middle
        ---
        mandatory: True
        question: End
        ---
        question: First
        continue button field: first
        """)
    assert session.question == "First"
    session.fill(True)
    assert session.question == "Middle"


def test_reconsider_computes_again_on_every_screen(play: Open) -> None:
    session = play("""
        reconsider: True
        code: |
          double = 2 * number
        ---
        mandatory: True
        question: ${ double }
        continue button field: seen
        ---
        mandatory: True
        code: |
          number = 5
        ---
        mandatory: True
        question: ${ double } now
        ---
        question: Number?
        fields:
          - Number: number
            datatype: integer
        """)
    session.fill(2)
    assert session.question == "4"
    session.fill(True)
    assert session.question == "10 now"


def test_reset_forgets(play: Open) -> None:
    session = play("""
        reset:
          - double
        ---
        mandatory: True
        code: |
          number = 1
          double
        ---
        mandatory: True
        question: Go on
        continue button field: seen
        ---
        mandatory: True
        code: |
          number = 2
        ---
        mandatory: True
        question: ${ double }
        ---
        code: |
          double = 2 * number
        """)
    session.fill(True)
    assert session.question == "4"


def test_a_plain_show_changes_nothing(play: Open) -> None:
    session = play("""
        mandatory: True
        question: ${ a } ${ b }
        ---
        question: A?
        fields:
          - A: a
        ---
        code: |
          b = a + 1
        ---
        template: c
        content: hello
        """)
    before = deepcopy((session.state.variables, session.state.internal))
    session.show()
    assert (session.state.variables, session.state.internal) == before


def test_what_a_rerun_block_wanted_outside_happens_once(play: Open) -> None:
    session = play("""
        mandatory: True
        code: |
          log('once')
          fruit
        ---
        question: Fruit?
        fields:
          - Fruit: fruit
        ---
        mandatory: True
        question: Done
        """)
    assert session.outcome is not None
    assert [effect.message for effect in session.outcome.effects] == ["once"]
    session.fill("fig")
    assert session.outcome.effects == ()


def test_a_block_that_sets_a_computed_key_can_be_reconsidered(play: Open) -> None:
    session = play("""
        objects:
          - claims: DADict
        ---
        reconsider: True
        code: |
          for i in range(2):
            claims['name' + str(i)] = i
          counted = len(claims.elements)
        ---
        mandatory: True
        question: Claims ${ counted }
        """)
    assert session.question == "Claims 2"
