"""An author saves what cannot run while people are in the interview: its last good version goes on, until it is mended."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.contract.errors import NoInterview
from shared.contract.outcome import Failure, StepResult
from shared.engine.request import Request
from shared.runner import templates
from shared.runner.pool import ProcessPool
from shared.runner.ports import Limits
from tests.contract.runner.test_interviews import NOW, HostApi
from tests.helpers.embedded import until
from tests.helpers.screens import screen_of

YAML = "modules:\n  - .words\n---\nmandatory: True\nquestion: ${ greeting() } VERSION\nyesno: a\n"
WORDS = "from .names import NAME\n\ndef greeting():\n    return 'Hello, ' + NAME\n"
NAMES = "NAME = 'Mia'\n"


class Author:
    """A package of an interview, and what somebody is asked who looks at it."""

    def __init__(self, root: Path, name: str, pool: ProcessPool) -> None:
        self.folder, self.interview, self.pool = root / name, f"{name}:hello.yml", pool
        (self.folder / "data" / "questions").mkdir(parents=True)
        self.save("data/questions/hello.yml", YAML)
        self.save("words.py", WORDS)
        self.save("names.py", NAMES)

    def save(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text, "utf-8")
        os.utime(path)

    def looks(self, session: str) -> str | Failure:
        request, limits = Request(now=NOW, seed=7), Limits(seconds=20)
        done = self.pool.step(self.interview, None, request, host=HostApi(), limits=limits, session=session)
        return done.failure or (screen_of(done).question or "").strip()


#: A second pool forgets an interview so soon that no process of it is left when its author has saved.
IDLE = {"kept": 60.0, "forgotten": 0.2}


@pytest.fixture(scope="module")
def pools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Path, ProcessPool]]]:
    roots = {name: tmp_path_factory.mktemp(name) for name in IDLE}
    made = {
        name: (root, ProcessPool(roots=[root], check_seconds=0, idle_seconds=IDLE[name]))
        for name, root in roots.items()
    }
    yield made
    for _, pool in made.values():
        pool.close()


_numbers = itertools.count()


@pytest.fixture
def author(pools: dict[str, tuple[Path, ProcessPool]]) -> Author:
    root, pool = pools["kept"]
    return Author(root, f"office{next(_numbers)}", pool)


@pytest.fixture
def idle_author(pools: dict[str, tuple[Path, ProcessPool]]) -> Author:
    root, pool = pools["forgotten"]
    return Author(root, f"office{next(_numbers)}", pool)


BROKEN: dict[str, tuple[str, str]] = {
    "a module half written": ("words.py", "from .names import NAME\n\ndef greeting("),
    "a module of a module half written": ("names.py", "NAME = 'M"),
    "a module that fails": ("words.py", WORDS + "greeting(1)\n"),
    "a name that is not there yet": ("words.py", "from .names import SURNAME\n"),
    "a module that is not there yet": ("data/questions/hello.yml", "modules:\n  - .more\n---\n" + YAML),
    "an interview half written": ("data/questions/hello.yml", YAML + "---\nquestion: ${ no\n"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_the_last_good_version_goes_on_until_there_is_a_better_one(author: Author, broken: str) -> None:
    name, text = BROKEN[broken]
    good = (author.folder / name).read_text("utf-8")
    assert author.looks("before") == "Hello, Mia VERSION"
    author.save(name, text)
    assert [author.looks("before"), author.looks("later")] == ["Hello, Mia VERSION"] * 2
    author.save(name, good.replace("VERSION", "again").replace("Mia", "Bo").replace("Hello", "Good day"))
    changed = {"words.py": "Good day, Mia VERSION", "names.py": "Hello, Bo VERSION"}
    until(lambda: author.looks("later") == changed.get(name, "Hello, Mia again"), "the mended version never came")


@pytest.mark.parametrize("broken", ["a module half written", "a module that fails", "an interview half written"])
def test_it_goes_on_also_after_nobody_had_looked_for_a_while(idle_author: Author, broken: str) -> None:
    author = idle_author
    assert author.looks("before") == "Hello, Mia VERSION"
    until(lambda: author.pool.stats()["templates"] == 0, "the idle interview was kept")
    author.save(*BROKEN[broken])
    assert author.looks("before") == "Hello, Mia VERSION"


def test_people_get_one_version_however_many_files_a_deployment_has_written_so_far(author: Author) -> None:
    """The files of a new version come one after the other; each of these states is one that cannot run."""
    assert author.looks("one") == "Hello, Mia VERSION"
    author.save("words.py", WORDS.replace("NAME", "SURNAME"))
    assert author.looks("one") == "Hello, Mia VERSION"
    author.save("data/questions/hello.yml", YAML.replace("greeting()", "greeting().upper()"))
    assert author.looks("two") == "Hello, Mia VERSION"
    author.save("names.py", "SURNAME = 'Smith'\n")
    until(lambda: author.looks("two") == "HELLO, SMITH VERSION", "the new version never came")


def test_a_file_that_is_taken_away_before_the_new_one_is_written(author: Author) -> None:
    path = author.folder / "data" / "questions" / "hello.yml"
    assert author.looks("one") == "Hello, Mia VERSION"
    path.unlink()
    assert author.looks("one") == "Hello, Mia VERSION"
    author.save("data/questions/hello.yml", YAML.replace("VERSION", "again"))
    assert author.looks("one") == "Hello, Mia again"


def test_a_session_that_holds_an_object_of_the_module_goes_on(author: Author) -> None:
    """Its state cannot even be read by the version that is half written."""
    author.save("words.py", "from docassemble.base.util import DAObject\n\nclass Shop(DAObject):\n    pass\n")
    text = "objects:\n  - shop: Shop\n---\nmandatory: True\ncode: |\n  shop.kind = 'Bakery'\n---\n"
    author.save("data/questions/hello.yml", YAML.replace("---\n", f"---\n{text}", 1).replace("greeting()", "shop.kind"))
    request, limits = Request(now=NOW, seed=7), Limits(seconds=20)

    def looks(state: bytes | None) -> StepResult:
        return author.pool.step(author.interview, state, request, host=HostApi(), limits=limits, session="one")

    state = looks(None).state
    for broken in ("class Shop(", "raise ValueError()\n"):
        author.save("words.py", broken)
        done = looks(state)
        assert done.failure is None, done.failure
        assert (screen_of(done).question or "").strip() == "Bakery VERSION"


def test_an_interview_that_was_taken_away_is_gone(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_GONE", 0.0)
    assert author.looks("one") == "Hello, Mia VERSION"
    (author.folder / "data" / "questions" / "hello.yml").unlink()
    with pytest.raises(NoInterview):
        author.looks("one")


def test_an_interview_that_never_worked_says_what_its_module_lacks(author: Author) -> None:
    author.save(*BROKEN["a module half written"])
    failure = author.looks("one")
    assert isinstance(failure, Failure)
    assert (failure.block, failure.line) == ("Question_0", 1)
    assert "words.py, line 3" in failure.message
    author.save("words.py", WORDS)
    until(lambda: author.looks("one") == "Hello, Mia VERSION", "the mended version never came")


@pytest.mark.parametrize("broken", BROKEN)
def test_a_service_that_is_started_beside_a_broken_version_has_the_one_before(tmp_path: Path, broken: str) -> None:
    kept = tmp_path / "var"
    author = Author(tmp_path, "office", ProcessPool(roots=[tmp_path], check_seconds=0, good=kept))
    assert author.looks("before") == "Hello, Mia VERSION"
    author.pool.close()
    name, text = BROKEN[broken]
    good = (author.folder / name).read_text("utf-8")
    author.save(name, text)
    author.pool = ProcessPool(roots=[tmp_path], check_seconds=0, good=kept)
    assert [author.looks("before"), author.looks("later")] == ["Hello, Mia VERSION"] * 2
    author.save(name, good.replace("Mia", "Bo").replace("VERSION", "again"))
    changed = {"words.py": "Hello, Mia VERSION", "names.py": "Hello, Bo VERSION"}
    until(lambda: author.looks("later") == changed.get(name, "Hello, Mia again"), "the mended version never came")
    author.pool.close()


def test_a_folder_that_others_can_write_is_not_believed(tmp_path: Path) -> None:
    kept = tmp_path / "var"
    author = Author(tmp_path, "office", ProcessPool(roots=[tmp_path], check_seconds=0, good=kept))
    assert author.looks("before") == "Hello, Mia VERSION"
    author.pool.close()
    (kept / "last-good").chmod(0o777)
    author.save(*BROKEN["a module half written"])
    author.pool = ProcessPool(roots=[tmp_path], check_seconds=0, good=kept)
    assert isinstance(author.looks("before"), Failure)
    author.pool.close()
