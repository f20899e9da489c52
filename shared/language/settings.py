"""Blocks that are read at load and run nothing: metadata, features, terms, sections, images, help, screen parts …

Each reader gives the part of the `Interview` that one block contributes; `compile.py` merges them, later over earlier.
Source: initial.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.language.findings import Finding
from shared.language.frozen import FrozenDict, freeze
from shared.language.model import EMPTY, Text, Value
from shared.language.scope import Scope, kind_of
from shared.language.text import PlainText
from shared.language.yamlfile import YamlList, YamlMap

_HELP_KEYS = ("heading", "content", "label")


def read_terms(scope: Scope, data: YamlMap, key: str, *, plain: bool = False) -> Mapping[str, Text]:
    """``terms`` or ``auto terms``: a mapping, or a list of mappings, some with ``phrases`` and ``definition``.

    With `plain` (an initial block) a definition is not Mako.
    """
    if data.get(key) is None:
        return EMPTY
    terms: dict[str, Text] = {}

    def add(term: object, definition: object, line: int) -> None:
        if definition is None or isinstance(definition, (list, dict)):
            scope.report(
                Finding.WRONG_KIND,
                line,
                f"the definition of the term {str(term)!r} must be text, not {kind_of(definition)}",
            )
            return
        made: Text | None
        if plain:
            made = PlainText(str(definition), scope.place(line))
        else:
            made = scope.text_at(definition, line, f"the definition of {str(term)!r}")
        if made is not None:
            terms[str(term).strip()] = made

    for item, line in scope.items(data, key):
        if not isinstance(item, YamlMap):
            scope.report(Finding.WRONG_KIND, line, f"{key!r} must be `term: definition`, not {kind_of(item)}")
        elif "phrases" in item and "definition" in item:
            for phrase, _ in scope.items(item, "phrases"):
                add(phrase, item["definition"], item.value_lines["definition"])
        else:
            for term, definition in item.items():
                add(term, definition, item.value_lines[term])
    return FrozenDict(terms)


def read_mapping(scope: Scope, data: YamlMap, key: str) -> dict[str, Value]:
    """A mapping of anything, as written: ``metadata``, ``features``."""
    value = data.get(key)
    if value is None:
        return {}
    mapping = scope.expect_map(value, data.value_lines[key], repr(key))
    return {} if mapping is None else {str(name): freeze(item) for name, item in mapping.items()}


def read_features(scope: Scope, data: YamlMap) -> dict[str, Value]:
    """``features``; style sheets and scripts are those of the package whose file names them, also where another one includes it."""
    features = read_mapping(scope, data, "features")
    for key in ("javascript", "css"):
        given = features.get(key)
        if isinstance(given, str):
            features[key] = _in_package(given, scope.package)
        elif isinstance(given, list | tuple):
            features[key] = freeze([_in_package(one, scope.package) for one in given])
    return features


#: Options of documents that are files of a package's ``data/templates``.
FILES: Final = frozenset(
    {
        "docx reference file",
        "rtf template file",
        "docx template file",
        "pdf template file",
        "initial yaml",
        "additional yaml",
    }
)


def read_attachment_options(scope: Scope, data: YamlMap) -> Value:
    """``attachment options``; files are those of the package whose file names them (initial.md, "include")."""
    given = scope.value(data, "attachment options")
    if not isinstance(given, FrozenDict):
        return given
    return FrozenDict({key: _files(value, scope.package) if key in FILES else value for key, value in given.items()})


def _files(given: Value, package: str) -> Value:
    if isinstance(given, list | tuple):
        return freeze([_in_package(one, package) for one in given])
    return _in_package(given, package)


def _in_package(reference: Any, package: str) -> Any:
    whole = not isinstance(reference, str) or ":" in reference or reference.startswith("/")
    return reference if whole else f"{package}:{reference}"


def read_screen_parts(scope: Scope, data: YamlMap) -> dict[str, Text | None]:
    """``default screen parts``; a part set to nothing takes the default away."""
    key = "default screen parts"
    parts = scope.expect_map(data[key], data.value_lines[key], repr(key))
    return {} if parts is None else {str(name): scope.text(parts, name) for name in parts}


def read_messages(scope: Scope, data: YamlMap) -> dict[str, str]:
    """``default validation messages``: code -> text."""
    key = "default validation messages"
    messages = scope.expect_map(data[key], data.value_lines[key], repr(key))
    return {} if messages is None else {str(name): str(text).strip() for name, text in messages.items()}


def read_help(scope: Scope, data: YamlMap) -> Mapping[str, Text]:
    """``interview help``: content alone, or heading, content, label, audio, video."""
    value = data["interview help"]
    parts: dict[str, object] = {}
    if isinstance(value, YamlMap):
        for key in value:
            if key in _HELP_KEYS:
                parts[key] = scope.text(value, key)
            elif key in {"audio", "video"}:
                parts[key] = scope.value(value, key)
            else:
                scope.unknown_key(value, key, _HELP_KEYS, "'interview help'")
        if "content" not in value:
            scope.report(Finding.LEFT_OUT, value.line, "'interview help' needs 'content'")
    else:
        parts["content"] = scope.text(data, "interview help")
    return FrozenDict({key: part for key, part in parts.items() if part is not None})


def read_images(scope: Scope, data: YamlMap) -> dict[str, Value]:
    """``images`` and ``image sets``: name -> {"file": ``package:data/static/name`` or address, "attribution": text or None}."""
    images: dict[str, Value] = {}
    if data.get("images") is not None:
        _images(scope, data, "images", None, images)
    if data.get("image sets") is not None:
        sets = scope.expect_map(data["image sets"], data.value_lines["image sets"], "'image sets'")
        for name in sets or ():
            assert sets is not None
            one = scope.expect_map(sets[name], sets.value_lines[name], f"the image set {str(name)!r}")
            if one is None:
                continue
            attribution = one.get("attribution")
            if "images" not in one:
                scope.report(Finding.LEFT_OUT, one.line, f"the image set {str(name)!r} has no 'images'")
                continue
            _images(scope, one, "images", None if attribution is None else str(attribution).strip(), images)
    return images


def _images(scope: Scope, data: YamlMap, key: str, attribution: str | None, images: dict[str, Value]) -> None:
    for name, reference, line in scope.pairs(data, key, "`name: file`"):
        if not isinstance(reference, str):
            scope.report(
                Finding.BAD_VALUE, line, f"the image {str(name)!r} must be the name of a file, not {kind_of(reference)}"
            )
            continue
        images[str(name)] = FrozenDict(file=static_reference(reference.strip(), scope.package), attribution=attribution)


def static_reference(reference: str, package: str) -> str:
    """``x.svg`` of `package` as ``package:data/static/x.svg``; an address, and a reference with its package, stay."""
    if ":" in reference or reference.startswith("/"):
        return reference
    path = reference if reference.startswith("data/") else f"data/static/{reference}"
    return f"{package}:{path}"


def read_sections(scope: Scope, data: YamlMap) -> Value:
    """``sections`` as written: words, or `key: label` mappings, with one level of ``subsections``."""
    value = data.get("sections")
    if isinstance(value, YamlList):
        for item, line in zip(value, value.lines, strict=True):
            if isinstance(item, list) or item is None:
                scope.report(Finding.WRONG_KIND, line, f"a section must be text, or `key: label`, not {kind_of(item)}")
        return freeze(value)
    if isinstance(value, YamlMap):
        return freeze([{key: item} for key, item in value.items()])
    scope.report(Finding.WRONG_KIND, data.value_lines["sections"], f"'sections' must be a list, not {kind_of(value)}")
    return freeze([])
