"""Code that compiles and cannot do what it says: circles, loops without an end, texts added to numbers, functions kept as answers.

Only what is certain from the text is told: a name counts if one block alone defines it, and code if it always runs from its first
statement to its last. What depends on an answer (a division by one that is 0) is for the page to say when it happens.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping

from shared.language.code import tree_of
from shared.language.errors import LanguageError, Problem
from shared.language.findings import Finding
from shared.language.model import Block, Code, Expr, Interview, Kind, Place
from shared.language.naming import embedded_blocks
from shared.language.sources import Sources
from shared.language.used import pieces

_NUMBERS = frozenset({"integer", "number", "currency", "range"})


def mistakes(interview: Interview, sources: Sources) -> Iterator[Problem]:
    """A warning for each, at its line."""
    code = list(_codes(interview))
    for piece, block in code:
        for node in ast.walk(tree_of(piece)):
            yield from _endless(node, piece, block)
        yield from _kept_functions(tree_of(piece), piece, block)
    yield from _circles(interview)
    yield from _added_to_numbers(interview)
    yield from _never_gathered(interview)
    yield from _tabs(interview, sources)


def _codes(interview: Interview) -> Iterator[tuple[Code, Block]]:
    for block in interview.blocks:
        for one in (block, *embedded_blocks(block.question)):
            for piece in pieces(one):
                if isinstance(piece, Code):
                    yield piece, block


def _at(piece: Code | Expr, block: Block, node: ast.AST) -> Place:
    line = piece.place.line + int(getattr(node, "lineno", 1)) - 1
    return Place(piece.place.file, block.place.block, block.number, line)


def _endless(node: ast.AST, piece: Code, block: Block) -> Iterator[Problem]:
    """``while True`` with nothing inside by which it could end: what it calls or reads may end it, by asking."""
    if not isinstance(node, ast.While) or not isinstance(node.test, ast.Constant) or not node.test.value:
        return
    ends = (ast.Break, ast.Return, ast.Raise, ast.Call, ast.Attribute, ast.Subscript, ast.Assert, ast.Yield, ast.Await)
    if not any(isinstance(inner, ends) for inner in ast.walk(node)):
        hint = "add a `break`, or a condition that becomes false"
        yield Problem(Finding.ENDLESS, _at(piece, block, node), "this 'while' has no end", hint)


def _kept_functions(tree: ast.Module, piece: Code, block: Block) -> Iterator[Problem]:
    """Functions that a block leaves among the answers, which are data (code.md: functions belong into a module)."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            name = next((target.id for target in node.targets if isinstance(target, ast.Name)), None)
        else:
            name = None
        if name is not None and not _deleted(tree, name):
            hint = "write it in a module of the package, and name that in a `modules` block"
            message = f"{name!r} is a function, which cannot be kept with the answers"
            yield Problem(Finding.KEPT_FUNCTION, _at(piece, block, node), message, hint)


def _deleted(tree: ast.Module, name: str) -> bool:
    return any(
        isinstance(target, ast.Name) and target.id == name
        for node in ast.walk(tree)
        if isinstance(node, ast.Delete)
        for target in node.targets
    )


# ------------------------------------------------------------------ circles

_STRAIGHT = (ast.Assign, ast.AnnAssign, ast.Expr)
_PERHAPS = (ast.Lambda, ast.IfExp, ast.BoolOp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Call)


def _circles(interview: Interview) -> Iterator[Problem]:
    """Names that need each other: each has one block, of code that runs from its first line to its last."""
    needs = {name: found for name, block in _only_definers(interview) if (found := _needed_first(block, name))}
    told: set[str] = set()
    for name in needs:
        circle = _circle(name, {one: names for one, (names, _) in needs.items()})
        if circle is None or told & set(circle):
            continue
        told.update(circle)
        message = f"{name!r} needs itself: {' needs '.join((*circle, circle[0]))}"
        yield Problem(Finding.CIRCLE, needs[name][1], message, "define one of them by a question, or by other code")


def _only_definers(interview: Interview) -> Iterator[tuple[str, Block]]:
    mandatory = {name for block in interview.ordered for name in block.sets}
    for name, blocks in interview.index.items():
        if len(blocks) == 1 and name.isidentifier() and name not in mandatory:
            block = blocks[0]
            plain = block.code is not None and block.generic is None and not block.conditions and not block.event
            if block.kind is Kind.CODE and plain:
                yield name, block


