"""What is found in an interview that compiles, without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.language.check import check, has_errors
from shared.language.library import Library
from tests.unit.language.sample import Pack

AUTHORING = ("word", "url_action", "Individual", "DAObject", "need", "define")


def found(pack: Pack, text: str) -> list[str]:
    pack.write(text)
    return [
        f"{problem.severity} {problem.place.line}: {problem.message}"
        for problem in check("pack:main.yml", Library(pack.sources), authoring=lambda: AUTHORING)
    ]


def test_a_sound_interview_has_no_problem(pack: Pack) -> None:
    pack.write("def tool(x):\n    return x\n", "tools.py")
    assert (
        found(
            pack,
            """\
            imports:
              - datetime
            modules:
              - docassemble.base.util
              - .tools
            objects:
              - user: Individual
            ---
            mandatory: True
            code: |
              import json
              need(user.name, total, tool(1), datetime.date, json.dumps)
              totals = [n for n in range(3)]
              define('later', 1)
              final
            ---
            code: |
              total = sum(totals) + later
            ---
            generic object: Individual
            question: |
              % for each in totals:
              ${ loop.index } ${ each } ${ word('x') }
              % endfor
            fields:
              - Name: x.name
              - Other: x.other[i]
                show if: x.name
            ---
            event: final
            question: |
              ${ (lambda y: y)(total) }
            """,
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("question: q\nyesno: a\n", ["error 1: no block is mandatory, so the interview has nothing to do"]),
        (
            "mandatory: True\nquestion: q\nyesno: a\n",
            ["error 1: the interview has no end: this is its last block, and it is answered"],
        ),
        ("metadata:\n  title: only\n", []),
        ("mandatory: True\nquestion: q\nbuttons:\n  - Restart: restart\n", []),
        (
            "mandatory: True\nquestion: end\n---\nmandatory: True\nquestion: more\n",
            ["warning 4: this block is never reached: Question_0 (line 1) is a final screen"],
        ),
        ("mandatory: True\nquestion: wait\nreload: True\n---\nmandatory: True\nquestion: more\n", []),
        (
            "mandatory: True\nquestion: end\n---\nquestion: lost\n",
            ["warning 4: this question is never shown: it sets nothing and is not mandatory"],
        ),
        (
            "mandatory: True\nquestion: end\n---\nquestion: lost\nfields:\n  - code: end\n",
            ["warning 4: this question is never asked: code makes its fields", "warning 6: nothing defines 'end'"],
        ),
        (
            "mandatory: True\nquestion: ${ ffruit }\n---\nquestion: q\nyesno: fruit\n",
            ["warning 2: nothing defines 'ffruit'"],
        ),
        (
            "mandatory: True\nquestion: |\n  a\n  % if b:\n  c\n  % endif\n",
            ["warning 4: nothing defines 'b'"],
        ),
        ("features:\n  use catchall: True\n---\nmandatory: True\nquestion: ${ anything }\n", []),
        (
            "mandatory: True\nquestion: q\n---\nquestion: r\nyesno: x.a\n",
            ["warning 4: the variable 'x' is used without 'generic object'"],
        ),
        (
            "mandatory: True\ncode: |\n  a\n---\nquestion: r\nfields:\n  - A: a\n    show if: b\n",
            ["warning 7: 'b' is no field of this screen, so the rule that watches it never applies"],
        ),
        ("mandatory: True\nquestion: q\nsupersedes: nobody\n", ["warning 1: no block has the id 'nobody'"]),
        ("mandatory: True\nquestion: q\n---\norder: [nobody]\n", ["warning 4: no block has the id 'nobody'"]),
        (
            "modules:\n  - .nowhere\n---\nmandatory: True\nquestion: q\n",
            ["error 1: there is no module 'pack.nowhere'"],
        ),
        (
            "imports:\n  - surely_not_installed\n---\nmandatory: True\nquestion: q\n",
            ["warning 1: the module 'surely_not_installed' is not installed"],
        ),
        (
            "mandatory: True\nquestion: q\nattachment:\n  name: x\n  docx template file: no.docx\n",
            ["warning 5: there is no file 'pack:no.docx' (looked for pack:data/templates/no.docx, pack:no.docx)"],
        ),
        (
            "images:\n  a: no.png\n---\nmandatory: True\nquestion: q\n",
            [
                "warning 1: the image 'a': there is no file 'pack:data/static/no.png' (looked for pack:data/static/no.png)"
            ],
        ),
        (
            "features:\n  css: [no.css, https://example.com/x.css]\n---\nmandatory: True\nquestion: q\n",
            ["warning 2: css: there is no file 'pack:no.css' (looked for pack:data/static/no.css, pack:no.css)"],
        ),
        (
            "mandatory: True\nquestion: q\naction buttons:\n  - label: x\n    action: nothing_there\n",
            ["warning 1: nothing defines 'nothing_there'"],
        ),
        ("mandatory: True\nquestion: q\ncheck in: nothing_there\n", ["warning 1: nothing defines 'nothing_there'"]),
        (
            "mandatory: True\nquestion: q\nreview:\n  - Edit: nothing_there\n",
            ["warning 4: nothing defines 'nothing_there'"],
        ),
        (
            "mandatory: True\nquestion: ${ a\n",
            ["error 2: the Mako of 'question' is wrong: Expected: \\|,}; unterminated tag or expression beginning"],
        ),
    ],
)
def test_problems(pack: Pack, text: str, problems: list[str]) -> None:
    assert found(pack, text) == problems


def test_an_interview_that_does_not_exist_is_a_problem(pack: Pack) -> None:
    for name in ("pack:no.yml", "../x", ""):
        (problem,) = check(name, Library(pack.sources))
        assert has_errors([problem])


def test_authoring_names_are_asked_for_only_when_needed(pack: Pack) -> None:
    def never() -> tuple[str, ...]:
        raise AssertionError("asked for names of an interview that does not compile")

    pack.write("question: ${ a\n")
    assert has_errors(check("pack:main.yml", Library(pack.sources), authoring=never))


def test_a_module_that_cannot_be_read_silences_the_check_of_names(pack: Pack) -> None:
    assert found(pack, "modules:\n  - math\n---\nmandatory: True\nquestion: ${ sqrt(2) }\n") == []


def test_names_come_from_modules_that_modules_import(pack: Pack) -> None:
    pack.write("from .deeper import *\nouter = 1\n", "tools.py")
    pack.write("from .tools import *\ninner = 2\n", "deeper.py")
    assert found(pack, "modules:\n  - .tools\n---\nmandatory: True\nquestion: ${ inner + outer }\n") == []


def test_problems_are_in_the_order_of_the_files(pack: Pack, tmp_path: Path) -> None:
    pack.write("question: q\nyesno: 1\n", "data/questions/inner.yml")
    lines = found(pack, "include: inner.yml\n---\nquestion: q\nyesno: 2\n---\nquestion: q\nyesno: 3\n")
    assert [line.split(":")[0] for line in lines] == ["error 4", "error 7", "error 2"]


def test_code_that_is_indented_as_a_whole(pack: Pack) -> None:
    assert (
        found(pack, 'mandatory: True\ncode: "\\n  a = 1\\n\\n  if a:\\n    b\\n"\n---\nquestion: q\nevent: b\n') == []
    )
