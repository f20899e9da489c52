"""Steps of real interviews in real children: what an author wrote is loaded, run, stored, read again and reloaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.contract.effects import Effect, LogMessage
from shared.contract.errors import BadInterview, NoInterview, TimeLimit
from shared.contract.outcome import StepResult
from shared.engine.request import Action, Answer, Request, Shown
from shared.runner.pool import ProcessPool
from shared.runner.ports import Limits
from shared.runner.said import CHARACTERS, MESSAGES
from shared.state import codec
from shared.state.codec import encode_value
from shared.state.delta import apply_delta
from tests.helpers.outside import Nothing
from tests.helpers.screens import screen_of

NOW = datetime(2026, 1, 15, 10, tzinfo=UTC)

PEOPLE = """
modules:
  - .people
---
objects:
  - client: Client
  - others: DAList.using(object_type=Individual, there_are_any=True)
---
mandatory: True
code: |
  client.name.first = first
  client.note(first)
  alias = client
  met = as_datetime('2026-01-15 10:00', timezone='Europe/Berlin')
  one_kind = [Client]
---
question: Your first name
fields:
  - Name: first
---
event: shout
code: |
  client.note(action_argument('word'))
---
mandatory: True
question: Hello ${ alias.name.first }, ${ len(client.notes) } notes, ${ alias is client }, ${ met.hour }
event: final
"""

MODULE = """
from docassemble.base.util import Individual

class Client(Individual):
    def note(self, text):
        if 'notes' not in self.__dict__:
            self.notes = []
        self.notes.append(WORD + str(text))