def _needed_first(block: Block, name: str) -> tuple[tuple[str, ...], Place] | None:
    """What the block reads before it has set `name`, and where it sets that."""
    code = block.code
    if code is None:
        return None
    known: set[str] = set()
    needed: list[str] = []
    for node in tree_of(code).body:
        if not isinstance(node, _STRAIGHT) or any(isinstance(inner, _PERHAPS) for inner in ast.walk(node)):
            return None
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.id not in known:
                needed.append(inner.id)
        targets = node.targets if isinstance(node, ast.Assign) else []
        known.update(target.id for target in targets if isinstance(target, ast.Name))
        if name in known:
            return tuple(needed), _at(code, block, node)
    return None


def _circle(name: str, needs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """The shortest way from `name` to itself."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for other in needs.get(way[-1], ()):
            if other == name:
                return way
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return None


# ------------------------------------------------------------------ types, groups, tabs


def _added_to_numbers(interview: Interview) -> Iterator[Problem]:
    """``"text" + number`` where one field alone sets the number."""
    fields: dict[str, list[str]] = {}
    for block in interview.blocks:
        for one in (block, *embedded_blocks(block.question)):
            for field in one.question.fields if one.question is not None else ():
                fields.setdefault(field.variable or "", []).append(field.datatype)
    numbers = {
        name
        for name, types in fields.items()
        if len(interview.index.get(name, ())) == 1 and all(one in _NUMBERS for one in types)
    }
    if not numbers:
        return
    for block in interview.blocks:
        for piece in pieces(block):
            for node, at in _sums(piece, block):
                name = _text_and(node, numbers.__contains__)
                if name is not None:
                    message = f"{name!r} is a number, and a text is added to it"
                    yield Problem(Finding.TEXT_AND_NUMBER, at, message, f"write `str({name})`")


def _sums(piece: object, block: Block) -> Iterator[tuple[ast.BinOp, Place]]:
    """The sums in a piece; in a text, those of the expressions between ``${`` and ``}`` that stand on one line."""
    if isinstance(piece, Code | Expr):
        sources = [(piece.source.strip(), piece.place.line)]
    else:
        text, first = str(getattr(piece, "source", "")), int(getattr(getattr(piece, "place", None), "line", 1))
        sources = [
            (part.partition("}")[0].strip(), first + number)
            for number, line in enumerate(text.splitlines())
            for part in line.split("${")[1:]
        ]
    for source, line in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue  # indented, or with a filter: not looked at
        for node in ast.walk(tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                yield node, Place(block.place.file, block.place.block, block.number, line + node.lineno - 1)


def _text_and(node: ast.BinOp, is_number: Callable[[str], bool]) -> str | None:
    """The number of ``"text" + number`` and ``number + "text"``, whatever is added to it then."""
    pairs = ((node.left, node.right), (node.right, node.left))
    for text, number in pairs:
        is_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
        if is_text and isinstance(number, ast.Name) and is_number(number.id):
            return number.id
    return None


def _never_gathered(interview: Interview) -> Iterator[Problem]:
    """A group whose items are asked for, without anything that says whether there is another."""
    written = " ".join(block.source_text for block in interview.blocks)
    generic = any(name.startswith("x.there_") for block in interview.blocks for name in block.sets)
    for block in interview.blocks if not generic else ():
        for made in block.objects:
            name = made.name
            cls = made.expr.source.strip()
            said = re.search(rf"\b{name}\.\w", written) is not None  # any attribute may, if only through a method
            whole = re.search(rf"\$\{{\s*{name}\s*\}}|\bin {name}\b(?!\s*[.\[])", written) is not None
            asked = next((one for one in interview.blocks if any(s.startswith(f"{name}[i]") for s in one.sets)), None)
            if cls != "DAList" or said or not whole or asked is None or _collects(asked):
                continue
            message = f"nothing says whether there are any {name!r}, or another"
            hint = f"ask for `{name}.there_are_any` and `{name}.there_is_another`, or for `{name}.target_number`"
            yield Problem(Finding.NOT_GATHERED, asked.place, message, hint)


def _collects(block: Block) -> bool:
    return "list collect" in block.source_text


def _tabs(interview: Interview, sources: Sources) -> Iterator[Problem]:
    """Lines that begin with a tab: YAML forbids them; they are read as two spaces."""
    package_file = interview.name
    try:
        lines = sources.text(sources.interview(package_file)).splitlines()
    except LanguageError:
        return
    for number, line in enumerate(lines, 1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            block = next((one for one in reversed(interview.blocks) if one.place.line <= number), interview.blocks[0])
            place = Place(package_file, block.place.block, block.number, number)
            yield Problem(Finding.TAB, place, "a tab indents this line; it counts as two spaces", "use spaces")
            return
