"""`choices: ${ … }`: what stands between is Python, and the author is told."""

from __future__ import annotations

from tests.unit.language.sample import Pack


def test_what_stands_between_the_braces_is_evaluated(pack: Pack) -> None:
    compiled = pack.compiled("""
        question: Which?
        fields:
          - Which: which
            choices: ${ DAGlobal.keys('global') }
        """)
    assert compiled.interview is not None
    question = compiled.interview.blocks[0].question
    assert question is not None
    choices = question.fields[0].choices
    assert choices is not None
    assert choices.code is not None
    assert choices.code.source.strip() == "DAGlobal.keys('global')"
    assert [(problem.finding.code, problem.place.line) for problem in compiled.problems] == [("L306", 5)]
