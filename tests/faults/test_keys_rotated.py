"""The installation's keys are changed as docs/operators.md says, while people answer and work is under way: nobody notices."""

from __future__ import annotations

import http.client
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.browser import Client
from bench.system import Running, distributed, wait_for
from services.clock.sweeps import REWRAPPING
from services.installation import new_root
from shared.store.open import open_store
from tests.helpers.waiting import eventually

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(300)]

#: How a request ends while its service is being restarted.
AWAY = (OSError, RuntimeError, http.client.HTTPException)
FOUR = ("interview", "worker", "clock", "mail_ingest")
INTERVIEW = """
mandatory: True
code: |
  multi_user = SHARED
  votes = 0
  said = 'nothing'
  task = background_action('work', begun='then')
---
mandatory: True
question: votes ${ votes }, ${ said }
---
event: vote
code: |
  votes += 1
---
event: work
code: |
  import os, time
  while not os.path.exists('GATE'):
    time.sleep(0.2)
  background_response_action('worked', begun=action_argument('begun'))
---
event: worked
code: |
  said = action_argument('begun')
  background_response()
"""


class People(threading.Thread):
    """Somebody who votes without a pause, in one session; what did not come back is not counted, and may have been saved."""

    def __init__(self, system: Running, interview: str) -> None:
        super().__init__(daemon=True)
        self._system, self._interview = system, interview
        self.client = Client(system.url, interview)
        self.acknowledged = self.unknown = 0
        self.stopping = threading.Event()
        self.problem: BaseException | None = None

    def again(self) -> Client:
        session, cookie = self.client.reply["session"], self.client.cookie
        return Client(self._system.url, self._interview, session=session, cookie=cookie)

    def back(self) -> Client:
        end = time.monotonic() + 60
        while True:
            try:
                return self.again()
            except AWAY:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def run(self) -> None:
        try:
            while not self.stopping.wait(0.2):
                try:
                    self.client.post({"action": "vote"})
                    self.acknowledged += 1
                except AWAY:
                    self.unknown += 1
                    self.client = self.back()
        except BaseException as error:
            self.problem = error
            raise


@pytest.fixture
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("rotated")
    questions = root / "rotated" / "data" / "questions"
    questions.mkdir(parents=True)
    for folder in (root, questions, *questions.parents[:2]):
        folder.chmod(0o755)
    gate = questions.parent / "gate"
    for name, shared in (("mine", "False"), ("ours", "True")):
        text = INTERVIEW.replace("SHARED", shared).replace("GATE", str(gate))
        (questions / f"{name}.yml").write_text(text, "utf-8")
    return root


@pytest.fixture
def system(packages: Path) -> Iterator[Running]:
    """After the first step: every service knows the new key, and the old one is used."""
    keys = f"0,{new_root()}"
    with distributed(packages, together=FOUR, PARLEY_STOP_SECONDS="1", PARLEY_KEYS=keys) as running:
        yield running


def restart(system: Running, **keys: str) -> None:
    """One process after the other, as their operator does it: in between they have different keys."""
    assert isinstance(system.environment, dict)
    system.environment.update(keys)
    for name, arguments in (("shared", FOUR), ("gateway", ("gateway",))):
        for process in system.of(name):
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            system.processes.remove((name, process))
        system.start(name, "start", *arguments)
        wait_for(system.url + "/interview?i=demos:welcome.yml&json=1", system)


def rewrapped(system: Running) -> bool:
    store = open_store(system.environment["MONGO_URI"])
    try:
        return store.schedule.notes(REWRAPPING).get(REWRAPPING, {}).get("done") is not None
    finally:
        store.close()


def test_keys_change_while_people_answer_and_work_is_under_way(system: Running, packages: Path) -> None:
    people = [People(system, f"rotated:{name}.yml") for name in ("mine", "ours")]
    for one in people:
        one.start()
    restart(system, PARLEY_KEYS=system.environment["PARLEY_KEYS"].removeprefix("0,"))
    eventually(lambda: rewrapped(system), seconds=60)
    (packages / "rotated" / "data" / "gate").touch()  # work that was begun with the old key ends while it still opens

    def worked(one: People) -> bool:
        return "then" in one.again().screen["question"]

    for one in people:
        eventually(lambda one=one: worked(one), seconds=60)
    restart(system, PARLEY_SECRET="")
    for one in people:
        eventually(lambda one=one: one.acknowledged > 5 or not one.is_alive(), seconds=60)
        one.stopping.set()
        one.join(60)
        assert one.problem is None
        count = int(one.again().screen["question"].strip().removeprefix("votes ").partition(",")[0])
        assert one.acknowledged <= count <= one.acknowledged + one.unknown
        assert one.acknowledged > 5
