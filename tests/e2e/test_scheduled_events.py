"""What a scheduled event may look like, who it runs as, and what it may do: background.md, "Scheduled tasks"; the three examples with roles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes

import pytest

from services.logs import session_hash
from shared.contract.errors import NoSession
from tests.helpers.embedded import Embedded, Visit, until
from tests.helpers.hands import Hands
from tests.helpers.packs import COUNTING

BEGIN = f"""{COUNTING}question: Colour?
fields:
  - Colour: colour
---
"""
PART = "event: cron_included\ncode: |\n  response('from another file')\n"

#: The body of each interview's own event, and what is said of it by hand.
EVENTS = {
    "who": (
        "response(repr((user_has_privilege('cron'), user_privileges(), user_logged_in(), interface(), "
        "action_arguments(), user_info().email)))",
        "ran: (True, ['cron'], True, 'cron', {}, None)",
    ),
    "changes": ("n += 1\nresponse('n is ' + str(n))", "ran: n is 1"),
    "forgets": ("n += 1\nmark_task_as_performed('t')\nresponse(null=True)", "ran"),
    "older": ("n += 1", "ran"),
    "leaves": ("n += 1\ncommand('leave')", "ran"),
    "messages": ("n += 1\nmessage('Done', 'with it')", "ran"),
    "asks": ("n += 1\ncolour\nresponse()", "asked: "),
    "forces": ("n += 1\nforce_ask('colour')", "asked: "),
    "undefined": ("n += 1\nnobody_defines_this", "failed: "),
    "raises": ("n += 1\n1/0", "failed: ZeroDivisionError in "),
    "imports": ("n += 1\nfrom events.bad import something", "failed: ZeroDivisionError in "),
    "ends": ("import sys\nsys.exit(3)", "failed: "),
    "kills": ("import os\nos.kill(os.getpid(), 9)", "failed: "),
    "hangs": ("while True:\n  pass", "failed: TimeLimit in "),
}
#: n afterwards, where it is not 0.
COUNTED = {"changes": 1, "older": 1, "leaves": 1, "messages": 1, "asks": 1, "forces": 1}

#: Whole interviews whose event is named after them.
WHOLE = {
    "one": BEGIN.replace("allow_cron = True", "use_cron = 1") + "event: cron_one\ncode: |\n  response('one')\n",
    "initial": BEGIN.replace("mandatory: True\ncode", "initial: True\ncode", 1).replace("  n = 0\n", "")
    + "event: cron_initial\ncode: |\n  response('initial')\n---\ncode: |\n  n = 0\n",
    "both": BEGIN.replace("allow_cron = True", "allow_cron = False\n  use_cron = True")
    + "event: cron_both\ncode: |\n  response('both')\n",
    "neither": BEGIN.replace("allow_cron = True", "allow_cron = False")
    + "event: cron_neither\ncode: |\n  response('neither')\n",
    "alone": BEGIN.replace("multi_user = True", "multi_user = False")
    + "event: cron_alone\ncode: |\n  response('alone')\n",
    "listed": BEGIN + "event:\n  - cron_listed\n  - cron_other\ncode: |\n  response('listed')\n",
    "defines": BEGIN + "code: |\n  n = 7\n  cron_defines = True\n",
    "included": f"include:\n  - part.yml\n---\n{BEGIN}".rstrip("-\n"),
    "twice": BEGIN
    + "event: cron_twice\ncode: |\n  response('first')\n---\nevent: cron_twice\ncode: |\n  response('second')\n",
    "screen": BEGIN + "event: cron_screen\nquestion: |\n  A screen\n",
    "background": BEGIN
    + "event: cron_background_background\ncode: |\n  background_response_action('ends', result=7)\n---\n"
    + "event: ends\ncode: |\n  n = action_argument('result')\n  background_response()\n",
    "long": BEGIN
    + "event: cron_long\ncode: |\n  background_action('long_task', None)\n  response()\n---\n"
    + "event: long_task\ncode: |\n  result = 42\n  background_response_action('finalize_long_task', result=result)\n---\n"
    + "event: finalize_long_task\ncode: |\n  n = action_argument('result')\n  response()\n",
    "broken": "modules:\n  - .bad\n---\n" + BEGIN + "event: cron_broken\ncode: |\n  response('broken')\n",
}
SAID = {
    "one": "ran: one",
    "initial": "ran: initial",
    "both": "ran: both",
    "listed": "ran: listed",
    "defines": "ran",
    "included": "ran: from another file",
    "twice": "ran: second",
    "background": "ran",
    "long": "ran",
}

ROLES = """
default role: organizer
code: |
  multi_user = True
  allow_cron = True
  role = 'organizer'
  introduction_made = True
  participants_invited = False
  ready_for_other_people = False
