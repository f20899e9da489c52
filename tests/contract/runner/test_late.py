"""What is loaded when it is first used can be loaded there: in a child, behind its walls."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.runner.pool import ProcessPool
from tests.contract.runner.test_interviews import Session, root, write

__all__ = ["root"]

_USES = """\
mandatory: True
code: |
  told = [
    language_name('fr'), states_list('CA')['ON'], country_name('FR'), nice_number(11, use_word=True), ordinal(0),
    phone_number_formatted('2024561111', country='US'), title_case('of mice'), us.states.lookup('TX').name,
    space_to_underscore('a b/c'), type(device()).__name__,
  ]
---
mandatory: True
question: ${ '|'.join(told) }
"""


@pytest.mark.timeout(60)
def test_a_first_step_that_uses_all_of_it(root: Path) -> None:
    pool = ProcessPool(roots=[root], stock=False)
    try:
        session = Session(pool, write(root, "uses", _USES))
        session.step()
        assert session.question() == ("French|Ontario|France|eleven|first|(202) 456-1111|Of Mice|Texas|a_b_c|NoneType")
    finally:
        pool.close()
