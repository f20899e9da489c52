"""The JSON schema of one block, for editors that complete keys and underline slips: made of the tables of `keys`, and nothing else.

An editor's check is advice: what a schema cannot know (which Python names there are, what Mako gives) is `parley check`'s to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.contract.datatypes import DATATYPES, INPUT_TYPES
from shared.language import keys

Schema = dict[str, object]

_TEXT: Schema = {"type": ["string", "number", "boolean", "null"]}
_ANY: Schema = {}
_FLAG: Schema = {"type": ["boolean", "string", "null", "object", "integer"]}
_NAMES: Schema = {"type": ["string", "array"]}
_LIST: Schema = {"type": ["array", "string", "object"]}
_MAP: Schema = {"type": "object"}


def _one_of(known: Iterable[str]) -> Schema:
    """Any text, with these offered: a package may bring more."""
    return {"anyOf": [{"enum": sorted(known)}, {"type": "string"}]}


_FIELDS: Schema = {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/field"}}, {"$ref": "#/$defs/field"}]}
_CHOICES: Schema = {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/choice"}}, {"type": ["object", "string"]}]}

#: Keys of blocks whose value has a shape of its own; of all others it is a text, a flag or anything.
_BLOCK: Mapping[str, Schema] = {
    "question": _TEXT,
    "subquestion": _TEXT,
    "code": {"type": ["string", "boolean"]},
    "def": {"type": "string"},
    "mako": {"type": "string"},
    "event": _NAMES,
    "id": _TEXT,
    "comment": _ANY,
    "include": _NAMES,
    "modules": _NAMES,
    "imports": _NAMES,
    "reset": _NAMES,
    "order": _NAMES,
    "objects": _LIST,
    "metadata": _MAP,
    "features": _MAP,
    "default screen parts": _MAP,
    "default validation messages": _MAP,
    "validation messages": _MAP,
    "sections": _LIST,
    "mandatory": _FLAG,
    "initial": _FLAG,
    "need": _LIST,
    "depends on": _NAMES,
    "fields": _FIELDS,
    "choices": _CHOICES,
    "buttons": _CHOICES,
    "dropdown": _CHOICES,
    "combobox": _CHOICES,
    "review": _FIELDS,
    "yesno": {"type": "string"},
    "noyes": {"type": "string"},
    "yesnomaybe": {"type": "string"},
    "noyesmaybe": {"type": "string"},
    "signature": {"type": "string"},
    "generic object": {"type": "string"},
    "language": {"type": "string"},
}

_FIELD: Mapping[str, Schema] = {
    "datatype": _one_of(DATATYPES),
    "input type": _one_of(INPUT_TYPES),
    "choices": _CHOICES,
    "validation messages": _MAP,
    "required": _FLAG,
    "field": {"type": "string"},
}


def schema() -> Schema:
    """JSON Schema (draft 2020-12) of one document of an interview's YAML."""
    texts = dict.fromkeys(keys.QUESTION_TEXTS, _ANY) | dict.fromkeys(keys.QUESTION_FLAGS, _FLAG)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A block of an interview",
        "type": ["object", "null"],
        "properties": _properties(keys.BLOCK_KEYS, texts | dict(_BLOCK)),
        "additionalProperties": False,
        "$defs": {"field": _field(), "choice": _choice()},
    }


def _field() -> Schema:
    """An item of ``fields`` or ``review``: known keys have their shapes; ``Label: variable`` has any key at all."""
    flags = dict.fromkeys(keys.FIELD_FLAGS, _FLAG)
    known = keys.FIELD_KEYS | keys.REVIEW_KEYS
    return {"type": ["object", "string"], "properties": _properties(known, flags | dict(_FIELD))}


def _choice() -> Schema:
    return {"type": [*_types(_TEXT), "object"], "properties": _properties(keys.CHOICE_KEYS, {})}


def _types(one: Schema) -> list[object]:
    found = one["type"]
    return list(found) if isinstance(found, list) else [found]


def _properties(known: Iterable[str], shapes: Mapping[str, Schema]) -> Schema:
    return {key: shapes.get(key, _ANY) for key in sorted(known)}
