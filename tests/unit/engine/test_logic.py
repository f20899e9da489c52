"""The main loop: order of blocks, seeking, the answered set (docs logic.md)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.engine.play import Play

Open = Callable[..., Play]


def test_a_missing_name_is_asked_where_it_is_met(play: Open) -> None:
    session = play("""
        mandatory: True
        question: |
          Your ${ favorite_fruit }, and ${ favorite_vegetable }
        ---
        question: Vegetable?
        fields:
          - Vegetable: favorite_vegetable
        ---
        question: Fruit?
        fields:
          - Fruit: favorite_fruit
        """)
    assert session.question == "Fruit?"
    session.fill("kiwi")
    assert session.question == "Vegetable?"
    session.fill("beet")
    assert session.question == "Your kiwi, and beet"
    assert session.screen.kind == "end"


def test_a_mandatory_question_is_asked_even_if_its_variable_is_there(play: Open) -> None:
    session = play("""
        mandatory: True
        code: |
          fruit = 'apple'
        ---
        mandatory: True
        question: Fruit?
        fields:
          - Fruit: fruit
        ---
        mandatory: True
        question: Done
        """)
    assert session.question == "Fruit?"
    assert session.screen.fields[0].default == "apple"
    session.fill("pear")
    assert session.question == "Done"


def test_mandatory_code_runs_once_and_again_from_its_first_line_after_a_question(play: Open) -> None:
    session = play("""
        initial: True
        code: |
          rounds = []
        ---
        mandatory: True
        code: |
          started = globals().get('started', 0) + 1
          fruit
          finished = started
        ---
        question: Fruit?
        fields:
          - Fruit: fruit
        ---
        mandatory: True
        question: Started ${ started }, finished ${ finished }
        """)
    session.fill("fig")
    assert session.question == "Started 2, finished 2"
    session.show()
    assert session.question == "Started 2, finished 2"


def test_later_blocks_go_first_and_code_that_does_not_define_passes_on(play: Open) -> None:
    session = play("""
        mandatory: True
        question: It is ${ fruit }
        ---
        code: |
          fruit = 'first'
        ---
        code: |
          if 1 == 2:
            fruit = 'second'
        """)
    assert session.question == "It is first"


def test_a_condition_takes_a_block_out(play: Open) -> None:
    session = play("""
        mandatory: True
        question: It is ${ fruit }
        ---
        code: |
          fruit = 'general'
        ---
        if: hot
        code: |
          fruit = 'melon'
        ---
        code: |
          hot = False
        """)
    assert session.question == "It is general"


@pytest.mark.parametrize(
    ("first", "expected"), [("things[0]", "specific"), ("things[1]", "any of the list"), ("other", "any thing")]
)
def test_the_more_specific_block_goes_first(play: Open, first: str, expected: str) -> None:
    session = play(f"""
        objects:
          - things: DAList.using(object_type=Thing)
          - other: Thing
        ---
        mandatory: True
        code: |
          things.appendObject()
          things.appendObject()
          things.gathered = True
        ---
        mandatory: True
        question: ${{ {first}.color }}
        ---
        code: |
          things[0].color = 'specific'
        ---
        code: |
          things[i].color = 'any of the list'
        ---
        generic object: Thing
        code: |
          x.color = 'any thing'
        """)
    assert session.question == expected


def test_a_generic_block_of_the_class_goes_before_that_of_its_base(play: Open) -> None:
    session = play("""
        objects:
          - friend: Individual
        ---
        mandatory: True
        question: ${ friend.note }
        ---
        generic object: Individual
        code: |
          x.note = 'individual'
        ---
        generic object: DAObject
        code: |
          x.note = 'object'
        """)
    assert session.question == "individual"


def test_nested_index_variables_are_bound(play: Open) -> None:
    session = play("""
        objects:
          - town: DAList.using(object_type=DAList.using(object_type=Thing))
        ---
        mandatory: True
        question: ${ town[1][0].name.text }
        ---
        question: House ${ j } of street ${ i }
        fields:
          - Name: town[i][j].name.text
        """)
    assert session.question == "House 0 of street 1"
    assert session.fields == ["town[1][0].name.text"]
    session.fill("Mill")
    assert session.question == "Mill"


def test_modules_and_functions_are_not_part_of_the_state(play: Open) -> None:
    session = play("""
        imports:
          - math
        ---
        mandatory: True
        question: ${ math.floor(2.5) }
        """)
    assert session.question == "2"
    assert set(session.variables) == {"url_args"}


def test_a_block_in_the_language_goes_before_one_in_any(play: Open) -> None:
    session = play(
        """
        mandatory: True
        question: ${ greeting }
        ---
        language: es
        code: |
          greeting = 'Hola'
        ---
        code: |
          greeting = 'Hello'
        """,
        config={"language": "es"},
    )
    assert session.question == "Hola"


def test_embedded_blocks_run_when_their_button_is_pressed(play: Open) -> None:
    session = play(
        """
        mandatory: True
        question: A ${ color } ${ car }
        ---
        question: Car?
        buttons:
          - Ford:
              code: |
                car = 'Ford'
                color = 'red'
          - Other:
              question: Which?
              fields:
                - Car: car
                - Color: color
          - None of them: continue
        ---
        code: |
          car = 'bus'
        """.replace("---\n        code: |\n          car = 'bus'\n        ", "")
    )
    assert session.screen.kind == "choices"
    assert session.screen.fields == ()
    session.press("Other")
    assert session.question == "Which?"
    session.fill("Opel", "blue")
    assert session.question == "A blue Opel"


def test_continue_goes_on_to_the_next_candidate(play: Open) -> None:
    session = play("""
        mandatory: True
        question: ${ food }
        ---
        question: Just tell me
        fields:
          - Food: food
        ---
        question: One of these?
        buttons:
          - Kiwi:
              code: |
                food = 'kiwi'
          - Something else: continue
        """)
    assert session.question == "One of these?"
    session.press("Something else")
    assert session.question == "Just tell me"


def test_commands_end_the_step(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Stop
        buttons:
          - Leave: leave
            url: https://example.com/${ 1 + 1 }
          - Again: restart
        """)
    session.press("Leave")
    assert (session.screen.kind, session.screen.command, session.question) == (
        "command",
        "leave",
        "https://example.com/2",
    )


