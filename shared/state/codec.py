"""The typed codec: a `State` to bytes and back, and the same for single values (task arguments, results).

What it holds: None, bool, int of any size, float, str, bytes, Decimal, date, datetime, time, timedelta, list, dict with any
hashable keys, set, frozenset, tuple, classes and objects of the classes that a `ClassRegistry` allows. Aliases and cycles
keep their identity. Everything else is refused with its path. Does not live here: files, encryption (`shared.vault`), deltas (`delta`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any

from bson import decode as bson_decode
from bson import encode as bson_encode
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.errors import BSONError
from bson.int64 import Int64

from shared.state import paths, plain
from shared.state.classes import ClassRegistry, standard
from shared.state.decoding import Decoder
from shared.state.encoding import Encoder, Labels, Problem
from shared.state.errors import CannotStore, DamagedState, StateError, StateTooLarge, TooDeep, UnknownClass
from shared.state.session import State
from shared.state.upgrade import FORMAT, upgrade
from shared.state.values import Node, Unfit

#: Bytes. Larger contents belong in files; a state is read and written whole at every step.
MAX_SIZE = 64 * 1024 * 1024

#: A top-level variable of one of these types is left out silently, as documented (errors.md, "can't pickle module
#: objects"): imported modules and functions are bound again by their blocks at the next step.
LEFT_OUT = (ModuleType, FunctionType, BuiltinFunctionType, BuiltinMethodType, MethodType, type)

#: What BSON raises for a str, int or nesting it cannot take. It is asked first and explained afterwards: that is
#: what saves a look at every single value.
_REFUSALS = (OverflowError, UnicodeEncodeError, RecursionError, BSONError)


class _PlainInt(TypeDecoder):
    """BSON gives back a 64-bit int as a subclass of int; a state has only one kind."""

    bson_type = Int64

    def transform_bson(self, value: int) -> int:
        return int(value)


_OPTIONS: CodecOptions[dict[str, object]] = CodecOptions(type_registry=TypeRegistry([_PlainInt()]))


def encode(state: State, classes: ClassRegistry | None = None, *, limit: int = MAX_SIZE) -> bytes:
    """The state as bytes. Equal for an unchanged state: ``encode(decode(b)) == b``.

    Raises `CannotStore` with the path of what cannot be kept, `TooDeep`, `StateTooLarge`.
    """
    roots = {"variables": storable(state.variables), "internal": state.internal}
    data, encoder = _encode(roots, classes or standard(), state.labels or Labels(), limit)
    state.labels = encoder.labels
    return data


def decode(data: bytes, classes: ClassRegistry | None = None) -> State:
    """The state in these bytes. Raises `UnknownClass`, `UnknownFormat`, `DamagedState`."""
    (variables, internal), labels = _decode(data, classes or standard(), ("variables", "internal"))
    return State(variables, internal, labels)


def encode_value(value: object, classes: ClassRegistry | None = None, *, limit: int = MAX_SIZE) -> bytes:
    """One value (task arguments, a task's result) as bytes; otherwise like `encode`."""
    return _encode({"values": {"value": value}}, classes or standard(), Labels(), limit)[0]


def encode_part(variables: dict[str, object], internal: dict[str, object], labels: Labels) -> tuple[bytes, Encoder]:
    """A state as `encode` writes it, and who wrote it: knows the new labels, and which variables have something in common."""
    return _encode({"variables": variables, "internal": internal}, standard(), labels, MAX_SIZE)


def decode_value(data: bytes, classes: ClassRegistry | None = None) -> Any:
    """The value in the bytes of `encode_value`."""
    (values,), _ = _decode(data, classes or standard(), ("values",))
    if "value" not in values:
        raise DamagedState("these bytes hold no value")
    return values["value"]


def to_plain(encoded: bytes | None) -> object:
    """The value in the bytes of `encode_value` as JSON for a browser (see `shared.state.plain`); None for None.

    Raises `DamagedState`, `PlainTooLarge`.
    """
    if encoded is None:
        return None
    try:
        return plain.to_plain(load(encoded))
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedState(f"these bytes hold no value ({type(error).__name__})") from None


def storable(variables: dict[str, object]) -> dict[str, object]:
    """Those variables that are kept from step to step: not modules, functions, classes and builtins at the top level."""
    if all_stay(variables.values(), variables.__contains__):
        return variables
    return {
        name: value for name, value in variables.items() if not isinstance(value, LEFT_OUT) and name != "__builtins__"
    }


def all_stay(values: Iterable[object], has: Callable[[str], bool]) -> bool:
    """Whether `storable` leaves out none of the variables that have these values; `has` knows their names."""
    return not any(issubclass(cls, LEFT_OUT) for cls in set(map(type, values))) and not has("__builtins__")


def _encode(
    roots: dict[str, dict[str, object]], classes: ClassRegistry, labels: Labels, limit: int
) -> tuple[bytes, Encoder]:
    careful = False
    while True:
        encoder = Encoder(classes, labels, careful=careful)
        try:
            document = {"v": FORMAT, **encoder.document(roots)}
            if encoder.repeated:
                labels = _with_repeated(labels, encoder.repeated)
                continue
            data = bson_encode(document)
        except Problem as problem:
            if problem.deep and encoder.repeated:  # what is shared will stand in the table, not nested
                labels = _with_repeated(labels, encoder.repeated)
                continue
            error = TooDeep if problem.deep else CannotStore
            raise error(paths.find(dict(roots), problem.value), problem.why) from None
        except _REFUSALS as refusal:
            if careful:
                # Only nesting is left: every single value has been looked at.
                raise TooDeep("the state", f"is nested too deeply ({type(refusal).__name__})") from None
            careful = True
            continue
        if len(data) > limit:
            raise StateTooLarge(len(data), limit, _largest(document, roots))
        return data, encoder


def _with_repeated(labels: Labels, repeated: dict[int, object]) -> Labels:
    labels = labels.copy()
    for ident, container in repeated.items():
        labels.by_id[ident] = labels.next
        labels.keep.append(container)
        labels.next += 1
    return labels


def _decode(data: bytes, classes: ClassRegistry, names: tuple[str, ...]) -> tuple[list[dict[str, object]], Labels]:
    document = upgrade(load(data))
    decoder: Decoder | None = None
    try:
        decoder = Decoder(document, classes)
        return decoder.roots(*names), decoder.labels
    except UnknownClass as error:
        path = ""
        with suppress(AttributeError, TypeError, KeyError):  # the document may be damaged as well
            path = paths.find_label(upgrade(load(data)), names, error.name)
        raise UnknownClass(error.name, error.why, path) from None
    except StateError:
        raise
    except Unfit as error:
        raise DamagedState(str(error)) from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, IndexError) as error:
        raise DamagedState(
            f"this state cannot be read ({type(error).__name__}: its parts do not fit together)"
        ) from error


def load(data: bytes) -> dict[str, object]:
    """The document in the bytes of a state, of whatever format, with plain ints."""
    try:
        return bson_decode(data, _OPTIONS)
    except (BSONError, UnicodeDecodeError, RecursionError, TypeError, ValueError, OverflowError) as error:
        raise DamagedState(f"these bytes are not a stored state ({type(error).__name__})") from None


def _largest(document: Node, roots: dict[str, dict[str, object]]) -> str:
    sizes = {
        f"{root}.{name}": len(bson_encode({"": document[root][name]})) for root in roots for name in document[root]
    }
    for kind in ("objects", "held"):
        sizes.update({f"the objects of {path}": len(bson_encode(table)) for path, table in document[kind].items()})
    sizes["the lists and dicts that are used in several places"] = len(bson_encode(document["shared"]))
    return max(sizes, key=lambda name: sizes[name])
