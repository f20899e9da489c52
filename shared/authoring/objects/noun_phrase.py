"""Readable names out of intrinsic names: ``park.front_gate`` becomes "front gate in the park".

Source: objects.md, "object_name": words are separated at underscores and translated by ``word()``, an attribute is put
together with its owner by ``a_in_the_b()``, and an item of a list is counted ("fourth recipient").
"""

from __future__ import annotations

import ast
import re

from shared.authoring.text import language

#: One step of a name: an attribute, or a key in brackets (a string in quotes may hold any character).
_STEP = re.compile(r"""\.?([^.\[\]]+)|\[((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\]])*)\]""")


def phrase(name: str) -> str:
    """A readable form of the intrinsic name `name`."""
    nouns = _nouns(name)
    said = nouns[-1]
    for owner in reversed(nouns[:-1]):
        said = language.a_in_the_b(said, owner)
    return said


def last_noun(name: str) -> str:
    """The last attribute of the intrinsic name, without keys: "plaintiff" for ``case.plaintiff[2]``."""
    attributes = [attribute for attribute, _ in _STEP.findall(name) if attribute]
    return _spoken(attributes[-1]) if attributes else name


def _nouns(name: str) -> list[str]:
    nouns: list[str] = []
    for attribute, key in _STEP.findall(name):
        if attribute or not nouns:
            nouns.append(_spoken(attribute or key))
        else:
            nouns[-1] = f"{_counted(key)} {nouns[-1]}"
    return nouns or [name]


def _counted(key: str) -> str:
    try:
        value = ast.literal_eval(key)
    except (ValueError, SyntaxError):
        return key
    if isinstance(value, int) and not isinstance(value, bool):
        return str(language.ordinal(value))
    return _spoken(str(value))


def _spoken(part: str) -> str:
    return language.word(part.replace("_", " "))
