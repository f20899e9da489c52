"""How a setting is declared: one line with its default, its check and what it is for. Not for: which there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, field
from types import MappingProxyType
from typing import Any

from services.configuration.document import Node
from services.configuration.keys import Key


def setting(
    default: object,
    parse: Callable[[Any], object],
    says: str,
    *,
    env: str = "",
    hidden: bool = False,
    key: str = "",
    from_file: Callable[[Any], object] | None = None,
    structure: Callable[[Node], object] | None = None,
    takes: tuple[str, ...] = (),
    nested: bool = False,
) -> Any:
    """A field with its check, what it is for, the name of its environment variable if unusual, and whether to print it.

    `key` is where it stands in the file if not under its own name (``"mail: default sender"``); for `from_file`, `structure`,
    `takes` see `services.configuration.keys.Key` (`parse` checks what they give). `nested`: only a file can hold it.
    """
    about = {
        "parse": parse, "says": says, "env": env,
        "key": key, "from_file": from_file, "structure": structure, "takes": takes,
        "nested": nested,
    }  # fmt: skip
    if isinstance(default, Mapping):
        return field(default_factory=lambda: MappingProxyType(dict(default)), repr=not hidden, metadata=about)
    return field(default=default, repr=not hidden, metadata=about)


def variable(item: Field[object]) -> str:
    """The environment variable of a field."""
    return str(item.metadata["env"]) or f"PARLEY_{item.name.upper()}"


def file_key(item: Field[object]) -> Key:
    """Where a field stands in the file."""
    about, own_name = item.metadata, (item.name.replace("_", " "),)
    path = tuple(part.strip() for part in about["key"].split(":")) if about["key"] else own_name
    return Key(
        setting=item.name,
        path=path,
        also=() if path == own_name else (own_name,),
        parse=about["from_file"],
        structure=about["structure"],
        takes=about["takes"],
    )
