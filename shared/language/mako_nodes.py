"""Mako text as nodes, by Mako's own lexer; a line that begins with ``##`` is a heading of Markdown.

Not for: what the nodes do (`mako_tree`).
"""

from __future__ import annotations

import re
from typing import Any

from mako import exceptions, parsetree
from mako.lexer import Lexer

#: A line that begins with ## is a heading of Markdown in an interview, though a comment in Mako.
_HEADING = re.compile(r"^([ \t]*)##", re.MULTILINE)
_GUARDS = tuple(map(chr, range(0xE000, 0xE100)))


class BadTemplate(Exception):
    """The text is not Mako. `line` is 1-based in the text."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class _Expression(parsetree.Expression):  # type: ignore[misc]
    """Mako's node without Mako's own look at the Python in it, which `Builder` reads anyway."""

    def __init__(self, text: str, escapes: str, **kwargs: object) -> None:
        parsetree.Node.__init__(self, **kwargs)
        self.text = text
        self.escapes = escapes


class _Code(parsetree.Code):  # type: ignore[misc]
    """Likewise."""

    def __init__(self, text: str, ismodule: bool, **kwargs: object) -> None:
        parsetree.Node.__init__(self, **kwargs)
        self.text = text
        self.ismodule = ismodule


class _ControlLine(parsetree.ControlLine):  # type: ignore[misc]
    """Likewise."""

    def __init__(self, keyword: str, isend: bool, text: str, **kwargs: object) -> None:
        parsetree.Node.__init__(self, **kwargs)
        self.text = text
        self.keyword = keyword
        self.isend = isend
        self.is_primary = keyword in {"for", "if", "while", "try", "with"}
        self.nodes: list[Any] = []


_LIGHT = {parsetree.Expression: _Expression, parsetree.Code: _Code, parsetree.ControlLine: _ControlLine}


class _Lexer(Lexer):  # type: ignore[misc]
    def append_node(self, nodecls: object, *args: object, **kwargs: object) -> None:
        super().append_node(_LIGHT.get(nodecls, nodecls), *args, **kwargs)


def parse(text: str) -> parsetree.TemplateNode:
    """The nodes of `text`. Raises `BadTemplate`."""
    guard = next((mark for mark in _GUARDS if mark not in text), "") if _HEADING.search(text) else ""
    if guard:
        text = _HEADING.sub(lambda found: found.group(1) + guard + "##", text)
    try:
        template = _Lexer(text).parse()
    except (exceptions.SyntaxException, exceptions.CompileException) as error:
        raise BadTemplate(_explain(error), max(1, error.lineno or 1)) from error
    except Exception as error:  # the lexer lets many kinds of errors through; each is the text's fault
        raise BadTemplate(f"not Mako: {error or type(error).__name__}", 1) from error
    if guard:
        _unguard(template.nodes, guard)
    return template


def _unguard(nodes: list[object], guard: str) -> None:
    for node in nodes:
        for attribute in ("content", "text"):
            if guard in getattr(node, attribute, ""):
                setattr(node, attribute, getattr(node, attribute).replace(guard, ""))
        if isinstance(node, parsetree.Tag):
            _unguard(node.nodes, guard)


def _explain(error: Exception) -> str:
    """Mako's message without its own idea of file and position."""
    message = str(error.args[0] if error.args else error)
    message = re.sub(
        r" in file '[^']*'| at line: \d+(?: char: \d+)?|\(SyntaxError\) | \(<unknown>, line \d+\)", "", message
    )
    return message.strip()
