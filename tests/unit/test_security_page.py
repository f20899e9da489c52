"""docs/security.md names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")


def rows() -> list[list[str]]:
    table = PAGE[PAGE.index("| ASVS |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_each_promise_names_tests_that_there_are() -> None:
    assert len(rows()) > 20
    for chapter, promise, shown in rows():
        named = re.findall(r"`([^`]+)`", shown)
        assert named, f"{chapter} {promise}: shown by nothing"
        for name in named:
            path, _, function = name.partition("::")
            file = ROOT / path
            assert path.startswith("tests/"), name
            assert file.is_file(), name
            if function:
                assert re.search(rf"^\s*def {re.escape(function)}\(", file.read_text("utf-8"), re.M), name
