"""Author code that takes too much: time, memory, processes, files, output."""

from __future__ import annotations

import os
import threading
import time

import pytest

from shared.contract.errors import CallFailed, ChildDied, ChildKilled, TimeLimit
from shared.runner.ports import Cancelled
from tests.faults.runner.conftest import PoolDriver


def test_an_endless_loop_stops_at_the_limit(driver: PoolDriver) -> None:
    state = driver.step("loop", "n = globals().get('n', 0) + 1\nsay = n").state
    with pytest.raises(TimeLimit, match=r"0\.5 seconds"):
        driver.step("loop", "while True: pass", state=state, seconds=0.5)
    assert driver.say("loop", "n += 1; say = n", state=state) == "2"


def test_a_loop_that_catches_everything_stops_too(driver: PoolDriver) -> None:
    text = """
        import signal, os
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        while True:
            try:
                while True: pass
            except BaseException: pass
    """
    with pytest.raises(TimeLimit):
        driver.step("stubborn", text, seconds=0.5)


def test_a_memory_bomb_is_a_clear_failure(driver: PoolDriver) -> None:
    failure = driver.step(
        "bomb", "x = []\nwhile True: x.append('y' * 1000000 + str(len(x)))", memory=128 * 1024 * 1024
    ).failure
    assert failure is not None
    assert failure.type == "MemoryError"
    assert "128 MB" in failure.message
    assert driver.say("bomb", "say = 'alive'") == "alive"


def test_one_huge_allocation_too(driver: PoolDriver) -> None:
    failure = driver.step("huge", "x = bytearray(10**12)").failure
    assert failure is not None
    assert failure.type == "MemoryError"


def test_processes_are_refused(driver: PoolDriver) -> None:
    text = """
        import os, subprocess, multiprocessing
        tried = []
        for start in (os.fork, os.forkpty, lambda: subprocess.Popen(['/bin/true']), lambda: os.system('true') and 1 / 0,
                      lambda: os.posix_spawn('/bin/true', ['true'], {}), lambda: multiprocessing.Process(target=print).start(),
                      lambda: os.execv('/bin/true', ['true'])):
            try:
                start()
                tried.append('worked')
            except (OSError, ZeroDivisionError) as error:
                tried.append(type(error).__name__)
        say = sorted(set(tried))
        del start
    """
    if driver.pool.isolation().get("processes") is None:
        driver.step("first", "say = 1")
    if driver.pool.isolation()["system_calls"] == "seccomp":
        assert "worked" not in driver.say("forks", text)


def test_a_thread_bomb_ends_in_an_error_not_in_the_service(driver: PoolDriver) -> None:
    text = """
        import threading, time
        def wait(): time.sleep(60)
        try:
            for n in range(100000): threading.Thread(target=wait, daemon=True).start()
            say = 'no limit'
        except (RuntimeError, MemoryError): say = 'stopped'
        del wait
        save = 'ignore'
    """
    assert driver.say("threads", text) == "stopped"


def test_endless_output_costs_nothing(driver: PoolDriver) -> None:
    assert driver.say("chatty", "for n in range(200): print('x' * 100000)\nsay = 'done'") == "done"


def test_files_have_a_largest_size(driver: PoolDriver) -> None:
    text = """
        try:
            with open('big', 'wb') as file:
                for n in range(200): file.write(b'x' * 1000000)
            say = 'no limit'
        except OSError as error: say = error.strerror
        del file
    """
    assert driver.say("files", text) == "File too large"


def test_open_files_are_few(driver: PoolDriver) -> None:
    text = """
        files = []
        try:
            while len(files) < 5000: files.append(open('x', 'w'))
            say = 'no limit'
        except OSError as error: say = error.strerror
        del files
    """
    assert driver.say("open", text) == "Too many open files"


@pytest.mark.parametrize(
    ("name", "text", "error", "words"),
    [
        ("exit", "import os; os._exit(3)", ChildDied, "status 3"),
        ("exit0", "import os; os._exit(0)", ChildDied, "ended before it answered"),
        ("segfault", "import ctypes; ctypes.string_at(0)", ChildDied, "signal 11"),
        ("abort", "import os; os.abort()", ChildDied, "signal 6"),
        # An operator, the kernel without memory: nothing that the interview could be blamed for.
        ("kill", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ChildKilled, "signal 9"),
        ("end", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)", ChildKilled, "signal 15"),
    ],
)
def test_the_death_of_a_child_is_an_error_of_its_request_alone(
    driver: PoolDriver, name: str, text: str, error: type[CallFailed], words: str
) -> None:
    state = driver.step(name, "n = 1").state
    with pytest.raises(error, match=words):
        driver.step(name, text, state=state)
    assert driver.say(name, "say = n", state=state) == "1"


@pytest.mark.parametrize(
    "text", ["raise SystemExit(1)", "raise KeyboardInterrupt", "raise BaseException('x')", "raise GeneratorExit", "1/0"]
)
def test_whatever_author_code_raises_is_a_failure(driver: PoolDriver, text: str) -> None:
    failure = driver.step("raises", text).failure
    assert failure is not None
    assert failure.type in text or failure.type == "ZeroDivisionError"


def test_recursion_without_end_costs_only_its_own_request(driver: PoolDriver) -> None:
    text = "import sys\nsys.setrecursionlimit(10**8)\ndef f(): return [f()]\nf()"
    try:
        assert driver.step("deep", text, seconds=2).failure is not None
    except (ChildDied, TimeLimit):
        pass
    assert driver.say("deep", "say = 1") == "1"


def test_a_value_that_cannot_be_stored_is_a_failure_with_its_path(driver: PoolDriver) -> None:
    failure = driver.step("unstorable", "class C: pass\nx = [C()]").failure
    assert failure is not None
    assert failure.type == "CannotStore"
    assert failure.message.startswith("variables.x[0]: ")


def test_cancel_ends_the_child(driver: PoolDriver) -> None:
    cancel = threading.Event()
    outcome: list[BaseException] = []

    def run() -> None:
        try:
            driver.step("cancelled", "while True: pass", cancel=cancel)
        except Cancelled as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not driver.pool.stats()["interviews"].get("cancelled", {}).get("busy"):
        time.sleep(0.01)
    cancel.set()
    thread.join(10)
    assert len(outcome) == 1
    assert "cancelled" not in driver.pool.stats()["interviews"]


def test_the_folder_of_a_child_is_its_own_and_goes_with_it(driver: PoolDriver) -> None:
    text = """
        import os, tempfile
        with tempfile.NamedTemporaryFile() as file: file.write(b'x')
        os.makedirs('deep/er')
        open('deep/er/left.txt', 'w').write('x')
        say = os.getcwd()
        del file
    """
    folder = driver.say("folder", text)
    assert os.path.isdir(folder)
    assert os.stat(folder).st_mode & 0o077 == 0
    with pytest.raises(ChildDied):
        driver.step("folder", "import os; os._exit(1)")
    assert not os.path.exists(folder)
