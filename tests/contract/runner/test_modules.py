"""What a child has loaded when an interview's first page was made, told by the interview itself."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from shared.runner.pool import ProcessPool
from shared.runner.settings import WARM_AFTER
from tests.contract.runner.test_interviews import Session, root, write
from tests.unit.runner.test_wanted import HEAVY

__all__ = ["root"]

_TELLING = """\
mandatory: True
code: |
  import sys
  found = sorted(sys.modules)
---
mandatory: True
question: ${ ' '.join(found) }
"""


def modules(root: Path, text: str, *, steps: int = 1, pause: float = 0.0) -> set[str]:
    """The modules of the child that made the last of the first pages of so many sessions."""
    pool = ProcessPool(roots=[root], stock=False)
    try:
        name = write(root, "telling", text)
        for number in range(steps):
            time.sleep(pause if number else 0)
            session = Session(pool, name)
            session.step()
        return set(session.question().split())
    finally:
        pool.close()


@pytest.mark.timeout(60)
def test_a_first_page_needs_nothing_that_few_interviews_use(root: Path) -> None:
    found = modules(root, _TELLING)
    assert {"shared.engine.step", "us"} <= found
    assert not found & HEAVY


@pytest.mark.timeout(60)
def test_a_template_loads_what_its_interview_names_when_it_has_time(root: Path) -> None:
    """Its later children have it, the first had not: nobody waited for it."""
    text = f"{_TELLING}---\nquestion: When?\nfields:\n  - Phone: phone\n"
    assert "phonenumbers" not in modules(root, text)
    assert "phonenumbers" in modules(root, text, steps=2, pause=WARM_AFTER * 10)
