"""An author saves while people are in the interview: sessions go on with the new version and keep what was answered."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.embedded.system import System
from services.settings import load
from shared.bus.messages import CallFailed
from tests.helpers.embedded import Visit, until

ROOT = Path(__file__).parents[2]
MANDATORY = "mandatory: True\nquestion: {0}?\nfields:\n  - {0}: {0}\n---\n"
END = "mandatory: True\nquestion: End\n"


@dataclass(frozen=True, slots=True)
class InterviewApi:
    """An author's package and the system that serves it."""

    folder: Path
    system: System

    def save(self, name: str, text: str) -> None:
        path = self.folder / name if name.endswith(".py") else self.folder / "data" / "questions" / name
        path.write_text(text, "utf-8")
        os.utime(path)  # a file system may count time in steps; what was just written is new in any case

    def visit(self, name: str) -> Visit:
        return Visit(self.system, f"office:{name}")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InterviewApi]:
    with _system(tmp_path_factory.mktemp("changed"), debug=False) as made:
        yield made


@pytest.fixture
def author_api(tmp_path: Path) -> Iterator[InterviewApi]:
    """As `parley run FILE` has it: whoever saves is the one who looks."""
    with _system(tmp_path, debug=True) as made:
        yield made


@contextlib.contextmanager
def _system(root: Path, *, debug: bool) -> Iterator[InterviewApi]:
    folder = root / "office"
    (folder / "data" / "questions").mkdir(parents=True)
    (folder / "__init__.py").write_text("", "utf-8")
    system = System(
        load({}, var=str(root / "var"), packages=str(root), smtp_port=0, port=0, debug=debug, log_level="ERROR")
    )
    system.start()
    try:
        yield InterviewApi(folder, system)
    finally:
        system.stop()


def _asked(visit: Visit) -> str:
    return str(visit.show()["question"])


def _becomes(visit: Visit, question: str) -> None:
    """The runner looks for changed files now and then, not at every step."""

    def there() -> bool:
        with contextlib.suppress(CallFailed):  # the version before may have been one that does not load
            visit._call("screen", session=visit.session)
            return visit.screen is not None and visit.screen["question"].strip() == question
        return False

    until(there, f"the session never came to {question!r}")


def _questions(*names: str) -> str:
    return "".join(MANDATORY.format(name) for name in names) + END


def test_a_session_goes_on_with_the_new_words(api: InterviewApi) -> None:
    api.save("words.yml", "mandatory: True\nquestion: Helo\nyesno: a\n---\n" + END)
    visit = api.visit("words.yml")
    api.save("words.yml", "mandatory: True\nquestion: Hello\nyesno: a\n---\n" + END)
    _becomes(visit, "Hello")
    visit.answer({"a": True})
    assert _asked(visit) == "End"


@pytest.mark.parametrize(
    ("name", "after", "asked"),
    [
        ("inserted", ("zero", "one", "two", "three"), ["zero", "three"]),
        ("inserted-behind", ("one", "two", "more", "three"), ["more", "three"]),
        ("removed", ("two", "three"), ["three"]),
        ("reordered", ("two", "one", "three"), ["three"]),
        ("moved-forward", ("three", "two", "one"), ["three"]),
        ("all-answered", ("two", "one"), []),
    ],
)
def test_blocks_that_move_shift_no_answers(
    api: InterviewApi, name: str, after: tuple[str, ...], asked: list[str]
) -> None:
    file = f"{name}.yml"
    api.save(file, _questions("one", "two", "three"))
    visit = api.visit(file)
    visit.answer({"one": "1"})
    visit.answer({"two": "2"})
    assert _asked(visit) == "three?"
    api.save(file, _questions(*after).replace("question: ", "question: Now ").replace("End", "the end"))
    for name in asked:
        _becomes(visit, f"Now {name}?")
        visit.answer({name: "x"})
    _becomes(visit, "Now the end")


