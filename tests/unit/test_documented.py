"""Every test that docs/background.md names is there."""

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
