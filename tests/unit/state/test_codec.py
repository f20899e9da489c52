"""What the codec keeps, exactly, and what it refuses, by name."""

from __future__ import annotations

import math
import sys
import types
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.state import codec, errors
from shared.state.classes import ClassRegistry, loaded_below
from shared.state.encoding import MAX_DEPTH
from shared.state.session import State
from tests.unit.state import samples
from tests.unit.state.samples import Bag, Book, Color, Day, Eager, Frozen, Level, Named, Point, Slotted, Stack, Thing


def back(value: Any) -> Any:
    classes = samples.registry()
    return codec.decode_value(codec.encode_value(value, classes), classes)


def stored(**variables: Any) -> State:
    classes = samples.registry()
    return codec.decode(codec.encode(State(variables), classes), classes)


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, -1, 2**31, -(2**31) - 1, 2**40, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 10**4000,
        0.0, -0.0, 1e308, math.inf, -math.inf, "", "aé漢🎉", "with\0nul", b"", b"\0\xff", Decimal("1.10"), Decimal("-0"),
        Decimal("Infinity"), date(2026, 1, 15), date.max, datetime(1, 1, 1), datetime(2026, 1, 15, 10, 30, 0, 123456),
        datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        datetime(2026, 1, 15, tzinfo=timezone(timedelta(hours=5, minutes=30))), time(1, 2, 3), time(1, fold=1),
        datetime(2026, 1, 15, tzinfo=timezone(timedelta(hours=-3), "BRT")), time(1, tzinfo=ZoneInfo("America/New_York")),
        timedelta(days=-1, microseconds=1), timedelta.max, [], {}, (), set(), frozenset(), [[]], [{}], ((),), {"": 1},
        {"a.b": 1, "$c": 2, "_id": 3}, {"$r": "1"}, {"$d": "2026-01-15"}, {"$m": []}, {1: "a", "1": "b", (1, 2): {}, None: 0},
        {"k\0y": 1}, {True: 1, 2.5: 2, b"x": 3, date(2026, 1, 1): 4, frozenset({1}): 5}, {1, "a", (2, 3), None, b"z"},
        frozenset({frozenset(), (frozenset({1}),)}), [None, 2**70, {"a": (1, [2])}], Color.RED, Level.HIGH, {Color.BLUE: Level.LOW},
        Point(1, [2]), samples.Text("x"), samples.Count(7), samples.Count(2**80), samples.Ratio(1.5), samples.Money("9.90"),
        samples.Stamp(2026, 1, 15, 10, tzinfo=UTC), Day(2026, 1, 15), Thing, Color, [Thing, Thing],
        samples.Space(a=1, b=[2]), str, [int, Decimal],
    ],
    # A set has no order, so its text would name the same test differently in every process.
    ids=lambda value: f"{type(value).__name__}:{'' if isinstance(value, set | frozenset) else ascii(value)[:40]}",
)  # fmt: skip
def test_values_come_back_equal_and_of_the_same_type(value: Any) -> None:
    again = back(value)
    assert again == value
    assert type(again) is type(value)
    assert repr(again) == repr(value) or isinstance(value, set | frozenset | Point)


def test_a_nan_comes_back() -> None:
    assert math.isnan(back(math.nan))
    assert back(Decimal("NaN")).is_nan()


def test_zone_and_fold_are_kept() -> None:
    moment = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    again = back(moment)
    assert (again.tzinfo.key, again.fold, again.utcoffset()) == ("Europe/Berlin", 1, timedelta(hours=1))
    assert back(datetime(2026, 1, 1, tzinfo=timezone(timedelta(0), "Z"))).tzname() == "Z"


def test_dict_order_is_kept() -> None:
    assert list(back({"b": 1, "a": [1], "_id": 2})) == ["b", "a", "_id"]
    assert list(back({2: 1, 1: 2, "x": 3})) == [2, 1, "x"]


