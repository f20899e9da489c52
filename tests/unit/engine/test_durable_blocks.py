"""What a block did before it was interrupted is not done twice: the cases of docs/adr/0019-durable-blocks.md, by their numbers.

A case is an interview, what happens to its session, and how many effects (mails sent, tasks started) have left it after each
of these things; the first number is that of its first screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.authoring import modules
from tests.unit.engine.saved import Saved
from tests.unit.language.sample import Pack

Open = Callable[[str], Saved]

#: What all interviews below may use, added to each.
COMMON = """
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
---
objects:
  - people: DAList.using(object_type=Individual, gathered=True)
"""


@dataclass(frozen=True)
class Case:
    number: str
    form: str
    interview: str
    moves: tuple[str, ...]  #: see `play`
    counts: tuple[int, ...]


def code(*lines: str, head: str = "mandatory: True") -> str:
    """One code block."""
    return "\n".join([head, "code: |", *(f"  {line}" for line in lines)])


MAIL = "send_email(to='a@b.example', subject='hello', body='one')"
TASK = "task = background_action('asked')"

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
        "14a",
        "in initial code",
        code(MAIL, head="initial: True")
        + "\n---\n"
        + code("a", "first", "last")
        + "\n---\n"
        + code("a = 1", head="comment: none"),
        ("show", "fill"),
        (1, 2, 3),
    ),
    Case(
        "14b",
        "in initial code that asks",
        code(MAIL, "first", head="initial: True") + "\n---\n" + code("last"),
        ("show", "show", "fill", "show"),
        (1, 1, 1, 1, 2),
    ),
    Case(
        "15",
        "an event that ends in a screen",
        code("first", "last")
        + "\n---\n"
        + code(MAIL, "result", head="event: work")
        + "\n---\nevent: result\nquestion: Result",
        ("act work", "show", "show", "act work", "show", "other act work", "other show"),
        (0, 1, 1, 1, 2, 2, 3, 3),
    ),
    Case(
        "16",
        "an event that asks two questions",
        code("last") + "\n---\n" + code(MAIL, "first", "second", head="event: work"),
        ("act work", "show", "fill", "fill", "show"),
        (0, 1, 1, 1, 1, 1),
    ),
    Case(
        "17a",
        "a scheduled event, each time it runs",
        code("last")
        + "\n---\n"
        + code(MAIL, "other", head="event: cron_daily")
        + "\n---\n"
        + code("other = 1", head="comment: none"),
        ("cron cron_daily", "cron cron_daily", "show"),
        (0, 1, 2, 2),
    ),
    Case(
        "17b",
        "a scheduled event that ends at a question",
        code("last") + "\n---\n" + code(MAIL, "first", head="event: cron_daily"),
        ("cron cron_daily", "cron cron_daily"),
        (0, 1, 2),
    ),
    Case(
        "17c",
        "a check-in",
        code("first")
        + "\n---\n"
        + code(MAIL, "other", "background_response()", head="event: look")
        + "\n---\n"
        + code("other = 1", head="comment: none"),
        ("check look", "check look", "show"),
        (0, 1, 2, 2),
    ),
    Case(
        "17d",
        "a response action",
        code("last")
        + "\n---\n"
        + code(MAIL, "other", "background_response()", head="event: answer")
        + "\n---\n"
        + code("other = 1", head="comment: none"),
        ("callback answer", "callback answer"),
        (0, 1, 2),
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


@pytest.fixture
def open_session(pack: Pack) -> Open:
    modules.install([pack.root])
    return lambda text: Saved(pack.interview(text + COMMON), pack.sources)


def play(session: Saved, move: str) -> None:
    """``fill [value]``, ``lose`` (an answer whose step is lost), ``refused [value]``, ``show``, ``act NAME``, ``cron NAME`` …"""
    other = move.startswith("other ")
    verb, _, rest = move.removeprefix("other ").partition(" ")
    client = "other" if other else "browser"
    if verb == "fill":
        session.fill(
            int(rest) if rest.isdigit() else rest or "x"
        ) if session.screen.kind == "fields" else session.fill()
    elif verb == "lose":
        session.fill("x", lost=True)
    elif verb == "refused":
        assert session.send(int(rest)).rejection is not None
    elif verb == "show":
        session.show(client=client)
    elif verb == "act":
        session.act(rest, client=client)
    elif verb in ("cron", "callback"):
        session.act(rest, mode=verb)
    elif verb == "check":
        session.check_in(rest)
    elif verb == "back":
        session.back()
    else:
        session.restart()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number} {case.form}")
def test_case(case: Case, open_session: Open) -> None:
    session = open_session(case.interview)
    counts = [session.count]
    for move in case.moves:
        play(session, move)
        counts.append(session.count)
    assert tuple(counts) == case.counts
