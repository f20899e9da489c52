"""One raw block -> the `Block` (or Blocks) it means: kind, modifiers, names.

Which noun reads which key is decided here; what the keys mean is said in the module of each noun.
Source: modifiers.md, logic.md "Specifiers that control interview logic".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.language.attachments import read_attachments
from shared.language.background import read_background
from shared.language.code import BadPython, compile_statements
from shared.language.errors import Problem
from shared.language.findings import Finding
from shared.language.frozen import FrozenDict
from shared.language.keys import BLOCK_KEYS, MAKERS, SEEKABLE
from shared.language.mako_nodes import BadTemplate
from shared.language.model import Block, Kind, Need, Place, Question
from shared.language.names import assigned
from shared.language.questions import read_question
from shared.language.scope import Scope, kind_of
from shared.language.text import Def
from shared.language.values import (
    read_data,
    read_modules,
    read_objects,
    read_objects_from_file,
    read_table,
    read_template,
)
from shared.language.yamlfile import YamlMap

_QUESTION_ONLY = (
    "subquestion",
    "fields",
    "buttons",
    "choices",
    "yesno",
    "noyes",
    "signature",
    "review",
    "continue button field",
)


@dataclass
class BlockContext:
    """What a block may need to know of its file: names of files, defs so far, the language in force."""

    package: str
    read_file: Callable[[str, str], tuple[str, str]] | None = None
    datatypes: Callable[[str], Mapping[str, str] | None] | None = None
    defs: dict[str, Def] = field(default_factory=dict)
    language: str = "*"
    problems: list[Problem] = field(default_factory=list)


def compile_block(data: YamlMap, text: str, place: Place, around: BlockContext) -> list[Block]:
    """The block of one YAML document, and companions for what else is in it (imports beside objects, say).

    The first has the number of `place`; the caller numbers the others and names all. Problems go to `around.problems`.
    """
    scope = Scope(place, around.package, around.problems, (), around.read_file, around.datatypes)
    scope.defs = _used_defs(scope, data, around)
    _check_keys(scope, data)
    attributes = _modifiers(scope, data, around, text)
    main, companions = _kinds(scope, data, around)
    if main is None and not companions:
        main = {"kind": Kind.INERT}
    made = []
    if main is not None:
        made.append(Block(name="", sets=_sets(scope, data), **{**attributes, **main}))
    for companion in companions:
        made.append(
            Block(
                name="",
                number=place.number,
                place=place,
                language=attributes["language"],
                source_text=text,
                **companion,
            )
        )
    return made


def _used_defs(scope: Scope, data: YamlMap, around: BlockContext) -> Sequence[Def]:
    used = []
    for name in scope.strings(data, "usedefs"):
        known = around.defs.get(name)
        if known is None:
            scope.report(Finding.NO_DEF, data.value_lines["usedefs"], f"there is no 'def: {name}' above this block")
        else:
            used.append(known)
    return tuple(used)


def _check_keys(scope: Scope, data: YamlMap) -> None:
    seekable = [key for key in SEEKABLE if key in data]
    if len(seekable) > 1:
        one, other = seekable[:2]
        scope.report(
            Finding.TWO_KINDS,
            data.key_lines[other],
            f"a block cannot have both {one!r} and {other!r}",
            "put a line of --- between them to make two blocks",
        )
    for key in data:
        if key in BLOCK_KEYS:
            continue
        scope.unknown_key(data, key, BLOCK_KEYS, hint="notes go under 'comment'")
    if not any(key in data for key in MAKERS) and "comment" not in data:
        stray = next((key for key in _QUESTION_ONLY if key in data), None)
        if stray is not None:
            scope.report(
                Finding.NO_QUESTION, data.key_lines[stray], f"{stray!r} without 'question'", "add `question: |`"
            )
        elif any(key in BLOCK_KEYS for key in data):
            scope.report(
                Finding.NO_EFFECT,
                scope.where.line,
                "this block does nothing",
                "a block has a key such as question, code or objects",
            )
        else:
            expected = "a block has a key such as question, code, objects or metadata"
            scope.report(Finding.NO_EFFECT, scope.where.line, "this is no block of an interview", expected)


def _modifiers(scope: Scope, data: YamlMap, around: BlockContext, text: str) -> dict[str, Any]:
    """The attributes that a Block of any kind has."""
    place = scope.where
    only = "only sets" in data
    scan = data.get("scan for variables")
    events = scope.names(data, "event")
    return {
        "number": place.number,
        "place": place,
        "kind": Kind.INERT,
        "id": _id(data),
        "mandatory": scope.flag(data, "mandatory"),
        "initial": scope.flag(data, "initial"),
        "language": _language(scope, data, around),
        "generic": _generic(scope, data),
        "event": bool(events),
        "events": events,
        "scan": not only and scan is not False,
        "needs": _needs(scope, data),
        "conditions": scope.exprs(data, "if"),
        "undefine": scope.names(data, "undefine"),
        "reconsider": _reconsider(scope, data),
        "depends_on": scope.names(data, "depends on"),
        "supersedes": scope.strings(data, "supersedes"),
        "roles": scope.strings(data, "role"),
        "default_role": _default_role(scope, data),
        "source_text": text,
    }


def _id(data: YamlMap) -> str | None:
    return None if data.get("id") is None else str(data["id"]).strip() or None


def _language(scope: Scope, data: YamlMap, around: BlockContext) -> str:
    value = data.get("language")
    if value is None:
        return around.language
    if isinstance(value, (list, dict)):
        scope.report(
            Finding.BAD_VALUE,
            data.value_lines["language"],
            f"'language' must be a code such as es, not {kind_of(value)}",
        )
        return around.language
    # YAML reads an unquoted `no` (Norwegian) as text here, as it should.
    return str(value).strip()


def _generic(scope: Scope, data: YamlMap) -> str | None:
    key = "generic object" if "generic object" in data else "generic list object"
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, str) and all(part.isidentifier() for part in value.strip().split(".")):
        return value.strip().rpartition(".")[2]
    scope.report(
        Finding.NOT_A_NAME, data.value_lines[key], f"{key!r} must be the name of a class", "such as Individual"
    )
    return None


def _default_role(scope: Scope, data: YamlMap) -> str | None:
    roles = scope.strings(data, "default role")
    return ", ".join(roles) if roles else None


def _reconsider(scope: Scope, data: YamlMap) -> tuple[str, ...] | bool:
    value = data.get("reconsider")
    if isinstance(value, bool):
        return value or ()
    return scope.names(data, "reconsider")


def _needs(scope: Scope, data: YamlMap) -> tuple[Need, ...]:
    needs: list[Need] = []

    def add(value: object, line: int, *, post: bool) -> None:
        if isinstance(value, YamlMap):
            for when in value:
                if when not in {"pre", "post"}:
                    scope.unknown_key(value, when, ("pre", "post"), "'need'", "'pre' and 'post' are known")
                    continue
                for item, at in scope.items(value, when):
                    add(item, at, post=when == "post")
            return
        if isinstance(value, int | float):
            scope.report(Finding.BAD_VALUE, line, f"'need' must name variables, not the number {value!r}")
            return
        expr = scope.expr_at(value, line, "'need'")
        if expr is not None:
            needs.append(Need(expr, post))

    for item, at in scope.items(data, "need"):
        add(item, at, post=False)
    return tuple(needs)


def _sets(scope: Scope, data: YamlMap) -> tuple[str, ...]:
    """What the index knows the block by: what it was seen to set, and what it says it sets."""
    said = (*scope.names(data, "sets"), *scope.names(data, "only sets"), *scope.names(data, "event"))
    scan = "only sets" not in data and data.get("scan for variables") is not False
    if "event" in data and "code" in data and "question" not in data:
        scan = False  # the code of an event runs when the event happens, not because a name in it is missing
    seen = tuple(scope.sets) if scan else ()
    return tuple(dict.fromkeys((*seen, *said)))


def _kinds(scope: Scope, data: YamlMap, around: BlockContext) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """What the block is (attributes of its Block), and the companions of other kinds."""
    companions: list[dict[str, Any]] = []
    main: dict[str, Any] | None = None
    if "question" in data:
        main = {"kind": Kind.QUESTION, "question": _question(scope, data, around)}
    elif "code" in data:
        code, tree = scope.code(data, "code")
        if tree is not None:
            scope.sets.update(dict.fromkeys(assigned(tree)))
        main = {"kind": Kind.CODE, "code": code}
        if "background" in data:
            main["options"] = FrozenDict(background=read_background(scope, data))
    elif "objects" in data or "objects from file" in data:
        read = read_objects if "objects" in data else read_objects_from_file
        main = {"kind": Kind.OBJECTS, "objects": read(scope, data)}
    elif "template" in data:
        main = {"kind": Kind.TEMPLATE, "options": FrozenDict(read_template(scope, data))}
    elif "table" in data:
        main = {"kind": Kind.TABLE, "options": FrozenDict(read_table(scope, data))}
    elif "data" in data or "data from code" in data:
        main = {"kind": Kind.DATA, "options": FrozenDict(read_data(scope, data))}
    elif "attachment" in data or "attachments" in data:
        main = _standalone_attachment(scope, data)
    for key, kind in (("imports", Kind.IMPORTS), ("modules", Kind.MODULES)):
        if data.get(key) is not None:
            companions.append({"kind": kind, "options": FrozenDict(read_modules(scope, data, key))})
    if "def" in data:
        companions.append(_def(scope, data, around))
    if "reset" in data:
        companions.append({"kind": Kind.RESET, "options": FrozenDict(names=scope.names(data, "reset"))})
    if "order" in data:
        companions.append({"kind": Kind.ORDER, "options": FrozenDict(names=scope.strings(data, "order"))})
    if "on change" in data:
        companions.extend(_on_change(scope, data))
    if main is None and len(companions) == 1:
        main = companions.pop()
    return main, companions


def _standalone_attachment(scope: Scope, data: YamlMap) -> dict[str, Any]:
    if "attachment" in data and "attachments" in data:
        scope.report(
            Finding.RIVALS,
            data.key_lines["attachments"],
            "there cannot be both 'attachment' and 'attachments'",
            "keep one of them",
        )
    key = "attachment" if "attachment" in data else "attachments"
    attachments = read_attachments(scope, data, key)
    for attachment in attachments:
        if attachment.variable is None:
            message = "an attachment outside of a question needs 'variable name'"
            scope.report(Finding.LEFT_OUT, attachment.place.line, message)
    named = tuple(attachment for attachment in attachments if attachment.variable is not None)
    return {"kind": Kind.ATTACHMENT, "options": FrozenDict(attachments=named)}


def _def(scope: Scope, data: YamlMap, around: BlockContext) -> dict[str, Any]:
    name = scope.name(data, "def") or ""
    source = data.get("mako")
    if not isinstance(source, str):
        scope.report(Finding.MISSING_PART, data.key_lines["def"], "a 'def' block needs 'mako'", 'with <%def name="…">')
        source = ""
    try:
        around.defs[name] = Def(name, source, scope.place(data.value_lines.get("mako", scope.where.line)))
    except BadTemplate as error:
        scope.report(Finding.BAD_MAKO, error.line, f"the Mako of 'mako' is wrong: {error}")
    return {"kind": Kind.DEF, "options": FrozenDict({"def": name, "mako": source})}


def _on_change(scope: Scope, data: YamlMap) -> list[dict[str, Any]]:
    made = []
    for written, source, line in scope.pairs(data, "on change", "`variable: code`"):
        name = scope.name_at(written, line, "'on change'")
        if name is None or not isinstance(source, str):
            if name is not None:
                scope.report(
                    Finding.BAD_PYTHON, line, f"the code for a change of {name!r} must be Python, not {kind_of(source)}"
                )
            continue
        try:
            code, _ = compile_statements(source, scope.place(line))
        except BadPython as error:
            scope.report(Finding.BAD_PYTHON, error.line, f"the code for a change of {name!r} is {error}")
            continue
        made.append({"kind": Kind.INERT, "on_change": name, "code": code})
    return made


def _question(scope: Scope, data: YamlMap, around: BlockContext) -> Question | None:
    def embed(inner: YamlMap, line: int) -> Block | None:
        return _embedded(scope, inner, line, around)

    return read_question(scope, data, embed)


def _embedded(scope: Scope, data: YamlMap, line: int, around: BlockContext) -> Block | None:
    """A block written as the value of a choice. Its names are its question's, which leads to it."""
    if "question" not in data and "code" not in data:
        hint = "a choice runs a block with 'question' or 'code'"
        scope.report(Finding.NO_BLOCK, line, "this is neither a value nor a block", hint)
        return None
    inner = Scope(scope.place(line), scope.package, scope.problems, scope.defs, scope.read_file, scope.datatypes)
    _check_keys(inner, data)
    attributes = _modifiers(inner, data, around, "")
    kinds: tuple[dict[str, Any] | None, list[dict[str, Any]]] = _kinds(inner, data, around)
    main = kinds[0]
    assert main is not None
    made = Block(name="", sets=_sets(inner, data), **{**attributes, **main})
    scope.sets.update(dict.fromkeys(made.sets))
    return made
