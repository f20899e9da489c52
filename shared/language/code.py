"""Author's Python, compiled so that the line in a traceback is the line in the YAML file.

The file name given to Python is ``<interview FILE|BLOCK>``: never a path, so that an error in author code can be told from
one in a module, and `place_of` can read it back.
"""

from __future__ import annotations

import ast
import re
import textwrap
from types import CodeType

from shared.language.model import Code, Expr, Place

_NAME = re.compile(r"<interview (.*?)\|(.*)>\Z", re.DOTALL)


class BadPython(Exception):
    """The source is not Python. `line` is 1-based in the YAML file."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def filename_for(place: Place) -> str:
    """The name Python knows the code of `place` by."""
    return f"<interview {place.file}|{place.block}>"


def place_of(filename: str, line: int) -> Place | None:
    """The place in an interview that `filename` and `line` of a traceback name, or None if they name something else.

    The number of the block is not kept in a traceback and is -1.
    """
    found = _NAME.match(filename)
    return Place(found.group(1), found.group(2), -1, line) if found else None


def compile_statements(source: str, place: Place) -> tuple[Code, ast.Module]:
    """`source` as statements, and their tree. Raises `BadPython`."""
    text = _dedent(source)
    tree = _parse(text, place, mode="exec")
    assert isinstance(tree, ast.Module)
    return Code(source, place, _compile(tree, place)), tree


def tree_of(code: Code) -> ast.Module:
    """The tree of statements that were compiled before."""
    tree = _parse(_dedent(code.source), code.place, mode="exec")
    assert isinstance(tree, ast.Module)
    return tree


def compile_expression(source: str, place: Place) -> Expr:
    """`source` as one expression. Raises `BadPython`."""
    text = source.strip()
    skipped = source[: len(source) - len(source.lstrip())].count("\n")
    if "\n" in text:  # lines of an expression may break anywhere, as between brackets
        text = f"({text}\n)"
    if skipped:
        place = Place(place.file, place.block, place.number, place.line + skipped)
    tree = _parse(text, place, mode="eval")
    return Expr(source, place, _compile(tree, place))


def _dedent(source: str) -> str:
    return textwrap.dedent(source) if source[:1].isspace() else source


def _parse(text: str, place: Place, *, mode: str) -> ast.Module | ast.Expression:
    try:
        tree = ast.parse(text, filename_for(place), mode)
        assert isinstance(tree, (ast.Module, ast.Expression))
        return tree
    except SyntaxError as error:
        line = place.line + max(0, (error.lineno or 1) - 1)
        raise BadPython(_explain(error, text), line) from error
    except (ValueError, RecursionError, MemoryError) as error:  # null bytes, absurd nesting, huge literals
        raise BadPython(f"not Python: {error or type(error).__name__}", place.line) from error


def _compile(tree: ast.Module | ast.Expression, place: Place) -> CodeType:
    try:
        code: CodeType = compile(tree, filename_for(place), "eval" if isinstance(tree, ast.Expression) else "exec")
    except SyntaxError as error:  # return outside of a function, and the like
        raise BadPython(_explain(error, ""), place.line + max(0, (error.lineno or 1) - 1)) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadPython(f"not Python: {error or type(error).__name__}", place.line) from error
    return shift(code, place.line - 1)


def shift(code: CodeType, lines: int) -> CodeType:
    """`code` and the functions in it, moved down by `lines`. Line tables are relative, so only the start changes."""
    if lines == 0:
        return code
    constants = tuple(shift(item, lines) if isinstance(item, CodeType) else item for item in code.co_consts)
    return code.replace(co_firstlineno=code.co_firstlineno + lines, co_consts=constants)


def _explain(error: SyntaxError, text: str) -> str:
    message = f"not Python: {error.msg}"
    shown = (error.text or "").strip()
    return f"{message}: {shown}" if shown else message
