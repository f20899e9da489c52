"""Lending children: side by side, changed interviews, deaths in the family, idle ones, a full house."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.contract.errors import BadInterview, Busy, ChildDied, NoInterview, TimeLimit
from shared.runner.wire import Wire
from shared.state.codec import encode_value
from shared.state.delta import apply_delta
from tests.faults.runner.conftest import Nothing, PoolDriver
from tests.faults.runner.meeting import MakeDriver, Meeting, alive, wait_for
from tests.helpers.screens import screen_of


def test_steps_run_side_by_side_and_keep_apart(driver: PoolDriver) -> None:
    meeting = Meeting(3)
    driver.write("pair", "import os; n = globals().get('n', 0) + 1; request.tasks.view('t'); say = (os.getpid(), n)")
    with ThreadPoolExecutor(3) as threads:
        said = [eval(s) for s in threads.map(lambda _: driver.say("pair", host=meeting), range(3))]
    assert len({pid for pid, _ in said}) == 3
    assert {n for _, n in said} == {1}
    assert driver.pool.stats()["interviews"]["pair"] == {"children": 3, "busy": 0}


def test_state_goes_in_and_out_and_back(driver: PoolDriver) -> None:
    driver.write("count", "items = globals().get('items', []) + [len(globals().get('items', []))]; say = items")
    first = driver.step("count")
    second = driver.step("count", state=first.state)
    assert screen_of(second).question == "[0, 1]"
    assert first.reverse is None
    assert second.state is not None
    assert second.reverse is not None
    assert apply_delta(second.state, second.reverse) == first.state
    assert second.seconds > 0


def test_a_state_that_was_changed_and_thrown_away_is_not_used_again(driver: PoolDriver) -> None:
    text = """
        items = globals().get('items', [])
        items.append(request.seed)
        say = items
        if request.user.get('ignore'): save = 'ignore'
        if request.user.get('fail'): 1 / 0
    """
    state = driver.step("thrown", text).state
    for user in ({"ignore": True}, {"fail": True}):
        done = driver.step("thrown", state=state, user=user)
        assert done.state is None
        assert done.reverse is None
        # The very same bytes again: a child that kept the live list would now show three items.
        assert driver.say("thrown", state=state) == "[1, 1]"
        assert driver.say("thrown", state=state) == "[1, 1]"


def test_questions_to_the_service(driver: PoolDriver) -> None:
    class Clerk(Nothing):
        def task(self, task_id: str, wait: float | None) -> Mapping[str, Any]:
            return {"status": "done", "ok": True, "value": encode_value({"n": (1, 2)})}

        def file_info(self, number: int) -> Any:
            return (
                {"number": number, "filename": "Letter.PDF", "mimetype": "application/pdf", "size": 3}
                if number == 7
                else None
            )

        def file_read(self, number: int) -> bytes:
            return b"pdf"

        def file_write(self, filename: str, mimetype: str, content: bytes) -> int:
            return len(content)

        def emails(self, key: str | None, after: str) -> Mapping[str, Any]:
            mail = {"id": f"m{after or 1}", "key": key, "head": b"From: x"}
            return {"mails": [mail], "after": None if after else "2"}

        def email(self, mail_id: str) -> Mapping[str, Any] | None:
            return {"id": mail_id, "raw": b"From: x"} if mail_id == "m1" else None

        def email_raw(self, mail_id: str) -> bytes:
            raise LookupError(mail_id)

        def mail_status(self, task: str) -> Mapping[str, Any] | None:
            return None

    text = """
        view = request.tasks.view('t')
        info = request.files.info(7)
        say = [view['value'], info['extension'], request.files.read(7), request.files.url('7'),
               [mail['id'] for mail in request.mails.heads('k')], request.mails.whole('m1'), request.mails.whole('m3'),
               request.files.write(filename='x.txt', mimetype='', content=b'four')]
        try: request.files.info(8)
        except FileNotFoundError as error: say.append(str(error))
        del error
    """
    text = text.replace("        del error\n", "")
    assert eval(driver.say("questions", text, host=Clerk())) == [
        {"n": (1, 2)}, "pdf", b"pdf", "/uploadedfile/7/Letter.PDF",
        ["m1", "m2"], {"id": "m1", "raw": b"From: x"}, None, 4,
        "file 8 is not a file of this session",
    ]  # fmt: skip


def test_an_error_of_the_store_reaches_the_step_as_an_error(driver: PoolDriver) -> None:
    failure = driver.step("disk", "request.files.write(filename='x', mimetype='a/b', content=b'')").failure
    assert failure is not None
    assert (failure.type, failure.message) == ("HostApiError", "OSError: disk full")


def test_waiting_for_a_task_ends_with_the_time_limit(driver: PoolDriver) -> None:
    started = time.monotonic()
    with pytest.raises(TimeLimit):
        driver.step("patient", "request.tasks.wait('t', None)", seconds=0.5)
    assert time.monotonic() - started < 10


def test_a_changed_interview_is_loaded_anew_and_the_old_one_ends_its_work(driver: PoolDriver) -> None:
    meeting = Meeting(2)
    driver.write("changes", "request.tasks.view('t'); say = 'old'")
    with ThreadPoolExecutor(1) as threads:
        old = threads.submit(driver.say, "changes", host=meeting)
        assert wait_for(lambda: bool(meeting.barrier.n_waiting))
        new = driver.step("changes", "say = 'new'")
        assert screen_of(new).question == "new"
        meeting.barrier.wait()
        assert old.result() == "old"
    assert driver.pool.stats()["interviews"]["changes"] == {"children": 1, "busy": 0}
    assert driver.step("changes", "say = 'newer'").interview_digest != new.interview_digest


def test_an_author_module_that_changes_is_noticed(driver: PoolDriver) -> None:
    module = driver.write("helper_one", "WORD = 'one'")
    driver.write(
        "uses",
        f"import sys; sys.path.insert(0, {str(module.parent)!r}); import helper_one; say = helper_one.WORD; del helper_one",
    )
    assert driver.say("uses") == "one"
    module.write_text("WORD = 'another'")
    assert driver.say("uses") == "another"


def test_an_interview_that_does_not_load_tells_why(driver: PoolDriver) -> None:
    with pytest.raises(BadInterview) as caught:
        driver.step("broken", "x = = 1")
    (problem,) = caught.value.problems
    assert (problem.message, problem.hint, problem.line) == ("bad Python", "look", 1)
    with pytest.raises(NoInterview, match="nowhere"):
        driver.step("nowhere")
    assert driver.say("fine", "say = 1") == "1"


def test_a_mended_interview_loads(driver: PoolDriver) -> None:
    with pytest.raises(BadInterview):
        driver.step("mended", "x = = 1")
    driver.write("mended", "say = 'mended'")

    def loads() -> bool:
        try:
            return driver.say("mended") == "mended"
        except BadInterview:
            return False

    assert wait_for(loads, 5)


def test_a_killed_zygote_is_replaced(make_driver: MakeDriver) -> None:
    driver = make_driver()
    assert driver.say("before", "say = 1") == "1"
    zygote = driver.pool._loader.zygote_pid
    assert zygote is not None
    os.kill(zygote, signal.SIGKILL)
    assert driver.say("before") == "1"
    assert driver.say("after", "say = 2") == "2"


def test_a_pool_says_whether_interviews_can_be_loaded_at_once(make_driver: MakeDriver) -> None:
    driver = make_driver()
    assert driver.pool.ready(30)
    zygote = driver.pool._loader.zygote_pid
    assert zygote is not None
    assert driver.pool.ready(30), "asked again"
    os.kill(zygote, signal.SIGKILL)
    assert not driver.pool.ready(30)
    assert driver.pool.ready(30), "another one took its place"
    assert driver.say("after", "say = 2") == "2"


def test_a_killed_template_is_replaced(make_driver: MakeDriver) -> None:
    driver = make_driver()
    pid, template = eval(driver.say("family", "import os; say = (os.getpid(), os.getppid())"))
    os.kill(template, signal.SIGKILL)
    assert wait_for(lambda: not alive(pid)), "children end with their template"
    assert eval(driver.say("family"))[1] != template


def test_a_child_killed_while_idle_costs_no_request(make_driver: MakeDriver) -> None:
    driver = make_driver()
    pid = int(driver.say("idle", "import os; say = os.getpid()"))
    os.kill(pid, signal.SIGKILL)
    assert wait_for(lambda: not alive(pid))
    assert int(driver.say("idle")) != pid


@pytest.mark.parametrize(
    "left",
    [
        "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); del threading, time",
        "import _thread, time; _thread.start_new_thread(time.sleep, (60,)); del _thread, time",
    ],
    ids=["thread", "bare-thread"],
)
def test_a_child_that_leaves_something_behind_is_ended(make_driver: MakeDriver, left: str) -> None:
    driver = make_driver()
    text = f"import os\nsay = os.getpid()\nif request.user.get('leave'):\n    {left}"
    driver.write("leaver", text)
    pid = driver.say("leaver")
    assert driver.say("leaver", user={"leave": True}) == pid
    assert driver.say("leaver") != pid


def test_a_state_travels_only_to_a_child_that_has_it_not(
    make_driver: MakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = make_driver()
    text = "n = globals().get('n', 0) + 1; big = 'x' * 100_000; say = n"
    state = driver.step("kept", text).state
    sent: list[int] = []
    send = Wire.send

    def count(wire: Wire, message: dict[str, Any], **options: Any) -> None:
        sent.append(len(message.get("state") or b""))
        send(wire, message, **options)

    monkeypatch.setattr(Wire, "send", count)
    done = driver.step("kept", state=state)
    assert (screen_of(done).question, max(sent)) == ("2", 0)
    sent.clear()
    assert driver.say("kept", state=state) == "2", "the same again: its child has another one by now"
    assert state is not None
    assert max(sent) == len(state)
    # A child that lost what it is said to have asks for it.
    (child,) = driver.pool._crew.lent
    child.made(state)
    child.made_by = 1
    sent.clear()
    assert driver.say("kept", state=state) == "2"
    assert sorted(sent)[-2:] == [0, len(state)]


def test_a_tidied_up_temporary_folder_is_made_again(make_driver: MakeDriver) -> None:
    driver = make_driver()
    folder = os.path.dirname(driver.say("tidy", "import os; say = os.getcwd()"))

    def tidied() -> bool:
        shutil.rmtree(folder, ignore_errors=True)  # a child that gets ready just now makes its own below it
        return not os.path.exists(folder)

    assert wait_for(tidied)
    assert driver.say("tidy", "import os; say = os.path.isdir(os.getcwd())") == "True"


def test_closing_ends_every_process(make_driver: MakeDriver) -> None:
    driver = make_driver()
    pids = eval(driver.say("last", "import os; say = (os.getpid(), os.getppid())"))
    folder = driver.say("folder", "import os; say = os.getcwd()")
    zygote = driver.pool._loader.zygote_pid
    assert zygote is not None
    driver.pool.close()
    assert wait_for(lambda: not any(map(alive, (*pids, zygote))))
    assert not os.path.exists(os.path.dirname(folder))
    with pytest.raises(Busy, match="stopping"):
        driver.step("last")
    driver.pool.close()


def test_a_service_that_is_killed_leaves_no_process(packages: Any) -> None:
    script = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from shared.engine.request import Request
from shared.runner.pool import ProcessPool
from shared.runner.ports import Limits
from tests.faults.runner.meeting import MakeDriver, Meeting, alive, wait_for
from tests.faults.runner.conftest import PoolDriver, Nothing
pool = ProcessPool(roots=[{str(packages)!r}], engine="tests.faults.runner.tiny")
driver = PoolDriver(Path({str(packages)!r}), pool)
print(driver.say("orphan", "import os; say = (os.getpid(), os.getppid(), os.getcwd())"), flush=True)
driver.step("orphan", "while True: pass")
"""
    service = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    child, template, folder = eval(service.stdout.readline())
    service.kill()
    service.wait()
    service.stdout.close()
    assert wait_for(lambda: not alive(child) and not alive(template))
    assert wait_for(lambda: not os.path.exists(os.path.dirname(folder)))