---
{order}
---
event: say_goodbye_to_user
question: Goodbye
---
mandatory: True
question: Welcome
---
event: cron_{name}
code: |
  do_something_important
---
code: |
  do_something_important = True
  important = 'done'
"""
GATE = "initial: True\ncode: |\n  if {condition} and not ready_for_other_people:\n    say_goodbye_to_user"
ACTIONS = "initial: True\ncode: |\n  process_action()"
#: As the page has them: the cron user is kicked out; it acts first; it is let pass.
ROLE_EXAMPLES = {
    "kicked": f"{GATE.format(condition='''role != 'first_person' ''')}\n---\n{ACTIONS}",
    "first": f"{ACTIONS}\n---\n{GATE.format(condition='''role != 'first_person' ''')}",
    "pass": f"{GATE.format(condition='''(role != 'first_person' and not user_has_privilege('cron'))''')}\n---\n{ACTIONS}",
}


@pytest.fixture(scope="module")
def hands() -> Hands:
    return Hands()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, hands: Hands) -> Iterator[Embedded]:
    folder = tmp_path_factory.mktemp("events")
    questions = folder / "events" / "data" / "questions"
    questions.mkdir(parents=True)
    (folder / "events" / "__init__.py").write_text("")
    (folder / "events" / "bad.py").write_text("1/0\n")
    (questions / "part.yml").write_text(PART)
    for name, (body, _) in EVENTS.items():
        lines = "".join(f"  {line}\n" for line in body.splitlines())
        (questions / f"{name}.yml").write_text(f"{BEGIN}event: cron_{name}\ncode: |\n{lines}")
    for name, text in WHOLE.items():
        (questions / f"{name}.yml").write_text(text)
    for name, order in ROLE_EXAMPLES.items():
        (questions / f"{name}.yml").write_text(ROLES.format(name=name, order=order))
    (questions / "exits.yml").write_text(
        BEGIN + "event: cron_exits\ncode: |\n  send_email(to='bye@example.org', subject='goodbye', body='x')\n"
        "  background_action('late')\n  command('exit')\n---\n"
        "event: late\ncode: |\n  send_email(to='late@example.org', subject='late', body='x')\n  background_response()\n"
    )
    (questions / "access.yml").write_text(ACCESS)
    (questions / "tasks.yml").write_text(TASKS)
    running = Embedded(folder / "var", packages=folder, clock=hands, given={"cron_seconds": 3.0})
    yield running
    running.stop()


def by_hand(system: Embedded, event: str) -> list[str]:
    lines: list[str] = []
    system.system.by_hand(event, again=True, tell=lines.append)
    return lines


def question(visit: Visit) -> str:
    return str(visit.show()["question"])


@pytest.mark.parametrize("name", EVENTS)
def test_what_an_event_does(system: Embedded, name: str) -> None:
    visit = system.visit(f"events:{name}.yml")
    line, summary = by_hand(system, f"cron_{name}")
    said = line.removeprefix(f"{session_hash(visit.session)}  ")
    expected = EVENTS[name][1]
    assert said == expected or (expected.endswith(" ") and said.startswith(expected)), said
    assert summary == f"cron_{name}: 1 sessions: 1 {expected.split()[0].rstrip(':')}"
    assert question(visit) == f"n is {COUNTED.get(name, 0)}", "it was saved as far as it came, or not at all"
    if not said.startswith("ran"):
        assert f" in events:data/questions/{name}.yml, Question_" in said, said
        assert ", line " in said, said


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "broken"])
def test_forms_of_interviews(system: Embedded, name: str) -> None:
    visit = system.visit(f"events:{name}.yml")
    lines = by_hand(system, f"cron_{name}")
    if name == "screen":  # a question is no end of anything: nobody is there to see it
        assert lines[0].startswith(f"{session_hash(visit.session)}  asked: AskedForAnswer in events:")
    elif name in SAID:
        assert lines == [f"{session_hash(visit.session)}  {SAID[name]}", f"cron_{name}: 1 sessions: 1 ran"]
    else:
        assert lines == [f"cron_{name}: 0 sessions"]
    counted = {"defines": 7, "background": 7, "long": 42}.get(name, 0)
    until(lambda: question(visit) == f"n is {counted}", f"n never was {counted}")


@pytest.mark.parametrize(("name", "done"), [("kicked", False), ("first", True), ("pass", True)])
def test_the_three_examples_with_roles(system: Embedded, name: str, done: bool) -> None:
    visit = system.visit(f"events:{name}.yml")
    assert visit.screen["question"].strip() == "Goodbye"
    line, _ = by_hand(system, f"cron_{name}")
    store = system.system.store
    with store.vault.work():
        kept = store.sessions.load(visit.session)
    assert kept is not None
    assert (b"do_something_important" in kept.state) is done, line


def test_an_interview_that_does_not_load_is_told(system: Embedded) -> None:
    with pytest.raises(Exception, match="bad"):
        system.visit("events:broken.yml")


def mails(system: Embedded) -> list[str]:
    folder = system.settings.var / "mail"
    return sorted(str(message_from_bytes(path.read_bytes())["To"]) for path in folder.glob("*.eml"))


def test_an_event_that_exits_sends_its_mail_and_leaves_nothing(system: Embedded) -> None:
    visit = system.visit("events:exits.yml")
    line, _ = by_hand(system, "cron_exits")
    assert line.endswith("  ran")
    store = system.system.store
    until(lambda: not store.sessions.exists(visit.session), "it is there still")
    until(lambda: "bye@example.org" in mails(system), "its mail did not leave")
    assert store.tasks.of_session(visit.session) == []
    with pytest.raises(NoSession):
        visit.show()
    assert "late@example.org" not in mails(system), "a task of a session that has gone ends with it"


ACCESS = """
mandatory: True
code: |
  multi_user = True
  allow_cron = True