def test_objects_and_their_attributes() -> None:
    state = stored(
        user=Named(
            instanceName="user", name=Named(instanceName="user.name", first="Ada"), tags=["a"], born=date(1815, 12, 10)
        )
    )
    user = state.variables["user"]
    assert type(user) is Named
    assert vars(user) | {"name": None} == {
        "instanceName": "user",
        "name": None,
        "tags": ["a"],
        "born": date(1815, 12, 10),
    }
    assert user.name.first == "Ada"


def test_aliases_stay_one_object() -> None:
    person, numbers, table = Thing(a=1), [1], {"x": 1}
    state = stored(
        one=person, two=[person, numbers], three={"p": person, "n": numbers}, four=numbers, five=(table, table)
    )
    v = state.variables
    assert v["one"] is v["two"][0] is v["three"]["p"]
    assert v["two"][1] is v["three"]["n"] is v["four"]
    assert v["five"][0] is v["five"][1]
    v["four"].append(2)
    assert v["two"][1] == [1, 2]


def test_equal_things_stay_two() -> None:
    v = stored(a=[1], b=[1], c={"x": 1}, d={"x": 1}, e=Thing(a=1), f=Thing(a=1)).variables
    assert v["a"] is not v["b"]
    assert v["c"] is not v["d"]
    assert v["e"] is not v["f"]


def test_cycles_of_every_kind() -> None:
    items: list[Any] = []
    items.append(items)
    table: dict[Any, Any] = {}
    table["self"] = table
    pair: tuple[Any, ...] = ([],)
    pair[0].append(pair)
    thing = Thing()
    thing.me = [thing]
    holder = Stack([1])
    holder.append(holder)
    named = Named(instanceName="n")
    named.index = {named: named}
    named.group = {named}
    named.frozen = frozenset({named})
    v = stored(items=items, table=table, pair=pair, thing=thing, holder=holder, named=named).variables
    assert v["items"][0] is v["items"]
    assert v["table"]["self"] is v["table"]
    assert v["pair"][0][0] is v["pair"]
    assert v["thing"].me[0] is v["thing"]
    assert v["holder"][1] is v["holder"]
    again = v["named"]
    assert again.index == {again: again}
    assert next(iter(again.group)) is next(iter(again.frozen)) is again


def test_tuples_shared_many_times_stay_small() -> None:
    pair: tuple[Any, Any] = ([], [])
    for _ in range(60):
        pair = (pair, pair)
    assert len(codec.encode_value(pair)) < 10_000
    again = back(pair)
    assert again[0] is again[1]
    for _ in range(1_000):
        pair = (pair, pair)
    again = back(pair)
    assert again[0] is again[1]
    while pair:  # taken apart by hand: Python itself may not survive deleting it at once
        pair, again = pair[0], again[0]


def test_subclasses_of_containers_and_slots_and_dataclasses() -> None:
    stack, book, bag, slotted = Stack([1, [2]]), Book(), Bag({1, 2}), Slotted()
    stack.label = "s"
    dict.__setitem__(book, (1, 2), stack)
    slotted.a = stack
    slotted.hide(5)
    v = stored(stack=stack, book=book, bag=bag, slotted=slotted, frozen=Frozen(1, [2])).variables
    assert (type(v["stack"]), list(v["stack"]), v["stack"].label) == (Stack, [1, [2]], "s")
    assert dict.__getitem__(v["book"], (1, 2)) is v["stack"] is v["slotted"].a
    assert v["slotted"].hidden() == 5
    assert not hasattr(v["slotted"], "b")
    assert (type(v["bag"]), v["bag"]) == (Bag, {1, 2})
    assert v["frozen"] == Frozen(1, [2])


def test_value_subclasses_keep_their_attributes() -> None:
    text = samples.Text("x")
    text.note = ["n"]  # type: ignore[attr-defined]
    again = back([text])[0]
    assert (again, again.note) == ("x", ["n"])


