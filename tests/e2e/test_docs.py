"""The examples in README and docs are run, and what they say about settings is what there is.

Every fenced block is one of: an interview (run here to its end), a Python module (imported here by one), HTTP with its JSON
(run by browser/test_http_examples.py). Of commands, all are held against what the command line and the Makefile take, and those are run
that end by themselves and need nothing that is not here: not `make …` (this very run is one), not `parley run` and `start`
(test_command_line.py), not `parley queues` (unit/cli), not `docker compose` (unit/test_deploy.py reads its files).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from services.cli.main import main, parser
from services.cli.settings_table import markdown
from services.embedded.system import System
from services.settings import load
from shared.language.check import check, has_errors
from shared.language.library import Library
from shared.language.sources import Sources
from tests.helpers.embedded import Visit, until

ROOT = Path(__file__).parents[2]
ALL_PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "deploy/*.md", "tests/*.md")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"
)
#: Languages of fenced blocks, and the pages that may have them: there, all are run.
RUN = {
    "yaml": {
        "README.md",
        "docs/authors.md",
        "docs/mail.md",
        "docs/operators.md",
    },  # of operators: tests/unit/cli/test_config.py
    "python": {"docs/authors.md"},
    "http": {"docs/http.md"},
    "json": {"docs/http.md"},
    "json-object": {"docs/http.md"},  # made from the types: tests/unit holds page and types together
    "{toctree}": set(ALL_PAGES),
}
PAGES = ("README.md", "docs/authors.md", "docs/mail.md")
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
    made = System(load({}, var=str(root / "var"), packages=f"{root}:demos={ROOT / 'demos'}", smtp_port=0, port=0))
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


def test_every_example_is_of_a_kind_that_is_run() -> None:
    for page in ALL_PAGES:
        for opening in re.findall(r"^```(.*)\n(?:.*\n)*?```$", (ROOT / page).read_text("utf-8"), re.M):
            assert page in RUN.get(opening, ()), f"{page}: nobody runs ```{opening}"


MODULES = re.findall(r"^```python\n# (\w+)\.py\n(.*?)^```", (ROOT / "docs/authors.md").read_text("utf-8"), re.M | re.S)


def test_the_module_of_ones_own_is_imported_and_does_what_the_page_says(folder: Path, system: System) -> None:
    assert [name for name, _ in MODULES] == ["household"]
    (folder.parents[1] / "household.py").write_text(MODULES[0][1], "utf-8")
    (folder / "own.yml").write_text(
        "modules:\n  - .household\n---\nobjects:\n  - home: Household\n---\n"
        "mandatory: True\nquestion: Each pays ${ home.share() }\n---\n"
        "question: Rent\nfields:\n  - Rent: home.rent\n    datatype: number\n---\n"
        "question: People\nfields:\n  - People: home.people\n    datatype: integer\n",
        "utf-8",
    )
    visit = Visit(system, "examples:own.yml")
    visit.answer({"home.rent": 900})
    visit.answer({"home.people": 3})
    assert visit.screen["question"].strip() == "Each pays 300.0"


COMMANDS = [
    pytest.param(line, id=f"{page}: {line}")
    for page in ALL_PAGES
    for line in dict.fromkeys(
        match.strip()
        for pattern in (
            r"^    ((?:\.venv/bin/parley|parley|make) .*?)(?:  +#.*)?$",
            r"`((?:\.venv/bin/parley|parley|make) [^`]*)`",
        )
        for match in re.findall(pattern, (ROOT / page).read_text("utf-8"), re.M)
    )
]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_one_that_there_is(line: str) -> None:
    program, *words = line.partition(" > ")[0].replace("[FILE]", "FILE").replace("…", "").split()
    if program == "make":
        targets = [word for word in words if "=" not in word]
        rules = "".join((ROOT / name).read_text("utf-8") for name in ("Makefile", "scripts.mk"))
        for target in targets:
            pattern = re.sub(r"-3\.\d+$", "-%", target)
            assert re.search(rf"^(?:[\w-]+ )*{re.escape(pattern)}(?: [\w-]+)*:", rules, re.M), target
        for name in (word.partition("=")[0] for word in words if "=" in word):
            assert f"$({name})" in rules, name
    else:
        choices = [word.split("|")[0] if "|" in word else word for word in words if word not in ("SERVICE",)]
        parser().parse_args([*choices, "gateway"] if words[-1] == "SERVICE" else choices)


def test_the_example_of_readme_is_checked_as_it_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)[0]
    (folder / "hello.yml").write_text(body, "utf-8")
    assert main(["check", str(folder / "hello.yml")]) == 0
    assert "0 errors" in capsys.readouterr().out


def test_operators_are_told_all_settings() -> None:
    wanted = markdown()
    page = ROOT / "docs" / "operators.md"
    assert wanted in page.read_text("utf-8"), f"put this table (parley config keys) into docs/operators.md:\n{wanted}"
