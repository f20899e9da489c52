"""Whatever an author types, the loader answers with problems and never with anything else."""

from __future__ import annotations

import random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.language.check import check
from shared.language.errors import LanguageErrors, Problem
from shared.language.keys import ANSWERS, BLOCK_KEYS, FIELD_KEYS
from shared.language.library import Library
from tests.helpers.examples import examples
from tests.unit.language.sample import Pack

INTERVIEW = """\
metadata:
  title: All
features:
  navigation: True
---
imports:
  - json
objects:
  - user: Individual.using(a=1)
  - income: DAList
---
id: start
mandatory: a == 1
need:
  - b
  - post: c
if: d
question: |
  What, ${ user }?
subquestion: |
  % for n in income:
  * ${ n | h }
  % endfor
fields:
  - Fruit: fruit
    datatype: radio
    choices:
      - Apple: apple
        help: h
      - code: more
    show if:
      variable: user.likes
      is: True
    validation messages:
      required: r ${ x }
  - note: hello
  - no label: income[i].amount
    datatype: currency
    min: ${ low }
    grid:
      width: 3
  - code: fields
help:
  label: l
  content: c
terms:
  - phrases: [a, b]
    definition: d
action buttons:
  - action: act
    label: Act
---
question: q
buttons:
  - Red:
      question: r
      field: color
      choices: [a, b]
  - Exit: exit
    url: https://x
---
code: |
  for z in range(3):
    total = total + z
depends on: [a, b.c]
reconsider: True
---
template: t
subject: s
content: ${ x }
---
table: income.table
rows: income
columns:
  - A: row_item.a
edit:
  - a
---
question: q
review:
  - Edit: [a, {set: [{b: 1}]}]
    button: b ${ c }
  - note: n
---
variable name: v
data:
  a: [1, "${ b }"]
---
attachment:
  variable name: doc
  content: c
---
on change:
  a: b = 1
---
sections: [a, {b: c, subsections: [d]}]
---
def: f
mako: <%def name="g(x)">${ x }</%def>
---
usedefs: f
event: done
question: ${ g(1) }
"""

BITS = [
    "null",
    "True",
    "[]",
    "{}",
    "3",
    "-1.5",
    "2020-01-01",
    "- a",
    "a: b",
    "${ x",
    "% if a:",
    "|",
    ">",
    "&a",
    "*a",
    "!!int x",
    '"',
    "'",
    "[a, b]",
    "{code: 1 +}",
    "x[",
    "x.y.",
    "for",
    "\0",
    "\U0001d54f",
    "...",
    "---",
    "- - -",
    "? x",
    "<<: a",
    "<%",
    "{a: [b",
    "\ud83d",
]


@pytest.fixture(scope="module")
def anywhere(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return Pack(tmp_path_factory.mktemp("any"))


def answer(pack: Pack, text: str) -> list[Problem]:
    """What the loader and the check say; anything but problems fails the test by being raised."""
    (pack.root / "pack/data/questions/main.yml").write_text(text, encoding="utf-8", errors="surrogatepass")
    library = Library(pack.sources)
    problems = check("pack:main.yml", library, authoring=lambda: ())
    told: tuple[Problem, ...] = ()
    try:
        library.load("pack:main.yml")
    except LanguageErrors as errors:
        told = errors.errors
    assert set(told) <= set(problems)
    for problem in problems:
        assert problem.message
        assert problem.place.file.startswith("pack:")
        assert problem.place.line >= 1
    return problems


def mutated(seed: int) -> str:
    """The interview with one to four of its lines deleted, doubled, cut, turned round, or replaced by something that bites."""
    chance = random.Random(seed)
    lines = INTERVIEW.split("\n")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        line = lines[at]
        position = chance.randrange(len(line) + 1)
        match chance.randrange(7):
            case 0:
                lines[at] = ""
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2 if ":" in line:
                lines[at] = line.partition(":")[0] + ": " + chance.choice(BITS)
            case 3:
                lines[at] = line[:position] + chance.choice(BITS) + line[position:]
            case 4:
                lines[at] = " " * chance.randint(0, 4) + line.lstrip()
            case 5:
                lines[at] = line[:position] + line[position + 1 :]
            case _ if ": " in line:
                key, _, value = line.partition(": ")
                lines[at] = f"{value}: {key}"
    return "\n".join(lines)


def test_the_interview_itself_compiles(anywhere: Pack) -> None:
    assert anywhere.interview(INTERVIEW).blocks


@examples(30)
@given(st.integers(0, 10**9))
def test_a_spoilt_interview_gives_problems_and_nothing_else(anywhere: Pack, seed: int) -> None:
    answer(anywhere, mutated(seed))


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 500),
    st.floats(allow_nan=True),
    st.dates(),
    st.sampled_from(
        ["a", "a.b", "a b", "${ a }", "${ a", "% if a:", "1 +", "x", "restart", "text", "object", "yesno", ""]
    ),
)
_KEYS = st.sampled_from(
    sorted(BLOCK_KEYS | FIELD_KEYS | {"code", "variable", "is", "pre", "post", "action", "content", "width"})
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.one_of(_KEYS, st.sampled_from(["A", "B"]), st.integers(0, 3)), inner, max_size=4)
    ),
    max_leaves=8,
)


@examples(30)
@given(st.dictionaries(_KEYS, _VALUES, min_size=1, max_size=4))
def test_any_value_under_any_key(anywhere: Pack, block: dict[str, object]) -> None:
    answer(anywhere, yaml.safe_dump(block, allow_unicode=True))


@examples(30)
@given(st.sampled_from(ANSWERS), _VALUES, st.dictionaries(_KEYS, _VALUES, max_size=2))
def test_any_value_in_a_question(anywhere: Pack, answer_key: str, value: object, more: dict[str, object]) -> None:
    answer(anywhere, yaml.safe_dump({"question": "q", answer_key: value, **more}, allow_unicode=True))


@examples(30)
@given(st.text(max_size=60))
def test_any_text(anywhere: Pack, text: str) -> None:
    answer(anywhere, text)
