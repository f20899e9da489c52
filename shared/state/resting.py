"""Variables that rest: they stay as bytes, as they are written, until somebody asks for one of them.

A large state is mostly what a step has nothing to do with. What nobody asks for is not decoded, so there is nothing of it that author
code could have changed by whatever alias, and what was written of it is what would be written again. Variables that share an object or
a container make up one group: it rests and wakes as a whole, and nothing that is awake refers to anything of it. So what is written of
both together is, byte for byte, what the codec writes of the whole state (``tests/unit/state/test_resting.py``).

To author code a group that woke is what it is in a child that has just been forked: objects of its own, equal to those that there were.
Does not live here: what a state looks like in bytes (``encoding``), who keeps it between steps (``shared.runner.child``).
"""

from __future__ import annotations

import dis
import threading
from collections.abc import Iterable, Iterator
from copy import deepcopy
from inspect import CO_OPTIMIZED
from types import CodeType
from typing import Any, Final, NoReturn

from shared.state import codec
from shared.state.assembled import Written, assembled
from shared.state.encoding import Labels
from shared.state.pieces import (
    NO_NEXT,
    NOTHING_INTERNAL,
    WORTH,
    Awake,
    Group,
    Place,
    Table,
    name_of,
    tables_of,
    written,
)
from shared.state.session import State
from shared.state.stretches import elements, whole

#: A state of fewer bytes is awake as a whole, and its namespace is a plain dict.
LARGE: Final = 16 * 1024
#: Steps that a group stays awake at most, without being asked whether it is used: looking at that would cost every lookup of a name.
_AWAKE: Final = 32
#: Steps after which what was found not to be worth resting is looked at again, if it has not grown by `pieces.WORTH` bytes before.
_PATIENCE: Final = 64

_DELETE_GLOBAL: Final = dis.opmap["DELETE_GLOBAL"]


