"""Author's Python: where its errors are, at load and at run."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.language.code import BadPython, compile_expression, compile_statements, filename_for, place_of
from shared.language.model import Place
from tests.unit.language.sample import Pack

PLACE = Place("pack:data/questions/main.yml", "ID a|b", 3, 20)


def test_a_file_name_can_be_read_back_and_is_no_path() -> None:
    name = filename_for(PLACE)
    assert not name.startswith("/")
    assert place_of(name, 7) == Place(PLACE.file, PLACE.block, -1, 7)
    assert place_of("/usr/lib/python3/json.py", 7) is None
    assert place_of("<string>", 7) is None


@pytest.mark.parametrize("inner", ["1 / 0", "(lambda: 1 / 0)()", "[1 / 0 for _ in [1]]", "f()"])
def test_the_line_of_a_traceback_is_that_of_the_file(inner: str) -> None:
    code, _ = compile_statements(f"\n\ndef f():\n  # say\n  return 1 / 0\nx = {inner}\n", PLACE)
    with pytest.raises(ZeroDivisionError) as caught:
        exec(code.compiled, {})
    lines = [frame.lineno for frame in traceback.extract_tb(caught.value.__traceback__) if place_of(frame.filename, 1)]
    assert lines[0] == PLACE.line + 5
    assert lines[-1] == (PLACE.line + 4 if inner == "f()" else PLACE.line + 5)


def test_the_line_is_right_in_the_yaml_of_an_interview(pack: Pack) -> None:
    text = "metadata: {}\n---\n# why\nmandatory: True\ncode: |\n  a = 1\n\n  b = a / 0\n"
    (block,) = pack.interview(text).ordered
    assert block.code is not None
    with pytest.raises(ZeroDivisionError) as caught:
        exec(block.code.compiled, {})
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert place_of(frame.filename, frame.lineno or 0) == Place("pack:data/questions/main.yml", "Question_1", -1, 8)


def test_an_expression_may_break_its_lines_anywhere() -> None:
    expr = compile_expression("\n  a\n  + b\n  # and\n  + c\n", PLACE)
    assert eval(expr.compiled, {"a": 1, "b": 2, "c": 3}) == 6
    with pytest.raises(NameError) as caught:
        eval(expr.compiled, {"a": 1, "b": 2})
    assert traceback.extract_tb(caught.value.__traceback__)[-1].lineno == PLACE.line + 4


def test_code_may_be_indented_as_a_whole() -> None:
    code, _ = compile_statements("  a = 1\n  b = 2\n", PLACE)
    names: dict[str, object] = {}
    exec(code.compiled, names)
    assert (names["a"], names["b"]) == (1, 2)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("a = 1\nb = = 2", 21),
        ("if a:", 20),
        ("a = '", 20),
        ("x = 1\n  y = 2", 21),
        ("return 1", 20),
        ("a = 1\nbreak", 21),
        ("\0", 20),
        ("(" * 500, 20),
        ("1 = a", 20),
        ("9" * 5000, 20),
    ],
)
def test_what_is_not_python(source: str, line: int) -> None:
    with pytest.raises(BadPython) as caught:
        compile_statements(source, PLACE)
    assert str(caught.value).startswith("not Python")
    assert caught.value.line == line


@given(st.text(max_size=30))
def test_any_text_compiles_or_is_refused(source: str) -> None:
    for compiled in (compile_statements, compile_expression):
        try:
            compiled(source, PLACE)  # type: ignore[operator]
        except BadPython as error:
            line = error.line
        else:
            line = PLACE.line
        assert line >= PLACE.line
