"""The table of ``test_author_mistakes.py``: interviews with one mistake each, and what an author must be told about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

END = "mandatory: True\nquestion: Done\n"
ASK = "mandatory: True\nquestion: Ready?\nyesno: ready\n---\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """An interview and the line that must be named when it is run, with words that the message must contain.

    `checked`: words of ``parley check``, if it can find the mistake without running (on `line` too, unless `checked_line` says
    another). `answers` lead to the mistake; `trail` is what was sought, innermost first; `modules` lie beside the interview.
    """

    text: str
    line: int
    says: str
    block: str = "Question_0"
    checked: str | None = None
    checked_line: int | None = None
    answers: tuple[Mapping[str, Any], ...] = ()
    trail: tuple[str, ...] = ()
    modules: Mapping[str, str] = field(default_factory=dict)


def written(text: str, line: int, says: str, *, block: str = "Question_0") -> Mistake:
    """A mistake that keeps the interview from loading: the check says the same as the page."""
    return Mistake(text=text, line=line, says=says, block=block, checked=says)


#: Found when the file is read.
WRITTEN = {
    "indentation": written(
        "mandatory: True\nquestion: Hello\nfields:\n  - Name: name\n datatype: text\n", 5, "not YAML"
    ),
    "unclosed quote": written('mandatory: True\nquestion: "Hello\n', 2, "never closed"),
    "colon in text": written("mandatory: True\nquestion: Your name: please\n", 2, "quotation marks"),
    "unknown alias": written("mandatory: True\nquestion: *nothing\n", 2, "undefined alias"),
    "control character": written("mandatory: True\nquestion: Gr\x00ss\n", 1, "control characters"),
    "not UTF-8": written("mandatory: True\nquestion: Gr\udce4ss\n", 1, "not UTF-8"),
    "list": written("- a\n- b\n", 1, "a block must be a mapping"),
    "text": written("hello\n", 1, "a block must be a mapping"),
    "duplicate key": written("mandatory: True\nquestion: Hello\nquestion: There\n", 3, "the first is on line 2"),
    "two kinds": written("mandatory: True\nquestion: Hi\ncode: |\n  a = 1\n", 3, "both 'question' and 'code'"),
    "open expression": written("mandatory: True\nquestion: Hello ${ name \n", 2, "the Mako of 'question'"),
    "open if": written("mandatory: True\nquestion: |\n  % if True:\n  Hello\n", 3, "Unterminated control keyword"),
    "expression": written("mandatory: True\nquestion: |\n  Line\n\n  Hello ${ 1 + }\n", 5, "not Python"),
    "Python": written(
        END + "---\nid: sums\ncode: |\n  a = 1\n  if a = 2:\n    b = 3\n", 7, "'code' is not Python", block="ID sums"
    ),
    "indented Python": written("code: |\n  a = 1\n    b = 3\n---\n" + END, 3, "unexpected indent"),
    "name with a space": written("question: Hi\nfields:\n  - N: my name\n---\n" + END, 3, "has no spaces"),
    "word of Python": written("question: Hi\nyesno: class\n---\n" + END, 2, "a word of Python"),
    "field without variable": written("question: Hi\nfields:\n  - label: N\n---\n" + END, 3, "no variable"),
    "no fields": written("question: Hi\nfields: []\n---\n" + END, 2, "'fields' is empty"),
    "fields are text": written("question: Hi\nfields: name\n---\n" + END, 2, "must be a list of fields"),
    "radio without choices": written(
        "question: Hi\nfields:\n  - N: n\n    input type: radio\n---\n" + END, 4, "needs choices"
    ),
    "class": written("objects:\n  - user: DAList.using(a=)\n---\n" + END, 2, "the class of 'user' is not Python"),
    "objects are text": written("objects: user\n---\n" + END, 1, "a list of `name: Class`"),
    "include": written("include:\n  - nothing.yml\n---\n" + END, 2, "there is no file 'nothing.yml'"),
    "include of another package": written("include:\n  - no:no.yml\n---\n" + END, 2, "there is no package 'no'"),
    "include from outside": written("include:\n  - ../../../../etc/hosts\n---\n" + END, 2, "must stay inside"),
    "content file": written("template: t\ncontent file: no.md\n---\n" + END, 2, "there is no file"),
    "mandatory": written("mandatory: a >\nquestion: Hello\n", 1, "'mandatory' is not Python"),
    "column": written(
        "table: t\nrows: jobs\ncolumns:\n  - A: row_item.a +\n---\n" + END, 4, "the column 'A' is not Python"
    ),
    "review": written("review:\n  - Edit: a b\n    button: Go\n" + END, 2, "has no spaces"),
    "metadata": written("metadata: hello\n---\n" + END, 1, "'metadata' must be a mapping"),
    "question is a list": written("mandatory: True\nquestion:\n  - a\n  - b\n", 3, "'question' must be text"),
    "on change": written("on change:\n  a: |\n    b =\n---\n" + END, 3, "the code for a change of 'a'"),
}

#: Found when the file is read, and no reason not to run: what the reference loads, loads.
ADVISED = {
    "depends on": written("depends on: [b c]\nquestion: Hi\nyesno: a\n---\n" + END, 1, "has no spaces"),
    "unknown key": written(END + "subquesion: There\n", 3, "did you mean 'subquestion'?"),
    "unknown key of a field": written(
        "question: Hi\nfields:\n  - Name: name\n    datatyp: text\n---\n" + END, 4, "'datatyp' is not a key of a field"
    ),
    "two shapes": written("question: Hi\nyesno: a\nfields:\n  - N: n\n---\n" + END, 2, "both 'fields' and 'yesno'"),
    "no kind": written("subquestion: Hello\n---\n" + END, 1, "without 'question'"),
    "datatype": written(
        "question: Hi\nfields:\n  - N: n\n    datatype: integr\n---\n" + END, 4, "did you mean 'integer'?"
    ),
    "limit is no number": written(
        "question: Hi\nfields:\n  - N: n\n    datatype: integer\n    min: three\n---\n" + END, 5, "must be a number"
    ),
    "need": written("need: 5\n" + END, 1, "'need' must name variables"),
    "button": written(END + "buttons:\n  - Go: restrat\n", 4, "the choice 'Go' sets nothing"),
}

_MISSING = """\
mandatory: True
question: |
  It costs ${ total }
