"""What pages name is there: tests in docs/background.md, parts of the program in the glossary and the architecture, pages of decisions."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "background.md").read_text("utf-8")
ROW = re.compile(r"^\| (?P<said>.+) \| `(?P<path>[^`]+)`<br>`(?P<name>[^`]+)` \|$", re.M)


def test_every_row_names_a_test_that_is_there() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| statement")]
    found = ROW.findall(PAGE)
    assert len(found) == len(rows), "a row is: | what is said | `file`<br>`test, or case of one` |"
    assert len(found) > 90
    for said, path, name in found:
        text = (ROOT / path).read_text("utf-8")
        there = f"def {name}(" in text if name.startswith("test_") else f'"{name}"' in text or f'"{name}' in text
        assert there, f"{said}: {path} has no {name}"


def test_every_name_of_the_glossary_and_the_architecture_is_one_of_the_code() -> None:
    paths = [
        path for top in ("services", "shared") for path in (ROOT / top).rglob("*") if path.suffix in (".py", ".js")
    ]
    known = {word for path in paths for word in re.findall(r"\w+", path.read_text("utf-8"))}
    for page in ("glossary.md", "architecture.md"):
        names = re.findall(r"`([A-Za-z_][\w.]*)`", (ROOT / "docs" / page).read_text("utf-8"))
        assert len(names) > 20
        assert [name for name in names if name.split(".")[-1] not in known] == [], page


def test_every_decision_has_its_line() -> None:
    folder = ROOT / "docs" / "adr"
    listed = set(re.findall(r"^\| \[\d{4}\]\(([^)]+)\)", (folder / "README.md").read_text("utf-8"), re.M))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}
