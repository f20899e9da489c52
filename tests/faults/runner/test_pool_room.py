"""How many children and templates there are, which of them go, and whose they are."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.contract.errors import Busy
from tests.faults.runner.meeting import MakeDriver, Meeting, alive, wait_for
from tests.helpers.screens import screen_of


def test_idle_children_go_and_their_template_too(make_driver: MakeDriver) -> None:
    driver = make_driver(idle_seconds=0.2)
    pids = eval(driver.say("short", "import os; say = (os.getpid(), os.getppid())"))
    assert wait_for(lambda: not any(map(alive, pids)))
    assert driver.pool.stats()["children"] == 0
    assert driver.say("short", "say = 'again'") == "again"


def test_a_full_house_is_busy_and_the_one_used_least_lately_makes_room(make_driver: MakeDriver) -> None:
    driver = make_driver(max_children=2, busy_seconds=0.3)
    meeting = Meeting(3)
    driver.write("slow", "say = 'done'\nif request.user.get('wait'): request.tasks.view('t')")
    assert driver.say("slow", session="Ada") == "done"
    with ThreadPoolExecutor(2) as threads:
        wait = {"wait": True}
        both = [threads.submit(driver.say, "slow", host=meeting, session=name, user=wait) for name in ("Ada", "Bob")]
        assert wait_for(lambda: meeting.barrier.n_waiting == 2)
        with pytest.raises(Busy):
            driver.step("slow", session="Cyd")
        meeting.barrier.wait()
        assert [one.result() for one in both] == ["done", "done"]
    text = "import os; say = os.getpid()"
    first, second = driver.say("one", text, session="Cyd"), driver.say("one", session="Dan")
    assert (driver.say("one", session="Dan"), driver.say("one", session="Cyd")) == (second, first), (
        "both have their own"
    )
    assert driver.pool.stats()["children"] == 2
    driver.say("one", session="Eve")
    assert driver.say("one", session="Cyd") == first
    assert driver.say("one", session="Dan") != second, "used least lately: it went"


def test_a_child_is_of_one_session_from_its_first_step_to_its_end(make_driver: MakeDriver) -> None:
    driver = make_driver(max_children=4)
    text = """
        import builtins, os
        said = getattr(builtins, 'left', None)
        builtins.left = (said or '') + request.user['name']
        say = (os.getpid(), said)
    """
    driver.write("mine", text)
    seen: dict[int, set[str]] = {}
    for turn in range(24):
        name = "ABCDEF"[turn * 7 % 6]
        pid, said = eval(driver.say("mine", session=name, user={"name": name}))
        assert set(said or "") <= {name}, "what one left behind, another found"
        seen.setdefault(pid, set()).add(name)
    assert all(len(names) == 1 for names in seen.values())


def test_sessions_share_children_where_the_operator_says_so(make_driver: MakeDriver) -> None:
    driver = make_driver(shared=True)
    text = """
        import os
        n = globals().get('n', 0) + 1
        say = (os.getpid(), request.user['name'], n)
    """
    driver.write("ours", text)
    states: dict[str, bytes | None] = dict.fromkeys("AB")
    seen = []
    for name in "ABAB":
        done = driver.step("ours", session=name, state=states[name], user={"name": name})
        states[name] = done.state
        seen.append(eval(screen_of(done).question or ""))
    assert [one[1:] for one in seen] == [("A", 1), ("B", 1), ("A", 2), ("B", 2)], "each has its own answers"
    scheduled = [driver.say("ours", session=None, keep=False, user={"name": "tick"}) for _ in range(2)]
    assert len({one[0] for one in (*seen, *map(eval, scheduled))}) == 1, "one process did it all"


def test_a_step_without_a_session_has_a_child_of_its_own(make_driver: MakeDriver) -> None:
    driver = make_driver()
    text = "import os; say = os.getpid()"
    pids = {driver.say("own", text, session=None) for _ in range(3)} | {driver.say("own", session="Ada", keep=False)}
    assert len(pids) == 4
    assert driver.pool.stats()["children"] == 0
    mine = driver.say("own", session="Ada")
    assert driver.say("own", session="Ada", keep=False) == mine, (
        "what the clock asks of a session that has one is done there"
    )


def test_a_session_that_is_gone_leaves_no_process(make_driver: MakeDriver) -> None:
    driver = make_driver()
    pid = int(driver.say("gone", "import os; say = os.getpid()", session="Ada"))
    driver.pool.forget("Bob")
    assert alive(pid)
    driver.pool.forget("Ada")
    assert wait_for(lambda: not alive(pid))


def test_fresh_children_wait_for_visitors(make_driver: MakeDriver) -> None:
    driver = make_driver(idle_seconds=5)
    text = "import os; say = os.getpid()"
    driver.say("stocked", text, session="Ada")
    assert wait_for(lambda: driver.pool.stats()["fresh"] == 2)
    waiting = {str(child.pid) for child in driver.pool._crew.fresh}
    assert driver.say("stocked", session="Bob") in waiting
    assert wait_for(lambda: driver.pool.stats()["fresh"] == 2), "and another takes its place"
    for name in "CDEFGH":
        driver.say("stocked", session=name)
    assert wait_for(lambda: driver.pool.stats()["fresh"] == 4), "as many as were wanted lately, up to four"


def test_the_stock_goes_with_the_interview_that_nobody_uses(make_driver: MakeDriver) -> None:
    driver = make_driver(idle_seconds=0.3)
    driver.say("unused", "say = 1")
    assert wait_for(lambda: bool(driver.pool.stats()["fresh"]))
    assert wait_for(lambda: driver.pool.stats()["fresh"] == 0 and driver.pool.stats()["templates"] == 0)


def test_interviews_kept_ready_are_bounded_and_the_one_used_least_lately_goes(make_driver: MakeDriver) -> None:
    driver = make_driver(max_templates=2)
    text = "import os; say = (os.getpid(), os.getppid())"
    first, second = eval(driver.say("first", text)), eval(driver.say("second", text))
    assert eval(driver.say("first")) == first, "used again: now the second is the one to go"
    third = eval(driver.say("third", text))
    assert wait_for(lambda: not any(map(alive, second)))
    assert all(map(alive, (*first, *third)))
    assert driver.pool.stats()["templates"] == 2
    assert eval(driver.say("second", text)) != second, "it is loaded again when it is wanted again"
    assert driver.pool.stats()["templates"] == 2


def test_an_interview_at_work_keeps_its_place(make_driver: MakeDriver) -> None:
    driver = make_driver(max_templates=1)
    meeting = Meeting(2)
    driver.write("slow", "request.tasks.view('t'); say = 'done'")
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(driver.say, "slow", host=meeting)
        assert wait_for(lambda: bool(meeting.barrier.n_waiting))
        assert driver.say("one", "say = 1") == "1"
        assert driver.say("two", "say = 2") == "2"
        assert driver.pool.stats()["templates"] == 2, "the one at work, and the last of the others"
        meeting.barrier.wait()
        assert first.result() == "done"


def test_many_interviews_at_once_under_a_small_bound(make_driver: MakeDriver) -> None:
    driver = make_driver(max_templates=2, max_children=4)
    names = [f"many{number}" for number in range(8)]
    for name in names:
        driver.write(name, f"say = {name!r}")
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(driver.say, names * 4)) == names * 4
    assert driver.pool.stats()["templates"] <= 4


def test_another_memory_limit_takes_another_child(make_driver: MakeDriver) -> None:
    driver = make_driver()
    text = "import os, resource; say = (os.getpid(), resource.getrlimit(resource.RLIMIT_AS)[0])"
    small = eval(driver.say("limits", text, memory=100 * 2**20))
    large = eval(driver.say("limits", memory=300 * 2**20))
    assert small[0] != large[0]
    assert large[1] - small[1] == pytest.approx(200 * 2**20, rel=0.2)


def test_no_room_for_a_child_is_an_error_of_that_request(make_driver: MakeDriver) -> None:
    driver = make_driver(stock=False)  # a fresh one in stock needs no room
    meeting = Meeting(2)
    driver.write("room", "request.tasks.view('t'); say = 'done'")
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(driver.say, "room", host=meeting)
        assert wait_for(lambda: bool(meeting.barrier.n_waiting))
        folder = driver.pool._folder
        os.rename(folder, f"{folder}-aside")
        with open(folder, "w"):
            pass  # a file where the folder should be: no child can get one of its own
        with pytest.raises(Busy, match="no process could be started for room"):
            driver.step("room")
        os.remove(folder)
        os.rename(f"{folder}-aside", folder)
        meeting.barrier.wait()
        assert first.result() == "done"
    assert driver.say("room", "say = 'again'") == "again"
