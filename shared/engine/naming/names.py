"""Names of variables: ``a.b[0].c`` taken apart, and the forms in which a block may have written them.

Pure text work, cached because an interview seeks the same few names over and over. Does not live here: whether a name
is defined (``lookup``) and which block defines it (``seek``).
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

#: The index variables, in the order in which brackets are replaced by them.
ITERATORS = ("i", "j", "k", "l", "m", "n")
GENERIC = "x"

#: Names arrive from browsers, and the forms of a name grow with two to the power of its brackets: no interview has that many.
_MOST_PARTS = 32
_MOST_REPLACED = 8

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class BadName(ValueError):
    """A text that is not the name of a variable (``a``, ``a.b``, ``a[0]``, ``a['k'].b`` …)."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way in which a block may have written a name.

    `name` is the written form, `generic` the name of the object that ``x`` stands for (or None), `iterators` the
    source texts of the index values that ``i``, ``j``, … stand for.
    """

    name: str
    generic: str | None = None
    iterators: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def parts_of(name: str) -> tuple[str, ...]:
    """``a.b['k'][0]`` -> ``('a', '.b', "['k']", '[0]')``. Raises `BadName`.

    The content of a bracket is a literal, put into the form in which Python writes it, or a name again. Nothing else is
    a name, because names arrive in links and forms: what stands in a bracket must never be code.
    """
    match = _identifier(name, 0)
    if match is None or (match.group().startswith("__") and match.group().endswith("__")):
        raise BadName(f"{name!r} is not the name of a variable")
    parts = [match.group()]
    position = match.end()
    while position < len(name):
        if name[position] == ".":
            match = _identifier(name, position + 1)
            if match is None or match.group().startswith("__"):  # docs fields.md, "A note about variable names"
                raise BadName(f"{name!r} is not the name of a variable")
            parts.append("." + match.group())
            position = match.end()
        elif name[position] == "[":
            end = _closing(name, position)
            parts.append("[" + _canonical(name[position + 1 : end]) + "]")
            position = end + 1
        else:
            raise BadName(f"{name!r} is not the name of a variable")
        if len(parts) > _MOST_PARTS:
            raise BadName(f"{name[:80]!r}… has more than {_MOST_PARTS} parts")
    return tuple(parts)


def _identifier(name: str, start: int) -> re.Match[str] | None:
    """The identifier at `start`. Not every word character may stand in one: ``²`` is none of Python's."""
    match = _IDENTIFIER.match(name, start)
    return match if match is not None and match.group().isidentifier() else None


def _closing(name: str, start: int) -> int:
    depth, quote, position = 0, "", start
    while position < len(name):
        char = name[position]
        if quote:
            if char == "\\":
                position += 1
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    raise BadName(f"{name!r} has a bracket that is not closed")


def _canonical(index: str) -> str:
    index = index.strip()
    try:
        return repr(ast.literal_eval(index))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return "".join(parts_of(index))


@lru_cache(maxsize=8192)
def canonical(name: str) -> str:
    """`name` with its brackets in one form, so that ``a["b"]`` and ``a['b']`` are the same key. Other texts unchanged."""
    try:
        return "".join(parts_of(name))
    except BadName:
        return name.strip()


def is_name(text: object) -> bool:
    """Whether `text` is the name of a variable."""
    if not isinstance(text, str):
        return False
    try:
        parts_of(text)
    except BadName:
        return False
    return True


@lru_cache(maxsize=8192)
def variants(name: str) -> tuple[Variant, ...]:
    """Every form in which a block may have written `name`, best first.

    Not generic before generic; then more dots; then more brackets; then fewer brackets that became ``i`` … ``n``.
    A prefix becomes ``x`` only as a whole and as it was, so no index inside it is replaced.
    """
    parts = parts_of(name)
    found = [Variant("".join(written), None, iterators) for written, iterators in _replaced(parts)]
    found.sort(key=lambda variant: len(variant.iterators))
    generic = []
    for size in range(1, len(parts)):
        prefix = "".join(parts[:size])
        for written, iterators in _replaced((GENERIC, *parts[size:])):
            generic.append(Variant("".join(written), prefix, iterators))
    generic.sort(key=lambda variant: (-variant.name.count("."), -variant.name.count("["), len(variant.iterators)))
    return (*found, *generic)


def _replaced(parts: tuple[str, ...]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """`parts` with each subset of its brackets replaced by ``i``, ``j``, … from left to right."""
    brackets = [position for position, part in enumerate(parts) if part[0] == "["][:_MOST_REPLACED]
    made = []
    for size in range(min(len(brackets), len(ITERATORS)) + 1):
        for chosen in combinations(brackets, size):
            written = list(parts)
            for iterator, position in zip(ITERATORS, chosen, strict=False):
                written[position] = f"[{iterator}]"
            made.append((tuple(written), tuple(parts[position][1:-1] for position in chosen)))
    return made


def specific(name: str, context: dict[str, object]) -> str:
    """`name` as written, with ``x`` and ``i`` … replaced by what they stand for in `context`.

    `context` maps ``x`` to an instance name and iterators to keys.
    """
    try:
        parts = parts_of(name)
    except BadName:
        return name
    made = []
    for position, part in enumerate(parts):
        if position == 0 and part == GENERIC and GENERIC in context:
            made.append(str(context[GENERIC]))
        elif part[0] == "[" and part[1:-1] in context and part[1:-1] in ITERATORS:
            made.append(f"[{context[part[1:-1]]!r}]")
        else:
            made.append(part)
    return "".join(made)
