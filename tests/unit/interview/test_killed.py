"""Random interviews on processes that die: between any two calls to the store or the bus, before the call or after it took effect.

Whoever asked asks another process again, under the same id; a sweep publishes what the dead left. Each answer counts once and each
effect leaves once, also where another process changed the session meanwhile. A death is an exception that nothing catches, so what a process
remembered goes with it; the store is SQLite in memory. Real deaths of real processes: tests/faults.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.cli.replay import MemoryFiles
from services.interview.api import InterviewApi
from services.interview.unit_of_work import UnitOfWork
from shared.authoring import modules
from shared.bus.messages import Job, Notification
from shared.contract.outcome import StepResult
from shared.engine.request import Request
from shared.engine.step import step
from shared.runner import results
from shared.runner.engine import registry
from shared.runner.ports import Limits
from shared.state import classes, codec
from shared.state.delta import reverse_delta
from shared.state.session import State
from shared.store.records import Commit
from tests.helpers.examples import examples
from tests.helpers.memory import memory_store
from tests.helpers.overjson import OverJson
from tests.unit.engine.test_durable_property import QUESTIONS, Described, expected, interviews
from tests.unit.language.sample import Pack

WHO = {"client": "c" * 20, "user": {}, "browser": {}}
NAME = "pack:main.yml"


class Killed(BaseException):
    """The process is gone. Nothing of its own may notice."""


class Life:
    """Calls that a process gets through before it dies, in one more; None: it lives. `after`: that one took effect, and nobody heard of it."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.after = False
        self.over = False

    def act(self, what: Callable[..., Any], *args: Any, **named: Any) -> Any:
        if self.over:
            raise Killed
        if self.left == 0:
            self.over = True
            if self.after:
                what(*args, **named)
            raise Killed
        if self.left is not None:
            self.left -= 1
        return what(*args, **named)


class Mortal:
    """Something outside of a process, as that sees it: all that it calls there is a place to die at."""

    def __init__(self, outside: Any, life: Life) -> None:
        self._outside, self._life = outside, life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._outside, name)
        if callable(found):
            return lambda *args, **named: self._life.act(found, *args, **named)
        return Mortal(found, self._life)


class Queues:
    """What has been sent, by queue and id; a message sent again must be the same one."""

    def __init__(self) -> None:
        self.jobs: dict[tuple[str, str], Job] = {}

    def send(self, job: Job) -> None:
        before = self.jobs.setdefault((job.queue, job.id), job)
        assert before.body == job.body

    def notify(self, notification: Notification) -> None:
        pass


class HostFiles(MemoryFiles):
    """Files of the session, which the process that runs the step writes into the store."""

    def __init__(self, host: Any) -> None:
        super().__init__()
        self._host = host

    def write(self, *, filename: str, mimetype: str, content: bytes) -> int:
        number: int = self._host.file_write(filename, mimetype, content)
        self.held[number] = (filename, mimetype, content)
        return number

    def read(self, number: int) -> bytes:
        content: bytes = self._host.file_read(number)
        return content

    def info(self, number: int) -> Mapping[str, object]:
        self.held[number] = ("a.txt", "text/plain", self.read(number))
        return super().info(number)


class Engine:
    """Runs the real engine, in this process; `meanwhile` happens once, while a step is under way."""

    def __init__(self, interview: Described, pack: Pack) -> None:
        self._interview = pack.interview(interview.text)
        self._classes = registry(pack.sources)
        self.meanwhile: Callable[[], None] | None = None

    def step(
        self, interview: str, state: bytes | None, request: Request, *, host: Any, limits: Limits, **about: Any
    ) -> StepResult:
        standard = classes.standard()
        classes.use(self._classes)
        try:
            live = State() if state is None else codec.decode(state, self._classes)
            outcome = step(self._interview, live, replace(request, files=HostFiles(host)))
            kept = outcome.save != "ignore" and outcome.failure is None
            new = codec.encode(live, self._classes) if kept else None
        finally:
            classes.use(standard)
        reverse = reverse_delta(state, new) if state is not None and new is not None and new != state else None
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return results.result(outcome, before=state, state=new, reverse=reverse, steps=request.steps)

    def forget(self, session: str) -> None:
        pass


class Process:
    def __init__(self, house: House) -> None:
        self.life = Life()
        work = UnitOfWork(
            store=Mortal(house.store, self.life),  # type: ignore[arg-type]
            bus=Mortal(house.queues, self.life),  # type: ignore[arg-type]
            runner=house.engine,  # type: ignore[arg-type]
            clock=lambda: house.now,
            limits=Limits(),
            config={},
            sleep=lambda seconds: None,
        )
        self.desk = OverJson(InterviewApi(work, secret=b"k" * 32))


