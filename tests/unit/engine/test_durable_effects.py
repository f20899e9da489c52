"""What is done once, function by function, whatever it is called from: code, choices, templates, data (docs/adr/0019-durable-blocks.md)."""

from __future__ import annotations

import pytest

from shared.contract.effects import LogMessage, RevokeTask
from tests.unit.engine.saved import Open, block


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