def test_what_only_a_question_needs_is_not_asked_once_its_variable_is_there(play: Open) -> None:
    """Shown again, the screen would be another one: `b` is there as soon as `c` has been asked for."""
    session = play("""
        question: First?
        fields:
          - First: a
        ---
        question: About ${ b }
        fields:
          - Third: c
        ---
        code: |
          b = a + '!'
        ---
        if: c != 'no'
        question: Second?
        fields:
          - Second: b
        ---
        mandatory: True
        question: End ${ a } ${ b }
        """)
    assert session.question == "First?"
    session.fill("one")
    assert session.question == "End one one!"


def test_code_that_began_to_define_its_variable_still_asks_for_what_it_needs(play: Open) -> None:
    session = play("""
        mandatory: True
        question: In all ${ total }
        ---
        code: |
          total = 0
          total = rent + 1
        ---
        question: Rent?
        fields:
          - Rent: rent
            datatype: integer
        """)
    assert session.question == "Rent?"


def test_a_generic_block_may_set_a_plain_variable(play: Open) -> None:
    session = play("""
        mandatory: True
        question: ${ has_assets }, ${ other }
        ---
        generic object: Individual
        question: Are there assets?
        yesno: has_assets
        ---
        generic object: Individual
        code: |
          other = 'generic'
        ---
        code: |
          other = 'plain'
        """)
    session.press("Yes")
    assert session.question == "True, plain", "a block without `generic object` goes first"


def test_data_as_objects_has_an_object_on_top(play: Open) -> None:
    session = play("""
        variable name: pay
        use objects: objects
        data:
          wages:
            object: DAObject
            item:
              monthly: 100
          plain:
            a: 1
        ---
        variable name: names
        use objects: objects
        data:
          - one
        ---
        mandatory: True
        question: ${ type(pay).__name__ } ${ pay['wages'].monthly } ${ pay['wages'].instanceName } ${ pay.gathered } ${ type(names).__name__ }
        """)
    assert session.question == "DADict 100 pay['wages'] True DAList"
