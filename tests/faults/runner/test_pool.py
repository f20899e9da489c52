"""Lending children: side by side, changed interviews, deaths in the family, idle ones, a full house."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.language.errors import LanguageErrors, NoSource
from shared.runner.ports import Busy, ChildDied, RunnerError, TimeLimit
from shared.state.codec import encode_value
from shared.state.delta import apply_delta
from tests.faults.runner.conftest import Desk, Nothing

MakeDesk = Callable[..., Desk]


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


class Meeting(Nothing):
    """Every step that asks for a task waits here until as many as expected are there."""

    def __init__(self, parties: int) -> None:
        self.barrier = threading.Barrier(parties, timeout=15)

    def task(self, task_id: str, wait: float | None) -> Mapping[str, Any]:
        self.barrier.wait()
        return {"status": "done"}


def test_steps_run_side_by_side_and_keep_apart(desk: Desk) -> None:
    meeting = Meeting(3)
    desk.write("pair", "import os; n = globals().get('n', 0) + 1; request.tasks.view('t'); say = (os.getpid(), n)")
    with ThreadPoolExecutor(3) as threads:
        said = [eval(s) for s in threads.map(lambda _: desk.say("pair", outside=meeting), range(3))]
    assert len({pid for pid, _ in said}) == 3
    assert {n for _, n in said} == {1}
    assert desk.pool.stats()["interviews"]["pair"] == {"children": 3, "busy": 0}


def test_state_goes_in_and_out_and_back(desk: Desk) -> None:
    desk.write("count", "items = globals().get('items', []) + [len(globals().get('items', []))]; say = items")
    first = desk.step("count")
    second = desk.step("count", state=first.state)
    assert second.outcome.screen is not None
    assert second.outcome.screen.question == "[0, 1]"
    assert first.reverse is None
    assert second.state is not None
    assert second.reverse is not None
    assert apply_delta(second.state, second.reverse) == first.state
    assert second.seconds > 0


def test_a_state_that_was_changed_and_thrown_away_is_not_used_again(desk: Desk) -> None:
    text = """
        items = globals().get('items', [])
        items.append(request.seed)
        say = items
        if request.user.get('ignore'): save = 'ignore'
        if request.user.get('fail'): 1 / 0
    """
    state = desk.step("thrown", text).state
    for user in ({"ignore": True}, {"fail": True}):
        done = desk.step("thrown", state=state, user=user)
        assert done.state is None
        assert done.reverse is None
        # The very same bytes again: a child that kept the live list would now show three items.
        assert desk.say("thrown", state=state) == "[1, 1]"
        assert desk.say("thrown", state=state) == "[1, 1]"


def test_questions_to_the_service(desk: Desk) -> None:
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

        def emails(self, key: str | None) -> list[Mapping[str, Any]]:
            return [{"id": "m1", "key": key, "raw": b"From: x"}]

    text = """
        view = request.tasks.view('t')
        info = request.files.info(7)
        say = [view['value'], info['extension'], request.files.read(7), request.files.url('7'), list(request.emails('k')),
               request.files.write(filename='x.txt', mimetype='', content=b'four')]
        try: request.files.info(8)
        except FileNotFoundError as error: say.append(str(error))
        del error
    """
    text = text.replace("        del error\n", "")
    assert eval(desk.say("questions", text, outside=Clerk())) == [
        {"n": (1, 2)}, "pdf", b"pdf", "/uploadedfile/7/Letter.PDF", [{"id": "m1", "key": "k", "raw": b"From: x"}], 4,
        "file 8 is not a file of this session",
    ]  # fmt: skip


def test_an_error_of_the_store_reaches_the_step_as_an_error(desk: Desk) -> None:
    failure = desk.step("disk", "request.files.write(filename='x', mimetype='a/b', content=b'')").outcome.failure
    assert failure is not None
    assert (failure.type, failure.message) == ("OutsideError", "OSError: disk full")


def test_waiting_for_a_task_ends_with_the_time_limit(desk: Desk) -> None:
    started = time.monotonic()
    with pytest.raises(TimeLimit):
        desk.step("patient", "request.tasks.wait('t', None)", seconds=0.5)
    assert time.monotonic() - started < 10


def test_a_changed_interview_is_loaded_anew_and_the_old_one_ends_its_work(desk: Desk) -> None:
    meeting = Meeting(2)
    desk.write("changes", "request.tasks.view('t'); say = 'old'")
    with ThreadPoolExecutor(1) as threads:
        old = threads.submit(desk.say, "changes", outside=meeting)
        assert wait_for(lambda: bool(meeting.barrier.n_waiting))
        new = desk.step("changes", "say = 'new'")
        assert new.outcome.screen is not None
        assert new.outcome.screen.question == "new"
        meeting.barrier.wait()
        assert old.result() == "old"
    assert desk.pool.stats()["interviews"]["changes"] == {"children": 1, "busy": 0}
    assert desk.step("changes", "say = 'newer'").interview_digest != new.interview_digest


def test_an_author_module_that_changes_is_noticed(desk: Desk) -> None:
    module = desk.write("helper_one", "WORD = 'one'")
    desk.write(
        "uses",
        f"import sys; sys.path.insert(0, {str(module.parent)!r}); import helper_one; say = helper_one.WORD; del helper_one",
    )
    assert desk.say("uses") == "one"
    module.write_text("WORD = 'another'")
    assert desk.say("uses") == "another"


def test_an_interview_that_does_not_load_tells_why(desk: Desk) -> None:
    with pytest.raises(LanguageErrors) as caught:
        desk.step("broken", "x = = 1")
    (problem,) = caught.value.errors
    assert (problem.message, problem.hint, problem.place.line) == ("bad Python", "look", 1)
    with pytest.raises(NoSource, match="nowhere"):
        desk.step("nowhere")
    assert desk.say("fine", "say = 1") == "1"


def test_a_mended_interview_loads(desk: Desk) -> None:
    with pytest.raises(LanguageErrors):
        desk.step("mended", "x = = 1")
    desk.write("mended", "say = 'mended'")

    def loads() -> bool:
        try:
            return desk.say("mended") == "mended"
        except LanguageErrors:
            return False

    assert wait_for(loads, 5)


def test_a_killed_zygote_is_replaced(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert desk.say("before", "say = 1") == "1"
    zygote = desk.pool._loader.zygote_pid
    assert zygote is not None
    os.kill(zygote, signal.SIGKILL)
    assert desk.say("before") == "1"
    assert desk.say("after", "say = 2") == "2"


def test_a_killed_template_is_replaced(make_desk: MakeDesk) -> None:
    desk = make_desk()
    pid, template = eval(desk.say("family", "import os; say = (os.getpid(), os.getppid())"))
    os.kill(template, signal.SIGKILL)
    assert wait_for(lambda: not alive(pid)), "children end with their template"
    assert eval(desk.say("family"))[1] != template


def test_a_child_killed_while_idle_costs_no_request(make_desk: MakeDesk) -> None:
    desk = make_desk()
    pid = int(desk.say("idle", "import os; say = os.getpid()"))
    os.kill(pid, signal.SIGKILL)
    assert wait_for(lambda: not alive(pid))
    assert int(desk.say("idle")) != pid


def test_idle_children_go_and_their_template_too(make_desk: MakeDesk) -> None:
    desk = make_desk(idle_seconds=0.2)
    pids = eval(desk.say("short", "import os; say = (os.getpid(), os.getppid())"))
    assert wait_for(lambda: not any(map(alive, pids)))
    assert desk.pool.stats()["children"] == 0
    assert desk.say("short", "say = 'again'") == "again"


def test_a_full_house_is_busy_and_room_is_made_for_others(make_desk: MakeDesk) -> None:
    desk = make_desk(max_children=2, per_interview=1, busy_seconds=0.3)
    meeting = Meeting(2)
    desk.write("slow", "request.tasks.view('t'); say = 'done'")
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(desk.say, "slow", outside=meeting)
        assert wait_for(lambda: bool(meeting.barrier.n_waiting))
        with pytest.raises(Busy):
            desk.step("slow", outside=meeting)
        assert desk.say("one", "say = 1") == "1"
        assert desk.say("two", "say = 2") == "2"
        assert desk.pool.stats()["children"] == 2
        meeting.barrier.wait()
        assert first.result() == "done"


def test_another_memory_limit_takes_another_child(make_desk: MakeDesk) -> None:
    desk = make_desk(per_interview=1)
    text = "import os, resource; say = (os.getpid(), resource.getrlimit(resource.RLIMIT_AS)[0])"
    small = eval(desk.say("limits", text, memory=100 * 2**20))
    large = eval(desk.say("limits", memory=300 * 2**20))
    assert small[0] != large[0]
    assert large[1] - small[1] == pytest.approx(200 * 2**20, rel=0.2)


def test_a_tidied_up_temporary_folder_is_made_again(make_desk: MakeDesk) -> None:
    desk = make_desk()
    folder = desk.say("tidy", "import os; say = os.getcwd()")
    shutil.rmtree(os.path.dirname(folder))
    assert desk.say("tidy", "import os; say = os.path.isdir(os.getcwd())") == "True"


def test_closing_ends_every_process(make_desk: MakeDesk) -> None:
    desk = make_desk()
    pids = eval(desk.say("last", "import os; say = (os.getpid(), os.getppid())"))
    folder = desk.say("folder", "import os; say = os.getcwd()")
    zygote = desk.pool._loader.zygote_pid
    assert zygote is not None
    desk.pool.close()
    assert wait_for(lambda: not any(map(alive, (*pids, zygote))))
    assert not os.path.exists(os.path.dirname(folder))
    with pytest.raises(RunnerError, match="closed"):
        desk.step("last")
    desk.pool.close()


def test_a_service_that_is_killed_leaves_no_process(packages: Any) -> None:
    import subprocess
    import sys

    script = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from shared.engine.request import Request
from shared.runner.pool import ProcessPool
from shared.runner.ports import Limits
from tests.faults.runner.conftest import Desk, Nothing
pool = ProcessPool(roots=[{str(packages)!r}], engine="tests.faults.runner.tiny")
desk = Desk(Path({str(packages)!r}), pool)
print(desk.say("orphan", "import os; say = (os.getpid(), os.getppid(), os.getcwd())"), flush=True)
desk.step("orphan", "while True: pass")
"""
    service = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    child, template, folder = eval(service.stdout.readline())
    service.kill()
    service.wait()
    service.stdout.close()
    assert wait_for(lambda: not alive(child) and not alive(template))
    assert wait_for(lambda: not os.path.exists(os.path.dirname(folder)))


