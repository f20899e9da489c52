"""Where a call is the same call: edits of a block, loops, objects, arguments and their shapes (docs/adr/0019-durable-blocks.md)."""

from __future__ import annotations

import pytest

from shared.engine.keeping import runs
from shared.engine.keeping.arguments import shape
from shared.language.model import Interview
from tests.unit.engine.saved import ASKS, Open, Saved, block
from tests.unit.language.sample import Pack


def test_functions_of_modules_belong_to_the_block_that_calls_them(pack: Pack, open_session: Open) -> None:
    pack.write(
        """
        from docassemble.base.util import send_email

        __all__ = ['tell']

        def tell(who, subject='hello'):
            if not hasattr(who, 'told'):
                send_email(to=who.email, subject=subject)
                who.told = True
        """,
        "telling.py",
    )
    session = open_session(
        "modules:\n  - .telling\n---\nobjects:\n  - people: DAList.using(object_type=Individual, gathered=True)\n---\n"
        + block("""
if not people.number():
  for name in ('a', 'c', 'e'):
    people.appendObject(email=name + '@b.example')
for person in people:
  tell(person)
first
last
""")
        + "\n---\nevent: again\ncode: |\n  undefine('people[1].told')"
    )
    assert len(session.mails) == 3
    session.fill("x")
    assert len(session.mails) == 3
    session.act("again")
    assert len(session.mails) == 4
    assert session.mails[3] == "c@b.example: hello"


def test_calls_in_a_comprehension_are_told_apart(open_session: Open) -> None:
    session = open_session(block("tasks = [background_action('asked') for n in range(3)]\nfirst\nlast"))
    handles = [task.id for task in session.state.variables["tasks"]]
    session.fill("x")
    assert [task.id for task in session.state.variables["tasks"]] == handles
    assert len(set(handles)) == len(session.started) == 3


def test_an_edit_elsewhere_in_the_block_moves_nothing(pack: Pack, open_session: Open) -> None:
    text = "id: order\n" + block("task = background_action('asked')\nfirst\nlast") + ASKS
    session = Saved(pack.interview(text), pack.sources)
    changed: Interview = pack.interview(text.replace("code: |\n  task", "code: |\n  added = 1\n  # why\n  task", 1))
    session.interview = changed
    session.fill("x")
    assert session.state.variables["added"] == 1
    assert session.started == ["asked"]


def test_a_list_that_lost_its_first_item_mixes_up_no_tasks(open_session: Open) -> None:
    session = open_session(
        "objects:\n  - people: DAList.using(object_type=Individual, gathered=True)\n---\n"
        + block("""
if not people.number():
  for name in ('Ada', 'Bo', 'Cy'):
    people.appendObject(nickname=name)
for p in people:
  p.task = background_action('asked', person=p)
  p.asked_for = p.nickname if not hasattr(p, 'asked_for') else p.asked_for
first
last
""")
        + "\n---\nevent: removed\ncode: |\n  people.pop(0)"
    )
    (of_ada, *_) = [effect.task_id for effect in session.left]
    session.act("removed")
    session.fill("x")
    people = session.state.variables["people"]
    assert [person.nickname for person in people] == ["Bo", "Cy"]
    assert of_ada not in [person.task.id for person in people]
    before = session.count
    session.show()
    assert session.count == before


@pytest.mark.parametrize("mail", [False, True])
def test_nor_does_one_where_the_block_is_named_after_what_it_does(pack: Pack, open_session: Open, mail: bool) -> None:
    call = "send_email(to='a@b.example', subject='x')" if mail else "task = background_action('asked')"
    text = block(f"{call}\nfirst\nlast") + ASKS
    session = Saved(pack.interview(text), pack.sources)
    for added in ("more = 1", "more = 1\n  # why\n  yet = 2"):
        session.interview = pack.interview(text.replace("code: |\n  ", f"code: |\n  {added}\n  ", 1))
        session.show()
        assert session.count == 1
    session.fill("x")
    assert (session.question, session.count) == ("The end", 1)
    assert len(session.state.internal[runs.DONE]) == len(session.state.internal[runs.RAN]) == 1


def test_an_edited_block_whose_effect_was_taken_back_does_it_anew(pack: Pack, open_session: Open) -> None:
    text = block("if not defined('task'):\n  task = background_action('asked')\nfirst\nlast") + ASKS
    text += "\n---\nevent: again\ncode: |\n  undefine('task')"
    session = Saved(pack.interview(text), pack.sources)
    session.interview = pack.interview(text.replace("code: |\n  if", "code: |\n  more = 1\n  if", 1))
    session.act("again")
    assert session.started == ["asked", "asked"]


