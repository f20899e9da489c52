"""What undoes or repeats a step: edited answers, undefined variables, Back, texts shown again, refusals, lost races.

Cases 13 and 18 to 22 of docs/adr/0019-durable-blocks.md.
"""

from __future__ import annotations

import pytest

from tests.unit.engine.durable import MAIL, TASK, Case, code, counts, named
from tests.unit.engine.saved import Open

CASES = (
    Case(
        "13a",
        "answers edited at the final screen: what is sent has changed",
        code("first", "send_email(to='a@b.example', subject='hello', body=first)", "last"),
        ("fill one", "act first", "fill one", "act first", "fill two", "show"),
        (0, 1, 1, 1, 1, 2, 2),
    ),
    Case(
        "13b",
        "the same with a task",
        code("first", TASK, "last"),
        ("fill one", "act first", "fill two", "show"),
        (0, 1, 1, 1, 1),
    ),
    Case(
        "18a",
        "undefined by a button, the block has not ended",
        code(TASK, "first", "last") + "\n---\n" + code("undefine('task')", head="event: again"),
        ("fill", "act again", "show"),
        (1, 1, 2, 2),
    ),
    Case(
        "18b",
        "undefined by a button, guarded by defined()",
        code("if not defined('task'):", f"  {TASK}", "first", "last")
        + "\n---\n"
        + code("undefine('task')", head="event: again"),
        ("fill", "act again", "show"),
        (1, 1, 2, 2),
    ),
    Case(
        "18c",
        "depends on",
        code("task", "first", "last") + "\n---\n" + code("second", TASK, head="depends on: second"),
        ("fill", "fill", "act second", "fill other", "show"),
        (0, 1, 1, 1, 2, 2),
    ),
    Case(
        "18d",
        "reconsidered while it has not ended",
        code("task", "second", "last")
        + "\n---\n"
        + code(TASK, "first", head="comment: none")
        + "\n---\n"
        + code("first = 'yes'", "reconsider('task')", head="event: again"),
        ("act again", "show"),
        (1, 2, 2),
    ),
    Case(
        "18e",
        "a flag put back",
        code("if not sent:", f"  {MAIL}", "  sent = True", "first", "last")
        + "\n---\n"
        + code("sent = False", head="comment: none")
        + "\n---\n"
        + code("sent = False", head="event: again"),
        ("fill", "act again", "show"),
        (1, 1, 2, 2),
    ),
    Case(
        "18f",
        "invalidated by the name of its owner",
        code(
            "if not people.number():",
            "  people.appendObject()",
            "for p in people:",
            "  if not hasattr(p, 'task'):",
            "    p.task = background_action('asked')",
            "first",
            "last",
        )
        + "\n---\n"
        + code("invalidate('people[0].task')", head="event: again"),
        ("fill", "act again", "show"),
        (1, 1, 2, 2),
    ),
    Case(
        "18g",
        "a task's counter set back to nothing",
        code("if task_not_yet_performed('n'):", f"  {MAIL[:-1]}, task='n')", "first", "last")
        + "\n---\n"
        + code("set_task_counter('n', 0)", head="event: again"),
        ("fill", "act again", "show"),
        (1, 1, 2, 2),
    ),
    Case(
        "18h",
        "undefined by the block itself, which begins again",
        code(
            TASK,
            "again = False if not defined('again') else again",
            "first",
            "if first == 'once more':",
            "  first = ''",
            "  undefine('task')",
            "  re_run_logic()",
            "last",
        ),
        ("fill once more", "show"),
        (1, 2, 2),
    ),
    Case(
        "19a",
        "Back over the step",
        code("first", TASK, "second", "last"),
        ("fill", "back", "fill", "show"),
        (0, 1, 1, 2, 2),
    ),
    Case("19b", "Back after the step", code(TASK, "first", "second", "last"), ("fill", "back", "fill"), (1, 1, 1, 1)),
    Case("19c", "restart", code(TASK, "first", "last"), ("restart",), (1, 2)),
    Case(
        "19d",
        "marks that outlast Back",
        code(
            "first",
            "if task_not_yet_performed('n', persistent=True):",
            f"  {MAIL[:-1]}, task='n', task_persistent=True)",
            "second",
        ),
        ("fill", "back", "fill"),
        (0, 1, 1, 1),
    ),
    Case(
        "20a",
        "in the text of a question: each showing until it is answered",
        "mandatory: True\nquestion: ${ "
        + MAIL
        + " } ${ other }\ncontinue button field: seen\n---\n"
        + code("other = 1", head="comment: none")
        + "\n---\n"
        + code("last")
        + "\n---\n"
        + code("undefine('seen'); forget_result_of('asking')", head="event: again"),
        ("show", "show", "fill"),
        (1, 1, 1, 1),
    ),
    Case(
        "20b",
        "in the text of a final screen",
        "mandatory: True\nquestion: ${ " + MAIL + " } ${ first }",
        ("show", "fill", "show", "other show"),
        (1, 1, 1, 1, 1),
    ),
    Case(
        "20c",
        "the same question asked again",
        code(
            "rounds = [] if not defined('rounds') else rounds",
            "asked_for",
            "rounds.append(1)",
            "if len(rounds) < 2:",
            "  undefine('asked_for')",
            "  asked_for",
            "last",
        )
        + "\n---\nquestion: ${ "
        + MAIL
        + " }\ncontinue button field: asked_for",
        ("show", "fill", "show", "fill"),
        (1, 1, 2, 2, 2),
    ),
    Case(
        "21",
        "validation code that refuses, then accepts",
        "mandatory: True\nquestion: How many?\nfields:\n  - Number: number\n    datatype: integer\nvalidation code: |\n"
        + f"  {MAIL}\n  if number < 3:\n    validation_error('More')\n  other\n---\n"
        + code("other = 1", head="comment: none")
        + "\n---\n"
        + code("last"),
        ("refused 1", "refused 2", "fill 3", "show"),
        (0, 0, 0, 1, 1),
    ),
    Case(
        "22a", "a step lost to a race", code("first", MAIL, "last"), ("lose", "lose", "fill", "show"), (0, 0, 0, 1, 1)
    ),
    Case(
        "22b",
        "a step lost before its question",
        code("first", MAIL, "second", "last"),
        ("lose", "fill", "lose", "fill"),
        (0, 0, 1, 1, 1),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_case(case: Case, open_session: Open) -> None:
    assert counts(case, open_session) == case.counts
