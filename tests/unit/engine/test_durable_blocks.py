"""Blocks that are interrupted by a question, once and in every form: cases 1 to 12 of docs/adr/0019-durable-blocks.md."""

from __future__ import annotations

import pytest

from tests.unit.engine.durable import MAIL, TASK, Case, code, counts, named
from tests.unit.engine.saved import Open

CASES = (
    Case("1", "a task, then a question", code(TASK, "first", "last"), ("show", "fill", "show"), (1, 1, 1, 1)),
    Case(
        "2a",
        "guarded by defined()",
        code("if not defined('task'):", f"  {TASK}", "first", "last"),
        ("show", "fill", "show"),
        (1, 1, 1, 1),
    ),
    Case(
        "2b",
        "guarded by a flag",
        code("sent = False", head="initial: True\nif: not defined('sent')")
        + "\n---\n"
        + code("if not sent:", f"  {MAIL}", "  sent = True", "first", "last"),
        ("show", "fill", "show"),
        (1, 1, 1, 1),
    ),
    Case(
        "3",
        "a question, a mail, the final screen",
        code("first", MAIL, "last"),
        ("fill", "show", "other show", "show"),
        (0, 1, 1, 1, 1),
    ),
    Case(
        "4",
        "by a task that is not yet performed",
        code("first", "if task_not_yet_performed('n'):", f"  {MAIL[:-1]}, task='n')", "last"),
        ("fill", "show"),
        (0, 1, 1),
    ),
    Case(
        "5a",
        "in the block that defines the handle",
        code("task", "first", "last") + "\n---\n" + code(TASK, head="comment: none"),
        ("fill", "show"),
        (1, 1, 1),
    ),
    Case(
        "5b", "alone in a mandatory block", code(MAIL) + "\n---\n" + code("first", "last"), ("fill", "show"), (1, 1, 1)
    ),
    Case(
        "6",
        "assigned only after the question",
        code("pair = [background_action('asked'), first]", "second", "last"),
        ("show", "fill", "fill", "show"),
        (1, 1, 1, 1, 1),
    ),
    Case(
        "7",
        "an inner block is interrupted",
        code("outer", "last")
        + "\n---\n"
        + code("outer = inner", head="comment: none")
        + "\n---\n"
        + code(TASK, "first", "inner = 1", head="comment: none"),
        ("show", "fill", "show"),
        (1, 1, 1, 1),
    ),
    Case(
        "8",
        "a loop over people, one of whom comes later",
        code(
            "if not people.number():",
            "  people.appendObject(email='a@b.example')",
            "  people.appendObject(email='c@d.example')",
            "for p in people:",
            "  send_email(to=p.email, subject='hello', body='one')",
            "if not defined('first'):",
            "  first",
            "  people.appendObject(email='e@f.example')",
            "second",
            "last",
        )
        + "\n---\n"
        + code("people.appendObject(email='g@h.example')", "people.elements.reverse()", head="event: another"),
        ("fill", "act another", "fill", "show"),
        (2, 2, 3, 3, 3),
    ),
    Case("9a", "the same line twice", code(MAIL, MAIL, "first", "last"), ("show", "fill"), (2, 2, 2)),
    Case(
        "9b",
        "two equal calls on a line",
        code(f"{MAIL}; {MAIL}", "first", "last"),
        ("show", "fill"),
        (2, 2, 2),
    ),
    Case(
        "10a",
        "a function of the block for each of three",
        code(
            "def tell(number):",
            "  send_email(to='a@b.example', subject='hello', body=str(number))",
            "for n in range(3):",
            "  tell(n)",
            "first",
            "last",
        ),
        ("show", "fill"),
        (3, 3, 3),
    ),
    Case(
        "11",
        "the author catches what is missing",
        code("try:", f"  {MAIL}", "  missing", "except NameError:", "  pass", "first", "last"),
        ("show", "fill", "show"),
        (1, 1, 1, 1),
    ),
    Case(
        "12",
        "another text when the run goes on",
        code(
            "send_email(to='a@b.example', subject='hello', body=showifdef('first'))",
            "first",
            "last",
        ),
        ("show", "fill", "show"),
        (1, 1, 2, 2),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_case(case: Case, open_session: Open) -> None:
    assert counts(case, open_session) == case.counts
