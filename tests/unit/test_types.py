"""What is known is said: `Any` stays rare, where values of authors and libraries without types end; no function needs a second screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Words in 1,000 lines of all the program, imports counted too.
_MOST_ANY = 15
#: … of one folder: what BSON, Jinja2 and authors hand over is Any by nature, and comes through some folders more than others.
_MOST_IN_ONE = 25
_LONGEST = 60
_MOST_LINES = 400
_STRING = re.compile(r'"""[\s\S]*?"""')
_FUNCTION = re.compile(r"(?P<indent> *)(?:async )?def (?P<name>\w+)")

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


def functions(text: str) -> Iterator[tuple[str, int]]:
    """The functions of a source with how many lines each has. By indentation: to parse all sources takes seconds."""
    lines = [line.rstrip() for line in _STRING.sub(lambda found: "\n" * found.group().count("\n"), text).split("\n")]
    for start, line in enumerate(lines):
        if found := _FUNCTION.match(line):
            last = start
            for number in range(start + 1, len(lines)):
                if lines[number] and not lines[number].startswith((f"{found['indent']} ", f"{found['indent']})")):
                    break
                last = number if lines[number] else last
            yield found["name"], last - start + 1


def test_functions_fit_on_a_screen() -> None:
    """Those of the tests, too."""
    paths = [*FILES, *(ROOT / "tests").rglob("*.py")]
    sources = {named(path): path.read_text(encoding="utf-8") for path in paths}
    long = [
        f"{path}, {name}: {lines} lines"
        for path, text in sources.items()
        if text.count("\n") > _LONGEST
        for name, lines in functions(text)
        if lines > _LONGEST
    ]
    assert long == []


def test_a_function_is_as_long_as_it_is() -> None:
    body = '    """Text\nof it.\n    """\n\n    if a:\n\n        b()\n'
    source = f"def one(\n    a,\n) -> None:\n{body}\n\nclass Two:\n    def three(self): ...\n\n    x = 1\n"
    assert dict(functions(source)) == {"one": 10, "three": 1}


def test_a_module_is_one_noun() -> None:
    long = {named(path): lines for path in FILES if (lines := count([path])[1]) > _MOST_LINES}
    assert long == {}