def test_everything_at_once(make_driver: MakeDriver) -> None:
    """Several threads whose steps succeed, fail, die, loop and meet changed sources: each gets its own answer, and nothing is left over."""
    driver = make_driver(max_children=4, idle_seconds=0.3)
    texts = {
        "good": "n = globals().get('n', 0) + 1; say = n",
        "dies": "import os; os._exit(1)",
        "loops": "while True: pass",
        "fails": "1 / 0",
        "greedy": "x = bytearray(10**12)",
    }
    for name, text in texts.items():
        driver.write(name, text)
    wrong: list[object] = []

    def work(number: int) -> None:
        state = None
        for turn in range(12):
            name = [*texts, "good", "good"][(number + turn) % (len(texts) + 2)]
            try:
                if name == "good":
                    done = driver.step("good", state=state)
                    state = done.state
                elif name == "dies":
                    with pytest.raises(ChildDied):
                        driver.step(name)
                elif name == "loops":
                    with pytest.raises(TimeLimit):
                        driver.step(name, seconds=0.2)
                else:
                    failure = driver.step(name).failure
                    assert failure is not None
                    assert failure.type == {"fails": "ZeroDivisionError", "greedy": "MemoryError"}[name]
                if turn % 5 == 0:
                    os.utime(driver.root / "pkg" / "good.py")
            except BaseException as error:
                wrong.append((name, error))
                raise
        assert driver.say("good", state=state) == str(sum((number + t) % 7 in (0, 5, 6) for t in range(12)) + 1)

    with ThreadPoolExecutor(5) as threads:
        for future in [threads.submit(work, number) for number in range(5)]:
            future.result()
    assert wrong == []
    assert wait_for(lambda: driver.pool.stats()["children"] == 0)
    assert driver.say("good") == "1"
