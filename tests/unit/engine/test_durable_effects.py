"""What is done once, function by function; where a call is the same call; how long it is remembered (docs/adr/0019-durable-blocks.md)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.authoring import modules
from shared.contract.effects import LogMessage, RevokeTask
from shared.engine.keeping import runs
from shared.engine.keeping.arguments import shape
from shared.language.model import Interview
from tests.unit.engine.saved import Saved
from tests.unit.language.sample import Pack

Open = Callable[[str], Saved]

ASKS = """
---
question: First?
fields:
  - First: first
---
question: Second?
fields:
  - Second: second
---
event: last
question: The end
---
event: asked
code: |
  background_response(42)
"""


@pytest.fixture
def open_session(pack: Pack) -> Open:
    modules.install([pack.root])
    return lambda text: Saved(pack.interview(text + ASKS), pack.sources)


def block(code: str) -> str:
    return "mandatory: True\ncode: |\n" + "\n".join(f"  {line}" for line in code.strip("\n").split("\n"))


# ------------------------------------------------------------------ functions


def test_a_started_task_has_the_same_handle_after_the_answer(open_session: Open) -> None:
    session = open_session(block("task = background_action('asked', number=1)\nfirst\nlast"))
    before = session.state.variables["task"].id
    session.fill("x")
    assert session.state.variables["task"].id == before
    assert [effect.task_id for effect in session.left] == [before]


def test_what_the_step_noted_stays_although_its_block_was_interrupted(open_session: Open) -> None:
    session = open_session(
        block("last")
        + "\n---\nevent: broken\ncode: |\n  background_error_action('trouble', near='far')\n  set_info(told='yes')\n  nothing_defines_it"
    )
    task = session.act("broken", mode="background").task
    assert task is not None
    assert task.error_action == "trouble"
    assert task.failure is not None
    assert task.failure.trail == ("nothing_defines_it", "broken")


@pytest.mark.parametrize("ending", ["1 / 0", "nothing_defines_it", "first"])
def test_a_background_action_that_fails_keeps_what_it_did_before(open_session: Open, ending: str) -> None:
    session = open_session(
        block("last")
        + "\n---\nevent: broken\ncode: |\n  send_email(to='a@b.example', subject='begun')\n"
        + "  from_code\n  "
        + ending
        + "\n---\ncode: |\n  from_code = 1"
    )
    outcome = session.act("broken", mode="background")
    assert outcome.task is not None
    assert not outcome.task.ok
    assert session.mails == ["a@b.example: begun"]


def test_a_step_that_fails_is_thrown_away_whole(open_session: Open) -> None:
    session = open_session(block("first\nsend_email(to='a@b.example', subject='x')\nif first == 'bad':\n  1 / 0\nlast"))
    before = session.states[-1]
    assert session.send("bad").failure is not None
    assert (session.count, session.states[-1]) == (0, before)
    session.fill("good")
    assert session.count == 1


def test_a_file_made_of_the_same_is_the_same_file_and_so_is_the_mail_that_carries_it(open_session: Open) -> None:
    session = open_session(
        block("""
