"""Logic that cannot go on: what the author is told, with its place."""

from __future__ import annotations

from collections.abc import Callable

from shared.engine.outcome import Failure
from tests.unit.language.sample import Pack

Failing = Callable[[str], Failure]


def test_a_circle_is_an_error_that_names_the_chain(failure_of: Failing) -> None:
    failure = failure_of("""
        mandatory: True
        question: ${ a }
        ---
        code: |
          a = b
        ---
        code: |
          b = a
        """)
    assert failure.type == "CircularSeek"
    assert "'a'" in failure.message
    assert "b needs a" in failure.message


def test_an_undefinable_name_is_an_error_with_place_and_trail(failure_of: Failing) -> None:
    failure = failure_of("""
        mandatory: True
        question: |
          ${ total }
        ---
        code: |
          total = price * 2
        """)
    assert failure.type == "NotDefinable"
    assert "'price'" in failure.message
    assert failure.trail == ("price", "total")
    assert failure.line == 7
    assert any("total is needed" in line for line in failure.history)


def test_no_endpoint_is_an_error(failure_of: Failing) -> None:
    assert failure_of("mandatory: True\ncode: |\n  a = 1\n").type == "NoEndpoint"


def test_an_error_in_author_code_names_its_line(failure_of: Failing) -> None:
    failure = failure_of("""
        mandatory: True
        code: |
          a = 1
          b = 1 / 0
        """)
    assert (failure.type, failure.line) == ("ZeroDivisionError", 5)


def test_logic_that_never_settles_ends(failure_of: Failing) -> None:
    failure = failure_of("""
        mandatory: True
        code: |
          re_run_logic()
        """)
    assert failure.type == "TooManyPasses"


def test_a_missing_attribute_of_python_objects_is_no_question(failure_of: Failing) -> None:
    failure = failure_of("""
        mandatory: True
        code: |
          'text'.nothing
        """)
    assert failure.type == "AttributeError"


def test_a_wrong_name_in_a_module_is_a_mistake_there(failure_of: Failing, pack: Pack) -> None:
    pack.write("def count():\n    return nowhere\n", "wrong.py")
    pack.write("", "__init__.py")
    failure = failure_of("""
        modules:
          - .wrong
        ---
        mandatory: True
        question: ${ count() }
        ---
        question: Where?
        fields:
          - Where: nowhere
        """)
    assert failure.type == "SourceError"
    assert "wrong.py, line 2" in failure.message


def test_a_block_in_another_language_is_named(failure_of: Callable[[str], Failure]) -> None:
    failure = failure_of("""
        default language: es
        ---
        initial: True
        code: |
          fruit
        ---
        question: Fruta
        fields:
          - Fruta: fruit
        ---
        mandatory: True
        question: Fin
        """)
    assert failure.message.startswith(
        "There is no block that defines 'fruit' in the language of the session. Question_2"
    )
    assert "(line 8) sets it in the language 'es', and the session's is 'en': see set_language()." in failure.message
