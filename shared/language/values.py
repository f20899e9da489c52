"""Blocks that bind a value without asking: objects, template, table, data, def, imports, modules, reset, order.

Each reader returns what `Block.options` (or `Block.objects`) of that kind holds; the names they set go to the `Scope`.
Source: initial.md and groups.md.
"""

from __future__ import annotations

from shared.language.attachments import read_content
from shared.language.code import BadPython, compile_expression
from shared.language.findings import Finding
from shared.language.model import Expr, ObjectSpec, Text, Value
from shared.language.names import normalise, why_not
from shared.language.scope import Scope, kind_of
from shared.language.text import compile_text
from shared.language.yamlfile import YamlList, YamlMap, read_block


def read_objects(scope: Scope, data: YamlMap) -> tuple[ObjectSpec, ...]:
    """``objects``: `name: Class` or `name: Class.using(…)`."""
    specs = []
    if isinstance(data["objects"], str):  # written below `|`, as objects.md does
        inner = read_block(data["objects"], data.value_lines["objects"])
        for flaw in inner.flaws:
            scope.report(flaw.finding, flaw.line, flaw.message, flaw.hint)
        lines = {"key_line": data.key_lines["objects"], "value_line": data.value_lines["objects"]}
        data = YamlMap(data.line)
        data.put("objects", inner.value, **lines)
    for written, value, line in scope.pairs(data, "objects", "a list of `name: Class`"):
        name = scope.name_at(written, line, "'objects'")
        if value is None:
            scope.report(
                Finding.MISSING_PART,
                line,
                f"the object {written!r} has no class",
                "write the name of a class, such as DAObject",
            )
            continue
        expr = scope.expr_at(value, line, f"the class of {written!r}")
        if name is not None and expr is not None:
            scope.sets[name] = None
            specs.append(ObjectSpec(name, expr, scope.place(line)))
    return tuple(specs)


def read_objects_from_file(scope: Scope, data: YamlMap) -> tuple[ObjectSpec, ...]:
    """``objects from file``: each name is what ``objects_from_file`` makes of the file, already an instance."""
    specs = []
    use = scope.value(data, "use objects") if "use objects" in data else False
    gathered = data.get("gathered")
    for written, value, line in scope.pairs(data, "objects from file", "a list of `name: file`"):
        name = scope.name_at(written, line, "'objects from file'")
        if not isinstance(value, str):
            scope.report(
                Finding.WRONG_KIND, line, f"the file of {written!r} must be the name of a file, not {kind_of(value)}"
            )
            continue
        if name is None:
            continue
        scope.sets[name] = None
        more = ", use_objects=True" if use is True else ""
        more += "" if gathered is None else f", gathered={bool(gathered)}"
        reference = value.strip() if ":" in value else f"{scope.package}:data/sources/{value.strip()}"
        source = f"lambda _name: objects_from_file({reference!r}, name=_name{more})"
        try:
            made = compile_expression(source, scope.place(line))
            specs.append(ObjectSpec(name, made, scope.place(line), read=True))
        except BadPython as error:  # cannot happen with a quoted name; said rather than hidden
            scope.report(Finding.BAD_PYTHON, line, str(error))
    return tuple(specs)


def read_template(scope: Scope, data: YamlMap) -> dict[str, Value]:
    """``template``: subject and content; ``target`` marks a part of the page that it fills."""
    scope.set_name(data, "template")
    content, content_file = read_content(scope, data)
    options: dict[str, Value] = {"subject": scope.text(data, "subject"), "content": content, "target": None}
    if isinstance(content_file, Expr):
        options["content file"] = content_file
    elif content is None and content_file is None:
        if "content" not in data:
            scope.report(
                Finding.LEFT_OUT, data.key_lines["template"], "this template has no 'content'", "add `content: |`"
            )
        options["content"] = compile_text("", scope.where)
    if data.get("target") is not None:
        options["target"] = str(data["target"]).strip()
    return options


_TABLE_FLAGS = frozenset(
    {
        "is editable",
        "require gathered",
        "show incomplete",
        "delete buttons",
        "confirm",
        "allow reordering",
        "sort reverse",
    }
)
_TABLE_EXPRS = frozenset({"sort key", "filter"})
_TABLE_TEXTS = frozenset({"not available label", "edit header", "delete header"})


