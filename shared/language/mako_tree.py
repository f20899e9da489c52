"""Mako text turned into the tree of one Python function, read by Mako's own lexer.

Mako's own code generator fetches every name of a template before its first line runs. An interview needs the opposite: a
name is missing when it is reached, so that ``% if`` decides what is asked. So the lexer is Mako's and the code is ours:
names are globals of the interview, and what a template assigns stays in the template.

Not here: tags that reach for other templates (``<%include>``, ``<%inherit>``, ``<%namespace>``), ``<%call>``
and ``<%block>``. They have no meaning in an interview and are refused by name.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from mako import parsetree

from shared.language.mako_nodes import BadTemplate

#: What the generated function is given: how to write, `str`, Mako's filters, the stack behind ``loop``.
WRITE, STRING, FILTERS, LOOPS = "_parley_write", "_parley_str", "_parley_filters", "_parley_loops"


#: Mako's own filters, as authors write them after ``|``.
FILTER_NAMES = frozenset({"x", "h", "u", "trim", "entity"})
_LOOP = re.compile(r"\bloop\b")
_CALLER = re.compile(r"\bcaller\b")
_REMARKS = re.compile(r"^\s*#.*$", re.MULTILINE)
_CONTINUES = {"if": ("elif", "else"), "for": ("else",), "while": ("else",), "try": ("except", "else", "finally")}


class Builder:
    """Collects the statements of the function; texts are added one after the other (the defs, then the text itself)."""

    def __init__(self) -> None:
        self.body: list[ast.stmt] = []
        self.defs: dict[str, int] = {}  #: name of a ``<%def>`` -> which text it came from
        self.count = 0
        self.uses_loop = False
        self._with_body: set[str] = set()  #: the ``<%def>`` that use ``caller``
        self._calls = 0
        self._bodies: list[list[ast.stmt]] = [self.body]
        self._open: list[tuple[str, Any, str]] = []  # first word, statement, last word
        self._floor = 0  # control lines opened outside of the <%def> being read
        self._line = 1

    def add(self, template: parsetree.TemplateNode, line: int, *, quiet: bool = False) -> None:
        """Add `template`, whose first line is `line` of its file; with `quiet`, without the blanks between its tags."""
        self._line = line
        self.uses_loop = self.uses_loop or _mentions(_LOOP, template.nodes)
        nodes = [node for node in template.nodes if not (quiet and _is_blank(node))]
        self._nodes(nodes)
        self.count += 1

    # -- nodes

    def _nodes(self, nodes: list[object]) -> None:
        for node in nodes:
            self._node(node)

    def _node(self, node: Any) -> None:
        if isinstance(node, parsetree.Text):
            self._write(ast.Constant(node.content), node.lineno)
        elif isinstance(node, parsetree.Expression):
            self._write(self._expression(node), node.lineno)
        elif isinstance(node, parsetree.ControlLine):
            self._control(node)
        elif isinstance(node, parsetree.Code):
            self._put(*self._parse(node.text, node.lineno, node.lineno))
        elif isinstance(node, parsetree.DefTag):
            self._def(node)
        elif isinstance(node, parsetree.CallNamespaceTag) and node.keyword.startswith("self:"):
            self._call(node)
        elif isinstance(node, parsetree.TextTag):
            for child in node.nodes:
                self._write(
                    self._filtered(ast.Constant(child.content), node.attributes.get("filter", ""), node), node.lineno
                )
        elif not isinstance(node, (parsetree.Comment, parsetree.PageTag)):
            raise BadTemplate(f"<%{getattr(node, 'keyword', '?')}> cannot be used in an interview", node.lineno)

    def _put(self, *statements: ast.stmt) -> None:
        self._bodies[-1].extend(statements)

    def _write(self, value: ast.expr, number: int) -> None:
        call = ast.Call(ast.Name(WRITE, ast.Load()), [value], [])
        self._put(self._at(ast.Expr(call), number))

    def _at(self, tree: Any, number: int) -> Any:
        """`tree` with a line on every node that has none: line `number` of the text."""
        line = number + self._line - 1
        for node in ast.walk(tree):
            if not hasattr(node, "lineno") and isinstance(node, (ast.expr, ast.stmt, ast.excepthandler)):
                node.lineno = node.end_lineno = line
                node.col_offset = node.end_col_offset = 0
        return tree

    def _parse(self, source: str, number: int, shown: int, text: str | None = None) -> list[ast.stmt]:
        """The statements of `source`, whose first line is `number` of the template; a mistake is in `text`, at line `shown` on."""
        text = source if text is None else text
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            extra = min(max(0, (getattr(error, "lineno", 1) or 1) - 1), text.rstrip().count("\n"))
            reason = getattr(error, "msg", None) or error
            raise BadTemplate(f"not Python: {reason}: {text.strip()[:80]}", shown + extra) from error
        ast.increment_lineno(tree, number + self._line - 2)
        return tree.body

    def _value(self, source: str, number: int) -> ast.expr:
        text = source.strip()
        if not text:
            raise BadTemplate("${ } has nothing in it", number)
        skipped = source[: len(source) - len(source.lstrip())].count("\n")
        body = self._parse(f"({text}\n)", number + skipped, number + skipped, text)
        if ")" in text:  # `a) + (b` is an expression only because of our brackets
            self._parse(f"[{text}\n]", number + skipped, number + skipped, text)
        if len(body) != 1 or not isinstance(body[0], ast.Expr):
            raise BadTemplate(f"not a Python expression: {text[:80]}", number)
        return body[0].value

    # -- expressions and filters

    def _expression(self, node: Any) -> ast.expr:
        # Mako writes nothing for an expression that is empty, or is a remark only.
        value = self._value(node.text, node.lineno) if _REMARKS.sub("", node.text).strip() else self._nothing(node)
        # Also with the filter `n`, which here leaves nothing out: whoever renders may have a reason to see every value.
        value = ast.Call(ast.Name(STRING, ast.Load()), [value], [])
        filtered: ast.expr = self._at(self._filtered(value, node.escapes, node), node.lineno)
        return filtered

    def _nothing(self, node: Any) -> ast.expr:
        constant: ast.expr = self._at(ast.Constant(""), node.lineno)
        return constant

    def _filtered(self, value: ast.expr, escapes: str, node: Any) -> ast.expr:
        for name in _split_filters(escapes):
            if name in {"n", "str", "unicode"}:
                continue
            function: ast.expr
            if name in FILTER_NAMES:
                function = ast.Subscript(ast.Name(FILTERS, ast.Load()), ast.Constant(name), ast.Load())
            else:
                function = self._value(name, node.lineno)
            value = ast.Call(function, [value], [])
        return value

    # -- control lines

    def _control(self, node: Any) -> None:
        source = re.sub(r"\\\r?\n", " ", node.text).strip()
        if (node.isend or not node.is_primary) and len(self._open) <= self._floor:
            raise BadTemplate(f"% {source} does not belong to a line above it", node.lineno)
        if node.isend:
            self._close(node)
        elif node.is_primary:
            self._begin(node.keyword, source, node.lineno)
        else:
            self._continue(node.keyword, source, node.lineno)

    def _begin(self, keyword: str, source: str, number: int) -> None:
        tail = "\n  pass\nfinally:\n  pass" if keyword == "try" else "\n  pass"
        statement = self._line_of(source, tail, number)
        if keyword == "for" and self.uses_loop and isinstance(statement, ast.For):
            enter = ast.Call(ast.Attribute(ast.Name(LOOPS, ast.Load()), "_enter", ast.Load()), [statement.iter], [])
            self._put(self._at(ast.Assign([ast.Name("loop", ast.Store())], enter), number))
            statement.iter = self._at(ast.Name("loop", ast.Load()), number)
        self._put(statement)
        self._open.append((keyword, statement, ""))
        statement.body = []
        if keyword == "try":
            statement.finalbody = []
        self._bodies.append(statement.body)

    def _line_of(self, source: str, tail: str, number: int, *, before: str = "") -> Any:
        """The statement that a control line begins. It must be one line that ends in a colon, as in Python."""
        source = _without_comment(source)
        if not source.endswith(":"):
            raise BadTemplate(f"% {source} must end with a colon", number)
        body = self._parse(before + source + tail, number - before.count("\n"), number, source)
        if len(body) != 1 or not hasattr(body[0], "body"):
            raise BadTemplate(f"% {source} is more than one line of Python", number)
        return body[0]

    def _continue(self, keyword: str, source: str, number: int) -> None:
        opened, statement, last = self._open[-1]
        if keyword not in _CONTINUES.get(opened, ()):
            known = (
                "if, for, while, try, with" if keyword not in {"elif", "else", "except", "finally"} else f"% {opened}"
            )
            raise BadTemplate(f"% {source} does not go with {known}", number)
        if keyword in {"else", "finally"} and _without_comment(source) != f"{keyword}:":
            raise BadTemplate(f"% {source} must be % {keyword}:", number)
        if last == "finally" or (last == "else" and keyword != "finally"):
            raise BadTemplate(f"% {source} comes too late, after % {last}", number)
        self._fill(self._bodies.pop(), number)
        body: list[ast.stmt] = []
        if keyword == "elif":
            inner = self._line_of(source[2:], "\n  pass", number)
            inner.body = body
            statement.orelse = [inner]
            statement = inner
        elif keyword == "else":
            statement.orelse = body
        elif keyword == "except":
            attempt = self._line_of(source, "\n  pass", number, before="try:\n  pass\n")
            handler = attempt.handlers[0]
            handler.body = body
            statement.handlers.append(handler)
        else:
            statement.finalbody = body
        self._open[-1] = (opened, statement, keyword)
        self._bodies.append(body)

    def _close(self, node: Any) -> None:
        keyword, statement, _ = self._open.pop()
        self._fill(self._bodies.pop(), node.lineno)
        if isinstance(statement, ast.Try) and not statement.handlers and not statement.finalbody:
            raise BadTemplate("% try needs an % except or a % finally", node.lineno)
        if keyword == "for" and self.uses_loop:
            leave = ast.Call(ast.Attribute(ast.Name(LOOPS, ast.Load()), "_exit", ast.Load()), [], [])
            self._put(self._at(ast.Assign([ast.Name("loop", ast.Store())], leave), node.lineno))

    def _fill(self, body: list[ast.stmt], number: int) -> None:
        if not body:
            body.append(self._at(ast.Pass(), number))

    # -- <%def>

    def _def(self, node: Any) -> None:
        """A function that, as in Mako, writes where it is called and returns nothing; with a filter, it returns its text."""
        name = node.funcname
        self.defs[name] = self.count
        (function,) = self._parse(f"def {node.attributes['name']}:\n  pass", node.lineno, node.lineno)
        assert isinstance(function, ast.FunctionDef)
        escapes = node.attributes.get("filter", "")
        buffered = bool(escapes) or node.attributes.get("buffered", "").lower() == "true"
        body: list[ast.stmt] = []
        floor, self._floor = self._floor, len(self._open)
        self._bodies.append(body)
        if buffered:
            self._put(*self._parse(f"{WRITE}_all = []\n{WRITE} = {WRITE}_all.append", node.lineno, node.lineno))
        self._nodes(node.nodes)
        result: ast.expr = ast.Constant("")
        if buffered:
            result = self._filtered(self._value(f"''.join({WRITE}_all)", node.lineno), escapes, node)
        self._put(self._at(ast.Return(result), node.lineno))
        self._bodies.pop()
        if len(self._open) != self._floor:
            raise BadTemplate(f"% {self._open[-1][0]} is not ended inside its <%def>", node.lineno)
        self._floor = floor
        function.body = body
        if node.decorator:
            raise BadTemplate("a decorator of <%def> cannot be used in an interview", node.lineno)
        if _mentions(_CALLER, node.nodes):
            self._with_body.add(name)
            function.args.kwonlyargs.append(self._at(ast.arg("caller"), node.lineno))
            function.args.kw_defaults.append(self._at(ast.Constant(None), node.lineno))
        self._put(function)

    def _call(self, node: Any) -> None:
        """``<%self:name a="x">body</%self:name>``: the def with these arguments; ``caller.body()`` in it is the text of the body."""
        name = node.keyword.partition(":")[2]
        if name not in self.defs:
            raise BadTemplate(f"<%{node.keyword}>: there is no <%def> of that name above", node.lineno)
        call = self._value(node.expression.removeprefix("self."), node.lineno)
        assert isinstance(call, ast.Call)
        if name in self._with_body:
            body = f"_parley_body_{self._calls}"
            self._calls += 1
            self.defs[body] = self.count
            arguments = node.attributes.get("args", "")
            head = f"def {body}({arguments}):\n  {WRITE}_all = []\n  {WRITE} = {WRITE}_all.append"
            (function,) = self._parse(head, node.lineno, node.lineno)
            assert isinstance(function, ast.FunctionDef)
            floor, self._floor = self._floor, len(self._open)
            self._bodies.append(function.body)
            self._nodes(node.nodes)
            self._put(*self._parse(f"return ''.join({WRITE}_all)", node.lineno, node.lineno))
            self._bodies.pop()
            self._floor = floor
            self._put(function, *self._parse(f"{body}.body = {body}", node.lineno, node.lineno))
            call.keywords.append(ast.keyword("caller", ast.Name(body, ast.Load())))
        self._write(ast.Call(ast.Name(STRING, ast.Load()), [call], []), node.lineno)


#: Code up to a colon that a comment follows; a ``#`` within a string begins none.
_BEFORE_COMMENT = re.compile(r"""((?:[^'"#\\]|\\.|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*:)\s*#""", re.DOTALL)


def _without_comment(source: str) -> str:
    """The control line up to its colon; a comment may follow that."""
    match = _BEFORE_COMMENT.match(source)
    return match.group(1) if match else source


def _split_filters(escapes: str) -> list[str]:
    """``h, trim`` or ``f(a, b), h``: split at commas that are not within brackets."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(escapes):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(escapes[start:position])
            start = position + 1
    parts.append(escapes[start:])
    return [part.strip() for part in parts if part.strip()]


def _is_blank(node: object) -> bool:
    return isinstance(node, parsetree.Text) and not node.content.strip()


def _mentions(word: re.Pattern[str], nodes: list[object]) -> bool:
    """Whether Mako's ``loop`` may be used (then every for keeps count), or ``caller``."""
    return any(
        word.search(getattr(node, "text", "")) is not None or _mentions(word, getattr(node, "nodes", []))
        for node in nodes
        if not isinstance(node, (parsetree.Text, parsetree.Comment))
    )
