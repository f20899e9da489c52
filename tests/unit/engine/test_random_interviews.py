"""For interviews made at random of simple blocks: a step is deterministic, and showing a screen again changes nothing."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.engine.outcome import Outcome
from shared.engine.request import Answer, Request, Shown
from shared.engine.step import step
from shared.language.model import Interview
from shared.state.session import State
from tests.helpers.examples import examples
from tests.unit.engine.play import NOW
from tests.unit.language.sample import Pack

NAMES = ("a", "b", "c", "d")
_name = st.sampled_from(NAMES)


def _text(block: dict[str, object]) -> str:
    kind, name, other = block["kind"], block["name"], block["other"]
    head = "mandatory: True\n" if block["mandatory"] else ""
    condition = f"if: {block['condition']} != 'no'\n" if block["condition"] and not block["mandatory"] else ""
    if kind == "text":
        return f"{head}{condition}question: Text {name}\nfields:\n  - Label: {name}"
    if kind == "number":
        return f"{head}{condition}question: About ${{ {other} }}\nfields:\n  - Label: {name}\n    datatype: integer"
    if kind == "choices":
        return f"{head}{condition}question: Choose\nfield: {name}\nchoices:\n  - One: one\n  - Two: two"
    if kind == "yesno":
        return f"{head}{condition}question: Is ${{ {other} }}?\nyesno: {name}"
    if kind == "continue":
        return f"{head}{condition}question: Go\ncontinue button field: {name}"
    if kind == "code":
        return f"{head}{condition}code: |\n  {name} = str({other}) + '!'"
    return f"{head}{condition}code: |\n  if {other}:\n    {name} = 1"


_block = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["text", "number", "choices", "yesno", "continue", "code", "half"]),
        "name": _name,
        "other": _name,
        "mandatory": st.booleans(),
        "condition": st.one_of(st.none(), _name),
    }
)
_interview = st.lists(_block, min_size=1, max_size=7).map(
    lambda blocks: "\n---\n".join([*map(_text, blocks), "mandatory: True\nquestion: End ${ a } ${ b }"])
)


def _values(outcome: Outcome) -> dict[str, object]:
    screen = outcome.screen
    assert screen is not None
    values: dict[str, object] = {}
    for field in screen.fields:
        if screen.kind in ("yesno", "continue"):
            values[str(field.variable)] = True
        elif screen.kind == "choices":
            values[str(field.variable)] = screen.buttons[0].value
        else:
            values[str(field.variable)] = 3 if field.datatype == "integer" else "text"
    return values


def _seen(outcome: Outcome) -> object:
    """The screen but for what it was asked for: once the name that led to it is known, another block may ask the same."""
    return outcome.screen and replace(outcome.screen, shown={**outcome.screen.shown, "variable": None})


def _run(interview: Interview, state: State, seed: int, answer: Answer | None = None) -> Outcome:
    return step(interview, state, Request(now=NOW, seed=seed, answer=answer))


def _content(state: State) -> object:
    return deepcopy((state.variables, state.internal))


#: To ask for c takes d, and for d another block defines c: nobody needs to be asked for c any more.
ON_THE_WAY = """\
code: |
  c = str(a) + '!'
---
mandatory: True
question: Text a
fields:
  - Label: a
---
mandatory: True
code: |
  if c:
    d = 1
---
mandatory: True
question: Is ${ d }?
yesno: c
---
mandatory: True
question: End ${ a } ${ d }
"""


@examples(30)
@given(_interview)
@example(ON_THE_WAY)
def test_steps_are_deterministic_and_showing_is_idempotent(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        interview = Pack(Path(folder)).interview(text)
    state, twin = State(), State()
    answer: Answer | None = None
    for seed in range(8):
        outcome, same = _run(interview, state, seed, answer), _run(interview, twin, seed, answer)
        assert outcome == same
        if outcome.failure is not None:
            assert outcome.failure.type in ("NotDefinable", "CircularSeek", "TooManyPasses")
            return
        assert outcome.rejection is None
        assert _content(state) == _content(twin)
        before = _content(state)
        again = _run(interview, state, seed)
        assert _seen(again) == _seen(outcome)
        assert _content(state) == before
        if outcome.screen is None or outcome.screen.kind == "end":
            return
        answer = Answer(shown=Shown(**outcome.screen.shown), values=_values(outcome))