WORD = 'one '
"""


class HostApi(Nothing):
    """It keeps files, and all tasks have ended."""

    def __init__(self) -> None:
        self.files: dict[int, tuple[str, str, bytes]] = {}

    def task(self, task_id: str, wait: float | None) -> Mapping[str, Any]:
        return {"status": "done", "ok": True, "value": encode_value(555)}

    def file_info(self, number: int) -> Mapping[str, Any] | None:
        if number not in self.files:
            return None
        filename, mimetype, content = self.files[number]
        return {"number": number, "filename": filename, "mimetype": mimetype, "size": len(content)}

    def file_read(self, number: int) -> bytes:
        return self.files[number][2]

    def file_write(self, filename: str, mimetype: str, content: bytes) -> int:
        self.files[len(self.files) + 1] = (filename, mimetype, content)
        return len(self.files)


class Session:
    """One session over the pool."""

    def __init__(self, pool: ProcessPool, name: str) -> None:
        self.pool = pool
        self.name = name
        self.state: bytes | None = None
        self.host = HostApi()
        self.done: StepResult | None = None

    def step(self, **parts: Any) -> StepResult:
        request = Request(now=NOW, seed=7, **parts)
        done = self.pool.step(self.name, self.state, request, host=self.host, limits=Limits(seconds=20))
        assert done.failure is None, done.failure
        if done.state is not None:
            if self.state is not None and done.reverse is not None:
                assert apply_delta(done.state, done.reverse) == self.state
            self.state = done.state
        self.done = done
        return done

    def question(self) -> str:
        assert self.done is not None
        return (screen_of(self.done).question or "").strip()

    def answer(self, **values: Any) -> StepResult:
        assert self.done is not None
        return self.step(answer=Answer(shown=Shown(**screen_of(self.done).shown), values=values))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("interviews")
    (root / "office" / "data" / "questions").mkdir(parents=True)
    (root / "office" / "data" / "static").mkdir()
    for folder in (root, *root.parents):
        if folder.name.startswith(("pytest", "interviews")):
            folder.chmod(0o755)
    return root


@pytest.fixture(scope="module")
def pool(root: Path) -> Iterator[ProcessPool]:
    pool = ProcessPool(roots=[root, Path(__file__).parents[3]], check_seconds=0)
    yield pool
    pool.close()


def write(root: Path, name: str, text: str) -> str:
    (root / "office" / "data" / "questions" / f"{name}.yml").write_text(text)
    return f"office:{name}.yml"


def test_an_interview_with_an_authors_class_from_first_to_last_screen(root: Path, pool: ProcessPool) -> None:
    (root / "office" / "people.py").write_text(MODULE)
    session = Session(pool, write(root, "people", PEOPLE))
    session.step()
    assert session.question() == "Your first name"
    session.answer(first="Ada")
    assert session.question() == "Hello Ada, 1 notes, True, 10"
    session.step(action=Action(name="shout", encoded=encode_value({"word": "loud"})))
    session.step()
    assert session.question() == "Hello Ada, 2 notes, True, 10"
    assert session.state is not None
    stored = codec.load(session.state)["objects"]
    assert {"office.people.Client", "docassemble.base.util.IndividualName"} <= set(stored)


def test_a_changed_module_and_a_changed_interview_reach_the_running_session(root: Path, pool: ProcessPool) -> None:
    (root / "office" / "people.py").write_text(MODULE)
    session = Session(pool, write(root, "changing", PEOPLE))
    session.step()
    session.answer(first="Ada")
    (root / "office" / "people.py").write_text(MODULE.replace("'one '", "'another '"))
    session.step(action=Action(name="shout", arguments={"word": "x"}))
    assert session.state is not None
    (client,) = codec.load(session.state)["objects"]["office.people.Client"].values()
    assert client["notes"] == ["one Ada", "another x"]
    write(root, "changing", PEOPLE.replace("Hello", "Good day"))
    session.step()
    assert session.question().startswith("Good day Ada, 2 notes")


def test_a_class_that_vanished_is_a_failure_that_names_it(root: Path, pool: ProcessPool) -> None:
    (root / "office" / "people.py").write_text(MODULE)
    session = Session(pool, write(root, "vanishing", PEOPLE))
    session.step()
    session.answer(first="Ada")
    (root / "office" / "people.py").write_text("Client = None")
    done = pool.step(session.name, session.state, Request(now=NOW, seed=1), host=session.host, limits=Limits())
    failure = done.failure
    assert failure is not None
    assert (failure.type, done.state) == ("UnknownClass", None)
    assert "variables." in failure.message
    assert "office.people.Client no longer exists" in failure.message


def test_errors_of_an_interview_arrive_as_they_were_raised(root: Path, pool: ProcessPool) -> None:
    name = write(root, "wrong", "question: |\n  ${ 1 +\n---\nmandatory: True\ncode: |\n  x = = 1\n")
    with pytest.raises(BadInterview) as caught:
        Session(pool, name).step()
    assert len(caught.value.problems) == 2
    assert all("wrong.yml" in str(problem.file) and problem.line for problem in caught.value.problems)
    assert caught.value.data["problems"]
    with pytest.raises(NoInterview):
        Session(pool, "office:nowhere.yml").step()


def test_a_rejected_answer_changes_nothing(root: Path, pool: ProcessPool) -> None:
    name = write(
        root,
        "strict",
        "mandatory: True\nquestion: A number\nfields:\n  - Number: n\n    datatype: integer\n    max: 5\n---\nmandatory: True\nquestion: ${ n }\n",
    )
    session = Session(pool, name)
    session.step()
    before = session.state
    done = session.answer(n=9)
    assert done.rejection is not None
    assert (done.state, session.state) == (None, before)
    session.answer(n=4)
    assert session.question() == "4"


def test_a_plain_show_leaves_the_state_byte_for_byte(root: Path, pool: ProcessPool) -> None:
    session = Session(pool, "demos:welcome.yml")
    session.step()
    before = session.state
    for _ in range(3):
        assert session.step().reverse is None
        assert session.state == before


def test_an_endless_interview_is_stopped_and_its_line_told(root: Path, pool: ProcessPool) -> None:
    name = write(
        root,
        "endless",
        "---\nmandatory: True\ncode: |\n  number\n---\nid: looping\ncode: |\n  while True:\n    pass\n  number = 1\n",
    )
    with pytest.raises(TimeLimit, match="2 seconds") as caught:
        pool.step(name, None, Request(now=NOW, seed=1), host=HostApi(), limits=Limits(seconds=2))
    failure = caught.value.failure
    assert failure is not None
    assert (failure.type, failure.block, failure.trail) == ("TimeLimit", "ID looping", ("number",))
    assert failure.line in (8, 9)


def test_a_greedy_interview_is_stopped_and_its_line_told(root: Path, pool: ProcessPool) -> None:
    name = write(root, "greedy", "mandatory: True\ncode: |\n  x = 1\n  x = 'a' * 10**10\n")
    failure = pool.step(name, None, Request(now=NOW, seed=1), host=HostApi(), limits=Limits()).failure
    assert failure is not None
    assert (failure.type, failure.line, "512 MB" in failure.message) == ("MemoryError", 4, True)


def test_an_exit_in_author_code_has_a_place(root: Path, pool: ProcessPool) -> None:
    name = write(root, "exits", "mandatory: True\ncode: |\n  raise SystemExit\n")
    failure = pool.step(name, None, Request(now=NOW, seed=1), host=HostApi(), limits=Limits()).failure
    assert failure is not None
    assert (failure.type, failure.line) == ("SystemExit", 3)


def test_what_cannot_be_stored_is_told_at_the_block_that_sets_it(root: Path, pool: ProcessPool) -> None:
    text = "mandatory: True\ncode: |\n  person\n---\nid: maker\ncode: |\n  person = {'callback': [len]}\n---\nmandatory: True\nquestion: Hi\n"
    name = write(root, "callback", text)
    failure = pool.step(name, None, Request(now=NOW, seed=1), host=HostApi(), limits=Limits()).failure
    assert failure is not None
    assert (failure.type, failure.block, failure.trace) == ("CannotStore", "ID maker", "")
    assert failure.message == "variables.person['callback'][0]: a function cannot be stored"


def said(effects: Iterable[Effect]) -> list[tuple[str, str]]:
    return [(effect.priority, effect.message) for effect in effects if isinstance(effect, LogMessage)]


ENDS = {
    "1/0": "ZeroDivisionError",
    "x = [len]": "CannotStore",
    "raise SystemExit": "SystemExit",
    "x = 'a' * 10**10": "MemoryError",
}


@pytest.mark.parametrize("end", ENDS)
def test_what_was_said_before_a_mistake_is_not_lost(root: Path, pool: ProcessPool, end: str) -> None:
    text = f"mandatory: True\ncode: |\n  log('begun')\n  print('one', 2)\n  {end}\n---\nmandatory: True\nquestion: Hi\n"
    name = write(root, f"said{len(end)}", text)
    done = pool.step(name, None, Request(now=NOW, seed=1), host=HostApi(), limits=Limits())
    assert done.failure is not None
    assert done.failure.type == ENDS[end]
    assert said(done.effects) == [("log", "begun"), ("print", "one 2")]


def test_what_was_said_before_the_time_was_up_is_not_lost(root: Path, pool: ProcessPool) -> None:
    name = write(root, "talks", "mandatory: True\ncode: |\n  log('begun')\n  while True:\n    print('on')\n")
    for seconds in (4, 12, 36):  # on a machine under load a child may not get to run before it is killed
        with pytest.raises(TimeLimit) as caught:
            pool.step(name, None, Request(now=NOW, seed=1), host=HostApi(), limits=Limits(seconds=seconds))
        if caught.value.failure is not None:
            break
    assert caught.value.failure is not None, "it was killed before it could say anything"
    told = said(caught.value.said)
    assert told[:2] == [("log", "begun"), ("print", "on")]
    assert told[-1][1].startswith("… and ")
    assert len(told) == MESSAGES + 1


def test_what_is_said_is_bounded_before_it_leaves_and_nothing_else_is_lost(root: Path, pool: ProcessPool) -> None:
    code = "for n in range(1000):\n    log('x' * 100_000, 'y' * 9999)\n  send_email(to='a@example.org', subject='s', body='b')"
    name = write(root, "loud", f"mandatory: True\ncode: |\n  {code}\n---\nmandatory: True\nquestion: Hi\n")
    done = pool.step(name, None, Request(now=NOW, seed=1), host=HostApi(), limits=Limits())
    assert done.failure is None
    assert sum(len(message) for _, message in said(done.effects)) <= CHARACTERS + 100
    assert [type(effect).__name__ for effect in done.effects if not isinstance(effect, LogMessage)] == ["SendMail"]