def test_code_that_ran_does_not_run_again_because_of_a_block_before_it(api: InterviewApi) -> None:
    counting = "mandatory: True\ncode: |\n  runs = showifdef('runs', 0) + 1\n---\n"
    rest = "mandatory: True\nquestion: ${ runs } runs\nyesno: sure\n---\n" + END
    api.save("counting.yml", counting + rest)
    visit = api.visit("counting.yml")
    assert _asked(visit) == "1 runs"
    api.save(
        "counting.yml",
        "mandatory: True\ncode: |\n  other = 1\n---\n" + counting + rest.replace("runs\n", "runs so far\n"),
    )
    _becomes(visit, "1 runs so far")


def test_a_page_that_shows_a_removed_question_is_followed_by_the_current_one(api: InterviewApi) -> None:
    api.save("gone.yml", _questions("one", "two"))
    visit = api.visit("gone.yml")
    token = visit.screen["token"]
    api.save("gone.yml", _questions("two"))
    _becomes(visit, "two?")
    visit.answer({"one": "1"}, token=token)
    assert _asked(visit) == "two?"


def test_a_field_that_was_added_is_asked_for_with_the_screen_that_is_shown(api: InterviewApi) -> None:
    api.save("fields.yml", "mandatory: True\nquestion: Who?\nfields:\n  - Name: who\n---\n" + END)
    visit = api.visit("fields.yml")
    api.save(
        "fields.yml",
        "mandatory: True\nquestion: Who?\nfields:\n  - Name: who\n  - Age: age\n    datatype: integer\n---\n" + END,
    )
    until(lambda: len(visit.show()["fields"]) == 2, "the new field never came")
    visit.answer({"who": "Mia"})
    assert "age" in visit.reply["rejected"]["fields"]
    visit.answer({"who": "Mia", "age": 7})
    assert _asked(visit) == "End"


def test_the_last_good_version_of_an_interview_that_broke_goes_on_until_it_is_mended(
    api: InterviewApi, caplog: pytest.LogCaptureFixture
) -> None:
    api.save("half.yml", _questions("one", "two"))
    visit = api.visit("half.yml")
    api.save("half.yml", _questions("one", "two", "three") + "question: ${ no\n")

    def told() -> bool:
        visit.show()
        return any(record.msg == "interview_broken" for record in caplog.records)

    until(told, "nobody was told that the interview is broken")
    reason = next(record.__dict__["reason"] for record in caplog.records if record.msg == "interview_broken")
    assert "half.yml" in reason
    assert "question" in reason
    visit.answer({"one": "1"})
    assert _asked(visit) == "two?"
    assert _asked(api.visit("half.yml")) == "one?"
    api.save("half.yml", _questions("one", "more", "two"))
    _becomes(visit, "more?")


def test_an_interview_that_never_loaded_says_so(api: InterviewApi) -> None:
    api.save("never.yml", _questions("one") + "question: ${ no\n")
    with pytest.raises(CallFailed) as failed:
        api.visit("never.yml")
    assert failed.value.kind == "BadInterview"


def test_an_author_at_work_is_told_at_once_that_an_interview_broke(author_api: InterviewApi) -> None:
    api = author_api
    api.save("mended.yml", _questions("one", "two"))
    visit = api.visit("mended.yml")
    visit.answer({"one": "1"})
    api.save("mended.yml", _questions("one", "two") + "question: ${ no\n")

    def broken() -> bool:
        try:
            visit.show()
        except CallFailed as failed:
            return failed.kind == "BadInterview" and failed.data["problems"][0]["line"] > 1
        return False

    until(broken, "nobody was told that the interview is broken")
    api.save("mended.yml", _questions("one", "two"))
    _becomes(visit, "two?")


MODULE = "modules:\n  - .{0}\n---\nmandatory: True\nquestion: ${{ greeting('Mia') }}\nyesno: a\n---\n" + END


def test_a_module_beside_the_interview_is_read_again(api: InterviewApi) -> None:
    api.save("greetings.py", "def greeting(name):\n    return 'Hello, ' + name\n")
    api.save("module.yml", MODULE.format("greetings"))
    visit = api.visit("module.yml")
    assert _asked(visit) == "Hello, Mia"
    api.save("greetings.py", "def greeting(name):\n    return 'Good day, ' + name\n")
    _becomes(visit, "Good day, Mia")


