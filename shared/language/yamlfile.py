"""A source file as blocks: split, parsed to plain values with lines, nothing interpreted.

Blocks are separated by lines that are exactly ``---`` and spaces, tabs count as two spaces, scalars are YAML 1.2, and a
key written twice in one mapping is an error. libyaml does the parsing when PyYAML was built with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from shared.language.findings import Finding
from shared.language.scalars import resolve

try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]
except ImportError:  # PyYAML without libyaml: slower, same results
    CParser = None  # type: ignore[assignment, misc]

_SEPARATOR = re.compile(r"^--- *$", re.MULTILINE)

#: Nesting and size beyond these is not an interview but an attack on the parser (aliases can multiply).
MAX_DEPTH = 60
MAX_VALUES = 200_000
#: Bytes of one source file.
MAX_SOURCE = 10_000_000

_NESTED_DASHES = re.compile(rf"(?:[-?:] +){{{MAX_DEPTH}}}")
_STR = "tag:yaml.org,2002:str"
_PLAIN = "plain"


class YamlMap(dict[Any, Any]):
    """A YAML mapping that knows its lines (1-based, in the file)."""

    __slots__ = ("key_lines", "line", "value_lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.key_lines: dict[object, int] = {}
        self.value_lines: dict[object, int] = {}  #: where the content of the value begins (after ``|``)

    def put(self, key: object, value: object, *, key_line: int, value_line: int) -> None:
        self[key] = value
        self.key_lines[key] = key_line
        self.value_lines[key] = value_line

    def only(self, *keys: object) -> YamlMap:
        """A mapping of these keys, which must be there, with their lines."""
        result = YamlMap(self.line)
        for key in keys:
            result.put(key, self[key], key_line=self.key_lines[key], value_line=self.value_lines[key])
        return result


class YamlList(list[Any]):
    """A YAML sequence that knows its lines (1-based, in the file)."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


@dataclass(frozen=True, slots=True)
class Flaw:
    """A mistake of form, before it is known which block it belongs to."""

    line: int
    message: str
    hint: str = ""
    finding: Finding = Finding.NOT_YAML


@dataclass(frozen=True, slots=True)
class RawBlock:
    """One YAML document: its text, its first line, and its value (None when it could not be parsed or is empty)."""

    text: str
    line: int
    value: Any
    flaws: tuple[Flaw, ...] = ()


class _Resolver:
    """Leaves scalars alone: `_Reading` knows by the node's style whether one is plain."""

    def check_resolver_prefix(
        self, depth: int, path: object, kind: object, current_node: object, current_index: object
    ) -> bool:
        return False

    def descend_resolver(self, current_node: object, current_index: object) -> None: ...

    def ascend_resolver(self) -> None: ...

    def resolve(self, kind: type[Node], value: str | None, implicit: Any) -> str:
        if kind is ScalarNode and implicit[0]:
            return _PLAIN
        return _STR


class _PureComposer(_Resolver, Reader, Scanner, Parser, Composer):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)


_composer: Any = _PureComposer
if CParser is not None:

    class _CComposer(_Resolver, CParser):
        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)

    _composer = _CComposer


def split(text: str) -> Iterator[tuple[int, str]]:
    """The documents of a source: (first line, text) of each, the first line counted from 1."""
    line, start = 1, 0
    for found in _SEPARATOR.finditer(text):
        part = text[start : found.start()]
        yield line, part
        line += part.count("\n")
        start = found.end()
    yield line, text[start:]


def read_blocks(text: str, *, pure: bool = False) -> list[RawBlock]:
    """Every document of `text` that is not empty. Mistakes are in `RawBlock.flaws`; nothing is raised.

    With `pure`, the parser written in Python is used even when libyaml is there.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\t", "  ")
    blocks = []
    for line, part in split(text):
        raw = read_block(part, line, pure=pure)
        if raw.value is not None or raw.flaws:
            blocks.append(raw)
    return blocks


def read_block(text: str, line: int, *, pure: bool = False) -> RawBlock:
    """One document, whose first line is `line` of its file."""
    if not text or text.isspace():
        return RawBlock(text, line, None)
    if _flow_depth(text) > MAX_DEPTH or _NESTED_DASHES.search(text):
        flaw = Flaw(line, "this block is nested too deeply", f"at most {MAX_DEPTH} levels", Finding.TOO_LARGE)
        return RawBlock(text, line, None, (flaw,))
    composer = (_PureComposer if pure else _composer)(text)
    try:
        node = composer.get_single_node()
    except yaml.MarkedYAMLError as error:
        return RawBlock(text, line, None, (_syntax_flaw(error, line),))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return RawBlock(text, line, None, (Flaw(line, f"this block is not YAML: {_reason(error)}"),))
    finally:
        if hasattr(composer, "dispose"):
            composer.dispose()
    if node is None:
        return RawBlock(text, line, None)
    reading = _Reading(line)
    value = reading.value(node, 0)
    return RawBlock(text, line, value, tuple(reading.flaws))


def _flow_depth(text: str) -> int:
    """An upper bound for the nesting of brackets: libyaml recurses in C, where too much is fatal."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth = max(0, depth - 1)
    return deepest


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason) if reason else type(error).__name__ if isinstance(error, RecursionError) else str(error)


