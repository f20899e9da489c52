"""Functions of packages in real children, without a session: results, failures as values, walls, and nothing left behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from shared.contract.errors import Busy
from shared.runner.call import CallPool
from shared.runner.called import Called, CallError
from shared.runner.ports import Limits
from tests.helpers.waiting import eventually

JOBS = """
import os, sys, time
from docassemble.base.util import as_datetime, nice_number, Individual

LEFT = []

def greet(name, greeting="Hello", *more, **other):
    return {"said": f"{greeting}, {name}", "more": list(more), "other": other, "pid": os.getpid()}

def nothing(): pass

def plain():
    return [None, True, 1, 1.5, "é", b"\\x00", (1, 2), as_datetime("2026-01-15 10:00", timezone="UTC"), nice_number(3)]

def forever():
    while True:
        try:
            time.sleep(0.01)
        except Exception:
            pass

def deaf():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass

def hungry():
    return len(bytearray(2_000_000_000))

def wrong(value):
    return inner(value)

def inner(value):
    raise ValueError(f"cannot do {value}")

def quit(): sys.exit(3)

def killed(): os.kill(os.getpid(), 9)

def crash():
    import ctypes
    ctypes.string_at(0)

def expands():
    x = []
    for _ in range(40):
        x = [x, x]
    return x

def loop():
    x = []
    x.append(x)
    return x

def large(): return "x" * 10_000_000

def thing(): return Individual("client")

def deep_thing(): return {"a": [1, {"b": object()}]}

def leave(value):
    LEFT.append(value)
    return list(LEFT)

def secrets():
    import socket
    found = {"environ": dict(os.environ)}
    for name, attempt in (
        ("file", lambda: open("/etc/passwd").read()),
        ("write", lambda: open(os.path.dirname(__file__) + "/new", "w")),
        ("own", lambda: open("mine", "w").write("x")),
        ("network", lambda: socket.socket().connect(("127.0.0.1", 9))),
        ("fork", os.fork),
    ):
        try:
            attempt()
            found[name] = "allowed"
        except Exception as error:
            found[name] = type(error).__name__
    return found

class Task:
    def __init__(self, name): self.name = name

SETTING = 5

class BadText(Exception):
    def __str__(self): raise RuntimeError("no text")

def bad_text(): raise BadText()
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("roots")
    for folder in (made, *made.parents):
        if folder.name.startswith(("pytest", "roots")):
            folder.chmod(0o755)  # children run as somebody else
    package = made / "office"
    (package / "data" / "questions").mkdir(parents=True)
    (package / "jobs.py").write_text(JOBS)
    (package / "broken.py").write_text("import math\n\n1 / 0\n")
    (made / "docassemble" / "demo" / "data" / "questions").mkdir(parents=True)
    (made / "docassemble" / "demo" / "gettime.py").write_text("def get_time():\n    return 'now'\n")
    return made


@pytest.fixture(scope="module")
def pool(root: Path) -> Iterator[CallPool]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARLEY_SECRET", "the-secret-of-this-service-8472")
        made = CallPool(roots=[root])
        yield made
        made.close()


def call(
    pool: CallPool, function: str, *args: Any, module: str = "office.jobs", seconds: float = 20, **kwargs: Any
) -> Called:
    return pool.call(
        module, function, args=args, kwargs=kwargs, limits=Limits(seconds=seconds, memory=256 * 1024 * 1024)
    )


def failed(pool: CallPool, function: str, *args: Any, **options: Any) -> Any:
    done = call(pool, function, *args, **options)
    assert done.failed is not None, done.value
    assert done.value is None
    return done.failed


def test_a_function_gets_its_arguments_and_gives_its_result(pool: CallPool) -> None:
    done = call(pool, "greet", "Ada", "Hi", 1, 2, x="y")
    assert done.failed is None
    assert done.value.pop("pid") != os.getpid()
    assert done.value == {"said": "Hi, Ada", "more": [1, 2], "other": {"x": "y"}}
    assert done.seconds > 0
    assert call(pool, "nothing") == Called(seconds=pytest.approx(0, abs=20))


def test_a_plain_result_arrives_as_it_is(pool: CallPool) -> None:
    assert call(pool, "plain").value == [
        None, True, 1, 1.5, "é", b"\x00", [1, 2], datetime(2026, 1, 15, 10, tzinfo=UTC), "three",
    ]  # fmt: skip


def test_a_module_of_any_package_below_the_roots(pool: CallPool) -> None:
    assert call(pool, "get_time", module="docassemble.demo.gettime").value == "now"


@pytest.mark.parametrize(
    "module", ["office.nosuch", "nosuch", "os", "shared.store.open", "services.settings", "office/jobs", "", "office..jobs"]
)  # fmt: skip
def test_a_module_that_is_not_in_the_packages(pool: CallPool, module: str) -> None:
    assert failed(pool, "greet", module=module).error is CallError.NO_MODULE


@pytest.mark.parametrize("function", ["nosuch", "SETTING", "", "jobs.greet", "__doc__"])
def test_a_function_that_is_not_there(pool: CallPool, function: str) -> None:
    found = failed(pool, function)
    assert found.error is CallError.NO_FUNCTION
    assert found.message.startswith(f"office.jobs.{function}")