def test_an_included_file_is_read_again(api: InterviewApi) -> None:
    api.save("part.yml", "question: Part?\nyesno: part\n")
    api.save("whole.yml", "include: part.yml\n---\nmandatory: True\ncode: |\n  part\n---\n" + END)
    visit = api.visit("whole.yml")
    api.save("part.yml", "question: The part?\nyesno: part\n")
    _becomes(visit, "The part?")


CLASS = """\
from docassemble.base.util import DAObject

class {0}(DAObject):
    def says(self):
        return self.kind + "{1}"
"""
KEEPING = """\
modules:
  - .shops
---
objects:
  - shop: Shop
---
mandatory: True
code: |
  shop.kind
  shown
---
question: What kind of shop?
fields:
  - Kind: shop.kind
---
question: ${ shop.says() }
yesno: shown
---
mandatory: True
question: End
"""


def test_a_class_that_vanished_is_named_and_repaired_by_coming_back(api: InterviewApi) -> None:
    api.save("shops.py", CLASS.format("Shop", "!"))
    api.save("keeping.yml", KEEPING)
    visit = api.visit("keeping.yml")
    visit.answer({"shop.kind": "Bakery"})
    assert _asked(visit) == "Bakery!"
    api.save("shops.py", CLASS.format("Store", "?"))

    def failed() -> bool:
        visit._call("screen", session=visit.session)
        return visit.reply.get("failure") is not None

    until(failed, "nobody was told that the class is gone")
    failure = visit.reply["failure"]
    assert "office.shops.Shop" in failure["message"]
    assert "shop" in failure["message"]
    api.save("shops.py", CLASS.format("Shop", "?"))
    _becomes(visit, "Bakery?")
    visit.answer({"shown": True})
    assert _asked(visit) == "End"


# ---------------------------------------------------------------------- parley run FILE


@contextlib.contextmanager
def _serving(file: Path, var: Path) -> Iterator[str]:
    """``parley run FILE``, and the address that it prints."""
    command = [
        sys.executable,
        "-m",
        "services.cli.main",
        "run",
        str(file),
        "--port",
        "0",
        "--smtp-port",
        "0",
        "--var",
        str(var),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        yield found.group()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        process.stdout.close()


class Browser:
    def __init__(self, address: str) -> None:
        self._address = address
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open

    def json(self) -> dict[str, Any]:
        try:
            with self._open(self._address + "&json=1") as reply:
                return dict(json.load(reply))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))

    def asked(self) -> str:
        return ((self.json().get("screen") or {}).get("question") or "").strip()


@pytest.mark.parametrize("where", ["lone", "package/data/questions"])
def test_run_file_follows_what_is_saved(tmp_path: Path, where: str) -> None:
    folder = tmp_path / where
    folder.mkdir(parents=True)
    modules = folder if where == "lone" else tmp_path / "package"
    (modules / "greetings.py").write_text("def greeting(name):\n    return 'Hello, ' + name\n", "utf-8")
    file = folder / "mine.yml"
    file.write_text(MODULE.format("greetings"), "utf-8")
    with _serving(file, tmp_path / "var") as address:
        browser = Browser(address)
        assert browser.asked() == "Hello, Mia"
        (modules / "greetings.py").write_text("def greeting(name):\n    return 'Welcome back, ' + name\n", "utf-8")
        until(lambda: browser.asked() == "Welcome back, Mia", "the changed module was not read")
        file.write_text(MODULE.format("greetings").replace("('Mia') }", "('Mia' }"), "utf-8")
        until(lambda: "error" in browser.json(), "the page does not say that the interview is broken")
        told = browser.json()["error"]["author"]["places"][0]
        assert (told["line"], "question" in told["message"]) == (5, True)
        assert [text for _, text, here in told["excerpt"] if here] == ["question: ${ greeting('Mia' }"]
        file.write_text(MODULE.format("greetings").replace("Mia", "Bo"), "utf-8")
        until(lambda: browser.asked() == "Welcome back, Bo", "the session did not go on")