def _syntax_flaw(error: yaml.MarkedYAMLError, line: int) -> Flaw:
    mark = error.problem_mark or error.context_mark
    if error.problem and "end of stream" in error.problem and error.context_mark:
        mark = error.context_mark  # what was never closed, rather than the end of the block
    at = line + (mark.line if mark else 0)
    problem = error.problem or "it cannot be read"
    context = f" {error.context}" if error.context else ""
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = "put text that contains a colon between quotation marks, or after `|` on the next line, indented"
    elif "could not find expected ':'" in problem:
        hint = "every key is followed by a colon; text of several lines is indented below `key: |`"
    elif "end of stream" in problem:
        hint = "what begins here is never closed: a quotation mark or a bracket is missing"
    elif "cannot start any token" in problem:
        hint = "put text that begins with this character between quotation marks"
    return Flaw(at, f"this block is not YAML: {problem}{context}", hint)


class _Reading:
    """SessionLocks the nodes of one document into values with lines."""

    def __init__(self, line: int) -> None:
        self.offset = line
        self.flaws: list[Flaw] = []
        self.done: dict[int, tuple[object, int]] = {}  # of nodes that an alias may name again: (value, size)
        self.open: set[int] = set()
        self.size = 0

    def value(self, node: Node, depth: int) -> Any:
        if type(node) is ScalarNode:
            self.size += 1
            if node.tag == _PLAIN:
                return resolve(node.value)
            return node.value if node.tag == _STR else self.tagged(node)
        key = id(node)
        known = self.done.get(key)
        if known is not None:
            self.size += known[1]
            self.too_big(node)
            return known[0] if self.size <= MAX_VALUES else None
        if key in self.open:
            self.flaw(node, "an alias refers to the list or mapping it is in")
            return None
        if depth > MAX_DEPTH:
            self.flaw(node, "this block is nested too deeply", f"at most {MAX_DEPTH} levels", Finding.TOO_LARGE)
            return None
        self.open.add(key)
        before = self.size
        self.size += 1
        result: Any
        if isinstance(node, MappingNode):
            result = self.mapping(node, depth)
        else:
            result = self.sequence(node, depth)
        self.open.discard(key)
        self.done[key] = (result, self.size - before)
        return result

    def sequence(self, node: Node, depth: int) -> YamlList:
        result = YamlList(node.start_mark.line + self.offset)
        for item in node.value:
            result.append(self.value(item, depth + 1))
            result.lines.append(self.content_line(item))
        return result

    def mapping(self, node: MappingNode, depth: int) -> YamlMap:
        result = YamlMap(node.start_mark.line + self.offset)
        merged: list[Any] = []
        for key_node, value_node in node.value:
            if type(key_node) is ScalarNode and key_node.tag == _PLAIN and key_node.value == "<<":
                merged.append((value_node, self.value(value_node, depth + 1)))
                continue
            key = self.value(key_node, depth + 1)
            line = key_node.start_mark.line + self.offset
            if isinstance(key, (YamlMap, YamlList)):
                hint = "put quotation marks around a key that begins with { or ["
                self.flaws.append(Flaw(line, "a key must be text, not a list or a mapping", hint))
                continue
            if key in result:
                first = result.key_lines[key]
                again = f"the key {key!r} is written twice"
                self.flaws.append(Flaw(line, again, f"the first is on line {first}", Finding.KEY_TWICE))
                continue
            result.put(key, self.value(value_node, depth + 1), key_line=line, value_line=self.content_line(value_node))
        for value_node, value in merged:
            self.merge(result, value_node, value)
        return result

    def merge(self, result: YamlMap, node: Node, value: object) -> None:
        for source in value if isinstance(value, YamlList) else [value]:
            if not isinstance(source, YamlMap):
                self.flaw(node, "<< must name a mapping, or a list of mappings")
                return
            for key, item in source.items():
                if key not in result:
                    result.put(key, item, key_line=source.key_lines[key], value_line=source.value_lines[key])

    def tagged(self, node: ScalarNode) -> object:
        """A scalar with a tag such as ``!!int``: the few of the standard, applied to the plain text."""
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind in {"null", "bool", "int", "float", "timestamp"}:
            return resolve(node.value)
        self.flaw(node, f"the tag {node.tag!r} is not supported", "leave it out")
        return node.value

    def content_line(self, node: Node) -> int:
        line: int = node.start_mark.line + self.offset
        return line + 1 if type(node) is ScalarNode and node.style in ("|", ">") else line

    def too_big(self, node: Node) -> None:
        if self.size > MAX_VALUES and not any("too large" in flaw.message for flaw in self.flaws):
            self.flaw(
                node,
                "this block is too large",
                f"at most {MAX_VALUES} values, aliases counted each time",
                Finding.TOO_LARGE,
            )

    def flaw(self, node: Node, message: str, hint: str = "", finding: Finding = Finding.NOT_YAML) -> None:
        self.flaws.append(Flaw(node.start_mark.line + self.offset, message, hint, finding))
