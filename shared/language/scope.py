"""Reading one block: what its values mean, and where its mistakes are.

Every noun (fields, choices, tables …) reads its keys through a `Scope`, which turns YAML values into `Text`, `Expr`, names
and plain values, and collects the problems with their lines. Nothing here knows a key of the language.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shared.language.code import BadPython, compile_expression, compile_statements
from shared.language.errors import Problem
from shared.language.findings import Finding
from shared.language.frozen import FrozenDict, FrozenList
from shared.language.keys import near_miss
from shared.language.mako_nodes import BadTemplate
from shared.language.model import Code, Expr, Place, Value
from shared.language.names import normalise, why_not
from shared.language.text import AnyText, Def, compile_text, is_mako
from shared.language.yamlfile import YamlList, YamlMap

TRUE_WORDS = frozenset({"true", "yes", "on"})
#: Mako of nothing but one expression, where an expression is meant.
_ONE_EXPRESSION = re.compile(r"\$\{([^{}]*)\}")
FALSE_WORDS = frozenset({"false", "no", "off"})


@dataclass
class Scope:
    """One block being compiled. `read_file` finds a text file of the package: (reference, folder) -> (full name, text)."""

    where: Place
    package: str
    problems: list[Problem] = field(default_factory=list)
    defs: Sequence[Def] = ()
    read_file: Callable[[str, str], tuple[str, str]] | None = None
    datatypes: Callable[[str], Mapping[str, str] | None] | None = None
    sets: dict[str, None] = field(default_factory=dict)  #: names that this block may define, in order

    # -- problems

    def place(self, line: int) -> Place:
        where = self.where
        return where if line == where.line else Place(where.file, where.block, where.number, line)

    def report(self, finding: Finding, line: int, message: str, hint: str = "") -> None:
        """Say that `finding` was made in `line`; its severity is the table's (`findings.py`)."""
        self.problems.append(Problem(finding, self.place(line), message, hint))

    def unknown_key(self, data: YamlMap, key: object, known: Iterable[str], of: str = "", hint: str = "") -> None:
        """A key that is none of `known`, which is ignored; `of` says what it is no key of."""
        near = near_miss(str(key), known)
        hint = f"did you mean {near!r}?" if near else hint
        message = f"{key!r} is not a key of {of}" if of else f"unknown key {key!r} has no effect"
        self.report(Finding.UNKNOWN_KEY, data.key_lines[key], message, hint)

    # -- Mako

    def text_at(self, value: object, line: int, what: str) -> AnyText | None:
        """`value` as a template; numbers, truth values and dates are written as Python writes them. None stays None."""
        if value is None:
            return None
        if isinstance(value, (list, dict)):
            self.report(Finding.WRONG_KIND, line, f"{what} must be text, not {kind_of(value)}")
            return None
        source = value if isinstance(value, str) else str(value)
        place = self.place(line)
        try:
            return compile_text(source, place, defs=self.defs)
        except BadTemplate as error:
            self.report(Finding.BAD_MAKO, error.line, f"the Mako of {what} is wrong: {error}")
            return None

    def text(self, data: YamlMap, key: str) -> AnyText | None:
        return self.text_at(data.get(key), data.value_lines.get(key, data.line), repr(key))

    # -- Python

    def expr_at(self, value: object, line: int, what: str) -> Expr | None:
        """`value` as a Python expression; a number or truth value is itself. None stays None."""
        if value is None:
            return None
        if isinstance(value, (list, dict)):
            self.report(Finding.WRONG_KIND, line, f"{what} must be a Python expression, not {kind_of(value)}")
            return None
        source = value if isinstance(value, str) else repr(value)
        if not source.strip():
            self.report(Finding.BAD_PYTHON, line, f"{what} must be a Python expression, not empty")
            return None
        try:
            return compile_expression(source, self.place(line))
        except BadPython as error:
            self.report(Finding.BAD_PYTHON, error.line, f"{what} is {error}", "one Python expression is expected")
            return None

    def expr(self, data: YamlMap, key: str) -> Expr | None:
        return self.expr_at(data.get(key), data.value_lines.get(key, data.line), repr(key))

    def exprs(self, data: YamlMap, key: str) -> tuple[Expr, ...]:
        """One expression or a list of them."""
        pairs = self.items(data, key)
        return tuple(made for value, line in pairs if (made := self.expr_at(value, line, repr(key))) is not None)

    def code(self, data: YamlMap, key: str) -> tuple[Code | None, ast.Module | None]:
        value, line = data.get(key), data.value_lines.get(key, data.line)
        if not isinstance(value, str):
            value = "" if value is None else str(value) if not isinstance(value, (list, dict)) else None
        if value is None:
            self.report(Finding.WRONG_KIND, line, f"{key!r} must be Python code, not {kind_of(data[key])}")
            return None, None
        try:
            return compile_statements(value, self.place(line))
        except BadPython as error:
            self.report(Finding.BAD_PYTHON, error.line, f"{key!r} is {error}")
            return None, None

    def flag_at(self, value: Any, line: int, what: str, *, default: bool = False) -> bool | Expr:
        """A truth value, or an expression to evaluate later."""
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            return bool(value)
        if isinstance(value, str) and value.strip().lower() in TRUE_WORDS:
            return True
        if isinstance(value, str) and value.strip().lower() in FALSE_WORDS:
            return False
        if isinstance(value, YamlMap) and set(value) == {"code"}:
            value, line = value["code"], value.value_lines["code"]
        if isinstance(value, str) and (mako := _ONE_EXPRESSION.fullmatch(value.strip())):
            value = mako.group(1)
        made = self.expr_at(value, line, what)
        return default if made is None else made

    def flag(self, data: YamlMap, key: str, *, default: bool = False) -> bool | Expr:
        return self.flag_at(data.get(key), data.value_lines.get(key, data.line), repr(key), default=default)

    # -- names

    def name_at(self, value: object, line: int, what: str, *, finding: Finding = Finding.NOT_A_NAME) -> str | None:
        if isinstance(value, str):
            name = normalise(value)
            if name is not None:
                return name
            self.report(finding, line, f"{what}: {value.strip()!r} is not the name of a variable", why_not(value))
        elif value is None:
            self.report(finding, line, f"{what} has no variable name", "write the name of a variable after the colon")
        else:
            self.report(finding, line, f"{what} must be the name of a variable, not {kind_of(value)}")
        return None

    def name(self, data: YamlMap, key: str) -> str | None:
        return self.name_at(data.get(key), data.value_lines.get(key, data.line), repr(key))

    def names(self, data: YamlMap, key: str) -> tuple[str, ...]:
        """One name or a list of names; a text such as ``- a`` is read as the list that it looks like."""
        value = data.get(key)
        if isinstance(value, str) and value.lstrip().startswith("- "):
            line = data.value_lines[key]
            hint = "write the list without quotation marks or `|`"
            self.report(Finding.LIST_IN_TEXT, line, f"{key!r} is a text that looks like a list", hint)
            written = [part.strip().removeprefix("- ") for part in value.splitlines() if part.strip()]
            pairs: list[tuple[object, int]] = [(part, line) for part in written]
        else:
            pairs = self.items(data, key)
        # What is no name can never be sought: the block says one thing more that nobody asks it for.
        made = (self.name_at(value, line, repr(key), finding=Finding.NAME_IGNORED) for value, line in pairs)
        return tuple(name for name in made if name is not None)

    def set_name(self, data: YamlMap, key: str) -> str | None:
        """A name that this block defines."""
        name = self.name(data, key)
        if name is not None:
            self.sets[name] = None
        return name

    # -- structure

    def items(self, data: YamlMap, key: str) -> list[tuple[object, int]]:
        """The items of a list, or the one value, each with its line; nothing for None."""
        value, line = data.get(key), data.value_lines.get(key, data.line)
        if isinstance(value, YamlList):
            return list(zip(value, value.lines, strict=True))
        return [] if value is None else [(value, line)]

    def strings(self, data: YamlMap, key: str) -> tuple[str, ...]:
        """One word or a list of words, without Mako."""
        result = []
        for value, line in self.items(data, key):
            if isinstance(value, (list, dict)) or value is None:
                self.report(Finding.WRONG_KIND, line, f"{key!r} must be text or a list of texts, not {kind_of(value)}")
            else:
                result.append(str(value).strip())
        return tuple(result)

    def pairs(self, data: YamlMap, key: str, what: str) -> list[tuple[object, object, int]]:
        """``a: b`` pairs, written as a mapping or as a list of mappings: (key, value, line of the value)."""
        result: list[tuple[object, object, int]] = []
        for value, line in self.items(data, key):
            if isinstance(value, YamlMap):
                result.extend((name, item, value.value_lines[name]) for name, item in value.items())
            else:
                self.report(Finding.WRONG_KIND, line, f"{key!r} must be {what}, not {kind_of(value)}")
        return result

    def value_at(self, value: object, line: int, what: str, *, code: bool = False) -> Value:
        """Any YAML value: texts with Mako become `Text`, others stay as they are; with `code`, every text is an `Expr`."""
        if isinstance(value, str):
            if code:
                return self.expr_at(value, line, what)
            return self.text_at(value, line, what) if is_mako(value) else value
        if isinstance(value, YamlMap):
            return FrozenDict(
                {key: self.value_at(item, value.value_lines[key], what, code=code) for key, item in value.items()}
            )
        if isinstance(value, YamlList):
            lines = zip(value, value.lines, strict=True)
            return FrozenList(self.value_at(item, at, what, code=code) for item, at in lines)
        if code and value is not None and not isinstance(value, (bool, int, float, date)):
            return self.expr_at(value, line, what)
        return value

    def value(self, data: YamlMap, key: str) -> Value:
        return self.value_at(data.get(key), data.value_lines.get(key, data.line), repr(key))

    def value_or_code(self, data: YamlMap, key: str) -> Value:
        """A value, or ``{code: expression}``."""
        value = data.get(key)
        if isinstance(value, YamlMap) and set(value) == {"code"}:
            return self.expr(value, "code")
        return self.value(data, key)

    def expect_map(self, value: object, line: int, what: str) -> YamlMap | None:
        if isinstance(value, YamlMap):
            return value
        self.report(Finding.WRONG_KIND, line, f"{what} must be a mapping (key: value), not {kind_of(value)}")
        return None


def kind_of(value: object) -> str:
    """What a YAML value is, in an author's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {value}"
    if isinstance(value, (int, float)):
        return f"the number {value}" if not (isinstance(value, float) and math.isnan(value)) else "a number"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping (key: value)"
    if isinstance(value, date):
        return "a date"
    return "text"
