"""``attachment`` and ``attachments``: documents to assemble, in a question or on their own.

Source: documents.md, "The attachment specifier" and the sections on DOCX and PDF templates.
"""

from __future__ import annotations

from shared.language.findings import Finding
from shared.language.frozen import FrozenDict, FrozenList
from shared.language.mako_nodes import BadTemplate
from shared.language.model import EMPTY, Attachment, Expr, Text, Value
from shared.language.scope import Scope, kind_of
from shared.language.text import compile_text
from shared.language.yamlfile import YamlList, YamlMap

_FLAGS = frozenset(
    {
        "pdf/a",
        "tagged pdf",
        "editable",
        "skip undefined",
        "draft",
        "redact",
        "persistent",
        "private",
        "raw",
        "update references",
        "pdftk",
        "convert to pdf",
    }
)
_TEXTS = frozenset(
    {
        "password",
        "owner password",
        "template password",
        "checkbox export value",
        "rendering font",
        "hyperlink style",
        "decimal places",
    }
)
_FILES = frozenset(
    {
        "docx template file",
        "pdf template file",
        "docx reference file",
        "rtf template file",
        "initial yaml",
        "additional yaml",
        "template file",
        "file",
    }
)
_NAME_LISTS = frozenset({"field variables", "raw field variables"})
_OTHERS = frozenset(
    {
        "name",
        "filename",
        "description",
        "content",
        "content file",
        "variable name",
        "valid formats",
        "valid types",
        "metadata",
        "fields",
        "code",
        "field code",
        "manual",
        "manual code",
        "language",
        "allow users",
        "allow privileges",
        "usedefs",
        "comment",
    }
)
ATTACHMENT_KEYS = _FLAGS | _TEXTS | _FILES | _NAME_LISTS | _OTHERS


def read_attachments(scope: Scope, data: YamlMap, key: str) -> tuple[Attachment, ...]:
    """Every document under `key`."""
    value, line = data[key], data.value_lines[key]
    if isinstance(value, (YamlMap, str)):
        pairs: list[tuple[object, int]] = [(value, line)]
    elif isinstance(value, YamlList):
        pairs = list(zip(value, value.lines, strict=True))
    else:
        scope.report(
            Finding.WRONG_KIND, line, f"{key!r} must be a mapping, or a list of mappings, not {kind_of(value)}"
        )
        return ()
    made = []
    for item, at in pairs:
        if isinstance(item, str):  # no more than its content
            item = _content_only(item, at)
        if isinstance(item, YamlMap):
            made.append(_read(scope, item, at))
        else:
            scope.report(
                Finding.WRONG_KIND,
                at,
                f"an attachment must be a mapping (name, filename, content …), not {kind_of(item)}",
            )
    return tuple(made)


def _content_only(content: str, line: int) -> YamlMap:
    data = YamlMap(line)
    data.put("content", content, key_line=line, value_line=line)
    return data


def _read(scope: Scope, data: YamlMap, line: int) -> Attachment:
    for key in data:
        if key not in ATTACHMENT_KEYS:
            scope.unknown_key(data, key, ATTACHMENT_KEYS, "an attachment")
    variable = scope.set_name(data, "variable name") if data.get("variable name") is not None else None
    content, content_file = read_content(scope, data)
    options: dict[str, Value] = {}
    for key in data:
        if key in _FLAGS:
            options[key] = scope.flag(data, key)
        elif key in _TEXTS:
            options[key] = scope.text(data, key)
        elif key in _FILES or key in {"valid formats", "valid types", "allow users", "allow privileges"}:
            options[key] = scope.value_or_code(data, key)
        elif key in _NAME_LISTS:
            options[key] = scope.names(data, key)
        elif key == "code" or key == "manual code":
            options[key] = scope.expr(data, key)
        elif key == "fields":
            options[key] = _fields(scope, data)
        elif key in {"field code", "manual"}:
            options[key] = scope.value_at(data[key], data.value_lines[key], repr(key), code=True)
        elif key == "metadata":
            options[key] = scope.value(data, key)
        elif key == "language" and data[key] is not None:
            options[key] = str(data[key])
    return Attachment(
        place=scope.place(line),
        name=scope.text(data, "name") or compile_text("Document", scope.place(line)),
        filename=scope.text(data, "filename"),
        description=scope.text(data, "description"),
        content=content,
        content_file=content_file,
        variable=variable,
        options=FrozenDict(options) if options else EMPTY,
    )


def _fields(scope: Scope, data: YamlMap) -> Value:
    """``fields`` of a template: a mapping or a list of mappings from field name to text; or code."""
    value = data["fields"]
    if isinstance(value, YamlMap) and set(value) == {"code"}:
        return scope.expr(value, "code")
    return scope.value(data, "fields") if isinstance(value, (YamlMap, YamlList)) else scope.expr(data, "fields")


def read_content(scope: Scope, data: YamlMap) -> tuple[Text | None, Value]:
    """The text of ``content`` and of the files of ``content file``; a file named by code is an `Expr` for later."""
    if "content" in data and "content file" in data:
        scope.report(
            Finding.RIVALS,
            data.key_lines["content file"],
            "there cannot be both 'content' and 'content file'",
            "keep one of them",
        )
    content: Text | None = scope.text(data, "content")
    named = data.get("content file")
    if named is None:
        return content, None
    if isinstance(named, YamlMap):
        if set(named) != {"code"}:
            scope.report(
                Finding.WRONG_KIND,
                data.value_lines["content file"],
                "'content file' must be the name of a file, or 'code'",
            )
            return content, None
        made: Expr | None = scope.expr(named, "code")
        return content, made
    references = []
    parts = []
    for item, line in scope.items(data, "content file"):
        if not isinstance(item, str):
            scope.report(Finding.WRONG_KIND, line, f"'content file' must be the name of a file, not {kind_of(item)}")
            continue
        references.append(item)
        read = _file(scope, item.strip(), line)
        if read is not None:
            parts.append(read)
    if parts:
        text = "\n".join(said for _, said in parts)
        content = _compile_file(scope, parts[0][0], text, data.value_lines["content file"])
    return content, FrozenList(references)


def _file(scope: Scope, reference: str, line: int) -> tuple[str, str] | None:
    if scope.read_file is None:
        return None
    try:
        return scope.read_file(reference, "templates")
    except Exception as error:  # NoSource, SourceRefused, a file that is not text: each is said to the author
        scope.report(Finding.NO_FILE, line, str(error), "files for 'content file' are in data/templates of the package")
        return None


def _compile_file(scope: Scope, name: str, source: str, line: int) -> Text | None:
    place = scope.place(1)
    package = None if name.rpartition(":")[0] == scope.package else scope.package
    place = type(place)(name, place.block, place.number, 1, package)
    try:
        return compile_text(source, place, defs=scope.defs)
    except BadTemplate as error:
        scope.report(Finding.BAD_MAKO, line, f"the Mako of {name!r} is wrong: {error} (line {error.line} of that file)")
        return None