def test_no_method_of_an_author_runs() -> None:
    eager = Eager("made")
    object.__setattr__(eager, "x", [1])
    assert vars(back(eager)) == {"x": [1]}


def test_top_level_modules_functions_and_classes_are_left_out() -> None:
    state = stored(math=math, f=len, g=lambda: 1, Thing=Thing, method=[].append, x=1, __builtins__={"len": len})
    assert state.variables == {"x": 1}


def generator() -> Any:
    yield 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (lambda: 1, "a function cannot be stored"),
        (len, "a function cannot be stored"),
        ([].append, "a function cannot be stored"),
        (math, "a module cannot be stored"),
        (generator(), "a generator cannot be stored"),
        (sys.stdout, "an open file cannot be stored"),
        (object(), "builtins.object cannot be stored"),
        (types.SimpleNamespace(), "types.SimpleNamespace cannot be stored"),
        (ClassRegistry, "ClassRegistry is in no module of an interview package"),
        ("half \ud83d", "lone surrogate"),
        (samples.Oops("x"), "part of it is inside of a ValueError"),
        (1j, "builtins.complex cannot be stored"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_path(value: Any, words: str) -> None:
    person = Thing(name="x", callback=value)
    with pytest.raises(errors.CannotStore, match=words) as caught:
        stored(person=person)
    assert caught.value.path == "variables.person.callback"
    with pytest.raises(errors.CannotStore) as caught:
        stored(list=[1, {"k": {"deep": (value,)}}])
    assert caught.value.path == "variables.list[1]['k']['deep'][0]"


def test_paths_of_keys_members_and_items_of_subclasses() -> None:
    for build, path in [
        (lambda bad: {bad: 1}, "variables.x (a key)"),
        (lambda bad: {(1, bad)}, "variables.x (a member)[1]"),
        (lambda bad: Stack([1, bad]), "variables.x[1]"),
    ]:
        with pytest.raises(errors.CannotStore) as caught:
            stored(x=build(len))
        assert caught.value.path == path


def test_a_class_of_a_code_block_is_refused_with_advice() -> None:
    namespace: dict[str, Any] = {}
    exec("class Foo: pass\nfoo = Foo()", namespace)
    with pytest.raises(errors.CannotStore, match="define the class in a module"):
        stored(foo=namespace["foo"])


def test_a_key_that_is_no_text_bson_can_hold() -> None:
    with pytest.raises(errors.CannotStore):
        stored(d={"\ud800": 1})


def test_nesting() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH - 1):
        value = [value]
    assert back(value) == value
    for wrap in (lambda v: [v], lambda v: {"a": v}, lambda v: (v, []), lambda v: {1: v}):
        deep: Any = []
        for _ in range(10_000):
            deep = wrap(deep)
        with pytest.raises(errors.TooDeep, match="nested more than") as caught:
            stored(deep=deep)
        assert caught.value.path.startswith("variables.deep")
        assert len(str(caught.value)) < 1000


def test_the_widest_nodes_fit_at_the_greatest_depth() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH - 2):
        value = Point(value, [1])
    assert back(value) == value


def test_chains_of_objects_have_no_limit() -> None:
    first = last = Thing(n=0)
    for n in range(1, 5_000):
        last.next = Thing(n=n)
        last = last.next
    again = stored(first=first).variables["first"]
    count = 1
    while hasattr(again, "next"):
        again, count = again.next, count + 1
    assert count == 5_000


def test_a_state_over_the_limit_names_its_largest_variable() -> None:
    with pytest.raises(errors.StateTooLarge, match=r"variables\.big"):
        codec.encode(State({"small": 1, "big": "x" * 5000}), limit=4000)


