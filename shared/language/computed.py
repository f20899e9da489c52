"""Fields that author code makes while an interview runs: plain lists and dicts -> the same `Field` as from YAML.

Source: fields.md, "Generating fields with code": the format is the Python equivalent of an item of ``fields``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.language.errors import LanguageErrors
from shared.language.fields import read_field
from shared.language.findings import Finding, Severity
from shared.language.model import Field, Place
from shared.language.scope import Scope, kind_of
from shared.language.yamlfile import MAX_DEPTH, YamlList, YamlMap


def fields_from(items: Iterable[object], place: Place) -> tuple[Field, ...]:
    """The fields that `items` describe; every line is that of `place`, where the code is.

    Values that are neither text, list nor dict (an object as a default, a date …) stay what they are. Raises `LanguageErrors` with
    every mistake in the descriptions.
    """
    scope = Scope(place, place.file.partition(":")[0])
    fields = []
    for item in items:
        data = _written(item, place.line, 0)
        if not isinstance(data, YamlMap):
            scope.report(
                Finding.WRONG_KIND,
                place.line,
                f"the code for fields must give a list of dicts, but an item is {kind_of(item)}",
            )
            continue
        field = read_field(scope, data, place.line)
        if field is not None:
            fields.append(field)
    errors = [problem for problem in scope.problems if problem.severity is Severity.ERROR]
    if errors:
        raise LanguageErrors(errors)
    return tuple(fields)


def _written(value: object, line: int, depth: int) -> Any:
    """Lists and dicts as the YAML reader gives them, the author's own kinds of list and dict among them."""
    if depth > MAX_DEPTH:
        return None
    elements = getattr(value, "elements", None)
    if isinstance(elements, (list, dict)):
        value = elements
    if isinstance(value, Mapping):
        mapping = YamlMap(line)
        for key, item in value.items():
            mapping.put(key, _written(item, line, depth + 1), key_line=line, value_line=line)
        return mapping
    if isinstance(value, (list, tuple)):
        listed = YamlList(line)
        for item in value:
            listed.append(_written(item, line, depth + 1))
            listed.lines.append(line)
        return listed
    return value