class Namespace(dict[str, Any]):
    """The variables of a large state, of which some rest.

    What looks at one name wakes its group, what looks at all wakes all. Only C that takes it for a plain dict passes by this: bodies of
    classes and ``del`` of a global name in a function, whose names are woken before (`wake_for`).
    """

    __slots__ = (
        "_groups", "_labels", "_lock", "_mixed", "_order", "_passed", "_tables", "_turn", "_until", "_waking"
    )  # fmt: skip

    def __init__(self, variables: dict[str, Any]) -> None:
        super().__init__(variables)
        self._groups: dict[str, Group] = {}
        self._mixed = False  #: what woke stands behind what did not rest
        self._order: dict[str, None] = {}  #: of names as they were last written; none where the dict itself has it
        self._tables: dict[Place, Table] = {}
        self._labels: list[Labels] = []  #: of what woke
        self._turn = 0
        self._passed: tuple[int, int] | None = None  #: turn and bytes when nothing awake was worth resting
        self._until: dict[
            str, tuple[int, int]
        ] = {}  #: name -> the turn until which it stays awake, how often it woke soon
        self._waking: set[str] = set()
        self._lock = threading.RLock()  # author code may have threads

    # -- waking

    def __missing__(self, name: str) -> Any:
        if name in self._groups and self._wake(name):
            return super().__getitem__(name)
        raise KeyError(name)

    def _wake(self, name: str) -> bool:
        """Whether the variable is here now."""
        with self._lock:
            group = self._groups.get(name)
            if group is None or not self._waking.isdisjoint(group.variables):
                return super().__contains__(name)
            self._waking.update(group.variables)
            self._passed = None
            try:
                tables = {place: b"".join(members.values()) for place, members in group.tables.items()}
                woken = codec.decode(written(group.variables.values(), NOTHING_INTERNAL, tables, NO_NEXT))
                assert woken.labels is not None
                self._labels.append(woken.labels)
                for one, value in woken.variables.items():
                    super().setdefault(one, value)  # what was bound meanwhile stays
                self._mixed = True
                self._forget(group)
                self._note(group)
            finally:
                self._waking.difference_update(group.variables)
            return super().__contains__(name)

    def _forget(self, group: Group) -> None:
        for one in group.variables:
            del self._groups[one]
        for place in group.tables:
            self._tables.pop(place, None)

    def _note(self, group: Group) -> None:
        """A group that is used again and again stays awake for longer and longer."""
        until, times = max(self._until.get(name, (-9, 0)) for name in group.variables)
        times = times + 1 if self._turn - until <= 2 else 0
        stays = self._turn + min(2**times - 1, _AWAKE)
        self._until.update(dict.fromkeys(group.variables, (stays, times)))

    def wake_all(self) -> None:
        """After that it is what a plain dict would be, the order of names included."""
        if not self._groups and not self._mixed:
            return
        for name in list(self._groups):
            self._wake(name)
        variables = {name: super(Namespace, self).__getitem__(name) for name in self._names()}
        super().clear()
        super().update(variables)
        self._order.clear()
        self._mixed = False

    def wake_for(self, code: CodeType) -> None:
        """Before `code` runs here: what it would look for past the methods of a dict."""
        if self._groups or self._mixed:
            names, deletes = _past(code)
            if deletes:
                self.wake_all()
            for name in names & self._groups.keys():
                self._wake(name)

    def _names(self) -> list[str]:
        known = [name for name in self._order if name in self]
        return [*known, *(name for name in super().__iter__() if name not in self._order)]

    # -- what one name is asked for

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._groups

    def get(self, name: str, default: Any = None) -> Any:
        if name in self._groups:
            self._wake(name)
        return super().get(name, default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name in self._groups:
            self._wake(name)
        return super().setdefault(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        if name in self._groups:
            self._wake(name)
        self._order.pop(name, None)
        return super().pop(name, *default)

    def __delitem__(self, name: str) -> None:
        if name in self._groups:
            self._wake(name)
        super().__delitem__(name)
        self._order.pop(name, None)

    # -- what all are asked for

    def __iter__(self) -> Iterator[str]:
        self.wake_all()
        return super().__iter__()

    def __reversed__(self) -> Iterator[str]:
        self.wake_all()
        return super().__reversed__()

    def __len__(self) -> int:
        self.wake_all()
        return super().__len__()

    def keys(self) -> Any:
        self.wake_all()
        return super().keys()

    def values(self) -> Any:
        self.wake_all()
        return super().values()

    def items(self) -> Any:
        self.wake_all()
        return super().items()

    def copy(self) -> dict[str, Any]:
        self.wake_all()
        return dict(super().items())

    def popitem(self) -> tuple[str, Any]:
        self.wake_all()
        name, value = super().popitem()
        self._order.pop(name, None)
        return name, value

    def clear(self) -> None:
        self.wake_all()
        super().clear()
        self._order.clear()

    def __repr__(self) -> str:
        self.wake_all()
        return super().__repr__()

    def __eq__(self, other: object) -> bool:
        self.wake_all()
        if isinstance(other, Namespace):
            other.wake_all()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # as of every dict

    def __or__(self, other: Any) -> Any:
        return self.copy() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.copy()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a namespace cannot be pickled")

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return deepcopy(self.copy(), memo)

    # -- writing

    def written(self, state: State) -> tuple[Written, Awake]:
        """The bytes of `state`, whose namespace this is, and what of it is awake. Raises as `codec.encode`."""
        plain = not self._groups and not self._mixed  # as if nothing had ever rested: no name needs to be looked at
        names: Iterable[str] = ()
        if plain:
            variables = codec.storable(dict(super().items()))
        else:
            self._settle()
            names, here = self._names(), super().__contains__
            variables = codec.storable({name: super(Namespace, self).__getitem__(name) for name in names if here(name)})
        part, encoder = codec.encode_part(variables, state.internal, _together(state.labels or Labels(), self._labels))
        state.labels, awake = encoder.labels, Awake(part, encoder)
        self._labels.clear()
        if not plain:
            self._order = dict.fromkeys(name for name in names if name in variables or name in self._groups)
        data: Written = self._merged(part) if self._groups else part
        if len(data) > codec.MAX_SIZE:
            self.wake_all()
            data = codec.encode(state)  # says what is too large of it
        self._turn += 1
        return data, awake

    def _settle(self) -> None:
        """A group of which a name was bound anew is not what it was."""
        here = super().__contains__
        for name in [name for name in self._groups if here(name)]:
            group = self._groups.get(name)
            rest = [one for one in group.variables if not here(one)] if group is not None else []
            if rest:
                self._wake(rest[0])
            elif group is not None:
                self._forget(group)

    def _merged(self, data: bytes) -> Written:
        """The whole state of what is awake (`data`) and what rests."""
        parts = {name_of(one): one for one in elements(data, whole(data))}
        variables = {name_of(one): data[one.start : one.end] for one in elements(data, parts["variables"])}
        variables.update((name, group.variables[name]) for name, group in self._groups.items())
        tables = self._resting_tables()
        for place, members in tables_of(data, parts):
            awake = {int(name_of(one)): data[one.start : one.end] for one in members}
            resting = tables.get(place)
            if resting is not None:
                awake = {**resting.members, **awake}
                awake = {label: awake[label] for label in sorted(awake)}
            tables[place] = Table(awake, b"".join(awake.values()))
        internal, following = (data[one.start : one.end] for one in (parts["internal"], parts["next"]))
        at_rest = [group.variables[name] for name, group in self._groups.items()]
        return assembled(
            (variables[name] for name in self._order),
            internal,
            {place: table.joined for place, table in tables.items()},
            following,
            resting=[*at_rest, *(table.joined for table in self._tables.values())],
        )

    def _resting_tables(self) -> dict[Place, Table]:
        groups = list({id(group): group for group in self._groups.values()}.values())
        places = {place for group in groups for place in group.tables}
        for place in places - self._tables.keys():
            members = {label: one for group in groups for label, one in group.tables.get(place, {}).items()}
            members = {label: members[label] for label in sorted(members)}
            self._tables[place] = Table(members, b"".join(members.values()))
        return {place: self._tables[place] for place in places}

    # -- resting

    def rest(self, state: State, awake: Awake) -> None:
        """Let rest what is worth it of `awake`, which `written` gave; nothing has run since. What is not kept from step to step goes."""
        if not codec.all_stay(super().values(), super().__contains__):
            here = dict(super().items())
            for name in here.keys() - codec.storable(here).keys():
                super().pop(name)
        found = [
            group
            for group in self._worth_it(awake)
            if all(self._until.get(name, (0, 0))[0] < self._turn for name in group.variables)
        ]
        if found and not self._order:
            self._order = dict.fromkeys(super().__iter__())
        for group in found:
            for name in group.variables:
                super().pop(name, None)
                self._groups[name] = group
            for place in group.tables:
                self._tables.pop(place, None)
        if not self._groups and not self._mixed:
            self._order.clear()
        if found and state.labels is not None:
            gone = {label for group in found for members in group.tables.values() for label in members}
            state.labels = _without(state.labels, gone)

    def _worth_it(self, awake: Awake) -> list[Group]:
        """Many small variables are no group worth resting, and taking them apart costs more than the rest of a step: not each time."""
        turn, size = self._passed or (-_PATIENCE, -WORTH)
        if self._turn - turn < _PATIENCE and len(awake.data) - size < WORTH:
            return []
        groups = awake.groups()
        self._passed = None if groups else (self._turn, len(awake.data))
        return groups


def prepare(state: State, data: Written) -> State:
    """`state`, which is as `data` says, with variables that can rest if it is a large one."""
    if len(data) >= LARGE and not isinstance(state.variables, Namespace):
        state.variables = Namespace(state.variables)
    return state


def encode(state: State) -> tuple[Written, Awake | None]:
    """The bytes of a state as `codec.encode` makes them, and what `rest` wants to know."""
    if isinstance(state.variables, Namespace):
        return state.variables.written(state)
    return codec.encode(state), None


def rest(state: State, awake: Awake | None) -> None:
    """After `encode` of it, and before anything runs on it: what is not kept from step to step goes, what is large rests."""
    if isinstance(state.variables, Namespace) and awake is not None:
        state.variables.rest(state, awake)
        return
    kept = codec.storable(state.variables)
    if kept is not state.variables:
        for name in state.variables.keys() - kept.keys():
            del state.variables[name]


def wake_for(namespace: dict[str, Any], code: CodeType) -> None:
    """To be called before `code` runs in `namespace`."""
    if isinstance(namespace, Namespace):
        namespace.wake_for(code)


def _past(code: CodeType) -> tuple[set[str], bool]:
    """Names that code within `code` asks a namespace for without its methods, and whether it may delete any in that way."""
    names, deletes = set[str](), False
    todo: list[CodeType] = [code]
    while todo:
        one = todo.pop()
        todo += (inner for inner in one.co_consts if isinstance(inner, CodeType))
        if one is not code and not one.co_flags & CO_OPTIMIZED:
            names.update(one.co_names)
        deletes = deletes or _DELETE_GLOBAL in one.co_code[::2]
    return names, deletes


def _together(labels: Labels, woken: Iterable[Labels]) -> Labels:
    for one in woken:
        labels.by_id.update(one.by_id)
        labels.keep += one.keep
    return labels


def _without(labels: Labels, gone: set[int]) -> Labels:
    kept = Labels(next=labels.next)
    for one in labels.keep:
        label = labels.by_id[id(one)]
        if label not in gone:
            kept.by_id[id(one)] = label
            kept.keep.append(one)
    return kept