def test_another_time_of_the_same_day_is_another_argument_in_every_language(open_session: Open) -> None:
    session = open_session(
        block(
            "set_language('es' if defined('first') else 'en')\n"
            "task = background_action('asked', at=as_datetime('2026-01-15 10:00'))\nfirst\n"
            "later = background_action('asked', at=as_datetime('2026-01-15 ' + second))\nlast"
        )
        + "\n---\nevent: again\ncode: |\n  second = '12:00'"
    )
    assert session.count == 1
    session.fill("x")
    session.fill("11:00")
    assert session.count == 2
    session.act("again")
    session.show()
    assert session.count == 3


def test_an_object_that_has_grown_is_the_same_argument(open_session: Open) -> None:
    session = open_session(
        "objects:\n  - who: Individual\n---\n"
        + block("task = background_action('asked', person=who, words=['a'])\nwho.first_name_2 = 'x'\nfirst\nlast")
    )
    session.fill("x")
    assert session.started == ["asked"]


def test_a_handle_that_the_block_itself_is_done_with_starts_nothing_anew(open_session: Open) -> None:
    session = open_session(block("task = background_action('asked')\nfirst\ndel task\nsecond\nlast"))
    for _ in range(3):
        session.fill("x") if session.question != "The end" else session.show()
    assert session.started == ["asked"]


def test_other_arguments_are_another_call(open_session: Open) -> None:
    session = open_session(block("task = background_action('asked', words=showifdef('first', 'none'))\nfirst\nlast"))
    session.fill("x")
    assert session.started == ["asked", "asked"]


def test_a_block_for_several_objects_has_a_run_for_each(open_session: Open) -> None:
    session = open_session(
        "objects:\n  - people: DAList.using(object_type=Individual, gathered=True)\n---\n"
        + block("""
if not people.number():
  people.appendObject()
  people.appendObject()
people[0].greeting
people[1].greeting
last
""")
        + "\n---\ngeneric object: Individual\ncode: |\n  send_email(to='a@b.example', subject='hello')\n  x.greeting = x.nickname"
        + "\n---\ngeneric object: Individual\nquestion: Nick of ${ x.instanceName }?\nfields:\n  - Nick: x.nickname"
    )
    counts = [session.count]
    while session.question != "The end":
        session.fill("x")
        counts.append(session.count)
    assert counts == [1, 2, 2]


def test_a_loop_of_the_block_does_not_make_it_another_run(open_session: Open) -> None:
    session = open_session(block("for i in range(2):\n  task = background_action('asked')\nfirst\nlast"))
    session.fill("x")
    assert session.started == ["asked", "asked"]


@pytest.mark.parametrize(
    "loop",
    [
        "for i in range(2):\n  tasks[i] = background_action('asked')",
        "for k in ('a', 'b'):\n  tasks[k] = background_action('asked', k=k)",
        "i = 0\nwhile i < 2:\n  tasks[i] = background_action('asked')\n  i += 1",
    ],
)
def test_nor_does_one_that_fills_places_named_by_an_index_variable(open_session: Open, loop: str) -> None:
    session = open_session(block(f"tasks = dict()\n{loop}\nfirst\nlast"))
    session.show()
    session.fill("x")
    assert session.started == ["asked", "asked"]


def test_a_block_that_is_given_its_index_variable_has_a_run_for_each(open_session: Open) -> None:
    session = open_session(
        "objects:\n  - people: DAList.using(object_type=Individual, gathered=True)\n---\n"
        + block(
            "if not people.number():\n  people.appendObject()\n  people.appendObject()\nfor p in people:\n  p.task\nlast"
        )
        + "\n---\ncode: |\n  begun = background_action('asked')\n  people[i].nickname\n  people[i].task = begun"
        + "\n---\nquestion: Nick ${ i }?\nfields:\n  - Nick: people[i].nickname"
    )
    counts = [session.count]
    while session.question != "The end":
        session.fill("x")
        counts.append(session.count)
    assert counts == [1, 2, 2]


def test_a_function_that_a_block_keeps_for_itself_is_no_guard_of_what_it_calls(open_session: Open) -> None:
    session = open_session(block("begin = lambda: background_action('asked')\nbegin()\nbegin()\nfirst\nlast"))
    session.show()
    session.fill("x")
    assert session.started == ["asked", "asked"]


class _Named:
    def __init__(self, name: str, **held: object) -> None:
        self.instanceName = name
        self.__dict__.update(held)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (_Named("a", n=1), _Named("a", n=2), True),
        (_Named("a"), _Named("b"), False),
        (_Named("a", elements=[1]), _Named("a", elements=[1, 2]), False),
        ({1, 2, 3}, {3, 2, 1}, True),
        ([1, 2], (1, 2), True),
        ({"a": 1}, {"a": "1"}, False),
        (1, True, False),
        (1, 1.0, False),
        (b"a", "a", False),
    ],
)
def test_shapes_of_arguments(one: object, other: object, same: bool) -> None:
    assert (repr(shape(one)) == repr(shape(other))) is same


def test_what_holds_itself_has_a_shape() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert shape(loop)
