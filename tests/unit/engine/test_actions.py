"""Actions, the stack of pending ones, force_ask() and the built-in actions (docs functions.md, groups.md)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.engine.play import Play

Open = Callable[..., Play]

BASE = """
    mandatory: True
    question: |
      ${ fruit }, counter ${ counter }
    ---
    mandatory: True
    code: |
      done
    ---
    initial: True
    code: |
      pass
    ---
    question: Fruit?
    fields:
      - Fruit: fruit
    ---
    code: |
      counter = 0
    ---
    event: add
    code: |
      counter = counter + action_argument('by')
    ---
    event: info
    question: About ${ action_argument('what') }
    """


def test_an_action_asks_a_question_again(play: Open) -> None:
    session = play(BASE)
    session.fill("fig")
    session.act("fruit")
    assert session.question == "Fruit?"
    session.show()
    assert session.question == "Fruit?"
    session.fill("kiwi")
    assert session.question == "kiwi, counter 0"


def test_event_code_runs_once_with_its_arguments(play: Open) -> None:
    session = play(BASE)
    session.fill("fig")
    session.act("add", by=2)
    assert session.question == "fig, counter 2"
    session.show()
    assert session.question == "fig, counter 2"
    assert session.state.internal["stack"] == {}


def test_an_event_screen_keeps_its_arguments(play: Open) -> None:
    session = play(BASE)
    session.fill("fig")
    session.act("info", what="figs")
    assert session.question == "About figs"
    session.show()
    assert session.question == "About figs"


def test_each_browser_has_its_own_pending_actions(play: Open) -> None:
    session = play(BASE)
    session.fill("fig")
    session.act("fruit")
    session.show(browser={"client": "another"})
    assert session.question == "fig, counter 0"


def test_an_action_that_nobody_knows_is_forgiven(play: Open) -> None:
    session = play(BASE)
    session.fill("fig")
    session.act("nonsense")
    assert session.question == "fig, counter 0"


@pytest.mark.parametrize(
    "name", ["1 + 1", "__import__('os')", "a.b(", "", "fruit[__import__('os').getcwd()]", "fruit.__class__"]
)
def test_an_action_is_a_name_and_never_code(play: Open, name: str) -> None:
    session = play(BASE)
    session.fill("fig")
    session.act(name)
    assert session.question == "fig, counter 0"


def test_an_event_that_misses_a_variable_goes_on_when_it_is_there(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Total ${ total }
        ---
        code: |
          total = 0
        ---
        event: buy
        code: |
          total = total + price
        ---
        question: Price?
        fields:
          - Price: price
            datatype: integer
        """)
    session.act("buy")
    assert session.question == "Price?"
    session.fill(5)
    assert session.question == "Total 5"


FORCED = """
    mandatory: True
    code: |
      a = 1
      b = 2
    ---
    mandatory: True
    question: ${ a } ${ b }
    ---
    event: again
    code: |
      force_ask('a', 'b')
    ---
    event: mixed
    code: |
      force_ask({'undefine': 'c'}, 'a', {'set': [{'b': 9}]}, {'recompute': 'd'})
    ---
    question: A?
    fields:
      - A: a
        datatype: integer
    ---
    question: B?
    fields:
      - B: b
        datatype: integer
    ---
    code: |
      d = a * 10
    """


def test_force_ask_asks_one_after_the_other_even_if_defined(play: Open) -> None:
    session = play(FORCED)
    session.act("again")
    assert session.question == "A?"
    session.fill(5)
    assert session.question == "B?"
    session.fill(6)
    assert session.question == "5 6"


def test_force_ask_takes_commands(play: Open) -> None:
    session = play(FORCED)
    session.variables["c"] = 1
    session.act("mixed")
    assert "c" not in session.variables
    assert session.question == "A?"
    session.fill(7)
    assert session.question == "7 9"
    assert session.variables["d"] == 70


def test_forcing_twice_does_not_ask_twice(play: Open) -> None:
    session = play(FORCED)
    session.act("again")
    session.act("again")
    assert [entry["action"] for entry in session.state.internal["stack"]["browser"]] == ["a", "b"]


def test_force_gather_holds_for_every_browser(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Home
        ---
        event: ask
        code: |
          force_gather('food')
        ---
        question: Food?
        fields:
          - Food: food
        """)
    session.act("ask")
    assert session.question == "Food?"
    session.show(browser={"client": "another"})
    assert session.question == "Food?"
    session.fill("rice")
    assert session.question == "Home"


def test_an_author_may_process_actions_himself(play: Open) -> None:
    session = play("""
        mandatory: True
        code: |
          name
          process_action()
          home
        ---
        question: Name?
        fields:
          - Name: name
        ---
        event: home
        question: Home of ${ name }, ${ visits }
        ---
        code: |
          visits = 0
        ---
        event: visit
        code: |
          visits = visits + 1
        """)
    session.act("visit")
    assert session.question == "Name?"  # the author's code did not get to process_action()
    session.fill("Ann")
    assert session.question == "Home of Ann, 0"
    session.act("visit")
    assert session.question == "Home of Ann, 1"


def test_a_response_ends_the_step_and_the_action(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Home
        ---
        event: data
        code: |
          json_response({'a': 1})
        """)
    session.act("data")
    assert (session.screen.kind, session.screen.response["json"]) == ("response", {"a": 1})
    session.show()
    assert session.question == "Home"


