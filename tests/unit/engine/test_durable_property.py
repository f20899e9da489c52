"""Random interviews of blocks that call effects and seek names: each effect leaves exactly once, whatever happens in between.

The interviews are played with answers, reloads, Back, lost races and kills (a step that was run and not saved) in any order. What
must have left is told by `expected`, which knows nothing of passes and runs: it reads the blocks from top to bottom.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from shared.authoring import modules
from shared.contract.effects import SendMail, StartTask
from tests.helpers.examples import examples
from tests.unit.engine.saved import Saved
from tests.unit.language.sample import Pack

QUESTIONS = ("q0", "q1", "q2")
HELPERS = ("c0", "c1", "c2")

#: Forms of a statement. ``ID`` is the statement's own, NAME the name it seeks.
FORMS = {
    "mail": "send_email(to='ID@x.example', subject='s')",
    "task": "task_ID = background_action('ID')",
    "guarded": "if not defined('task_ID'):\n  task_ID = background_action('ID')",
    "marked": "if task_not_yet_performed('ID'):\n  send_email(to='ID@x.example', subject='s', task='ID')",
    "flagged": "if not showifdef('flag_ID', False):\n  send_email(to='ID@x.example', subject='s')\n  flag_ID = True",
    "loop": "for n in range(3):\n  send_email(to='ID@x.example', subject=str(n))",
    "twice": "send_email(to='ID@x.example', subject='s')\nsend_email(to='ID@x.example', subject='s')",
    "function": "def do_ID():\n  send_email(to='ID@x.example', subject='s')\ndo_ID()",
    "caught": "try:\n  send_email(to='ID@x.example', subject='s')\n  nothing_defines_it\nexcept NameError:\n  pass",
    "index": "tasks_ID = dict()\nfor i in range(2):\n  tasks_ID[i] = background_action('ID')",
    "lambda": "do_ID = lambda: background_action('ID')\ndo_ID()",
    "file": "file_ID = DAFile('file_ID')\nfile_ID.initialize(filename='a.txt', content='x')\n"
    "send_email(to='ID@x.example', subject='s', attachments=[file_ID])",
    "object": "who_ID = Individual('who_ID')\nwho_ID.task = background_action('ID', who=who_ID)",
    "seek": "NAME",
    "pair": "pair_ID = [background_action('ID'), NAME]",
    "late": "pair_ID = [NAME, background_action('ID')]",
}
TIMES = {"loop": 3, "twice": 2, "index": 2, "seek": 0}


@dataclass(frozen=True)
class Statement:
    form: str
    id: str
    name: str | None  #: the name that it seeks

    @property
    def text(self) -> str:
        return FORMS[self.form].replace("ID", self.id).replace("NAME", self.name or "")

    @property
    def before(self) -> list[str]:
        """Its effects before it seeks its name."""
        return [] if self.form == "late" else [self.id] * TIMES.get(self.form, 1)

    @property
    def after(self) -> list[str]:
        return [self.id] if self.form == "late" else []


@dataclass(frozen=True)
class Described:
    """An interview: its mandatory blocks in order, the blocks that define helpers, and questions with an effect in their text."""

    mandatory: Sequence[Sequence[Statement]]
    helpers: Mapping[str, Sequence[Statement]]
    spoken: frozenset[str]

    @property
    def text(self) -> str:
        blocks = [f"mandatory: True\ncode: |\n{_code(statements)}" for statements in self.mandatory]
        blocks += [f"code: |\n{_code(statements)}\n  {name} = 1" for name, statements in self.helpers.items()]
        for name in QUESTIONS:
            said = f"${{ send_email(to='{name}@x.example', subject='s') }}" if name in self.spoken else ""
            blocks.append(f'question: "{name} {said}"\nfields:\n  - Label: {name}')
        blocks.append("event: cron_daily\ncode: |\n  ticked = True")
        return "\n---\n".join([*blocks, "mandatory: True\nquestion: The end"])


def _code(statements: Sequence[Statement]) -> str:
    return "\n".join(f"  {line}" for statement in statements for line in statement.text.split("\n"))


class Asks(Exception):
    """A question is not answered."""


def expected(interview: Described, answers: int) -> Counter[str]:
    """What must have left when the first `answers` questions have been answered and the next one is shown."""
    effects: list[str] = []
    defined: set[str] = set()

    def run(statements: Sequence[Statement]) -> None:
        for statement in statements:
            effects.extend(statement.before)
            if statement.name is not None and statement.name not in defined:
                seek(statement.name)
            effects.extend(statement.after)

    def seek(name: str) -> None:
        if name in interview.helpers:
            run(interview.helpers[name])
        else:
            effects.extend([name] * (name in interview.spoken))
            if len(defined & set(QUESTIONS)) == answers:
                raise Asks
        defined.add(name)

    try:
        for statements in interview.mandatory:
            run(statements)
    except Asks:
        pass
    return Counter(effects)


@st.composite
def interviews(draw: st.DrawFn) -> Described:
    number = iter(range(1000))

    def statements(names: Sequence[str]) -> list[Statement]:
        made = []
        for form in draw(st.lists(st.sampled_from(sorted(FORMS)), min_size=1, max_size=5)):
            name = draw(st.sampled_from(names)) if "NAME" in FORMS[form] else None
            made.append(Statement(form, f"e{next(number)}", name))
        return made

    helpers = {name: statements([*QUESTIONS, *HELPERS[at + 1 :]]) for at, name in enumerate(HELPERS)}
    mandatory = [statements([*QUESTIONS, *HELPERS]) for _ in range(draw(st.integers(1, 3)))]
    return Described(mandatory, helpers, draw(st.frozensets(st.sampled_from(QUESTIONS))))


MOVES = st.lists(
    st.sampled_from(["answer", "answer", "lose", "show", "lose show", "other", "back", "tick"]), max_size=12
)


def left(session: Saved) -> Counter[str]:
    mails = (effect.to[0].partition("@")[0] for effect in session.left if isinstance(effect, SendMail))
    tasks = (effect.action for effect in session.left if isinstance(effect, StartTask))
    return Counter([*mails, *tasks])


@examples(25)
@given(interviews(), MOVES)
def test_each_effect_leaves_exactly_once(interview: Described, moves: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        pack = Pack(Path(folder))
        modules.install([pack.root])
        session = Saved(pack.interview(interview.text), pack.sources)
    answers = 0
    wanted = expected(interview, 0)
    assert left(session) == wanted
    for move in [*moves, *["answer"] * (len(QUESTIONS) + 1)]:
        asking = session.question != "The end"
        if move == "answer" and asking:
            session.fill("x")
            answers += 1
            wanted += expected(interview, answers) - expected(interview, answers - 1)
        elif move == "lose" and asking:
            session.fill("x", lost=True)
        elif move == "back" and answers:
            session.back()
            answers -= 1  # who goes back and does it again, does it again
        elif move == "tick":
            session.act("cron_daily", mode="cron")  # and then the interview's blocks, behind the screen
        elif move in ("show", "other", "lose show"):
            session.show(client="other" if move == "other" else "browser", lost=move == "lose show")
        assert left(session) == wanted
    assert session.question == "The end"
