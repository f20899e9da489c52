"""An encoded value as JSON, for a browser: without classes, so that a service can show a result without running author code.

Objects become their ``instanceName`` (or the name of their class), dates and times ISO texts, Decimals and large ints
texts, sets and tuples lists, keys texts. What refers to itself is cut off with None.
"""

from __future__ import annotations

import base64
from typing import Any

from shared.state.upgrade import upgrade
from shared.state.values import READERS, Unfit

_DEPTH = 50


def to_plain(document: dict[str, Any]) -> Any:
    """The JSON form of the value in a decoded document of ``encode_value``."""
    document = upgrade(document)
    names: dict[str, str] = {}
    for path, members in document["objects"].items():
        names.update((label, _name(path, attributes)) for label, attributes in members.items())
    held = {label: (path, node) for path, members in document["held"].items() for label, node in members.items()}
    return _Plain(names, held, document["shared"]).value(document["values"]["value"], _DEPTH)


def _name(path: str, attributes: dict[str, Any]) -> str:
    name = attributes.get("instanceName")
    return name if isinstance(name, str) else path.rpartition(".")[2]


class _Plain:
    def __init__(self, names: dict[str, str], held: dict[str, tuple[str, Any]], shared: dict[str, Any]) -> None:
        self._names = names
        self._held = held
        self._shared = shared

    def value(self, node: Any, depth: int) -> Any:
        if isinstance(node, list):
            return [self.value(item, depth - 1) for item in node] if depth else None
        if isinstance(node, bytes):
            return base64.b64encode(node).decode()
        if not isinstance(node, dict):
            return node
        tag = next(iter(node), "")
        if not depth:
            return None
        if not tag.startswith("$"):
            return {key: self.value(item, depth - 1) for key, item in node.items()}
        return self._tagged(tag, node, depth)

    def _tagged(self, tag: str, node: dict[str, Any], depth: int) -> Any:
        if tag == "$r":
            return self._reference(node["$r"], depth)
        if tag in ("$u", "$s", "$f"):
            return self.value(node[tag], depth)
        if tag == "$m":
            return self._pairs(node["$m"], depth)
        if tag == "$w":
            return self.value(node["v"], depth)
        if tag in ("$k", "$e"):
            return node.get("n") or str(node[tag]).rpartition(".")[2]
        if tag in READERS:
            try:
                value = READERS[tag](node)
            except (Unfit, ValueError):
                return None
            return value.isoformat() if hasattr(value, "isoformat") else str(value)
        return None

    def _reference(self, label: str, depth: int) -> Any:
        if label in self._names:
            return self._names[label]
        if label in self._held:
            path, node = self._held[label]
            if "instanceName" in node["a"] or "k" not in node:
                return _name(path, node["a"])
            return self._pairs(node["i"], depth) if node["k"] == "dict" else self.value(node["i"], depth - 1)
        return self.value(self._shared.get(label), depth - 1)

    def _pairs(self, parts: list[Any], depth: int) -> dict[str, Any]:
        parts = [self.value(part, depth - 1) for part in parts]
        return {str(key): value for key, value in zip(parts[::2], parts[1::2], strict=False)}
