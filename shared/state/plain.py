"""An encoded value as JSON, for a browser: without classes, so that a service can show a result without running author code.

Objects become their ``instanceName`` (or the name of their class), dates and times ISO texts, Decimals and large ints
texts, sets and tuples lists, keys texts. What refers to itself is cut off with None, and what is too large is refused: a list that
holds another one twice, forty times over, takes some hundred bytes as it is kept and more than the machine has written out.
"""

from __future__ import annotations

import base64

from shared.state.errors import PlainTooLarge
from shared.state.upgrade import upgrade
from shared.state.values import READERS, Node, Unfit

_DEPTH = 50

#: Values in the JSON form, and bytes (roughly) of its texts: more belongs into a file.
MAX_NODES = 100_000
MAX_BYTES = 4 * 1024 * 1024


def to_plain(document: Node) -> object:
    """The JSON form of the value in a decoded document of ``encode_value``. Raises `PlainTooLarge`."""
    document = upgrade(document)
    names: dict[str, str] = {}
    for path, members in document["objects"].items():
        names.update((label, _name(path, attributes)) for label, attributes in members.items())
    held = {label: (path, node) for path, members in document["held"].items() for label, node in members.items()}
    return _Plain(names, held, document["shared"]).value(document["values"]["value"], _DEPTH)


def _name(path: str, attributes: Node) -> str:
    name = attributes.get("instanceName")
    return name if isinstance(name, str) else path.rpartition(".")[2]


class _Plain:
    def __init__(self, names: dict[str, str], held: dict[str, tuple[str, Node]], shared: Node) -> None:
        self._names = names
        self._held = held
        self._shared = shared
        self._nodes, self._bytes = MAX_NODES, MAX_BYTES

    def _spend(self, node: object) -> None:
        self._nodes -= 1
        if isinstance(node, str | bytes):
            self._bytes -= len(node)
        if self._nodes < 0 or self._bytes < 0:
            raise PlainTooLarge(
                f"the value is too large: written out it has more than {MAX_NODES} parts or {MAX_BYTES >> 20} MB. Keep it in a file"
            )

    def value(self, node: object, depth: int) -> object:
        self._spend(node)
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
            return {key: self.value(item, depth - 1) for key, item in node.items() if self._key(key)}
        return self._tagged(tag, node, depth)

    def _key(self, key: str) -> bool:
        self._bytes -= len(key)
        return True

    def _tagged(self, tag: str, node: Node, depth: int) -> object:
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

    def _reference(self, label: str, depth: int) -> object:
        if label in self._names:
            return self._names[label]
        if label in self._held:
            path, node = self._held[label]
            if "instanceName" in node["a"] or "k" not in node:
                return _name(path, node["a"])
            return self._pairs(node["i"], depth) if node["k"] == "dict" else self.value(node["i"], depth - 1)
        return self.value(self._shared.get(label), depth - 1)

    def _pairs(self, parts: list[object], depth: int) -> dict[str, object]:
        parts = [self.value(part, depth - 1) for part in parts]
        return {str(key): value for key, value in zip(parts[::2], parts[1::2], strict=False)}
