"""The variables by which an author takes an effect back: what the statement that calls it assigns, and what an ``if`` around it
both asks about and assigns.

    if not defined('task'):            the guard is ``task``
        task = background_action('a')
    if not person.told:                the guard is ``people[0].told``, by the owner's own name
        send_email(to=person); person.told = True

Read off the author's text, once for each text. Not for deciding what follows when a guard is gone: see ``runs``.
"""

from __future__ import annotations

import ast
import linecache
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import FrameType

from shared.authoring.functions.background import BackgroundTask
from shared.engine.naming import lookup
from shared.engine.naming.names import BadName, canonical, is_name, parts_of
from shared.language.code import filename_for
from shared.language.model import Block, Code
from shared.state.codec import LEFT_OUT

#: Functions that ask whether the variable that they are given by name is there, or what it is.
_ASKS_NAME = frozenset({"defined", "value", "showifdef", "undefined"})
#: The same for an attribute: ``hasattr(person, 'task')``, ``person.attr('task')``.
_ASKS_ATTRIBUTE = frozenset({"hasattr", "getattr", "attr", "attribute_defined", "is_defined"})
#: Values longer than this are compared by their first characters and their length.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class _Statement:
    """Lines of a statement (from 1, of its text), and the names that guard effects called in them, as written."""

    first: int
    last: int
    names: tuple[str, ...]


def guards_of(frames: Iterable[FrameType], block: Block, namespace: dict[str, object]) -> tuple[str, ...]:
    """The guards of an effect called from `frames` while `block` runs, as the interview knows these variables."""
    found: dict[str, None] = {}
    for frame in frames:
        for written in _written(frame, block):
            name = _specific(written, frame, namespace)
            if name is not None:
                found[name] = None
    return tuple(found)


def worth(namespace: dict[str, object], name: str) -> str | None:
    """What the variable is worth: its value if that is plain, which task, else that it is an object; None if it is not defined, or not kept."""
    value = lookup.fetch_or(namespace, name, lookup.NOTHING)
    if value is lookup.NOTHING or isinstance(value, LEFT_OUT):
        return None
    if value is None or type(value) in (bool, int, float, str):
        text = repr(value)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… {len(text)}"
    if isinstance(value, BackgroundTask):
        return f"task {value.id}"  # in a list that lost its first item, each place has the task of another
    return "object"


def _written(frame: FrameType, block: Block) -> tuple[str, ...]:
    """The guards of the line that `frame` is at."""
    filename = frame.f_code.co_filename
    if filename.startswith("<interview "):
        for code in _codes(block):
            line = frame.f_lineno - code.place.line + 1
            if filename_for(code.place) == filename and 1 <= line <= code.source.count("\n") + 1:
                return _at(code.source, line)
        return ()
    linecache.checkcache(filename)  # an author may have changed the module since
    return _at("".join(linecache.getlines(filename, frame.f_globals)), frame.f_lineno)


def _codes(block: Block) -> Iterator[Code]:
    if block.code is not None:
        yield block.code
    if block.question is not None and block.question.validation_code is not None:
        yield block.question.validation_code


def _at(source: str, line: int) -> tuple[str, ...]:
    """The guards of the innermost statement at `line`."""
    around = [statement for statement in _statements(source) if statement.first <= line <= statement.last]
    return min(around, key=lambda statement: statement.last - statement.first).names if around else ()


@lru_cache(maxsize=256)
def _statements(source: str) -> tuple[_Statement, ...]:
    text = textwrap.dedent(source) if source[:1].isspace() else source
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()  # a module that is being edited: its effects have no guards
    return tuple(_walk(tree.body, ()))


