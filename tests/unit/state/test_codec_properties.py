"""Any graph of storable values comes back as the same graph: same types, values, order and identities."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from bson import encode as bson_encode
from hypothesis import given
from hypothesis import strategies as st

from shared.state import codec, errors
from shared.state.session import State
from tests.helpers.examples import examples
from tests.unit.state.samples import Bag, Book, Color, Named, Point, Slotted, Stack, Text, Thing, registry

zones = st.sampled_from(
    [None, UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), timezone(timedelta(hours=-3), "BRT")]
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**80), 2**80), st.floats(), st.text(), st.binary(),
    st.decimals(), st.dates(), st.datetimes(timezones=zones), st.times(), st.timedeltas(), st.sampled_from([*Color, Text("t"), Thing]),
)  # fmt: skip
keys = st.one_of(
    st.text(max_size=4),
    st.sampled_from(["$r", "a.b", "_id", ""]),
    st.integers(),
    st.tuples(st.text(max_size=2), st.integers()),
)


def _make(kind: str) -> Any:
    return {
        "list": list,
        "dict": dict,
        "set": set,
        "thing": Thing,
        "stack": Stack,
        "book": Book,
        "bag": Bag,
        "slotted": Slotted,
    }[kind]()


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Up to eight containers that refer to scalars and to each other in any way, cycles and all."""
    kinds = draw(
        st.lists(
            st.sampled_from(["list", "dict", "set", "thing", "stack", "book", "bag", "slotted"]), min_size=1, max_size=8
        )
    )
    nodes = [_make(kind) for kind in kinds]

    def value(depth: int = 0) -> Any:
        choice = draw(st.integers(0, 9))
        if choice < 5 or depth > 2:
            return draw(scalars)
        if choice < 8:
            return draw(st.sampled_from(nodes))
        parts = [value(depth + 1) for _ in range(draw(st.integers(0, 2)))]
        return tuple(parts) if choice == 8 else Point(parts, None)

    for node in nodes:
        for _ in range(draw(st.integers(0, 4))):
            if isinstance(node, list):
                node.append(value())
            elif isinstance(node, dict):
                dict.__setitem__(node, draw(keys), value())
            elif isinstance(node, set):
                node.add(draw(st.one_of(keys, st.sampled_from([n for n in nodes if isinstance(n, Thing)] or [1]))))
            elif isinstance(node, Slotted):
                node.a = value()
            else:
                setattr(node, draw(st.sampled_from(["a", "b", "$r", "c d"])), value())
    return {f"v{n}": node for n, node in enumerate(nodes)}


def same(left: Any, right: Any) -> bool:
    """Are the two graphs one and the same but for where they live? Walks both side by side, pairing identities."""
    pairs: dict[int, int] = {}
    keep: list[Any] = []
    todo = [(left, right)]
    while todo:
        a, b = todo.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, list | dict | set | Thing | Slotted | tuple) and type(a) not in (Point,):
            if id(a) in pairs:
                if not isinstance(a, tuple) and pairs[id(a)] != id(b):
                    return False
                continue
            pairs[id(a)] = id(b)
            keep.append((a, b))
        if isinstance(a, list | tuple):
            if len(a) != len(b):
                return False
            todo.extend(
                zip(
                    list.__iter__(a) if isinstance(a, list) else a,
                    list.__iter__(b) if isinstance(b, list) else b,
                    strict=True,
                )
            )
        elif isinstance(a, dict):
            left_items, right_items = list(dict.items(a)), list(dict.items(b))
            if [repr(k) for k, _ in left_items] != [repr(k) for k, _ in right_items]:
                return False
            todo.extend((x[1], y[1]) for x, y in zip(left_items, right_items, strict=True))
        elif isinstance(a, set):
            if len(a) != len(b) or {x for x in a if not isinstance(x, Thing)} != {
                y for y in b if not isinstance(y, Thing)
            }:
                return False
        elif isinstance(a, Slotted):
            todo.append((getattr(a, "a", None), getattr(b, "a", None)))
        elif not isinstance(a, Thing) and repr(a) != repr(b):
            return False
        if hasattr(a, "__dict__") and not isinstance(a, type | Color):
            todo.append((dict(vars(a)), dict(vars(b))))
    return True


@given(graphs())
@examples(50)
def test_any_graph_comes_back_as_it_was(variables: dict[str, Any]) -> None:
    classes = registry()
    state = State(variables, {"answered": ["Question_1"]})
    data = codec.encode(state, classes)
    again = codec.decode(data, classes)
    assert same(variables, again.variables)
    assert again.internal == {"answered": ["Question_1"]}
    assert codec.encode(again, classes) == data, "an unchanged state must have equal bytes"
    assert codec.encode(state, classes) == data


@given(graphs(), st.data())
@examples(25)
def test_a_changed_state_comes_back_as_changed(variables: dict[str, Any], data: st.DataObject) -> None:
    classes = registry()
    state = codec.decode(codec.encode(State(variables), classes), classes)
    names = list(state.variables)
    state.variables["more"] = [state.variables[data.draw(st.sampled_from(names))], Named(instanceName="more")]
    del state.variables[data.draw(st.sampled_from(names))]
    again = codec.decode(codec.encode(state, classes), classes)
    assert same(state.variables, again.variables)


@given(st.binary(max_size=200))
def test_bytes_of_somebody_else_are_refused(data: bytes) -> None:
    try:
        codec.decode(data)
    except errors.StateError:
        return
    raise AssertionError("random bytes were read as a state")


plain = st.recursive(
    st.one_of(
        st.none(),
        st.integers(-5, 5),
        st.text(max_size=3),
        st.sampled_from(["$r", "1", "tests.unit.state.samples.Thing"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["$r", "$s", "$u", "$f", "$m", "$w", "$e", "$k", "$t", "$d", "$i", "$n", "v", "a", "z"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text("ab$r1", max_size=3), plain, max_size=3),
    st.dictionaries(st.sampled_from(["tests.unit.state.samples.Thing", "os.system", "x"]), plain, max_size=2),
    st.dictionaries(st.sampled_from(["1", "2", "x"]), plain, max_size=3),
    st.one_of(st.just(1), plain),
)
@examples(50)
def test_a_forged_document_is_read_or_refused_but_never_breaks_out(
    variables: Any, objects: Any, shared: Any, following: Any
) -> None:
    document = {
        "v": 1,
        "variables": variables,
        "internal": {},
        "objects": objects,
        "held": {},
        "shared": shared,
        "next": following,
    }
    try:
        codec.decode(bson_encode(document), registry())
    except errors.StateError:
        pass