def test_an_exception_is_told_with_its_place_in_the_package(pool: CallPool) -> None:
    found = failed(pool, "wrong", 7)
    line = JOBS.splitlines().index('    raise ValueError(f"cannot do {value}")') + 1
    assert (found.error, found.type, found.message) == (CallError.RAISED, "ValueError", "cannot do 7")
    assert (found.file, found.line) == ("office/jobs.py", line)
    assert "inner(value)" in found.trace


def test_a_module_that_raises_at_its_import(pool: CallPool) -> None:
    found = failed(pool, "x", module="office.broken")
    assert (found.error, found.type, found.file, found.line) == (
        CallError.RAISED,
        "ZeroDivisionError",
        "office/broken.py",
        3,
    )


def test_wrong_arguments_are_the_functions_own_error(pool: CallPool) -> None:
    assert failed(pool, "nothing", 1).type == "TypeError"


def test_it_may_raise_anything(pool: CallPool) -> None:
    assert failed(pool, "quit").type == "SystemExit"
    assert failed(pool, "bad_text").message == "BadText"


def test_the_time_limit_tells_where_it_was(pool: CallPool) -> None:
    found = failed(pool, "forever", seconds=1)
    assert found.error is CallError.TIME_LIMIT
    assert found.file == "office/jobs.py"
    assert "1 seconds" in found.message


def test_who_does_not_listen_is_killed(pool: CallPool) -> None:
    assert failed(pool, "deaf", seconds=1).error is CallError.TIME_LIMIT


def test_the_memory_limit(pool: CallPool) -> None:
    found = failed(pool, "hungry")
    assert (found.error, found.file) == (CallError.MEMORY, "office/jobs.py")
    assert "256 MB" in found.message


@pytest.mark.parametrize("function", ["killed", "crash"])
def test_a_child_that_dies_harms_nobody(pool: CallPool, function: str) -> None:
    assert failed(pool, function).error is CallError.DIED
    assert call(pool, "greet", "Ada").failed is None


@pytest.mark.parametrize(
    ("function", "where"),
    [
        ("expands", "too many values"),
        ("loop", "nested deeper"),
        ("large", "too large"),
        ("thing", "result is a Individual"),
        ("deep_thing", "result['a'][1]['b'] is a object"),
    ],
)
def test_a_result_that_cannot_be_kept(pool: CallPool, function: str, where: str) -> None:
    found = failed(pool, function)
    assert found.error is CallError.NOT_PLAIN
    assert where in found.message


def test_nothing_is_left_for_the_next_call(pool: CallPool) -> None:
    assert [call(pool, "leave", n).value for n in range(3)] == [[0], [1], [2]]


def test_a_changed_module_is_the_next_calls(pool: CallPool, root: Path) -> None:
    path = root / "office" / "fresh.py"
    for number in (1, 2):
        path.write_text(f"def f():\n    return {number}\n")
        os.utime(path, (number, number))
        assert call(pool, "f", module="office.fresh").value == number


def test_the_walls(pool: CallPool) -> None:
    found = call(pool, "secrets").value
    assert "the-secret-of-this-service-8472" not in str(found["environ"])
    assert found["own"] == "allowed"
    assert {found["write"], found["fork"]} <= {"PermissionError", "OSError", "BlockingIOError"}
    assert found["network"] == "ConnectionRefusedError", "the operator wrote it: the network is open to it"


@pytest.mark.parametrize("value", [object(), {1, 2, object()}, threading.Lock()])
def test_arguments_that_cannot_travel_are_refused(pool: CallPool, value: Any) -> None:
    with pytest.raises(ValueError, match=r"arguments of office\.jobs\.greet"):
        call(pool, "greet", value)


def test_calls_run_side_by_side_and_one_too_many_is_busy(root: Path) -> None:
    small = CallPool(roots=[root], at_once=2, busy_seconds=0.2)
    try:
        with ThreadPoolExecutor(2) as threads:
            running = [threads.submit(call, small, "forever", seconds=3) for _ in range(2)]
            eventually(lambda: small._free._value == 0)
            with pytest.raises(Busy):
                call(small, "greet", "Ada")
            assert {done.result().failed.error for done in running} == {CallError.TIME_LIMIT}  # type: ignore[union-attr]
        assert call(small, "greet", "Ada").failed is None
    finally:
        small.close()


def test_a_template_that_was_killed_is_replaced(root: Path) -> None:
    made = CallPool(roots=[root])
    try:
        assert call(made, "greet", "Ada").failed is None
        assert made._loader is not None
        assert made._loader.zygote_pid is not None
        zygote = psutil.Process(made._loader.zygote_pid)
        templates = zygote.children()
        assert templates
        for process in (*templates, zygote):
            process.kill()
        assert call(made, "greet", "Ada").failed is None
    finally:
        made.close()


def test_a_closed_pool_runs_nothing_and_leaves_nothing(root: Path) -> None:
    made = CallPool(roots=[root])
    assert call(made, "nothing").failed is None
    folder = Path(made._folder)
    made.close()
    assert not folder.exists()
    with pytest.raises(Busy, match="stopping"):
        call(made, "nothing")
