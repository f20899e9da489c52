"""From the document back to the live object graph. Nothing an author wrote runs here, except hashing keys of dicts and sets.

All objects and shared containers are made empty first and filled afterwards, so that cycles need no special case. Lists and
dicts are filled in place: those of scalars only are the very ones BSON made. Does not live here: writing (`encoding`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from shared.state.classes import ClassRegistry
from shared.state.encoding import Labels
from shared.state.errors import DamagedState, UnknownClass
from shared.state.storable import OPEN_BASES, VALUE_BASES, slots_of, solid_base
from shared.state.values import READERS, SCALARS, Node, Unfit

_WRITTEN = SCALARS | {dict, list}
_UNBUILT = object()


class Decoder:
    """One document of the current format on its way back. The document is used up."""

    def __init__(self, document: Node, classes: ClassRegistry) -> None:
        self.document = document
        self.classes = classes
        self.labels = Labels(next=document["next"])
        self._table: dict[str, object] = {}
        self._raw: Node = {}  # shared immutables, built when first referred to
        self._todo: deque[Node | list[object]] = deque()
        self._fills: list[
            tuple[Any, Node]
        ] = []  # sets, and dicts with other keys: filled last, when their members can be hashed

    def roots(self, *names: str) -> list[dict[str, object]]:
        """The named root dicts, filled."""
        filled = self._make_objects()
        self._make_held()
        self._make_shared()
        roots = [self.document[name] for name in names]
        for attributes in (*roots, *filled):
            self._fix(attributes)
        self._work()
        for label in self._raw:
            self._label(label)
        self._work()
        self._fill()
        return roots

    # -- making

    def _make_objects(self) -> list[dict[str, object]]:
        table, attributes_of, setattribute = self._table, [], object.__setattr__
        by_id, keep = self.labels.by_id, self.labels.keep
        for path, members in self.document["objects"].items():
            cls = self._class(path)
            make = solid_base(cls).__new__
            _new(cls, path)  # refuses a class whose objects cannot be made so any more
            for label, attributes in members.items():
                made: object = make(cls)
                table[label] = made
                by_id[id(made)] = int(label)
                keep.append(made)
                # Scalars are in place at once (a hash may need them); the rest is fixed in place later.
                try:
                    setattribute(made, "__dict__", attributes)
                except (AttributeError, TypeError):
                    attributes = _own_dict(made, path, attributes)
                attributes_of.append(attributes)
        return attributes_of

    def _make_held(self) -> None:
        """Objects with slots, and subclasses of list, dict and set."""
        for path, members in self.document["held"].items():
            cls = self._class(path)
            for label, node in members.items():
                kind = {"list": list, "dict": dict, "set": set}.get(node.get("k", ""), object)
                if not issubclass(cls, kind):
                    raise UnknownClass(path, f"is no {kind.__name__} any more, but a stored object is")
                self._table[label] = made = _new(cls, path, kind)
                self._keep(made, label)
                _set_attributes(made, path, node["a"])
                self._fills.append((made, node))
                self._todo.append(node["a"])
                if kind is not object:
                    self._todo.append(node["i"])

    def _make_shared(self) -> None:
        for label, raw in self.document["shared"].items():
            made: object
            tag = _tag(raw)
            if tag is None:
                made = raw
                self._todo.append(raw)
            elif tag in ("$s", "$m"):
                made = self._tagged(tag, raw)
            else:
                self._raw[label] = raw
                continue
            self._table[label] = made
            self._keep(made, label)

    def _keep(self, made: object, label: str) -> None:
        self.labels.by_id[id(made)] = int(label)
        self.labels.keep.append(made)

    def _class(self, path: str) -> type:
        return self.classes.resolve(path)

    # -- filling

    def _work(self) -> None:
        while self._todo:
            self._fix(self._todo.popleft())

    def _fix(self, container: Any) -> None:
        """Replace what stands for something else, in place."""
        if type(container) is dict:
            types = set(map(type, container.values()))
            if types <= SCALARS:
                return
            items: Any = container.items()
        else:
            types = set(map(type, container))
            if types <= SCALARS:
                return
            items = enumerate(container)
        if not types <= _WRITTEN:
            raise DamagedState(
                f"a BSON type that no state holds: {', '.join(sorted(t.__name__ for t in types - _WRITTEN))}"
            )
        table = self._table
        for key, value in items:
            cls = type(value)
            if cls is dict:
                reference = value.get("$r") if len(value) == 1 else None
                if type(reference) is str and reference in table:
                    container[key] = table[reference]
                else:
                    container[key] = self._value(value)
            elif cls is list:
                self._todo.append(value)

    def _value(self, node: Node) -> object:
        """The value of a node that is no scalar; its own contents are fixed later where that is possible."""
        tag = _tag(node)
        if tag is None:
            self._todo.append(node)
            return node
        return self._tagged(tag, node)

    def _tagged(self, tag: str, node: Node) -> object:
        if tag == "$r":
            return self._label(node["$r"])
        read = READERS.get(tag)
        if read is not None:
            try:
                return read(node)
            except Unfit:
                raise
            except Exception as error:
                raise DamagedState(f"a value of kind {tag} cannot be read: {type(error).__name__}") from error
        if tag in ("$u", "$f"):
            # Immutable: must be complete when made. A cycle through it always passes a mutable, which exists already.
            items = self._complete(node[tag])
            return tuple(items) if tag == "$u" else frozenset(items)
        if tag in ("$s", "$m"):
            made: object = set() if tag == "$s" else {}
            self._fills.append((made, node))
            self._todo.append(node[tag])
            return made
        if tag == "$k":
            return self._class(node["$k"])
        if tag == "$w":
            return self._value_subclass(node)
        if tag == "$e":
            return self._member(node)
        raise DamagedState(f"a value of an unknown kind {tag}")

    def _complete(self, items: list[object]) -> list[object]:
        return [item if type(item) in SCALARS else self._part(item) for item in items]

    def _part(self, item: Any) -> object:
        if type(item) is list:
            self._todo.append(item)
            return item
        return self._value(item)

    def _label(self, label: str) -> object:
        made = self._table.get(label, _UNBUILT)
        return self._build(label) if made is _UNBUILT else made

    def _build(self, label: str) -> object:
        """A shared immutable, after those it is made of: without recursion, since such a chain may be long."""
        stack, begun = [label], set()
        while stack:
            top = stack[-1]
            if top in self._table:
                stack.pop()
                continue
            if top not in self._raw:
                raise DamagedState(f"a reference to object {top}, which is not there")
            parts = [part for part in _references(self._raw[top]) if part not in self._table]
            if parts and top in begun:
                raise DamagedState(f"object {top} is made of itself")
            begun.add(top)
            if parts:
                stack.extend(parts)
                continue
            node = self._raw[top]
            self._table[top] = made = self._tagged(_tag(node) or "", node)
            self._keep(made, top)
        return self._table[label]

    def _member(self, node: Node) -> object:
        cls = self._class(node["$e"])
        members = getattr(cls, "__members__", {})
        if node["n"] not in members:
            raise UnknownClass(node["$e"], f"has no member {node['n']} any more")
        return members[node["n"]]

    def _value_subclass(self, node: Node) -> object:
        path = node["$w"]
        cls = self._class(path)
        plain = self._part(node["v"]) if type(node["v"]) in (dict, list) else node["v"]
        base = next((base for base in VALUE_BASES if isinstance(plain, base)), object)
        if not issubclass(cls, base):
            raise UnknownClass(path, f"is no {base.__name__} any more, but a stored value is")
        made = _remake(cls, base, plain)
        attributes = node.get("a")
        if attributes:
            self._fix(attributes)
            _set_attributes(made, path, attributes)
        return made

    def _fill(self) -> None:
        for made, node in self._fills:
            if "$s" in node:
                made.update(node["$s"])
            elif "$m" in node:
                pairs = iter(node["$m"])
                made.update(zip(pairs, pairs, strict=True))
            else:
                # The attributes first: a hash or an author's subclass may need them. The methods of the base type fill.
                _set_attributes(made, type(made).__qualname__, node["a"])
                kind = node.get("k")
                if kind == "list":
                    list.extend(made, node["i"])
                elif kind == "set":
                    set.update(made, node["i"])
                elif kind == "dict":
                    pairs = iter(node["i"])
                    for key, value in zip(pairs, pairs, strict=True):
                        dict.__setitem__(made, key, value)


def _tag(node: object) -> str | None:
    """The tag of a node that stands for something else; None for a plain dict or list."""
    if type(node) is dict:
        for key in node:
            return key if key[:1] == "$" else None
    return None


def _references(node: Node) -> Iterator[str]:
    """Labels that must exist before the immutable `node` can be made."""
    todo = [node]
    while todo:
        node = todo.pop()
        tag = _tag(node)
        if tag == "$r":
            yield node["$r"]
        elif tag in ("$u", "$f"):
            todo.extend(node[tag])
        elif tag == "$w":
            todo.append(node["v"])


def _new(cls: type, path: str, kind: object = object) -> object:
    try:
        base = solid_base(cls)
        if kind is object and base not in OPEN_BASES:
            raise TypeError
        return (base if kind is object else kind).__new__(cls)
    except TypeError:
        raise UnknownClass(path, "cannot be made empty any more: it has another base than when it was stored") from None


def _own_dict(made: object, path: str, attributes: dict[str, object]) -> dict[str, object]:
    """For a class whose objects do not let go of their __dict__: it takes the attributes in."""
    own = getattr(made, "__dict__", None)
    if not isinstance(own, dict):
        raise UnknownClass(path, "has no attributes any more (it uses __slots__ or another base)")
    own.update(attributes)
    return own


def _set_attributes(made: object, path: str, attributes: dict[str, object]) -> None:
    slots = slots_of(type(made))
    rest = attributes
    if slots:
        rest = {name: value for name, value in attributes.items() if name not in slots}
        for name in slots:
            if name in attributes:
                object.__setattr__(made, name, attributes[name])
    if rest:
        try:
            object.__getattribute__(made, "__dict__").update(rest)
        except AttributeError:
            raise UnknownClass(path, f"has no attribute {min(rest)} any more") from None


def _remake(cls: type, base: type, plain: Any) -> object:
    if base is datetime:
        date_part = (plain.year, plain.month, plain.day, plain.hour, plain.minute, plain.second)
        return datetime.__new__(cls, *date_part, plain.microsecond, plain.tzinfo, fold=plain.fold)
    if base is date:
        return date.__new__(cls, plain.year, plain.month, plain.day)
    if base is time:
        return time.__new__(
            cls, plain.hour, plain.minute, plain.second, plain.microsecond, plain.tzinfo, fold=plain.fold
        )
    if base is timedelta:
        return timedelta.__new__(cls, plain.days, plain.seconds, plain.microseconds)
    if base is Decimal:
        return Decimal.__new__(cls, plain)
    return base.__new__(cls, plain)