def read_table(scope: Scope, data: YamlMap) -> dict[str, Value]:
    """``table``: rows, columns and how it may be edited (initial.md "table", groups.md "Using tables to edit groups")."""
    scope.set_name(data, "table")
    for key in ("rows", "columns"):
        if key not in data:
            scope.report(Finding.MISSING_PART, data.key_lines["table"], f"a table needs {key!r}")
    header, cells = _columns(scope, data)
    options: dict[str, Value] = {"rows": scope.expr(data, "rows"), "header": header, "cells": cells}
    for key in data:
        if key in _TABLE_FLAGS:
            options[key] = scope.flag(data, key)
        elif key in _TABLE_EXPRS:
            options[key] = scope.expr(data, key)
        elif key in _TABLE_TEXTS:
            options[key] = scope.text(data, key)
        elif key == "show if empty":
            options[key] = data[key] if isinstance(data[key], bool) else scope.text(data, key)
        elif key == "read only" and data[key] is not None:
            options[key] = str(data[key]).strip()
        elif key == "edit":
            options[key] = _edit(scope, data)
        elif key == "footer":
            options[key] = tuple(scope.expr_at(value, line, "'footer'") for value, line in scope.items(data, key))
    return options


def _columns(scope: Scope, data: YamlMap) -> tuple[tuple[Text, ...], tuple[Expr, ...]]:
    headers: list[Text] = []
    cells: list[Expr] = []
    for item, line in scope.items(data, "columns"):
        column = scope.expect_map(item, line, "a column")
        if column is None:
            continue
        if "header" in column and "cell" in column:
            pairs: list[tuple[object, object, int, int]] = [
                (column["header"], column["cell"], column.value_lines["header"], column.value_lines["cell"])
            ]
        else:
            pairs = [(key, column[key], column.key_lines[key], column.value_lines[key]) for key in column]
        for header, cell, header_line, cell_line in pairs:
            text = scope.text_at(header, header_line, "the header of a column")
            expr = scope.expr_at(cell, cell_line, f"the column {str(header).strip()!r}")
            if text is not None and expr is not None:
                headers.append(text)
                cells.append(expr)
            elif cell is None:
                scope.report(
                    Finding.LEFT_OUT,
                    cell_line,
                    f"the column {str(header).strip()!r} has no expression",
                    "write `Header: row_item…`",
                )
    return tuple(headers), tuple(cells)


def _edit(scope: Scope, data: YamlMap) -> Value:
    """True, False, an expression, or the attributes whose questions are asked again (without ``row_item.``)."""
    if not isinstance(data["edit"], YamlList):
        return scope.flag(data, "edit")
    names = []
    for item, line in scope.items(data, "edit"):
        if isinstance(item, str) and not item.strip().startswith(("row_item.", "row_item[")):
            item = f"row_item.{item.strip()}"
        name = normalise(item) if isinstance(item, str) else None
        if name is None:
            shown = repr(item.removeprefix("row_item.")) if isinstance(item, str) else kind_of(item)
            hint = why_not(item) if isinstance(item, str) else ""
            scope.report(Finding.BAD_VALUE, line, f"'edit': {shown} is not the name of an attribute", hint)
        else:
            names.append(name[len("row_item.") :] if name.startswith("row_item.") else name[len("row_item") :])
    return tuple(names)


def read_data(scope: Scope, data: YamlMap) -> dict[str, Value]:
    """``data`` and ``data from code``: a structure bound to ``variable name``."""
    key = "data" if "data" in data else "data from code"
    if "variable name" not in data:
        scope.report(
            Finding.MISSING_PART,
            data.key_lines[key],
            f"{key!r} needs 'variable name'",
            "add `variable name: my_variable`",
        )
    else:
        scope.set_name(data, "variable name")
    value = scope.value_at(data[key], data.value_lines[key], repr(key), code=key == "data from code")
    use = data.get("use objects", False)
    if not isinstance(use, bool) and use != "objects":
        scope.report(Finding.BAD_VALUE, data.value_lines["use objects"], "'use objects' must be True, False or objects")
        use = False
    options: dict[str, Value] = {"data": value, "use objects": use}
    if "gathered" in data:
        options["gathered"] = scope.flag(data, "gathered")
    return options


def read_modules(scope: Scope, data: YamlMap, key: str) -> dict[str, Value]:
    """``imports`` and ``modules``: dotted names as written; ``package`` resolves those with a leading dot."""
    names = []
    for value, line in scope.items(data, key):
        if not isinstance(value, str) or not value.strip():
            scope.report(Finding.WRONG_KIND, line, f"{key!r} must be a list of names of modules, not {kind_of(value)}")
            continue
        name = value.strip()
        if all(part.isidentifier() for part in name.lstrip(".").split(".")):
            names.append(name)
        else:
            scope.report(
                Finding.NOT_A_NAME,
                line,
                f"{key!r}: {name!r} is not the name of a module",
                "without .py, with dots between the parts",
            )
    return {"names": tuple(names), "package": scope.package}
