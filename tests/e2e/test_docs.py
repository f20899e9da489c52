"""The examples in README and docs are run, and what they say about settings is what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from services import settings
from services.embedded.system import System
from services.settings import load
from shared.language.check import check, has_errors
from shared.language.library import Library
from shared.language.sources import Sources
from tests.helpers.embedded import Visit, until

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/authors.md")
EXAMPLES = [
    pytest.param(body, id=f"{page}-{number}")
    for page in PAGES
    for number, body in enumerate(re.findall(r"^```yaml\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.M | re.S))
]
SIMPLE = {"integer": 3, "number": 3.5, "currency": 3.5, "boolean": False, "text": "Sample text"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("docs") / "examples" / "data" / "questions"
    made.mkdir(parents=True)
    return made


@pytest.fixture(scope="module")
def system(folder: Path) -> Any:
    root = folder.parents[2]
    made = System(load({}, var=str(root / "var"), packages=str(root), smtp_port=0, port=0))
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs_to_its_end(example: str, folder: Path, system: System) -> None:
    path = folder / f"e{abs(hash(example))}.yml"
    path.write_text(example, "utf-8")
    name = f"examples:{path.name}"
    problems = check(name, Library(Sources([folder.parents[2]])))
    assert not has_errors(problems), problems
    visit = Visit(system, name)
    for _ in range(12):
        assert visit.screen is not None, visit.reply
        if visit.screen.get("reload"):
            until(lambda: not visit.show().get("reload"), "the background action never ended")
        if visit.screen["kind"] == "end":
            return
        visit.answer({field["variable"]: SIMPLE[field["datatype"]] for field in visit.screen["fields"]})
        assert "rejected" not in visit.reply, visit.reply
    raise AssertionError(f"no end after twelve screens: {visit.screen['question']}")


def test_operators_are_told_all_settings() -> None:
    rows = "\n".join(f"| `{name}` | {says} |" for name, says in sorted(settings.variables().items()))
    wanted = f"| variable | what it is |\n|---|---|\n{rows}\n"
    page = ROOT / "docs" / "operators.md"
    assert wanted in page.read_text("utf-8"), f"put this table into docs/operators.md:\n{wanted}"