def test_everything_at_once(make_desk: MakeDesk) -> None:
    """Several threads whose steps succeed, fail, die, loop and meet changed sources: each gets its own answer, and nothing is left over."""
    desk = make_desk(max_children=4, per_interview=3, idle_seconds=0.3)
    texts = {
        "good": "n = globals().get('n', 0) + 1; say = n",
        "dies": "import os; os._exit(1)",
        "loops": "while True: pass",
        "fails": "1 / 0",
        "greedy": "x = bytearray(10**12)",
    }
    for name, text in texts.items():
        desk.write(name, text)
    wrong: list[object] = []

    def work(number: int) -> None:
        state = None
        for turn in range(12):
            name = [*texts, "good", "good"][(number + turn) % (len(texts) + 2)]
            try:
                if name == "good":
                    done = desk.step("good", state=state)
                    state = done.state
                    assert done.outcome.screen is not None
                elif name == "dies":
                    with pytest.raises(ChildDied):
                        desk.step(name)
                elif name == "loops":
                    with pytest.raises(TimeLimit):
                        desk.step(name, seconds=0.2)
                else:
                    failure = desk.step(name).outcome.failure
                    assert failure is not None
                    assert failure.type == {"fails": "ZeroDivisionError", "greedy": "MemoryError"}[name]
                if turn % 5 == 0:
                    os.utime(desk.root / "pkg" / "good.py")
            except BaseException as error:
                wrong.append((name, error))
                raise
        assert desk.say("good", state=state) == str(sum((number + t) % 7 in (0, 5, 6) for t in range(12)) + 1)

    with ThreadPoolExecutor(5) as threads:
        for future in [threads.submit(work, number) for number in range(5)]:
            future.result()
    assert wrong == []
    assert wait_for(lambda: desk.pool.stats()["children"] == 0)
    assert desk.say("good") == "1"


def test_no_room_for_a_child_is_an_error_of_that_request(make_desk: MakeDesk) -> None:
    desk = make_desk()
    meeting = Meeting(2)
    desk.write("room", "request.tasks.view('t'); say = 'done'")
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(desk.say, "room", outside=meeting)
        assert wait_for(lambda: bool(meeting.barrier.n_waiting))
        folder = desk.pool._folder
        os.rename(folder, f"{folder}-aside")
        with open(folder, "w"):
            pass  # a file where the folder should be: no child can get one of its own
        with pytest.raises(ChildDied, match="no process could be started for room"):
            desk.step("room")
        os.remove(folder)
        os.rename(f"{folder}-aside", folder)
        meeting.barrier.wait()
        assert first.result() == "done"
    assert desk.say("room", "say = 'again'") == "again"
