"""What follows from a change (docs logic.md "depends on", initial.md "on change", functions.md "invalidate()")."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.engine.play import Play

Open = Callable[..., Play]

CHAIN = """
    mandatory: True
    question: ${ c }
    subquestion: |
      [a](${ url_action('a') })
    ---
    question: A?
    fields:
      - A: a
        datatype: integer
    ---
    depends on:
      - a
    question: B? (a is ${ a })
    fields:
      - B: b
        datatype: integer
    ---
    depends on:
      - b
    code: |
      c = a + b
    """


def test_dependents_are_asked_and_computed_again_with_the_old_answer_as_default(play: Open) -> None:
    session = play(CHAIN)
    session.fill(1)
    session.fill(10)
    assert session.question == "11"
    session.act("a")
    assert session.question == "A?"
    assert session.screen.fields[0].default == 1
    session.fill(2)
    assert session.question == "B? (a is 2)"
    assert session.screen.fields[0].default == 10
    session.fill(10)
    assert session.question == "12"


def test_the_same_value_is_no_change(play: Open) -> None:
    session = play(CHAIN)
    session.fill(1)
    session.fill(10)
    session.act("a")
    session.fill(1)
    assert session.question == "11"


def test_a_first_value_invalidates_nothing(play: Open) -> None:
    session = play("""
        mandatory: True
        code: |
          b = 5
        ---
        mandatory: True
        question: ${ a + b }
        ---
        question: A?
        fields:
          - A: a
            datatype: integer
        ---
        depends on:
          - a
        question: B?
        fields:
          - B: b
        """)
    session.fill(1)
    assert session.question == "6"


def test_dependents_of_an_item_are_those_of_that_item(play: Open) -> None:
    session = play("""
        objects:
          - job: DAList.using(object_type=Thing)
        ---
        mandatory: True
        code: |
          job.appendObject(pay=1, year=12)
          job.appendObject(pay=2, year=24)
          job.gathered = True
        ---
        mandatory: True
        question: ${ comma_and_list(item.year for item in job) }
        ---
        question: Pay of ${ i }?
        fields:
          - Pay: job[i].pay
            datatype: integer
        ---
        depends on: job[i].pay
        code: |
          job[i].year = 12 * job[i].pay
        """)
    assert session.question == "12 and 24"
    session.act("job[1].pay")
    session.fill(3)
    assert session.question == "12 and 36"


def test_on_change_runs_for_the_first_value_and_for_new_ones(play: Open) -> None:
    session = play("""
        mandatory: True
        code: |
          seen = []
        ---
        on change:
          a: |
            seen.append(a)
        ---
        mandatory: True
        question: ${ a } ${ seen }
        ---
        question: A?
        fields:
          - A: a
            datatype: integer
        """)
    session.fill(1)
    assert session.question == "1 [1]"
    session.act("a")
    session.fill(1)
    assert session.question == "1 [1]"
    session.act("a")
    session.fill(2)
    assert session.question == "2 [1, 2]"


def test_an_error_in_on_change_code_stops_nothing(play: Open) -> None:
    session = play("""
        on change:
          a: |
            1 / 0
        ---
        mandatory: True
        question: ${ a }
        ---
        question: A?
        fields:
          - A: a
        """)
    session.fill("x")
    assert session.question == "x"


def test_invalidate_offers_the_old_value(play: Open) -> None:
    session = play("""
        mandatory: True
        question: ${ a }
        ---
        question: A?
        fields:
          - A: a
        ---
        event: again
        code: |
          invalidate('a')
        """)
    session.fill("x")
    session.act("again")
    assert session.question == "A?"
    assert session.screen.fields[0].default == "x"
    session.fill("y")
    assert session.question == "y"


def test_reconsider_computes_each_variable_once_in_a_step(play: Open) -> None:
    session = play("""
        mandatory: True
        code: |
          count = 0
        ---
        mandatory: True
        code: |
          reconsider('a')
          b
        ---
        code: |
          a = 1
          count = count + 1
        ---
        question: B?
        fields:
          - B: b
        ---
        mandatory: True
        question: ${ count }
        """)
    session.fill("x")
    assert session.question == "2"