def test_message_has_buttons_that_work(play: Open) -> None:
    session = play("mandatory: True\ncode: |\n  message('Over', 'Bye')\n")
    assert (session.question, session.screen.subquestion) == ("Over", "Bye")
    session.press("Restart")
    assert (session.screen.kind, session.screen.command) == ("command", "restart")


def test_set_save_status_says_how_the_step_is_saved(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Home
        ---
        event: peek
        code: |
          set_save_status('ignore')
        ---
        event: note
        code: |
          set_save_status('overwrite')
        """)
    assert session.outcome is not None
    assert session.outcome.save == "new"
    session.act("peek")
    assert session.outcome.save == "ignore"
    session.act("note")
    assert session.outcome.save == "overwrite"


GROUP = """
    objects:
      - fruit: DAList.using(object_type=Thing, complete_attribute='complete', there_are_any=True)
    ---
    mandatory: True
    question: ${ fruit }
    subquestion: |
      ${ fruit.table }

      ${ fruit.add_action() }
    ---
    table: fruit.table
    rows: fruit
    columns:
      - Name: row_item.name.text
      - Seeds: row_item.seeds
    edit:
      - seeds
    ---
    code: |
      fruit[i].name.text
      fruit[i].seeds
      fruit[i].complete = True
    ---
    question: Name ${ i }
    fields:
      - Name: fruit[i].name.text
    ---
    question: Seeds of ${ fruit[i] }
    fields:
      - Seeds: fruit[i].seeds
        datatype: integer
    ---
    question: More?
    yesno: fruit.there_is_another
    """


@pytest.fixture
def group(play: Open) -> Play:
    session = play(GROUP)
    session.fill("fig")
    session.fill(100)
    session.press("No")
    return session


def test_items_are_added_by_a_button(group: Play) -> None:
    group.act("_da_list_add", list="fruit")
    assert group.question == "Name 1"
    group.fill("kiwi")
    group.fill(200)
    assert group.question == "fig and kiwi"


def test_items_are_edited_by_a_button(group: Play) -> None:
    steps = [{"follow up": ["fruit[0].seeds"]}, {"action": "_da_list_ensure_complete", "arguments": {"group": "fruit"}}]
    group.act("_da_list_edit", items=steps)
    assert group.question == "Seeds of fig"
    group.fill(101)
    assert "|fig|101|" in (group.screen.subquestion or "")


def test_items_are_removed_by_a_button_and_twice_does_no_harm(group: Play) -> None:
    group.act("_da_list_add", list="fruit")
    group.fill("kiwi")
    group.fill(200)
    group.act("_da_list_remove", list="fruit", item="0")
    assert group.question == "kiwi"
    group.act("_da_list_remove", list="fruit", item="7")
    assert group.question == "kiwi"


def test_a_table_without_rows_says_what_the_author_wants(play: Open) -> None:
    session = play("""
        objects:
          - fruit: DAList.using(gathered=True)
        ---
        table: fruit.table
        rows: fruit
        columns:
          - Name: row_item
        show if empty: |
          No fruit.
        ---
        mandatory: True
        question: ${ fruit.table }
        """)
    assert session.question == "No fruit."


def test_review_shows_what_is_defined_and_its_buttons_ask_again(play: Open) -> None:
    session = play("""
        mandatory: True
        code: |
          a
          overview
        ---
        question: A?
        fields:
          - A: a
        ---
        question: B?
        fields:
          - B: b
        ---
        event: overview
        question: Overview
        review:
          - Edit A: a
            button: A is ${ a }
          - Edit B: b
            button: B is ${ b }
        """)
    session.fill("x")
    assert [(field.variable, field.help) for field in session.screen.fields] == [("a", "A is x")]
    session.act("a")
    session.fill("y")
    assert session.screen.fields[0].help == "A is y"


@pytest.mark.parametrize("item", ["__import__('os').getcwd()", "1 +", "nothing", "[0]", "{}", "None", "'a'"])
def test_an_item_to_be_removed_is_a_key_and_never_code(group: Play, item: str) -> None:
    assert "_da_list_remove" in group.refused("_da_list_remove", list="fruit", item=item)
    assert len(group.variables["fruit"].elements) == 1
