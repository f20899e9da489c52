"""A call into a package's module, as the child makes it: found, run, and told of in plain words. In this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.authoring import modules
from shared.runner import alarm, calling
from shared.runner.call import CallError
from tests.helpers.script import Script

MODULE = """
import math

TEN = 10

def add(a, b=1):
    return {"sum": a + b}

def fails():
    raise ValueError("a bad day")

def ends():
    raise SystemExit("enough")

def unspeakable():
    class Odd(Exception):
        def __str__(self):
            raise RuntimeError
    raise Odd

def no_memory():
    raise MemoryError

def not_plain():
    return object()

def sin(x):
    return math.sin(x)
"""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    package = tmp_path / "parley_test_jobs"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "work.py").write_text(MODULE)
    (package / "broken.py").write_text("1 / 0\n")
    finders = list(sys.meta_path)
    yield tmp_path
    sys.meta_path[:] = finders
    for name in [name for name in sys.modules if name.startswith("parley_test_jobs")]:
        del sys.modules[name]


def call(root: Path, function: str, *args: object, module: str = "parley_test_jobs.work", **kwargs: object) -> Any:
    loaded = calling.load("calls", [str(root)])
    message = {"module": module, "function": function, "args": list(args), "kwargs": kwargs, "seconds": 30.0, "step": 7}
    script = Script(message)
    caller = calling.child(script.wire, loaded, memory=512 * 1024 * 1024)
    (reply,) = script.play(caller.serve)
    assert reply.pop("step") == 7
    return reply


def failed(root: Path, function: str, **given: Any) -> dict[str, Any]:
    return call(root, function, **given)["failed"]  # type: ignore[no-any-return]


def test_a_result_comes_back(root: Path) -> None:
    assert call(root, "add", 1, b=2) == {"value": {"sum": 3}}


@pytest.mark.parametrize(
    "module", ["parley_test_jobs.nowhere", "os", "shared.runner.calling", "services.cli.main", "tests"]
)
def test_only_modules_of_the_packages_are_called(root: Path, module: str) -> None:
    told = failed(root, "add", module=module)
    assert told == {"error": CallError.NO_MODULE, "message": f"there is no module {module} in the packages"}


@pytest.mark.parametrize(("function", "what"), [("missing", "nothing of that name"), ("TEN", "a int")])
def test_only_what_can_be_called_is(root: Path, function: str, what: str) -> None:
    told = failed(root, function)
    assert told["error"] == CallError.NO_FUNCTION
    assert what in told["message"]


def test_an_error_names_the_line_in_the_package(root: Path) -> None:
    told = failed(root, "fails")
    assert (told["error"], told["type"], told["message"]) == (CallError.RAISED, "ValueError", "a bad day")
    assert told["file"] == "parley_test_jobs/work.py"
    assert MODULE.splitlines()[told["line"] - 1].strip() == 'raise ValueError("a bad day")'
    assert "a bad day" in told["trace"]


def test_an_error_in_a_library_is_told_at_the_line_that_called_it(root: Path) -> None:
    told = call(root, "sin", "x")["failed"]
    assert (told["type"], told["file"]) == ("TypeError", "parley_test_jobs/work.py")


def test_a_module_that_cannot_be_imported_is_an_error_of_its_own(root: Path) -> None:
    told = failed(root, "add", module="parley_test_jobs.broken")
    assert (told["type"], told["file"], told["line"]) == ("ZeroDivisionError", "parley_test_jobs/broken.py", 1)


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        ("ends", CallError.RAISED, "enough"),
        ("unspeakable", CallError.RAISED, "Odd"),
        ("no_memory", CallError.MEMORY, "it needs more memory than the 512 MB allowed"),
        ("not_plain", CallError.NOT_PLAIN, "object"),
    ],
)
def test_whatever_a_function_does_is_told(root: Path, function: str, error: CallError, message: str) -> None:
    told = failed(root, function)
    assert told["error"] == error
    assert message in told["message"]


def test_time_that_is_over_is_told_with_its_limit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rings(*args: object) -> None:
        raise alarm.Rang("over")

    monkeypatch.setattr(calling, "plainly", rings)
    told = failed(root, "sin", module="parley_test_jobs.work") if False else call(root, "sin", 1)["failed"]
    assert told["error"] == CallError.TIME_LIMIT
    assert told["message"] == "it ran longer than the 30 seconds allowed and was stopped"


def test_modules_are_found_where_the_finders_look(root: Path) -> None:
    calling.load("calls", [str(root)])
    assert any(type(finder).__module__ == modules.__name__ for finder in sys.meta_path)