class House:
    """Two processes over one store; one that dies is followed by another."""

    def __init__(self, engine: Engine) -> None:
        self.now = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
        self.store, self.queues, self.engine = memory_store(), Queues(), engine
        self.processes = [Process(self), Process(self)]
        self.deaths = self.requests = 0
        self.session = ""
        self.reply = self.ask([], "open", interview=NAME)
        self.session = self.reply["session"]

    def ask(self, deaths: Sequence[tuple[int, bool]], method: str, *, changes: bool = True, **arguments: Any) -> Any:
        """Have it done, however often a process dies of it: `deaths` says after how many of its calls the first die."""
        self.requests += 1
        named = {"request_id": f"r{self.requests}"} if changes else {}
        for number in range(len(deaths) + 1):
            process = self.processes[(self.requests + number) % 2]
            process.life.left, process.life.after = deaths[number] if number < len(deaths) else (None, False)
            session = {"session": self.session} if self.session else {}
            try:
                return getattr(process.desk, method)(caller=WHO, **session, **named, **arguments)
            except Killed:
                self.deaths += 1
                self.processes[(self.requests + number) % 2] = Process(self)
            finally:
                process.life.left = None
        raise AssertionError("nobody was left to ask")

    def changed_meanwhile(self) -> None:
        """Another process changes the session: whoever is at it loses its race."""
        found = self.store.sessions.load(self.session)
        assert found is not None
        commit = Commit(now=self.now, fields={"title": f"version {found.version}"})
        assert self.store.sessions.commit(self.session, version=found.version, commit=commit)

    def swept(self, deaths: Sequence[tuple[int, bool]]) -> None:
        for death in [*deaths, None]:
            process = self.processes[0]
            process.life.left, process.life.after = death or (None, False)
            try:
                assert process.desk.publish(session=self.session) == {"left": 0}
            except Killed:
                self.deaths += 1
                self.processes[0] = Process(self)
            finally:
                process.life.left = None

    @property
    def question(self) -> str:
        return str(self.reply["screen"]["question"]).strip()

    @property
    def effects(self) -> Counter[str]:
        """Mails by their receiver, tasks by their action: each as often as there is one of its own."""
        rows = [self.store.outgoing.get(job.id) for job in self.queues.jobs.values() if job.queue == "send"]
        mails = [row.body["to"][0].partition("@")[0] for row in rows if row is not None]
        tasks = self.store.tasks.of_session(self.session)
        assert {task.id for task in tasks} == {job.id for job in self.queues.jobs.values() if job.queue == "task"}
        return Counter([*mails, *(task.action for task in tasks)])


@contextmanager
def house(interview: Described) -> Iterator[House]:
    with tempfile.TemporaryDirectory() as folder:
        pack = Pack(Path(folder))
        modules.install([pack.root])
        made = House(Engine(interview, pack))
    yield made
    made.store.close()


#: An answer takes four calls and one for each effect.
DEATHS = st.lists(st.tuples(st.integers(0, 7), st.booleans()), max_size=2)
MOVES = st.lists(
    st.tuples(st.sampled_from(["answer", "answer", "answer", "back", "show", "sweep"]), DEATHS, st.booleans()),
    min_size=3,
    max_size=9,
)


@examples(20)
@given(interviews(), MOVES)
def test_each_effect_leaves_exactly_once_wherever_processes_die(
    interview: Described, moves: Sequence[tuple[str, Sequence[tuple[int, bool]], bool]]
) -> None:
    with house(interview) as played:
        answers = 0
        wanted = expected(interview, 0)
        for move, deaths, raced in [*moves, *[("answer", (), False)] * (len(QUESTIONS) + 1)]:
            if raced:
                played.engine.meanwhile = played.changed_meanwhile
            if move == "answer" and played.question != "The end":
                (field,) = played.reply["screen"]["fields"]
                values, token = {field["variable"]: "x"}, played.reply["screen"]["token"]
                played.reply = played.ask(deaths, "answer", token=token, values=values)
                answers += 1
                wanted += expected(interview, answers) - expected(interview, answers - 1)
            elif move == "back" and answers:
                played.reply = played.ask(deaths, "back")
                answers -= 1  # who goes back and does it again, does it again
            elif move == "show":
                played.reply = played.ask(deaths, "screen", changes=False)
            elif move == "sweep":
                played.swept(deaths)
            played.engine.meanwhile = None
            assert played.reply["step"] == answers
        played.swept(())
        assert played.question == "The end"
        assert played.effects == wanted
