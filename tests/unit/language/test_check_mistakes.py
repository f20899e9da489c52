"""Code that compiles and cannot do what it says is told by `parley check`; code that may be right is not."""

from __future__ import annotations

import pytest

from shared.language.check import check
from shared.language.library import Library
from tests.unit.language.sample import Pack

CODES = {"L415", "L416", "L417", "L418", "L419", "L420"}

WRONG = [
    ("L415", 5, "mandatory: True\nquestion: ${ p }\n---\ncode: |\n  q = p\n---\ncode: |\n  p = q - 1\n"),
    (
        "L416",
        2,
        'mandatory: True\nquestion: ${ "In " + n }\n---\nquestion: N\nfields:\n  - N: n\n    datatype: number\n',
    ),
    (
        "L417",
        7,
        "objects:\n  - cats: DAList\n---\nmandatory: True\nquestion: ${ cats }\n---\nquestion: C\nfields:\n  - C: cats[i]\n",
    ),
    ("L418", 4, "mandatory: True\ncode: |\n  a = 1\n  double = lambda n: 2 * n\n"),
    ("L419", 4, "mandatory: True\ncode: |\n  n = 0\n  while 1:\n    n = n + 1\n"),
    ("L420", 6, "mandatory: True\nquestion: ${ a }\n---\nquestion: A\nfields:\n\t- A: a\n"),
]

RIGHT = [
    # A circle that a condition may open, one that a question opens, and names that are set before they are read.
    "mandatory: True\nquestion: ${ p }\n---\ncode: |\n  if r:\n    q = p\n  else:\n    q = 1\n---\ncode: |\n  p = q\n",
    "mandatory: True\nquestion: ${ p }\n---\ncode: |\n  q = p\n---\ncode: |\n  p = q\n---\nquestion: P\nfields:\n  - P: p\n",
    "mandatory: True\nquestion: ${ p }\n---\ncode: |\n  q = 1\n  p = q\n  q = p\n",
    'mandatory: True\nquestion: ${ "In " + str(n) }\n---\nquestion: N\nfields:\n  - N: n\n    datatype: number\n',
    'mandatory: True\nquestion: ${ "In " + n }\n---\nquestion: N\nfields:\n  - N: n\n',
    "objects:\n  - cats: DAList.using(there_are_any=True)\n---\nmandatory: True\nquestion: ${ cats }\n---\n"
    "question: C\nfields:\n  - C: cats[i]\n",
    "objects:\n  - cats: DAList\n---\nmandatory: True\nquestion: ${ cats }\n---\nquestion: C\nfields:\n  - C: cats[i]\n---\n"
    "question: How many?\nfields:\n  - N: cats.target_number\n    datatype: integer\n",
    "mandatory: True\ncode: |\n  double = lambda n: 2 * n\n  a = double(2)\n  del double\n",
    "mandatory: True\ncode: |\n  while True:\n    if more(): break\n",
    'mandatory: True\ncode: |\n  while True:\n    force_ask("a")\n',
    "mandatory: True\nquestion: |\n  A\ttab inside\n",
]


def found(pack: Pack, text: str) -> list[tuple[str, int]]:
    pack.write(text)
    problems = check("pack:main.yml", Library(pack.sources))
    return [(one.finding.code, one.place.line) for one in problems if one.finding.code in CODES]


@pytest.mark.parametrize(("code", "line", "text"), WRONG, ids=[code for code, _, _ in WRONG])
def test_a_mistake_is_told_with_its_line(pack: Pack, code: str, line: int, text: str) -> None:
    assert found(pack, text) == [(code, line)]


@pytest.mark.parametrize("text", RIGHT)
def test_what_may_be_right_is_not_told(pack: Pack, text: str) -> None:
    assert found(pack, text) == []