---
mandatory: True
question: |
  days ${ last_access_days() } hours ${ last_access_hours() } minutes ${ last_access_minutes() } time ${ last_access_time() }
  cron ${ last_access_days(include_cron=True) }
buttons:
  Leave: leave
---
event: looked_at
code: |
  response('looked')
---
event: cron_access
code: |
  response(f"{last_access_days()} {last_access_days(include_cron=True)} {last_access_days(include_privileges='admin')}")
"""


def test_who_was_here_when(system: Embedded, hands: Hands) -> None:
    visit = system.visit("events:access.yml")
    hands.now += timedelta(days=2)
    line, _ = by_hand(system, "cron_access")
    assert line.partition("ran: ")[2].split()[0] == "2.0"
    hands.now += timedelta(days=1)
    line, _ = by_hand(system, "cron_access")
    lone, with_cron = line.partition("ran: ")[2].split()[:2]
    assert (lone, with_cron) == ("3.0", "1.0"), "the cron user is no person, and was here yesterday"
    hands.now += timedelta(seconds=1)
    system.system.bus.call("interview", "check_in", session=visit.session, caller=visit._who)
    assert by_hand(system, "cron_access")[0].partition("ran: ")[2].split()[0][:3] == "3.0", "a check-in is no visit"
    assert question(visit).startswith("days 3.0")
    hands.now += timedelta(seconds=1)
    assert by_hand(system, "cron_access")[0].partition("ran: ")[2].split()[0].startswith("1.1"), "looking at it is one"


TASKS = """
mandatory: True
code: |
  multi_user = True
  allow_cron = True
---
mandatory: True
question: |
  ${ times_task_performed('i', persistent='interview') } ${ times_task_performed('g', persistent='global') }
  ${ times_task_performed('own', persistent='a name of mine') } ${ times_task_performed('s', persistent=True) }
  ${ times_task_performed('plain') }
buttons:
  Leave: leave
---
event: cron_tasks
code: |
  mark_task_as_performed('i', persistent='interview')
  mark_task_as_performed('g', persistent='global')
  mark_task_as_performed('own', persistent='a name of mine')
  mark_task_as_performed('s', persistent=True)
  mark_task_as_performed('plain')
  response()
"""


def test_sessions_that_mark_one_task_at_once_are_all_counted(system: Embedded) -> None:
    visits = [system.visit("events:tasks.yml") for _ in range(5)]
    assert by_hand(system, "cron_tasks")[-1] == "cron_tasks: 5 sessions: 5 ran"
    for visit in visits:
        assert question(visit).split() == ["5", "5", "5", "1", "1"]
