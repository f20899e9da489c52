"""Mistakes in blocks that are no questions: what each is told as, on which line, and that all are told at once."""

from __future__ import annotations

import pytest

from shared.language.findings import Severity
from tests.unit.language.sample import Pack


@pytest.mark.parametrize(
    ("text", "line", "words", "hint"),
    [
        ("mandatory: True\n", 1, "this block does nothing", "question"),
        ("- a\n- b\n", 1, "a block must be a mapping (key: value), not a list", ""),
        ("just text\n", 1, "a block must be a mapping (key: value), not text", ""),
        ("question: q\nyesno: a\nquestion: r\n", 3, "'question' is written twice", "line 1"),
        ("question: q: r\n", 1, "mapping values are not allowed", "quotation marks"),
        ("subquestion: x\nyesno: a\n", 1, "'subquestion' without 'question'", "add `question: |`"),
        ("code: |\n  a = 1\n  if b\n", 3, "'code' is not Python", ""),
        ("code: [a]\n", 1, "'code' must be Python code, not a list", ""),
        ("code: return 5\n", 1, "'code' is not Python", ""),
        ("objects:\n  - a:\n", 2, "has no class", ""),
        ("objects: 3\n", 1, "'objects' must be a list of `name: Class`", ""),
        ("objects:\n  - a: DAList.using(\n", 2, "is not Python", ""),
        ("template: t\n", 1, "this template has no 'content'", ""),
        ("table: t\nrows: r\n", 1, "a table needs 'columns'", ""),
        ("table: t\nrows: r\ncolumns:\n  - A:\n", 4, "has no expression", ""),
        ("data: [1]\n", 1, "'data' needs 'variable name'", ""),
        ("variable name: v\nuse objects: maybe\ndata: [1]\n", 2, "'use objects' must be", ""),
        ("attachment:\n  name: x\n", 2, "needs 'variable name'", ""),
        ("modules:\n  - my-module.py\n", 2, "is not the name of a module", ""),
        ("imports: 3\n", 1, "must be a list of names of modules", ""),
        ("def: tools\n", 1, "a 'def' block needs 'mako'", ""),
        ("def: tools\nmako: |\n  <%def name='x'>\n", 3, "Missing parenthesis", ""),
        ("on change:\n  a: |\n    b =\n", 3, "is not Python", ""),
        ("include: nowhere.yml\n", 1, "there is no file 'nowhere.yml'", ""),
        ("include: ../x.yml\n", 1, "must stay inside of its package", ""),
        ("include: [1]\n", 1, "'include' must name files", ""),
        ("metadata: text\n", 1, "'metadata' must be a mapping", ""),
        ("features: [a]\n", 1, "'features' must be a mapping", ""),
        ("sections: text\n", 1, "'sections' must be a list", ""),
        ("interview help:\n  heading: x\n", 2, "needs 'content'", ""),
        ("image sets:\n  a:\n    attribution: b\n", 3, "has no 'images'", ""),
        ("default screen parts: text\n", 1, "must be a mapping", ""),
        ("question: q\ngeneric object: a b\n", 2, "must be the name of a class", ""),
        ("question: q\nneed:\n  after: x\n", 3, "'after' is not a key of 'need'", ""),
        ("question: q\nneed: a b\n", 2, "'need' is not Python", ""),
        ("question: q\nif: a =\n", 2, "'if' is not Python", ""),
        ("question: q\nmandatory: [a]\n", 2, "must be a Python expression, not a list", ""),
        ("question: q\nevent: [a b]\n", 2, "not the name of a variable", ""),
        ("question: q\nlanguage: [en]\n", 2, "'language' must be a code", ""),
    ],
)
def test_mistakes(pack: Pack, text: str, line: int, words: str, hint: str) -> None:
    problem = pack.problem(text)
    assert words in problem.message
    assert hint in problem.hint
    assert (problem.place.file, problem.place.line) == ("pack:data/questions/main.yml", line)


def test_every_mistake_of_every_file_is_told_at_once(pack: Pack) -> None:
    pack.write("id: inner\nquestion: ${ x\n", "data/questions/inner.yml")
    errors = pack.errors(
        "question: q\nyesno: 8\n---\ninclude: inner.yml\n---\ncode: 1 +\n---\nfields: []\nmandatory: a b\n"
    )
    assert [(error.place.file.rpartition("/")[2], error.place.block, error.place.line) for error in errors] == [
        ("main.yml", "Question_0", 2),
        ("inner.yml", "ID inner", 2),
        ("main.yml", "Question_3", 6),
        ("main.yml", "Question_4", 9),
    ]


def test_unknown_keys_are_warnings_unless_surely_misspelt(pack: Pack) -> None:
    compiled = pack.compiled("question: q\nyesno: a\nmy own notes: x\ncomments: y\n")
    assert compiled.interview is not None
    assert [(problem.severity, problem.place.line) for problem in compiled.problems] == [
        (Severity.WARNING, 3),
        (Severity.WARNING, 4),
    ]


def test_a_problem_reads_as_one_line(pack: Pack) -> None:
    problem = pack.error("id: start\nquestion: q\nyesno: a b\n")
    assert (
        str(problem)
        == "pack:data/questions/main.yml:3: ID start: 'yesno': 'a b' is not the name of a variable (a variable name has no spaces)"
    )