def test_unchanged_states_have_equal_bytes_and_labels_are_for_life() -> None:
    classes = samples.registry()
    people = [Thing(n=n) for n in range(5)]
    state = State({"people": people, "first": people[0], "shared": [people, {1, "b", (1, 2)}], "again": people})
    data = codec.encode(state, classes)
    assert codec.encode(state, classes) == data
    again = codec.decode(data, classes)
    assert codec.encode(again, classes) == data
    again.variables["people"].insert(0, Thing(n=-1))
    before, after = codec.load(data), codec.load(codec.encode(again, classes))
    (path,) = before["objects"]
    assert {label: after["objects"][path][label] for label in before["objects"][path]} == before["objects"][path]


def test_sets_are_written_in_one_order() -> None:
    one, two = {0, 8}, {8, 0}
    assert list(one) != list(two), "the interpreter no longer shows insertion order here: choose other numbers"
    assert codec.encode_value(one) == codec.encode_value(two)


# -- classes that change under a stored state


def module(name: str, **classes: Any) -> types.ModuleType:
    made = types.ModuleType(name)
    for key, cls in classes.items():
        cls.__module__, cls.__qualname__ = name, key
        setattr(made, key, cls)
    return made


@pytest.fixture
def author(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    made = module(
        "anauthor.things", Thing=type("Thing", (), {}), Pile=type("Pile", (list,), {}), Word=type("Word", (str,), {})
    )
    monkeypatch.setitem(sys.modules, "anauthor.things", made)
    return made


def test_a_class_that_vanished(author: types.ModuleType) -> None:
    thing = author.Thing()
    data = codec.encode(State({"a": {"b": [thing]}}), ClassRegistry(loaded_below("anauthor")))
    del author.Thing
    with pytest.raises(
        errors.UnknownClass, match=r"variables.a.b\[0\]: the class anauthor.things.Thing no longer exists"
    ):
        codec.decode(data, ClassRegistry(loaded_below("anauthor")))


def test_a_class_that_may_not_be_used(author: types.ModuleType) -> None:
    data = codec.encode(State({"a": author.Thing()}), ClassRegistry(loaded_below("anauthor")))
    with pytest.raises(errors.UnknownClass, match=r"variables\.a: the class anauthor.things.Thing is not known"):
        codec.decode(data, ClassRegistry())


@pytest.mark.parametrize(("name", "content"), [("Pile", [1]), ("Word", "x"), ("Thing", None)])
def test_a_class_that_has_another_base_now(author: types.ModuleType, name: str, content: Any) -> None:
    cls = getattr(author, name)
    data = codec.encode(State({"a": cls(content) if content else cls()}), ClassRegistry(loaded_below("anauthor")))
    other = type(name, (dict,), {"__slots__": ()}) if name == "Thing" else type(name, (), {})
    setattr(author, name, other)
    other.__module__ = "anauthor.things"
    with pytest.raises(errors.UnknownClass, match=r"variables\.a: the class anauthor"):
        codec.decode(data, ClassRegistry(loaded_below("anauthor")))


def test_an_imported_name_is_no_class_of_the_module(author: types.ModuleType) -> None:
    author.Popen = type(sys)  # type: ignore[attr-defined]
    data = codec.encode(State({"a": author.Thing()}), ClassRegistry(loaded_below("anauthor")))
    with pytest.raises(errors.UnknownClass, match="no longer exists"):
        codec.decode(
            data.replace(b"anauthor.things.Thing", b"anauthor.things.Popen"), ClassRegistry(loaded_below("anauthor"))
        )


def test_aliases_of_class_paths_are_read() -> None:
    classes = samples.registry()
    data = codec.encode_value(Named(instanceName="a"), classes)
    assert b"docassemble.base.util.Named" in data
    assert type(codec.decode_value(data.replace(b"base.util.Named", b"base.core.Named"), classes)) is Named


def test_a_member_that_vanished() -> None:
    data = codec.encode_value(Color.RED, samples.registry()).replace(b"RED", b"TEA")
    with pytest.raises(errors.UnknownClass, match="no member TEA"):
        codec.decode_value(data, samples.registry())