note = DAFile('note')
note.initialize(filename='note.txt', content='Good day')
packed = zip_file(note, filename='all.zip')
send_email(to='a@b.example', subject='files', attachments=[note, packed])
first
second
last
""")
    )
    for _ in range(3):
        assert sorted(name for name, _, _ in session.files.held.values()) == ["all.zip", "note.txt"]
        assert session.mails == ["a@b.example: files"]
        session.fill("x") if session.question != "The end" else session.show()


def test_a_file_with_other_contents_is_another_file(open_session: Open) -> None:
    session = open_session(
        block(
            "note = DAFile('note')\nnote.initialize(filename='a.txt', content=showifdef('first', 'none'))\nfirst\nlast"
        )
    )
    session.fill("x")
    assert [content for _, _, content in session.files.held.values()] == [b"none", b"x"]


def test_a_table_is_exported_once(open_session: Open) -> None:
    session = open_session(
        block("sheet = people_table.export('people.xlsx')\nfirst\nlast")
        + '\n---\ntable: people_table\nrows: "[1, 2]"\ncolumns:\n  - Number: row_item'
    )
    session.fill("x")
    assert len(session.files.held) == 1


def test_marks_and_lines_of_the_log_are_made_once(open_session: Open) -> None:
    session = open_session(block("log('begun')\nmark_task_as_performed('n')\nfirst\nsecond\nlast"))
    session.fill("x")
    session.fill("y")
    assert [effect.message for effect in session.left if isinstance(effect, LogMessage)] == ["begun"]
    assert session.state.internal["tasks"] == {"n": 1}


def test_what_sets_something_is_said_whenever_it_is_reached_and_once_a_step(open_session: Open) -> None:
    session = open_session(
        block("task = background_action('asked')\nfirst\ntask.revoke()\ninner\nlast") + "\n---\ncode: |\n  inner = 1"
    )
    session.fill("x")
    assert [effect for effect in session.left if isinstance(effect, RevokeTask)] == [
        RevokeTask(task_id=session.state.variables["task"].id)
    ]


def test_one_address_is_opened_for_a_session(open_session: Open) -> None:
    session = open_session(block("address = interview_email()\nfirst\naddress = interview_email()\nlast"))
    session.fill("x")
    assert len(session.left) == 1
    assert session.state.variables["address"].startswith(session.left[0].address)


# ------------------------------------------------------------------ waiting in the step that starts


def test_waiting_for_a_task_saves_the_step_that_starts_it_and_goes_on_when_it_has_ended(open_session: Open) -> None:
    session = open_session(block("task = background_action('asked')\nanswer = task.get()\nfirst\nlast"))
    assert (session.screen.kind, session.started) == ("wait", ["asked"])
    session.tasks.ended[session.state.variables["task"].id] = 42
    session.show()
    assert (session.question, session.started) == ("First?", ["asked"])
    assert session.state.variables["answer"] == 42


def test_background_action_objects_start_one_task_and_give_its_value(open_session: Open) -> None:
    session = open_session(
        "objects:\n  - worker: BackgroundAction\n---\n" + block("answer = worker.run('asked')\nfirst\nlast")
    )
    assert (session.question, session.started) == ("wait", ["asked"])
    session.show()
    assert session.started == ["asked"]
    session.tasks.ended[session.left[0].task_id] = 42
    session.show()
    assert session.question == "First?"
    session.fill("x")
    assert (session.question, session.started) == ("The end", ["asked"])
    assert session.state.variables["answer"] == 42


# ------------------------------------------------------------------ the same call


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


def test_what_a_removed_block_did_is_not_kept_for_ever(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_GONE", 3)
    session = Saved(pack.interview(block("log('0')\nfirst") + ASKS), pack.sources)
    for number in range(1, 9):
        session.interview = pack.interview(block(f"log('{number}')\nfirst") + ASKS)
        session.show()
    assert len(session.state.internal[runs.DONE]) <= 5
    assert session.state.internal[runs.DONE].keys() == session.state.internal[runs.RAN].keys()


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


@pytest.mark.parametrize("mode", ["cron", "email"])
def test_what_goes_on_with_a_block_behind_the_screen_finds_what_it_did(open_session: Open, mode: str) -> None:
    session = open_session(
        "initial: True\ncode: |\n  address = interview_email()\n---\n"
        + block(
            "send_email(to='a@b.example', subject='x', reply_to=address)\n"
            + "task = background_action('asked')\nfirst\nsecond\nlast"
        )
        + "\n---\nevent: cron_daily\ncode: |\n  first = 'known'"
    )
    assert session.count == 2
    session.act("cron_daily", mode=mode)
    session.show()
    assert session.count == 2
    session.fill("x")
    assert (session.question, session.count) == ("The end", 2)


SAYS = "send_email(to='a@b.example', subject='x')"


def test_choices_that_code_makes_are_made_often_and_do_what_they_do_once_a_showing(open_session: Open) -> None:
    session = open_session(
        f"mandatory: True\nquestion: Which?\nfields:\n  - Which: which\n    code: |\n      ['x', 'y'] if {SAYS} else []\n---\n"
        + block("last")
    )
    session.show()
    assert session.send("z").rejection is not None
    session.fill("x")
    assert (session.question, session.count) == ("The end", 1)


def test_a_function_that_checks_an_answer_and_misses_a_name_does_what_it_does_once(open_session: Open) -> None:
    session = open_session(
        "mandatory: True\nquestion: Which?\nfields:\n  - Which: which\n    validate: |\n"
        f"      lambda given: {SAYS} and given != bad\n---\ncode: |\n  bad = 'z'\n---\n" + block("last")
    )
    assert session.send("z").rejection is not None
    assert session.count == 0
    session.fill("x")
    assert session.count == 1


def test_templates_belong_to_the_block_that_uses_them(open_session: Open) -> None:
    session = open_session(
        f"template: letter\ncontent: ${{ {SAYS} }}\n---\n" + block("first_text = letter.content\nfirst\nlast")
    )
    session.fill("x")
    session.show()
    assert session.count == 1


def test_data_made_by_code_is_made_once_although_it_misses_a_name(open_session: Open) -> None:
    session = open_session(
        f"variable name: facts\ndata from code:\n  - {SAYS}\n  - first\n---\n" + block("facts\nlast")
    )
    session.fill("x")
    assert (session.question, session.count) == ("The end", 1)


# ------------------------------------------------------------------ how long


def test_nothing_is_kept_of_blocks_that_ended(open_session: Open) -> None:
    session = open_session(block("log('x')\nfirst") + "\n---\nmandatory: True\nquestion: Done")
    assert runs.DONE in session.state.internal
    session.fill("x")
    assert runs.DONE not in session.state.internal


def test_initial_code_that_is_interrupted_in_its_last_pass_goes_on_in_the_next_step(open_session: Open) -> None:
    session = open_session(
        "initial: True\ncode: |\n  if showifdef('stage') == 1:\n    stage = 2\n    first\n"
        "  send_email(to='a@b.example', subject='x')\n---\n"
        + block("stage = showifdef('stage', 0) + 1\ninner\nlast")
        + "\n---\ncode: |\n  inner = 1"
    )
    assert (session.question, session.count) == ("First?", 1)
    session.fill("x")
    assert session.count == 1


def test_a_block_whose_need_comes_after_it_ends_after_that(open_session: Open) -> None:
    session = open_session(
        "mandatory: True\nneed:\n  post:\n    - first\ncode: |\n  send_email(to='a@b.example', subject='x')\n---\n"
        + block("last")
    )
    session.fill("x")
    assert (session.question, session.count) == ("The end", 1)


def test_of_a_run_that_never_ends_the_newest_calls_are_kept(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEPT", 3)
    session = open_session(block("n = showifdef('n', 0) + 1\nlog('always')\nlog(n)\nlast"))
    for _ in range(6):
        session.show()
    (calls,) = session.state.internal[runs.DONE].values()
    assert len(calls) == 3
    assert [effect.message for effect in session.left].count("always") == 1


def test_a_loop_of_many_calls_is_done_once(open_session: Open) -> None:
    session = open_session(block("for n in range(600):\n  log(n)\nfirst\nlast"))
    session.fill("x")
    assert len(session.left) == 600


def test_an_action_that_was_given_up_for_another_is_forgotten(open_session: Open) -> None:
    session = open_session(
        block("last") + "\n---\nevent: work\ncode: |\n  send_email(to='a@b.example', subject='x')\n  first\n  second"
    )
    session.act("work", number=1)
    session.act("work", number=2)
    assert session.count == 2
    while session.question != "The end":
        session.fill("x")
    assert session.count == 2
    assert runs.DONE not in session.state.internal


def test_outside_of_blocks_it_is_just_done(open_session: Open) -> None:
    session = open_session(
        "mandatory: True\nif: send_email(to='a@b.example', subject='condition')\nquestion: ${ first }\n---\n"
        + block("last")
    )
    assert session.mails == ["a@b.example: condition"] * len(session.mails)


# ------------------------------------------------------------------ arguments


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