---
code: |
  total = price * amount
---
question: What is the price?
fields:
  - Price: price
    datatype: number
---
code: |
  amount = pieces + 1
"""

#: Found when it is run; some of them by the check too.
RUNNING = {
    "missing variable": Mistake(
        text=_MISSING,
        answers=({"price": 2},),
        line=14,
        block="Question_3",
        says="no block that defines 'pieces'",
        checked="nothing defines 'pieces'",
        trail=("pieces", "amount", "total"),
    ),
    "misspelt variable": Mistake(
        text="question: Who?\nfields:\n  - Name: user_name\n---\nmandatory: True\nquestion: Hi\nsubquestion: |\n  A\n\n  ${ usr_name }\n",
        line=10,
        block="Question_1",
        says="Did you mean 'user_name'?",
        checked="did you mean 'user_name'?",
        trail=("usr_name",),
    ),
    "missing attribute": Mistake(
        text="objects:\n  - user: Individual\n---\nmandatory: True\nquestion: Size ${ user.shoe_size }\n",
        line=5,
        block="Question_1",
        says="no block that defines 'user.shoe_size'",
        trail=("user.shoe_size",),
    ),
    "attribute of text": Mistake(
        text="mandatory: True\ncode: |\n  word = 'abc'\n  n = word.lenght\n---\n" + END,
        line=4,
        says="no attribute 'lenght'",
    ),
    "code that does not define": Mistake(
        text="code: |\n  if False:\n    total = 1\n---\nmandatory: True\nquestion: Sum ${ total }\n",
        line=6,
        block="Question_1",
        says="Question_0 (line 1) should have defined 'total' and did not",
        trail=("total",),
    ),
    "no end": Mistake(
        text="mandatory: True\nquestion: Hi\nyesno: a\n",
        answers=({"a": True},),
        line=1,
        says="no endpoint",
        checked="the interview has no end",
    ),
    "nothing mandatory": Mistake(
        text="question: Hi\nyesno: a\n", line=1, block="", says="no endpoint", checked="no block is mandatory"
    ),
    "empty file": Mistake(text="# nothing\n", line=1, block="", says="no endpoint", checked="this interview is empty"),
    "endless passes": Mistake(
        text="mandatory: True\ncode: |\n  a\n  del a\n  a\n---\ncode: |\n  a = 1\n",
        line=8,
        block="Question_1",
        says="last: Question_1 is tried for a, a is needed",
    ),
    "circle": Mistake(
        text="mandatory: True\nquestion: ${ a }\n---\ncode: |\n  a = b\n---\ncode: |\n  b = a\n",
        line=4,
        block="Question_1",
        says="'a' is needed in order to define 'a'",
        checked="'a' needs itself: a needs b needs a",
        checked_line=5,
        trail=("a", "b", "a"),
    ),
    "division in a text": Mistake(
        text="mandatory: True\nquestion: Half\nsubquestion: |\n  It is\n\n  ${ 1 / 0 }\n",
        line=6,
        says="division by zero",
    ),
    "division in code": Mistake(
        text="mandatory: True\nquestion: Half ${ half }\n---\nid: halving\ncode: |\n  one = 1\n  half = one / 0\n",
        line=7,
        block="ID halving",
        says="ZeroDivisionError: division by zero",
        trail=("half",),
    ),
    "division at the start": Mistake(
        text="initial: True\ncode: |\n  1 / 0\n---\n" + END, line=3, says="ZeroDivisionError: division by zero"
    ),
    "division in a condition": Mistake(
        text="mandatory: True\nquestion: Hi\nfields:\n  - N: n\n    show if:\n      code: 1 / 0\n---\n" + END,
        line=6,
        says="division by zero",
    ),
    "recursion": Mistake(
        text="mandatory: True\ncode: |\n  def f(n):\n    return f(n + 1)\n  f(1)\n---\n" + END,
        line=4,
        says="maximum recursion depth exceeded",
    ),
    "misspelt class": Mistake(
        text="objects:\n  - user: Individul\n---\nmandatory: True\nquestion: Hi ${ user }\n",
        line=2,
        says="Did you mean 'Individual'?",
        checked="did you mean 'Individual'?",
        trail=("Individul", "user"),
    ),
    "function as a class": Mistake(
        text="objects:\n  - user: capitalize\n---\nmandatory: True\nquestion: Hi ${ user }\n",
        line=2,
        says="gives 'user' a function; write the name of a class",
        trail=("user",),
    ),
    "missing module": Mistake(
        text="modules:\n  - .nothing\n---\n" + END,
        line=1,
        says="cannot import '.nothing'",
        checked="there is no module",
    ),
    "missing import": Mistake(
        text="imports:\n  - nonsense_module\n---\n" + END, line=1, says="No module named", checked="is not installed"
    ),
    "module fails at import": Mistake(
        text="modules:\n  - .failing\n---\n" + END,
        modules={"failing.py": "x = 1\ny = x / 0\n"},
        line=1,
        says="division by zero (failing.py, line 2)",
    ),
    "module is not Python": Mistake(
        text="modules:\n  - .crooked\n---\n" + END,
        modules={"crooked.py": "x = 1\nif x = 2:\n    pass\n"},
        line=1,
        says="crooked.py, line 2",
        checked="crooked.py, line 2",
    ),
    "error in a module": Mistake(
        text="modules:\n  - .dividing\n---\nmandatory: True\ncode: |\n  a = halve(1)\n---\n" + END,
        modules={"dividing.py": "def halve(n):\n    return n / 0\n"},
        line=6,
        block="Question_1",
        says="division by zero",
    ),
    "missing name in a module": Mistake(
        text="modules:\n  - .nameless\n---\nmandatory: True\ncode: |\n  a = halve(1)\n---\n" + END,
        modules={"nameless.py": "def halve(n):\n    return n / too\n"},
        line=6,
        block="Question_1",
        says="The module nameless.py, line 2 uses the name 'too'",
    ),
    "missing template": Mistake(
        text="mandatory: True\nquestion: Hi\nattachment:\n  docx template file: no.docx\n",
        line=1,
        checked_line=4,
        says="there is no file 'no.docx'",
        checked="there is no file",
    ),
    "validation function that is not there": Mistake(
        text="mandatory: True\nquestion: Hi\nfields:\n  - N: n\n    validate: is_prime\n---\n" + END,
        answers=({"n": "7"},),
        line=5,
        says="no block that defines 'is_prime'",
        checked="nothing defines 'is_prime'",
        trail=("is_prime",),
    ),
    "function in an answer": Mistake(
        text=ASK + "mandatory: True\ncode: |\n  helper = {'add': lambda n: n + 1}\n---\n" + END,
        answers=({"ready": True},),
        line=5,
        block="Question_1",
        says="variables.helper['add']: a function cannot be stored",
    ),
    "open file in an answer": Mistake(
        text=ASK + "mandatory: True\ncode: |\n  log = open('/dev/null')\n---\n" + END,
        answers=({"ready": True},),
        line=5,
        block="Question_1",
        says="variables.log: an open file cannot be stored",
    ),
    "generator in an answer": Mistake(
        text=ASK + "mandatory: True\ncode: |\n  rest = (n for n in [1])\n---\n" + END,
        answers=({"ready": True},),
        line=5,
        block="Question_1",
        says="make a list of it",
    ),
    "limit that Mako makes": Mistake(
        text="mandatory: True\nquestion: Hi\nfields:\n  - N: n\n    datatype: integer\n    min: ${ 'many' }\n---\n"
        + END,
        line=4,
        says="'min' of the field 'n' must be a number, not 'many'",
    ),
    "no list of choices": Mistake(
        text="mandatory: True\nquestion: Hi\nfields:\n  - N: n\n    code: |\n      [].sort()\n---\n" + END,
        line=6,
        says="a list or a dictionary is expected",
    ),
    "rows that are not there": Mistake(
        text="table: t\nrows: jobs\ncolumns:\n  - A: row_item.a\n---\nmandatory: True\nquestion: ${ t }\n",
        line=2,
        says="no block that defines 'jobs'",
        checked="nothing defines 'jobs'",
        trail=("jobs",),
    ),
    "condition that is not there": Mistake(
        text="mandatory: perhaps\nquestion: Hello\n",
        line=1,
        says="no block that defines 'perhaps'",
        checked="nothing defines 'perhaps'",
        trail=("perhaps",),
    ),
    "wrong arguments": Mistake(
        text="mandatory: True\nquestion: Hello ${ currency() }\n", line=2, says="missing 1 required positional argument"
    ),
    "exit": Mistake(text="mandatory: True\ncode: |\n  raise SystemExit(3)\n---\n" + END, line=3, says="SystemExit: 3"),
    "network": Mistake(
        text="imports:\n  - socket\n---\nmandatory: True\ncode: |\n  socket.create_connection(('127.0.0.1', 9))\n---\n"
        + END,
        line=6,
        block="Question_1",
        says="`author network`",
        checked="needs a network",
        checked_line=2,
    ),
    "screen parts": Mistake(
        text="default screen parts:\n  under: ${ 1 / 0 }\n---\n" + END, line=2, says="ZeroDivisionError"
    ),
    "memory": Mistake(
        text=ASK + "mandatory: True\ncode: |\n  big = 'x' * (4 * 1024 ** 3)\n---\n" + END,
        answers=({"ready": True},),
        line=7,
        block="Question_1",
        says="more memory than the 512 MB allowed",
    ),
    "endless loop": Mistake(
        text=ASK + "mandatory: True\ncode: |\n  while True:\n    pass\n---\n" + END,
        answers=({"ready": True},),
        line=7,
        block="Question_1",
        says="ran longer than the",
        checked="this 'while' has no end",
    ),
}