def _walk(body: Iterable[ast.stmt], around: tuple[str, ...]) -> Iterator[_Statement]:
    """The statements of `body`, with `around`: the guards that the ``if`` around them give."""
    for statement in body:
        inner = around
        if isinstance(statement, ast.If | ast.While):
            asked, assigned = set(_asked(statement.test)), _assigned(statement)
            inner = (*around, *(name for name in assigned if name in asked))
        last = statement.end_lineno or statement.lineno
        compound = [
            field for field in ("body", "orelse", "finalbody", "handlers", "cases") if hasattr(statement, field)
        ]
        own = () if compound else _assigned(statement)
        yield _Statement(statement.lineno, last, tuple(dict.fromkeys((*inner, *own))))
        for field in compound:
            for part in getattr(statement, field):
                yield from _walk(part.body if isinstance(part, ast.ExceptHandler | ast.match_case) else [part], inner)


def _assigned(statement: ast.AST) -> tuple[str, ...]:
    """What a statement, with all that is in it, gives a value: variables, attributes, items."""
    found: dict[str, None] = {}
    for node in ast.walk(statement):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = list(node.targets)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
            targets = [node.target]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) > 1:
            if node.func.id == "define":
                found.update(dict.fromkeys(_constant(node.args[0])))
            elif node.func.id == "setattr":
                found.update(dict.fromkeys(_attribute(node.args[0], node.args[1])))
        while targets:
            target = targets.pop()
            if isinstance(target, ast.Tuple | ast.List):
                targets.extend(target.elts)
            elif isinstance(target, ast.Starred):
                targets.append(target.value)
            else:
                found.update(dict.fromkeys(_name(target)))
    return tuple(found)


def _asked(test: ast.expr) -> Iterator[str]:
    """What a condition asks about."""
    for node in ast.walk(test):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            yield from _name(node)
        elif isinstance(node, ast.Call):
            yield from _asked_by_call(node)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            yield from _text(f"{ast.unparse(node.comparators[0])}[{ast.unparse(node.left)}]")


def _asked_by_call(call: ast.Call) -> Iterator[str]:
    function = call.func
    if isinstance(function, ast.Name) and call.args:
        if function.id in _ASKS_NAME:
            yield from _constant(call.args[0])
        elif function.id in _ASKS_ATTRIBUTE and len(call.args) > 1:
            yield from _attribute(call.args[0], call.args[1])
    elif isinstance(function, ast.Attribute) and function.attr in _ASKS_ATTRIBUTE and call.args:
        yield from _attribute(function.value, call.args[0])


def _name(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        yield from _text(ast.unparse(node))


def _attribute(owner: ast.expr, attribute: ast.expr) -> Iterator[str]:
    for name in _constant(attribute):
        yield from _text(f"{ast.unparse(owner)}.{name}")


def _constant(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from _text(node.value)


def _text(name: str) -> Iterator[str]:
    if is_name(name):
        yield canonical(name)


def _specific(written: str, frame: FrameType, namespace: dict[str, object]) -> str | None:
    """The variable that `written` means in `frame`; None if it is none of the interview's."""
    parts = parts_of(written)
    local = frame.f_locals is not frame.f_globals and parts[0] in frame.f_locals
    if len(parts) == 1:
        return None if local or not frame.f_code.co_filename.startswith("<interview ") else parts[0]
    scope = frame.f_locals if local else frame.f_globals
    value = scope.get(parts[0], lookup.NOTHING)
    name = _own_name(value) or (None if local else parts[0])
    for part in parts[1:-1]:
        if name is None:
            return None
        name += _key(part, frame)
        name = _own_name(lookup.fetch_or(namespace, name)) or name
    return None if name is None else _checked(name + _key(parts[-1], frame))


def _own_name(value: object) -> str | None:
    name = getattr(value, "__dict__", {}).get("instanceName") if not isinstance(value, type) else None
    return name if isinstance(name, str) else None


def _key(part: str, frame: FrameType) -> str:
    """``[p]`` with the value of ``p``; other parts as they are."""
    if part[0] != "[" or not part[1:-1].isidentifier():
        return part
    value = frame.f_locals.get(part[1:-1], frame.f_globals.get(part[1:-1]))
    return f"[{value!r}]" if isinstance(value, str | int) else part


def _checked(name: str) -> str | None:
    try:
        return "".join(parts_of(name))
    except BadName:
        return None
