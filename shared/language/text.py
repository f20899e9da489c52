"""Mako templates compiled at load: `compile_text` gives a `model.Text`.

A text without Mako is its own result. Every other text becomes one Python function whose globals are the interview's
variables, so a missing name is a NameError that names it, raised when it is reached. Texts of words and plain
``${ expression }`` are recognised here without Mako's lexer, which would cost most of the time of loading.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Sequence
from types import CodeType, FunctionType
from typing import Any

from mako import filters
from mako.runtime import LoopStack

from shared.language import mako_nodes, mako_tree
from shared.language.code import filename_for, shift
from shared.language.mako_nodes import BadTemplate
from shared.language.mako_tree import FILTERS, LOOPS, STRING, WRITE
from shared.language.model import Place

#: What makes a text Mako's: an expression, a tag, a control line, a line joined by a backslash.
_MAKO = re.compile(r"\$\{|</?%|\\\n|^[ ]*%", re.MULTILINE)
#: The same without expressions.
_BEYOND = re.compile(r"</?%|\\\n|^[ ]*%|^#.*coding", re.MULTILINE)
#: An expression in which nothing can be a filter, a brace or a comment.
_SIMPLE = re.compile(r"\$\{\s*([A-Za-z_(\[][^{}|#\n\"\\]*)\}")

#: Words that change the function they stand in.
_UNFIT = re.compile(r"\b(?:yield|await|lambda)\b|:=")

_MAKO_FILTERS: dict[str, object] = {
    "h": filters.html_escape,
    "x": filters.xml_escape,
    "u": filters.url_escape,
    "trim": filters.trim,
    "entity": filters.html_entities_escape,
}

_PARAMETERS = (WRITE, STRING, FILTERS, LOOPS, "STOP_RENDERING", "_parley_names", "_parley_more")


class PlainText:
    """A text without Mako."""

    __slots__ = ("place", "source")
    is_plain = True
    code: CodeType | None = None

    def __init__(self, source: str, place: Place) -> None:
        self.source = source
        self.place = place

    def render(self, namespace: dict[str, object], string: Callable[[object], str] = str) -> str:
        return self.source

    def __repr__(self) -> str:
        return f"Text({self.source!r})"


class _CompiledText:
    """What both kinds of template hold."""

    __slots__ = ("code", "place", "source")
    is_plain = False

    def __init__(self, source: str, place: Place, code: CodeType) -> None:
        self.source = source
        self.place = place
        self.code = code

    def __repr__(self) -> str:
        return f"Text({self.source!r})"


class JoinedText(_CompiledText):
    """Words and ``${ expressions }`` without filters: one expression that makes the pieces."""

    __slots__ = ()

    def render(self, namespace: dict[str, object], string: Callable[[object], str] = str) -> str:
        return "".join(FunctionType(self.code, namespace)(string))


class MakoText(_CompiledText):
    """Any other Mako: control lines, Python, defs, filters."""

    __slots__ = ()

    def render(self, namespace: dict[str, object], string: Callable[[object], str] = str) -> str:
        pieces: list[str] = []
        more = namespace.get("__builtins__", builtins)
        function = FunctionType(self.code, namespace)
        function(
            pieces.append,
            string,
            _MAKO_FILTERS,
            LoopStack(),
            "",
            namespace,
            more if isinstance(more, dict) else vars(more),
        )
        return "".join(pieces)


AnyText = PlainText | JoinedText | MakoText


class Def:
    """The Mako of one ``def`` block, for the texts that name it under ``usedefs``."""

    __slots__ = ("name", "nodes", "place", "source")

    def __init__(self, name: str, source: str, place: Place) -> None:
        self.name = name
        self.source = source
        self.place = place
        self.nodes = _parse(source, place)


def is_mako(source: str) -> bool:
    """Whether `source` has anything in it that Mako would change."""
    return _MAKO.search(source) is not None


def compile_text(source: str, place: Place, *, defs: Sequence[Def] = ()) -> AnyText:
    """`source` as a template whose first line is ``place.line``.

    `defs` are available in it as functions. Raises `BadTemplate`, with a line of the file.
    """
    if not is_mako(source):
        return PlainText(source, place)
    if not defs and not _BEYOND.search(source):
        code = _joined(source, place)
        if code is not None:
            return JoinedText(source, place, code)
    return MakoText(source, place, _compiled(source, place, defs))


def _joined(source: str, place: Place) -> CodeType | None:
    """The code of a text of words and simple expressions, or None if only Mako's lexer can tell what it is.

    The pieces become one line of Python for each line of the text, so that lines in tracebacks are right.
    """
    parts: list[str] = [f"lambda {STRING}: ("]
    position = 0
    for found in _SIMPLE.finditer(source):
        words = source[position : found.start()]
        position = found.end()
        expression = found.group(1)
        if "${" in words or not _stands_alone(expression):
            return None
        if words:
            parts.append(f"{words!r},")
            parts.append("\n" * words.count("\n"))
        parts.append(f"{STRING}(({expression})),")
    rest = source[position:]
    if "${" in rest:
        return None
    parts.append(f"{rest!r},)")
    try:
        code = compile("".join(parts), filename_for(place), "eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # Mako will say what is wrong
    (function,) = (item for item in code.co_consts if isinstance(item, CodeType))
    return shift(function, place.line - 1)


def _stands_alone(expression: str) -> bool:
    """Whether the brackets of `expression` are its own (``a) + (b`` is not), and it may stand in a lambda."""
    if "(" in expression or ")" in expression:
        depth = 0
        for character in expression:
            if character == "(":
                depth += 1
            elif character == ")":
                depth -= 1
                if depth < 0:
                    return False
    return _UNFIT.search(expression) is None


def _parse(source: str, place: Place) -> Any:
    try:
        return mako_nodes.parse(source)
    except BadTemplate as error:
        raise BadTemplate(str(error), place.line + error.line - 1) from error


def _compiled(source: str, place: Place, defs: Sequence[Def]) -> CodeType:
    builder = mako_tree.Builder()
    for used in defs:
        _add(builder, used.nodes, used.place, quiet=True)
    _add(builder, _parse(source, place), place, quiet=False)
    if not builder.body:
        builder.body.append(ast.Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=0))
    function = ast.FunctionDef("text", _arguments(_PARAMETERS), builder.body, [], None, lineno=1, col_offset=0)
    module = ast.fix_missing_locations(ast.Module([function], []))
    code = _function_code(module, place)
    assigned = sorted(set(code.co_varnames) | set(code.co_cellvars))
    unbound = [name for name in assigned if name not in _PARAMETERS and name not in builder.defs and name != "loop"]
    if unbound:
        # A name that the text assigns further down, or in a loop, is the interview's until then.
        function.body = _bind(unbound) + function.body
        code = _function_code(ast.fix_missing_locations(module), place)
    return _rename_defs(code, builder.defs, defs)


def _add(builder: mako_tree.Builder, nodes: object, place: Place, *, quiet: bool) -> None:
    try:
        builder.add(nodes, place.line, quiet=quiet)
    except BadTemplate as error:
        raise BadTemplate(str(error), place.line + error.line - 1) from error


def _bind(names: list[str]) -> list[ast.stmt]:
    lines = (
        f"if {name!r} in _parley_names: {name} = _parley_names[{name!r}]\n"
        f"elif {name!r} in _parley_more: {name} = _parley_more[{name!r}]\n"
        for name in names
    )
    return ast.parse("".join(lines)).body


def _arguments(names: Sequence[str]) -> ast.arguments:
    return ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])


def _function_code(module: ast.Module, place: Place) -> CodeType:
    try:
        code = compile(module, filename_for(place), "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or place.line
        raise BadTemplate(f"not Python: {getattr(error, 'msg', error)}", line) from error
    (function,) = (item for item in code.co_consts if isinstance(item, CodeType))
    return function


def _rename_defs(code: CodeType, origins: dict[str, int], defs: Sequence[Def]) -> CodeType:
    """A function that came from a ``def`` block is in a traceback at the place of that block."""

    def moved(item: object) -> Any:
        if isinstance(item, CodeType) and origins.get(item.co_name, len(defs)) < len(defs):
            return item.replace(co_filename=filename_for(defs[origins[item.co_name]].place))
        return item

    return code.replace(co_consts=tuple(map(moved, code.co_consts))) if defs else code
