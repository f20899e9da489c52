"""Every call of a logger in our source: a constant event name, and extras whose names are known to be harmless."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.logs import FIELDS

ROOT = Path(__file__).parents[2]
LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
#: Whoever logs writes this; the rest, which is most, need not be parsed.
MAY_LOG = re.compile(r"\b(?:_log|log|logger)\.(?:" + "|".join(LEVELS) + ")")
EVENT = re.compile(r"[a-z]+(_[a-z]+)*")
SOURCES = sorted(path for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py"))


class Unclear(Exception):
    """The names of the extras cannot be read off the source."""


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Each ``log.level(…)`` with the innermost function (or the module) it stands in."""

    def walk(node: ast.AST, scope: ast.AST) -> Iterator[tuple[ast.Call, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            inner = child if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else scope
            if (
                isinstance(child, ast.Call)
                and isinstance(child.func, ast.Attribute)
                and child.func.attr in LEVELS
                and isinstance(child.func.value, ast.Name)
                and child.func.value.id in ("log", "logger", "_log")
            ):
                yield child, scope
            yield from walk(child, inner)

    yield from walk(tree, tree)


def names(extra: ast.expr, scope: ast.AST) -> set[str]:
    """The keys that an expression for `extra` can have. Raises `Unclear`."""
    if isinstance(extra, ast.Dict):
        found: set[str] = set()
        for key, value in zip(extra.keys, extra.values, strict=True):
            if key is None:
                found |= names(value, scope)
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.add(key.value)
            else:
                raise Unclear(ast.unparse(key))
        return found
    if isinstance(extra, ast.BinOp) and isinstance(extra.op, ast.BitOr):
        return names(extra.left, scope) | names(extra.right, scope)
    if isinstance(extra, ast.IfExp):
        return names(extra.body, scope) | names(extra.orelse, scope)
    if isinstance(extra, ast.Name):
        return _assigned(extra.id, scope)
    raise Unclear(ast.unparse(extra))


def _assigned(name: str, scope: ast.AST) -> set[str]:
    found: set[str] = set()
    seen = False
    for node in ast.walk(scope):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            if isinstance(target, ast.Name) and target.id == name and node.value is not None:
                found |= names(node.value, scope)
                seen = True
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == name:
                found.add(ast.literal_eval(target.slice))
    if not seen:
        raise Unclear(name)
    return found


def problems(tree: ast.AST) -> list[str]:
    found = []
    for call, scope in calls(tree):
        said = call.args[1:] if isinstance(call.func, ast.Attribute) and call.func.attr == "log" else call.args
        event, *rest = said or [ast.Constant(None)]
        if isinstance(event, ast.IfExp):
            events = [event.body, event.orelse]
        else:
            events = [event]
        for one in events:
            if not (isinstance(one, ast.Constant) and isinstance(one.value, str) and EVENT.fullmatch(one.value)):
                found.append(f"line {call.lineno}: {ast.unparse(one)} is not the name of an event")
        if rest:
            found.append(f"line {call.lineno}: an event takes no arguments")
        for keyword in call.keywords:
            if keyword.arg == "extra":
                try:
                    unknown = names(keyword.value, scope) - FIELDS.keys()
                except Unclear as unclear:
                    found.append(f"line {call.lineno}: cannot read the names of {unclear}")
                else:
                    found += [
                        f"line {call.lineno}: {name!r} is not in services.logs.FIELDS" for name in sorted(unknown)
                    ]
    return found


def test_events_are_named_and_their_fields_known():
    sources = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in SOURCES}
    logging = {name: ast.parse(text) for name, text in sources.items() if MAY_LOG.search(text)}
    assert sum(len(list(calls(tree))) for tree in logging.values()) > 50
    assert {name: found for name, tree in logging.items() if (found := problems(tree))} == {}


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("log.info('mail sent')", "not the name of an event"),
        ("log.info(f'mail_{x}')", "not the name of an event"),
        ("log.info('mail_sent', x)", "takes no arguments"),
        ("log.log(logging.INFO, 'mail sent')", "not the name of an event"),
        ("log.info('mail_sent', extra={'subject': s})", "'subject' is not in"),
        ("extra = {'job': 1}\nextra['sender'] = s\nlog.info('mail_sent', extra=extra)", "'sender' is not in"),
        ("extra = {'job': 1}\nlog.info('mail_sent', extra=extra | {'to': s})", "'to' is not in"),
        ("extra = {'job': 1}\nlog.info('mail_sent', extra={**extra, 'to': s})", "'to' is not in"),
        ("log.info('mail_sent', extra=given())", "cannot read"),
        ("log.info('mail_sent', extra={name: 1})", "cannot read"),
    ],
)
def test_a_call_that_says_too_much_or_cannot_be_read_is_found(source, says):
    [problem] = problems(ast.parse(source))
    assert says in problem


@pytest.mark.parametrize(
    "source",
    [
        "log.info('mail_sent', extra={'mail': m, 'seconds': 1})",
        "log.warning('sent' if x else 'kept', extra={'mail': m})",
        "log.exception('clock_failed')",
        "extra: dict[str, object] = {'job': 1}\nextra['where'] = s\nlog.info('job_dead', extra=extra | {'seconds': 1})",
    ],
)
def test_a_call_that_keeps_to_the_convention_is_left_alone(source):
    assert problems(ast.parse(source)) == []
