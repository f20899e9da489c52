"""Names that an interview uses and that nothing defines: no block, no module, none of the authoring functions."""

from __future__ import annotations

import ast
import builtins
import importlib.util
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from shared.language.check_files import PROVIDED, absolute
from shared.language.code import tree_of
from shared.language.errors import Problem, did_you_mean
from shared.language.findings import Finding
from shared.language.model import Block, Interview, Kind, Place
from shared.language.names import assigned
from shared.language.naming import embedded_blocks
from shared.language.sources import Sources
from shared.language.used import lookups, named_actions, pieces

#: Variables with a meaning of their own (special.md), and those of generic blocks, tables and Mako.
SPECIAL = frozenset("xijklmn") | frozenset(
    {
        "row_item",
        "row_index",
        "loop",
        "STOP_RENDERING",
        "_internal",
        "allow_cron",
        "use_cron",
        "multi_user",
        "menu_items",
        "role",
        "role_event",
        "speak_text",
        "url_args",
        "nav",
        "user_dict",
        "url_for",
        "device_local",
        "user_local",
        "session_local",
        "incoming_email",
        "cron_hourly",
        "cron_daily",
        "cron_weekly",
        "cron_monthly",
        "track_location",
        "user_started",
        "role_needed",
        "docassemble",
    }
)

#: Functions whose first argument names an action (functions.md).
ACTIONS = frozenset({"url_action", "interview_url_action", "interview_url_action_as_qr", "background_action"})

_BASE = re.compile(r"[A-Za-z_]\w*")


def defined_names(interview: Interview, sources: Sources) -> frozenset[str] | None:
    """Every name that something of the interview defines; None if that cannot be known without running it."""
    return None if interview.options.get("catchall") else _bound(interview, sources)


def undefined_names(interview: Interview, sources: Sources, authoring: Collection[str]) -> Iterator[Problem]:
    """A warning for each name that nothing defines, at its first use.

    Nothing is said at all if a module's names cannot be known without running it, or if ``use catchall`` defines everything.
    """
    bound = _bound(interview, sources)
    if bound is None or interview.options.get("catchall"):
        return
    known = SPECIAL | bound | set(authoring) | set(dir(builtins))
    seen: set[str] = set()
    for block in interview.blocks:
        for name, place in _uses(block):
            if name not in known and name not in seen and not name.startswith("_parley"):
                seen.add(name)
                hint = did_you_mean(name, known) or "no question, code, objects or module defines it"
                yield Problem(Finding.UNDEFINED, place, f"nothing defines {name!r}", hint)


def unanswered_actions(interview: Interview, sources: Sources) -> Iterator[Problem]:
    """A warning for each action that is asked for by a literal name and that no block answers."""
    bound = _bound(interview, sources)
    if bound is None or interview.options.get("catchall"):
        return
    seen: set[str] = set()
    for block in interview.blocks:
        for piece in pieces(block):
            for name, line in named_actions(piece, ACTIONS):
                if _base(name) in bound or name.startswith("_da_") or name in seen or not _BASE.match(name):
                    continue
                seen.add(name)
                place = Place(piece.place.file, block.place.block, block.number, line)
                hint = did_you_mean(name, bound) or f"add a block with `event: {name}`"
                yield Problem(Finding.NO_ACTION, place, f"no block answers to the action {name!r}", hint)


def _uses(block: Block) -> Iterator[tuple[str, Place]]:
    place = block.place
    for piece in pieces(block):
        for name, line in lookups(piece):
            yield name, Place(piece.place.file, place.block, place.number, line)
    for one in (block, *embedded_blocks(block.question)):
        question = one.question
        if question is None:
            continue
        if question.check_in is not None:
            yield _base(question.check_in), place
        for item in question.review:
            for action in item.actions:
                if isinstance(action, str):
                    yield _base(action), item.place
        for button in question.action_buttons:
            action = button.get("action")
            if isinstance(action, str) and _BASE.fullmatch(action):
                yield action, place


def _base(name: str) -> str:
    found = _BASE.match(name)
    return found.group() if found else name


def _bound(interview: Interview, sources: Sources) -> frozenset[str] | None:
    """Names that blocks and modules bind, or None if they cannot be known."""
    bound: set[str] = set()
    for block in interview.blocks:
        for one in (block, *embedded_blocks(block.question)):
            bound.update(map(_base, one.sets))
            for code in (one.code, one.question.validation_code if one.question else None):
                if code is not None:
                    bound.update(map(_base, assigned(tree_of(code))))
        if block.kind is Kind.IMPORTS:
            bound.update(name.lstrip(".").partition(".")[0] for name in block.options["names"])
        elif block.kind is Kind.MODULES:
            for name in block.options["names"]:
                found = _module_names(absolute(name, block.options["package"]), sources, set())
                if found is None:
                    return None
                bound.update(found)
    return frozenset(bound)


def _module_names(name: str, sources: Sources, visited: set[str]) -> set[str] | None:
    """What ``from name import *`` binds, read from the file; nothing for what Parley provides itself."""
    if name.startswith(PROVIDED) or name in visited:
        return set()
    visited.add(name)
    path = sources.module(name) or _installed_file(name)
    if path is None:
        return None
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    names = set(assigned(tree))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            inner = _module_names(absolute("." * node.level + (node.module or ""), package), sources, visited)
            if inner is None:
                return None
            names |= inner
    return names


def _installed_file(name: str) -> Path | None:
    """The source of an installed module of one part; a part of a package could be found only by running the package."""
    if "." in name:
        return None
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec is not None and spec.origin and spec.origin.endswith(".py") else None
