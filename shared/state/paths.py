"""Where a value is inside a state, in the words of an author. Only used when something went wrong, so it may be slow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from shared.state.storable import slots_of
from shared.state.values import Node

_LONGEST = 300


def find(roots: dict[str, object], wanted: object) -> str:
    """The shortest path to the very object `wanted`, e.g. ``variables.people[3].callback``."""
    seen: set[int] = set()
    keep: list[object] = []  # so that ids of passing dicts stay their own
    todo: deque[tuple[str, object]] = deque(roots.items())
    while todo:
        path, value = todo.popleft()
        if value is wanted:
            return shorten(path)
        if id(value) in seen or isinstance(value, str | int | float | bytes | type(None) | type):
            continue
        seen.add(id(value))
        keep.append(value)
        todo.extend(_parts(path, value))
    return "a value"


def find_label(document: Node, roots: tuple[str, ...], wanted: str) -> str:
    """The path, in an encoded document, to the object with this label (or, if it starts with a letter, of this class path)."""
    objects: Node = {}
    labels = {wanted}
    for table in ("objects", "held"):
        for path, members in document.get(table, {}).items():
            for label, node in members.items():
                objects[label] = node["a"] if table == "held" else node
                if table == "held":
                    objects[label] = {**node["a"], "": node.get("i", [])}
                if path == wanted:
                    labels.add(label)
    objects.update(document.get("shared", {}))
    seen: set[str] = set()
    todo: deque[tuple[str, object]] = deque((name, document[name]) for name in roots if name in document)
    while todo:
        path, node = todo.popleft()
        if isinstance(node, dict):
            label = node.get("$r")
            if label in labels or wanted in (node.get("$k"), node.get("$w"), node.get("$e")):
                return shorten(path)
            if isinstance(label, str):
                if label not in seen and label in objects:
                    seen.add(label)
                    todo.append((path, objects[label]))
                continue
            todo.extend((path if key[:1] in ("$", "") else f"{path}.{key}", part) for key, part in node.items())
        elif isinstance(node, list):
            todo.extend((f"{path}[{index}]", part) for index, part in enumerate(node))
    return ""


def shorten(path: str) -> str:
    return path if len(path) <= _LONGEST else f"{path[: _LONGEST // 2]}…{path[-_LONGEST // 2 :]}"


def _parts(path: str, value: object) -> Iterator[tuple[str, object]]:
    top = "." not in path and "[" not in path
    if isinstance(value, dict):
        for key, part in dict.items(value):
            yield (f"{path}.{key}" if top else f"{path}[{key!r}]" if isinstance(key, str | int) else f"{path}[…]"), part
            if not isinstance(key, str):
                yield f"{path} (a key)", key
            elif not key.isprintable():
                yield f"{path} (the key {key!r})", key
    elif isinstance(value, list | tuple):
        for index, part in enumerate(list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)):
            yield f"{path}[{index}]", part
    elif isinstance(value, set | frozenset):
        for part in set.__iter__(value) if isinstance(value, set) else frozenset.__iter__(value):
            yield f"{path} (a member)", part
    attributes = getattr(type(value), "__dict__", None) is not None and _attributes(value)
    if attributes:
        yield f"{path} (its attributes)", attributes
        for name, part in attributes.items():
            yield f"{path}.{name}", part


def _attributes(value: object) -> dict[str, object]:
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        found = {}
    attributes = found if isinstance(found, dict) else {}
    for name in slots_of(type(value)):
        try:
            attributes = {**attributes, name: object.__getattribute__(value, name)}
        except AttributeError:
            continue
    return attributes
