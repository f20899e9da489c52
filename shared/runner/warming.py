"""One dry session of an interview of ours, before anything is forked: what every step does is done once, for all children.

Imports, patterns, tables and the shapes of messages are made at their first use; a child would make them within somebody's request.
Nothing of an author's runs here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from shared.contract import typed
from shared.contract.outcome import StepResult
from shared.engine.request import Action, Answer, Request, Shown
from shared.engine.step import step
from shared.language.library import Library
from shared.language.model import Interview
from shared.language.sources import Sources
from shared.runner import forms, results, wire
from shared.state import codec
from shared.state.classes import ClassRegistry
from shared.state.delta import deltas
from shared.state.session import State

_INTERVIEW = """\
objects:
  - somebody: Individual
---
mandatory: True
question: |
  What is **your** name?
subquestion: |
  % if True:
  One line of ${ 'text' }.
  % endif
fields:
  - Name: somebody.name.first
  - Number: number
    datatype: integer
    required: False
  - Colour: colour
    choices:
      - Red
      - Blue
    required: False
---
mandatory: True
code: |
  greeting = word('Hello') + ' ' + str(somebody)
---
mandatory: True
question: ${ greeting }
---
event: work
code: |
  background_response(number_of_times + action_argument('more'))
---
code: |
  number_of_times = 1
"""

_NOW = datetime(2026, 1, 15, tzinfo=UTC)

#: The interview of the dry session, and what its states may hold.
_loaded: list[tuple[Interview, ClassRegistry]] = []


def dry_session(registry: Callable[[Sources], ClassRegistry]) -> None:
    """Show a screen, answer it, work in the background, and write and read all that travels. `registry` makes what states may hold."""
    with tempfile.TemporaryDirectory() as folder:
        questions = Path(folder, "dry", "data", "questions")
        questions.mkdir(parents=True)
        (questions / "dry.yml").write_text(_INTERVIEW, "utf-8")
        sources = Sources([folder])
        interview = Library(sources).load("dry:dry.yml")
    _loaded[:] = [(interview, registry(sources))]
    _session(*_loaded[0])


def rehearse() -> None:
    """The first screen of the dry session once more, if there was one, and a background action: a child that waits for its session copies the
    pages that every step writes to, so that its first step need not. (The whole session copies a few more, and costs twice as much.)
    """
    for interview, known in _loaded:
        first = _step(interview, None, known, Request(now=_NOW, seed=1))
        _work(interview, first.state, known)


def _session(interview: Interview, known: ClassRegistry) -> None:
    first = _step(interview, None, known, Request(now=_NOW, seed=1))
    screen = first.screen
    if screen is not None and first.state is not None:
        shown = Shown(**typed.from_json(screen.shown))
        values = {"somebody.name.first": "Ada", "number": "1", "colour": "Red"}
        _step(interview, first.state, known, Request(now=_NOW, seed=2, answer=Answer(shown=shown, values=values)))
    _work(interview, first.state, known)


def _work(interview: Interview, raw: bytes | None, known: ClassRegistry) -> None:
    """A background action."""
    action = Action(name="work", arguments={"more": 2})
    _step(interview, raw, known, Request(now=_NOW, seed=3, action=action, mode="background", task_id="dry"))


def _step(interview: Interview, raw: bytes | None, known: ClassRegistry, request: Request) -> StepResult:
    request = forms.read_request(_sent({"request": forms.write_request(request)})["request"])
    state = State() if raw is None else codec.decode(raw, known)
    outcome = step(interview, state, request)
    new = codec.encode(state, known)
    reverse = None if raw is None else deltas(raw, new)[0]
    made = results.result(outcome, before=raw, state=new, reverse=reverse, steps=0)
    _sent({"result": forms.write(made)})
    return made


def _sent(message: wire.Message) -> wire.Message:
    """As it arrives."""
    return wire.unpack(wire.pack(message, quick=True)[4:], quick=True)
