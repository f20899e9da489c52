"""What is known is said: `Any` stays rare, where values of authors and libraries without types end; no function needs a second screen."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Words in 1,000 lines of all the program, imports counted too.
_MOST_ANY = 15
#: … of one folder: what BSON, Jinja2 and authors hand over is Any by nature, and comes through some folders more than others.
_MOST_IN_ONE = 25
_LONGEST = 60
_MOST_LINES = 400

FOLDERS = sorted(path for top in ("services", "shared") for path in (ROOT / top).iterdir() if any(path.glob("*.py")))
FILES = sorted(path for top in ("services", "shared") for path in (ROOT / top).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def count(paths: list[Path]) -> tuple[int, int]:
    """How often `Any` is written in the files, and how many lines they have."""
    source = "".join(path.read_text(encoding="utf-8") for path in paths)
    return len(re.findall(r"\bAny\b", source)), source.count("\n")


def test_any_is_rare() -> None:
    words, lines = count(FILES)
    assert words * 1000 <= _MOST_ANY * lines


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_any_is_rare_in_every_folder(folder: Path) -> None:
    words, lines = count(list(folder.rglob("*.py")))
    assert words * 1000 <= _MOST_IN_ONE * lines


def test_functions_fit_on_a_screen() -> None:
    """Those of the tests, too."""
    long = []
    for path in [*FILES, *sorted((ROOT / "tests").rglob("*.py"))]:
        text = path.read_text(encoding="utf-8")
        if text.count("\n") <= _LONGEST:
            continue
        long += [
            f"{named(path)}, {node.name}: {node.end_lineno - node.lineno + 1} lines"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno is not None
            and node.end_lineno - node.lineno >= _LONGEST
        ]
    assert long == []


def test_a_module_is_one_noun() -> None:
    long = {named(path): lines for path in FILES if (lines := count([path])[1]) > _MOST_LINES}
    assert long == {}
